"""The ledger: every write, what is known of it, and what happened to it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from solegate.api.dependencies import Actor, Opened
from solegate.api.idempotency import CallerKey
from solegate.api.openapi import CHANGE_FAILURES, problems
from solegate.api.parameters import Cursor, Limit
from solegate.api.schemas.base import ID_PATTERN
from solegate.api.schemas.writes import AuditPageOut, WriteDetails, WriteOut, WritesOut
from solegate.db.repositories.write_pages import AuditFilter
from solegate.domain.intents import IntentState

router = APIRouter(prefix="/api/v1", tags=["writes"])

WriteId = Annotated[str, Path(alias="writeId", pattern=ID_PATTERN, description="Our id of the write.")]
OfListing = Annotated[str | None, Query(alias="listingId", pattern=ID_PATTERN, description="Only of this listing.")]
OfJob = Annotated[str | None, Query(alias="jobId", pattern=ID_PATTERN, description="Only of this job.")]
OfWrite = Annotated[str | None, Query(alias="writeId", pattern=ID_PATTERN, description="Only of this write.")]
States = Annotated[list[IntentState] | None, Query(description="Any of these states; may come several times.")]


@router.get(
    "/writes", operation_id="listWrites", summary="Writes, newest first", responses=problems(404, 422, 500, 503)
)
async def list_writes(
    services: Opened,
    *,
    state: States = None,
    listing_id: OfListing = None,
    job_id: OfJob = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> WritesOut:
    """All of them come once, however many are added while you read page after page."""
    return WritesOut.of(
        await services.writes.page(
            states=tuple(state or ()), listing_id=listing_id, job_id=job_id, cursor=cursor, limit=limit
        )
    )


@router.get(
    "/writes/{writeId}",
    operation_id="getWrite",
    summary="One write with its audit trail",
    responses=problems(404, 422, 500, 503),
)
async def get_write(services: Opened, write_id: WriteId) -> WriteDetails:
    """What is known of it now; reading it asks StockX nothing."""
    intent, entries = await services.writes.get(write_id)
    return WriteDetails.with_trail(intent, entries)


@router.post(
    "/writes/{writeId}/cancel",
    operation_id="cancelWrite",
    summary="Give up a write that was not sent",
    responses=problems(404, *CHANGE_FAILURES, 500, 503),
)
async def cancel_write(services: Opened, actor: Actor, write_id: WriteId, _key: CallerKey) -> WriteOut:
    """Once it was sent it cannot be called back, and the answer is 409; change or delete the listing then."""
    await services.writes.get(write_id)  # a write nobody knows is 404 and no bad input
    return WriteOut.of(await services.ledger.cancel(write_id, actor=actor))


@router.get(
    "/audit", operation_id="listAudit", summary="What happened, newest first", responses=problems(404, 422, 500, 503)
)
async def list_audit(
    services: Opened,
    *,
    write_id: OfWrite = None,
    listing_id: OfListing = None,
    job_id: OfJob = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> AuditPageOut:
    """Who or which rule did what, why, on what evidence, with which result. Lines are added and never changed."""
    wanted = AuditFilter(intent_id=write_id, listing_id=listing_id, job_id=job_id)
    return AuditPageOut.of(await services.writes.audit(wanted, cursor=cursor, limit=limit))
