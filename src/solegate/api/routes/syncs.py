"""Syncs: how far the mirror of orders, listings and markets is; and the deadlines that it knows."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from solegate.api.dependencies import Opened
from solegate.api.idempotency import CallerKey
from solegate.api.openapi import CHANGE_FAILURES, problems
from solegate.api.schemas.syncs import DeadlinesOut, RunOut, SyncOut, SyncsOut
from solegate.domain.sync import SyncName

router = APIRouter(prefix="/api/v1", tags=["syncs"])


@router.get("/syncs", operation_id="getSyncs", summary="How every sync stands", responses=problems(503))
async def get_syncs(services: Opened) -> SyncsOut:
    """Last success and its age, what it is at, what its last run cost and what the next one will. StockX is asked
    nothing.
    """  # noqa: D205 - shown as a paragraph in the API's documentation
    return SyncsOut(syncs=tuple(SyncOut.of(each) for each in await services.syncs.status()))


@router.post(
    "/syncs/{name}/runs",
    operation_id="runSync",
    summary="Run a sync now",
    status_code=202,
    responses=problems(*CHANGE_FAILURES, 503),
)
async def run_sync(
    services: Opened, response: Response, name: Annotated[SyncName, Path(description="Which sync.")], _key: CallerKey
) -> RunOut:
    """A worker begins a run as soon as one is free, or goes on with the one under way; asking again does no harm."""
    response.headers["Location"] = "/api/v1/syncs"
    return RunOut.of(await services.syncs.run_now(name))


@router.get(
    "/orders/deadlines",
    operation_id="getOrderDeadlines",
    summary="Which orders have to leave, and when",
    responses=problems(422, 503),
)
async def get_order_deadlines(
    services: Opened,
    withinHours: Annotated[  # noqa: N803 - the name on the wire
        float | None,
        Query(ge=0, le=100_000, description="Only what is overdue, due by then, or of unknown date; all if left out."),
    ] = None,
) -> DeadlinesOut:
    """As the last sync saw it; `ageSeconds` tells how long ago that was. StockX is asked nothing."""
    within = None if withinHours is None else timedelta(hours=withinHours)
    return DeadlinesOut.of(await services.deadlines.due(within))
