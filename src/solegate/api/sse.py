"""Server-sent events: what happens, as long as somebody listens (the HTML standard's `text/event-stream`).

Two kinds of streams. Of a state (`event_stream`): an event carries the whole state and not a difference, and its id
names that state. Of a journal (`journal`): an event is one entry, its id the entry's number, and none is left out. So a
listener that was cut off asks again with `Last-Event-ID`, at this process or another, and misses nothing.
"""

from __future__ import annotations

from asyncio import Event as Signal
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass

from fastapi.responses import StreamingResponse

from solegate.clock import Clock

MEDIA_TYPE = "text/event-stream"
HEARTBEAT_SECONDS = 15.0
"""How long a stream is silent at most: proxies cut off what says nothing."""
_RETRY_MILLISECONDS = 2_000
"""After which a listener that was cut off asks again."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes:
        id: names the state it tells of.
        name: its kind.
        data: one line.
    """

    id: str
    name: str
    data: str

    def wire(self) -> str:
        """The event as it is sent."""
        return f"id: {self.id}\nevent: {self.name}\ndata: {self.data}\n\n"


def event_stream(
    events: AsyncIterable[Event], *, clock: Clock, last_id: str | None, closing: Signal
) -> StreamingResponse:
    """Send events as they come, the same state once.

    Args:
        events: the state, looked at again and again; the last look ends the stream.
        clock: measures the silence.
        last_id: the state that the listener knows.
        closing: set when the server closes.
    """
    return _streamed(_wire(_changes(events, last_id), clock, closing))


def journal(entries: AsyncIterable[Sequence[Event]], *, clock: Clock, start: str, closing: Signal) -> StreamingResponse:
    """Send every entry, in order and once, until the listener goes or the server closes.

    Args:
        entries: what is new at each look; nothing, where nothing is.
        clock: measures the silence.
        start: id of the entry before the first; who is cut off before it hears one begins there again.
        closing: set when the server closes.
    """
    return _streamed(_wire(entries, clock, closing, opening=f"id: {start}\n"))


def _streamed(wire: AsyncIterator[str]) -> StreamingResponse:
    return StreamingResponse(wire, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


async def _changes(states: AsyncIterable[Event], last_id: str | None) -> AsyncIterator[Sequence[Event]]:
    """A state as a journal of its changes."""
    async for state in states:
        yield () if state.id == last_id else (state,)
        last_id = state.id


async def _wire(
    entries: AsyncIterable[Sequence[Event]], clock: Clock, closing: Signal, *, opening: str = ""
) -> AsyncIterator[str]:
    yield f"retry: {_RETRY_MILLISECONDS}\n{opening}\n"
    spoke = clock.monotonic()
    async for new in entries:
        if closing.is_set():
            return
        if new:
            spoke = clock.monotonic()
            yield "".join(each.wire() for each in new)
        elif clock.monotonic() - spoke >= HEARTBEAT_SECONDS:
            spoke = clock.monotonic()
            yield ": still here\n\n"
