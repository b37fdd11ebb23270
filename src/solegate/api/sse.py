"""Server-sent events: what happens, as long as somebody listens (the HTML standard's `text/event-stream`).

An event carries the whole state and not a difference, and its id names that state. So a listener that was cut off asks
again with `Last-Event-ID`, at this process or another, and misses nothing: it hears at once unless nothing changed.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
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


def event_stream(events: AsyncIterable[Event], *, clock: Clock, last_id: str | None) -> StreamingResponse:
    """Send events as they come, the same state once.

    Args:
        events: the state, looked at again and again; the last look ends the stream.
        clock: measures the silence.
        last_id: the state that the listener knows.
    """
    return StreamingResponse(
        _wire(events, clock, last_id), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"}
    )


async def _wire(events: AsyncIterable[Event], clock: Clock, last_id: str | None) -> AsyncIterator[str]:
    yield f"retry: {_RETRY_MILLISECONDS}\n\n"
    spoke = clock.monotonic()
    async for event in events:
        if event.id != last_id:
            last_id, spoke = event.id, clock.monotonic()
            yield event.wire()
        elif clock.monotonic() - spoke >= HEARTBEAT_SECONDS:
            spoke = clock.monotonic()
            yield ": still here\n\n"
