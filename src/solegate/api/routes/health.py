"""Whether the process lives, whether it can do its work, and its metrics."""

from __future__ import annotations

from fastapi import APIRouter, Response

from solegate.api.dependencies import ApiServices, Opened
from solegate.api.schemas.health import Alive, Check, Readiness
from solegate.client.policy.breaker import State
from solegate.db.engine import head_revision
from solegate.errors import DatabaseError
from solegate.metrics import Metrics

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
async def is_ready(services: Opened, response: Response) -> Readiness:
    """The database answers and is up to date, the account is connected, and StockX is not failing. Asks StockX
    nothing.
    """  # noqa: D205 - shown as a paragraph in the API's documentation
    checks = (await _database(services), await _account(services), _stockx(services))
    ready = all(check.ok for check in checks)
    if not ready:
        response.status_code = 503
    return Readiness(status="ready" if ready else "not_ready", checks=checks)


@router.get(
    "/metrics",
    operation_id="getMetrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus text format."}},
)
async def get_metrics(services: Opened) -> Response:
    """Every metric of this process, in Prometheus' text format."""
    return Response(services.metrics.render(), media_type=Metrics.content_type)


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


def _stockx(services: ApiServices) -> Check:
    if services.stockx.breaker.state is State.OPEN:
        return Check(name="stockx", ok=False, reason="StockX is failing; calls are held back until it recovers.")
    return Check(name="stockx", ok=True)
