"""The guard of writes: its rails, and the switch that stops every write of the account."""

from __future__ import annotations

from fastapi import APIRouter

from solegate.api.dependencies import Actor, Opened
from solegate.api.idempotency import CallerKey
from solegate.api.openapi import CHANGE_FAILURES, problems
from solegate.api.schemas.guard import GuardOut, StopOut, StopWanted

router = APIRouter(prefix="/api/v1/guard", tags=["guard"])


@router.get(
    "", operation_id="getGuard", summary="Guard rails, and what today has used of them", responses=problems(503)
)
async def get_guard(services: Opened) -> GuardOut:
    """The rails are settings (`SOLEGATE_PRICE_FLOOR` and so on). A write that breaks one is refused with 422."""
    return GuardOut.of(await services.guard.status())


@router.get("/stop", operation_id="getStop", summary="Whether every write is stopped", responses=problems(503))
async def get_stop(services: Opened) -> StopOut:
    """The switch as it stands now, for every process that uses the same database."""
    return StopOut.of((await services.guard.status()).stop)


@router.put(
    "/stop",
    operation_id="stopWrites",
    summary="Stop every write",
    responses=problems(*CHANGE_FAILURES, 503),
)
async def stop_writes(services: Opened, actor: Actor, wanted: StopWanted, _key: CallerKey) -> StopOut:
    """From the answer on, no write of the account is sent, by no process; what was sent before is followed to its end.
    A stop in force stays as it is.
    """  # noqa: D205 - shown as a paragraph in the API's documentation
    return StopOut.of(await services.guard.stop(actor=actor, reason=wanted.reason))


@router.delete(
    "/stop",
    operation_id="letWritesGoOn",
    summary="Let writes go on",
    responses=problems(*CHANGE_FAILURES, 503),
)
async def let_writes_go_on(services: Opened, actor: Actor, _key: CallerKey) -> StopOut:
    """Ends a stop; it is no error when there is none."""
    await services.guard.go(actor=actor)
    return StopOut.of((await services.guard.status()).stop)
