"""Whether the process lives, whether it can do its work, and its metrics."""

from __future__ import annotations

from fastapi import APIRouter, Response

from solegate.api.dependencies import ApiHouse, ApiServices, House
from solegate.api.schemas.health import Alive, Check, Readiness
from solegate.client.policy.breaker import State
from solegate.db.engine import head_revision
from solegate.errors import DatabaseError, NoSuchAccountError
from solegate.metrics import Metrics
from solegate.services.account_directory import KeySource, Standing

router = APIRouter(tags=["health"])


@router.get("/healthz", operation_id="isAlive", summary="The process is up")
async def is_alive() -> Alive:
    """It answers; nothing else is looked at, so that an outage elsewhere does not restart the process."""
    return Alive()


@router.get(
    "/readyz",
    operation_id="isReady",
    summary="Requests can be served",
    responses={503: {"model": Readiness, "description": "Something is wrong; the checks say what."}},
)
async def is_ready(house: House, response: Response) -> Readiness:
    """The database answers and is up to date, the account in use is connected, and StockX is not failing.

    Other accounts that wait for a login make it `degraded`. It asks StockX nothing.
    """
    needed = await _needed(house)
    if not all(check.ok for check in needed):
        response.status_code = 503
        return Readiness(status="not_ready", checks=needed)
    others = await _others(house)
    return Readiness(status="ready" if others.ok else "degraded", checks=(*needed, others))


@router.get(
    "/metrics",
    operation_id="getMetrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus text format."}},
)
async def get_metrics(house: House) -> Response:
    """Every metric of this process, in Prometheus' text format; the label `account` says whose."""
    return Response(house.exposition(), media_type=Metrics.content_type)


async def _needed(house: ApiHouse) -> tuple[Check, ...]:
    try:
        services = await house.of(house.default)
    except NoSuchAccountError:
        return (Check(name="account", ok=False, reason="No account is in use. Run `solegate accounts use NAME`."),)
    return await _database(services), await _account(services), _stockx(services)


async def _database(services: ApiServices) -> Check:
    try:
        await services.database.ping()
        revision = await services.database.revision()
    except DatabaseError as error:
        return Check(name="database", ok=False, reason=str(error))
    if revision != head_revision():
        return Check(name="database", ok=False, reason="The schema is not up to date. Run `solegate db upgrade`.")
    return Check(name="database", ok=True)


async def _account(services: ApiServices) -> Check:
    try:
        status = await services.accounts.status()
    except DatabaseError as error:
        return Check(name="account", ok=False, reason=str(error))
    if status.connected:
        return Check(name="account", ok=True)
    why = "was never connected" if status.state is None else "has to log in again"
    return Check(name="account", ok=False, reason=f"Account '{status.account}' {why}. Run `solegate auth login`.")


async def _others(house: ApiHouse) -> Check:
    """Counts only: whoever asks has shown no key."""
    try:
        every = [each for each in await house.accounts.all() if each.keys is not KeySource.MISSING]
    except DatabaseError as error:
        return Check(name="accounts", ok=False, reason=str(error))
    waiting = [each for each in every if not each.in_use and each.standing is not Standing.CONNECTED]
    if not waiting:
        return Check(name="accounts", ok=True)
    reason = f"{len(waiting)} of {len(every)} accounts are not connected. `solegate accounts list` names them."
    return Check(name="accounts", ok=False, reason=reason)


def _stockx(services: ApiServices) -> Check:
    if services.stockx.breaker.state is State.OPEN:
        return Check(name="stockx", ok=False, reason="StockX is failing; calls are held back until it recovers.")
    return Check(name="stockx", ok=True)
