"""Who is told what happens, and what became of each message."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from solegate.api.dependencies import Opened
from solegate.api.idempotency import CallerKey
from solegate.api.openapi import CHANGE_FAILURES, problems
from solegate.api.parameters import Cursor, Limit
from solegate.api.schemas.base import ID_PATTERN, LINE_PATTERN
from solegate.api.schemas.subscribers import (
    DeliveriesOut,
    DeliveryDetails,
    NewSubscriberIn,
    PingOut,
    QueuedOut,
    RedeliveryIn,
    RotationIn,
    SubscriberDetails,
    SubscriberMadeOut,
    SubscriberOut,
    SubscribersOut,
)
from solegate.domain.deliveries.values import LONGEST_PATTERN, DeliveryFilter, DeliveryState

router = APIRouter(prefix="/api/v1", tags=["events"])

SubscriberId = Annotated[str, Path(alias="subscriberId", pattern=ID_PATTERN, description="Id of the subscriber.")]
EventId = Annotated[str, Path(alias="eventId", pattern=ID_PATTERN, description="Id of the event.")]
OfSubscriber = Annotated[
    str | None, Query(alias="subscriberId", pattern=ID_PATTERN, description="Only to this subscriber.")
]
OfEvent = Annotated[str | None, Query(alias="eventId", pattern=ID_PATTERN, description="Only of this event.")]
OfType = Annotated[
    str | None,
    Query(alias="eventType", max_length=LONGEST_PATTERN, pattern=LINE_PATTERN, description="Only events of this type."),
]
States = Annotated[list[DeliveryState] | None, Query(description="Any of these states; may come several times.")]

_READS, _CHANGES = problems(404, 422, 500, 503), problems(404, *CHANGE_FAILURES, 500, 503)


@router.get("/subscribers", operation_id="listSubscribers", summary="Subscribers, oldest first", responses=_READS)
async def list_subscribers(services: Opened) -> SubscribersOut:
    """Each with the number of its messages in each state."""
    found = await services.telling.subscribers.all()
    return SubscribersOut(items=tuple(SubscriberDetails.standing(each) for each in found))


@router.post(
    "/subscribers", operation_id="addSubscriber", summary="Add a subscriber", status_code=201, responses=_CHANGES
)
async def add_subscriber(services: Opened, wanted: NewSubscriberIn, response: Response) -> SubscriberMadeOut:
    """It is told what happens from now on. The answer holds the secret, this once, so it takes no `Idempotency-Key`."""
    added = await services.telling.subscribers.add(
        wanted.url, kind=wanted.kind, types=wanted.types, name=wanted.name.strip()
    )
    response.headers["Location"] = f"/api/v1/subscribers/{added.subscriber.id}"
    return SubscriberMadeOut.made(added)


@router.get("/subscribers/{subscriberId}", operation_id="getSubscriber", summary="One subscriber", responses=_READS)
async def get_subscriber(services: Opened, subscriber_id: SubscriberId) -> SubscriberDetails:
    """What it is told of, and how its messages fare."""
    return SubscriberDetails.standing(await services.telling.subscribers.get(subscriber_id))


@router.delete(
    "/subscribers/{subscriberId}", operation_id="removeSubscriber", summary="Remove a subscriber", responses=_CHANGES
)
async def remove_subscriber(services: Opened, subscriber_id: SubscriberId, _key: CallerKey) -> SubscriberOut:
    """It is told nothing more, and what became of its messages is forgotten."""
    return SubscriberOut.of(await services.telling.subscribers.remove(subscriber_id))


@router.post(
    "/subscribers/{subscriberId}/pause",
    operation_id="pauseSubscriber",
    summary="Pause a subscriber",
    responses=_CHANGES,
)
async def pause_subscriber(services: Opened, subscriber_id: SubscriberId, _key: CallerKey) -> SubscriberOut:
    """It is sent nothing until it is resumed; what happens meanwhile waits."""
    return SubscriberOut.of(await services.telling.subscribers.pause(subscriber_id))


@router.post(
    "/subscribers/{subscriberId}/resume",
    operation_id="resumeSubscriber",
    summary="Resume a subscriber",
    responses=_CHANGES,
)
async def resume_subscriber(services: Opened, subscriber_id: SubscriberId, _key: CallerKey) -> SubscriberOut:
    """It is sent what waits, and what happens from now on; one that was disabled lives again."""
    return SubscriberOut.of(await services.telling.subscribers.resume(subscriber_id))


@router.post(
    "/subscribers/{subscriberId}/rotate-secret",
    operation_id="rotateSubscriberSecret",
    summary="Give a subscriber a new secret",
    responses=_CHANGES,
)
async def rotate_secret(services: Opened, subscriber_id: SubscriberId, wanted: RotationIn) -> SubscriberMadeOut:
    """Both secrets sign meanwhile. The answer holds the new one, this once, so it takes no `Idempotency-Key`."""
    overlap = timedelta(hours=wanted.overlap_hours)
    return SubscriberMadeOut.made(await services.telling.subscribers.rotate_secret(subscriber_id, overlap=overlap))


@router.post(
    "/subscribers/{subscriberId}/test", operation_id="testSubscriber", summary="Send a ping", responses=_CHANGES
)
async def ping_subscriber(services: Opened, subscriber_id: SubscriberId, _key: CallerKey) -> PingOut:
    """Signed as any message, sent now whatever its state, and written down nowhere. It takes ten seconds at most."""
    return PingOut.of(await services.telling.subscribers.test(subscriber_id))


@router.post(
    "/subscribers/{subscriberId}/redeliveries",
    operation_id="redeliver",
    summary="Send something again",
    status_code=202,
    responses=_CHANGES,
)
async def redeliver(
    services: Opened, subscriber_id: SubscriberId, wanted: RedeliveryIn, response: Response, _key: CallerKey
) -> QueuedOut:
    """One event, or everything since a moment, under the same ids as ever; also what was not to be sent before."""
    deliveries = services.telling.deliveries
    response.headers["Location"] = f"/api/v1/deliveries?subscriberId={subscriber_id}"
    if wanted.event_id is not None:
        await deliveries.redeliver(subscriber_id, wanted.event_id)
        return QueuedOut(queued=1)
    return QueuedOut(queued=await deliveries.redeliver_since(subscriber_id, wanted.since or services.clock.now()))


@router.get("/deliveries", operation_id="listDeliveries", summary="Deliveries, newest event first", responses=_READS)
async def list_deliveries(
    services: Opened,
    *,
    subscriber_id: OfSubscriber = None,
    event_id: OfEvent = None,
    event_type: OfType = None,
    state: States = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> DeliveriesOut:
    """Each event once for each subscriber that wants it, and what became of it."""
    wanted = DeliveryFilter(subscriber_id=subscriber_id, event_id=event_id, type=event_type, states=tuple(state or ()))
    return DeliveriesOut.of(await services.telling.deliveries.page(wanted, cursor=cursor, limit=limit))


@router.get(
    "/deliveries/{subscriberId}/{eventId}", operation_id="getDelivery", summary="One delivery", responses=_READS
)
async def get_delivery(services: Opened, subscriber_id: SubscriberId, event_id: EventId) -> DeliveryDetails:
    """What became of it, and what it tells."""
    return DeliveryDetails.telling(*await services.telling.deliveries.get(subscriber_id, event_id))
