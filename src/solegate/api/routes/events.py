"""What happened: page by page, or as it happens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from solegate.api.closing import Closing
from solegate.api.dependencies import ApiServices, Opened
from solegate.api.openapi import problems
from solegate.api.parameters import Cursor, Limit, Moment
from solegate.api.schemas.base import ID_PATTERN
from solegate.api.schemas.events import EventOut, EventsOut, EventTypesOut
from solegate.api.sse import MEDIA_TYPE, Event, journal
from solegate.db.repositories.events import EventFilter
from solegate.domain.events.values import EventType

router = APIRouter(prefix="/api/v1/events", tags=["events"])

Types = Annotated[list[EventType] | None, Query(alias="type", description="Of these kinds; may come several times.")]
Subject = Annotated[str | None, Query(pattern=ID_PATTERN, description="Only about this listing, order, job or watch.")]
Since = Annotated[Moment | None, Query(description="Only what was recorded at this moment or later.")]
Number = Annotated[int | None, Query(ge=0, lt=2**63, description="Number of the last event that is known.")]
LastHeard = Annotated[
    str | None, Header(alias="Last-Event-ID", description="The last event that was heard; a browser sends it itself.")
]
_STREAM: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {}}}}


@router.get("", operation_id="listEvents", summary="Events, newest first", responses=problems(404, 422, 503))
async def list_events(
    services: Opened,
    *,
    types: Types = None,
    subject: Subject = None,
    since: Since = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> EventsOut:
    """What happened to listings, orders, jobs, watched prices and the account. They are kept for 30 days."""
    wanted = EventFilter(types=tuple(types or ()), subject=subject, since=since)
    return EventsOut.of(await services.event_book.page(wanted, cursor=cursor, limit=limit))


@router.get("/types", operation_id="listEventTypes", summary="Every kind of event", responses=problems(503))
async def list_event_types() -> EventTypesOut:
    """What each says, as JSON schema and as an example. New kinds and new fields may come."""
    return EventTypesOut.everything()


@router.get(
    "/stream",
    operation_id="followEvents",
    summary="Events as they happen",
    response_class=StreamingResponse,
    responses=_STREAM | problems(404, 422, 503),
)
async def follow_events(
    services: Opened,
    closing: Closing,
    *,
    types: Types = None,
    subject: Subject = None,
    after: Number = None,
    last_event_id: LastHeard = None,
) -> StreamingResponse:
    """Server-sent events, in order, each once: its number is the `id`, its kind the `event`, and `data` is the event as
    `listEvents` gives it. A listener that was cut off asks again with `Last-Event-ID` and misses nothing; one that
    comes without it, and without `after`, hears what happens from now on.
    """  # noqa: D205 - shown as a paragraph in the API's documentation
    wanted = EventFilter(types=tuple(types or ()), subject=subject)
    start = await _start(services, after, last_event_id)
    return journal(_told(services, start, wanted), clock=services.clock, start=str(start), closing=closing)


async def _start(services: ApiServices, after: int | None, heard: str | None) -> int:
    """The number after which a stream begins; never one that no event has, lest the listener waits for ever."""
    newest = await services.event_book.last_seq()
    if heard is not None and heard.isdecimal() and len(heard) < 19:
        after = int(heard)
    return newest if after is None else min(after, newest)


async def _told(services: ApiServices, start: int, wanted: EventFilter) -> AsyncIterator[tuple[Event, ...]]:
    async for happened in services.event_book.follow(start, wanted):
        yield tuple(
            Event(str(each.seq), each.type.value, EventOut.of(each).model_dump_json(by_alias=True)) for each in happened
        )
