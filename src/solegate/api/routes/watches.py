"""The prices that are watched."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from solegate.api.dependencies import Opened
from solegate.api.idempotency import CallerKey
from solegate.api.openapi import CHANGE_FAILURES, problems
from solegate.api.parameters import Cursor, Limit
from solegate.api.schemas.base import ID_PATTERN
from solegate.api.schemas.events import NewWatchIn, WatchesOut, WatchOut

router = APIRouter(prefix="/api/v1/watches", tags=["events"])

WatchId = Annotated[str, Path(alias="watchId", pattern=ID_PATTERN, description="Our id of the watch.")]


@router.get("", operation_id="listWatches", summary="Watched prices", responses=problems(404, 422, 503))
async def list_watches(services: Opened, *, cursor: Cursor = None, limit: Limit = 50) -> WatchesOut:
    """The oldest first, each with the side on which its price was seen last."""
    return WatchesOut.of(await services.watches.page(cursor=cursor, limit=limit))


@router.post(
    "",
    operation_id="createWatch",
    summary="Watch a price",
    status_code=201,
    responses=problems(404, *CHANGE_FAILURES, 503),
)
async def create_watch(services: Opened, *, wanted: NewWatchIn, response: Response, _key: CallerKey) -> WatchOut:
    """An event `price.crossed` tells each time it comes to the side that is waited for. It costs no request: what is
    looked at is what is read of the market anyway, for what is for sale and for whoever asks.
    """  # noqa: D205 - shown as a paragraph in the API's documentation
    watch = await services.watches.add(
        wanted.product_id,
        variant_id=wanted.variant_id,
        price=wanted.price,
        direction=wanted.direction,
        amount=wanted.amount,
        currency=wanted.currency or services.settings.currency,
        note=wanted.note,
    )
    response.headers["Location"] = f"/api/v1/watches/{watch.id}"
    return WatchOut.of(watch)


@router.get("/{watchId}", operation_id="getWatch", summary="One watch", responses=problems(404, 422, 503))
async def get_watch(services: Opened, watch_id: WatchId) -> WatchOut:
    """As it stands now."""
    return WatchOut.of(await services.watches.get(watch_id))


@router.delete(
    "/{watchId}",
    operation_id="removeWatch",
    summary="Watch a price no more",
    status_code=204,
    responses=problems(404, *CHANGE_FAILURES, 503),
)
async def remove_watch(services: Opened, watch_id: WatchId, _key: CallerKey) -> Response:
    """Its events are kept."""
    await services.watches.remove(watch_id)
    return Response(status_code=204)
