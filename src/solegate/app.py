"""The HTTP application: the routes, what stands around them, and the services they are given.

Serve it with `solegate serve`, or with any ASGI server: `uvicorn --factory solegate.app:create_app`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial

from fastapi import Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from solegate.api import docs, openapi
from solegate.api.dependencies import provide
from solegate.api.head import HeadAsGet
from solegate.api.idempotency import Idempotency
from solegate.api.middleware import BodyLimit, LoopbackOnly, RequestContext
from solegate.api.problems import ProblemAnswers, install
from solegate.api.routes import (
    accounts,
    catalog,
    door,
    events,
    guard,
    health,
    job_pages,
    jobs,
    keys,
    limits,
    listing_reads,
    listings,
    market_data,
    orders,
    payouts,
    search,
    subscribers,
    syncs,
    watches,
    webhooks,
    writes,
)
from solegate.api.security import ACCOUNT_HEADER, ApiKeys, held_to_the_table
from solegate.background import working_inside
from solegate.bootstrap import open_house
from solegate.client.transport import Transport
from solegate.clock import Clock, SystemClock
from solegate.log import Redactor
from solegate.settings import Settings

ROUTERS = (
    door.router,  # first, as routes are looked through in this order: it is asked most often, and has to be quick
    search.router,
    catalog.router,
    market_data.router,
    listing_reads.router,
    listings.router,
    writes.router,
    guard.router,
    job_pages.router,
    jobs.router,
    syncs.router,
    events.router,
    watches.router,
    orders.router,
    payouts.router,
    webhooks.router,
    subscribers.router,
    accounts.router,
    limits.router,
    keys.router,
    health.router,
    docs.router,
)
"""What is answered; where two would take a path, the first one does."""


def create_app(
    settings: Settings | None = None,
    *,
    transport: Transport | None = None,
    clock: Clock | None = None,
    works: bool = False,
    account: str | None = None,
) -> FastAPI:
    """Build the application. Its lifespan opens the services once and closes them.

    Args:
        settings: the configuration; read from the environment unless given.
        transport: reaches StockX; the network unless given.
        clock: the machine's unless given.
        works: whether it does the background work as well; on PostgreSQL that is left to `solegate worker`.
        account: that is meant when none is named; the settings' unless given, else the one in use.

    Raises:
        pydantic.ValidationError: a setting in the environment is wrong.
        SolegateError: (from the lifespan) the services cannot be opened.
    """
    settings, clock = settings or Settings(), clock or SystemClock()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            open_house(settings, clock=clock, transport=transport, account=account) as house,
            house.keys.uses_written(),
        ):
            provide(app, house)
            inside = works and settings.database_file is not None
            async with working_inside(house) if inside else nullcontext():
                yield

    app = FastAPI(
        title=openapi.TITLE,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(held_to_the_table)],
    )
    app.openapi = partial(openapi.describe, app)  # type: ignore[method-assign]
    for router in ROUTERS:
        app.include_router(router)
    answers = ProblemAnswers(clock=clock, redactor=Redactor(_secrets(settings)))
    install(app, answers)
    _surround(app, settings, answers, clock)
    return app


def _surround(app: FastAPI, settings: Settings, answers: ProblemAnswers, clock: Clock) -> None:
    """Put around the routes what every request passes; the last one added is the outermost."""
    app.add_middleware(HeadAsGet)
    app.add_middleware(Idempotency, answers=answers, required=settings.idempotency_key_required)
    app.add_middleware(GZipMiddleware)
    app.add_middleware(BodyLimit, answers=answers)
    app.add_middleware(ApiKeys, answers=answers, clock=clock, open_to_all=settings.open_on_loopback)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.allowed_origins,
            allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
            allow_headers=("Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id", ACCOUNT_HEADER),
            expose_headers=("Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"),
        )
    app.add_middleware(LoopbackOnly, answers=answers, host=settings.host)
    app.add_middleware(RequestContext, answers=answers, clock=clock)


def _secrets(settings: Settings) -> tuple[str, ...]:
    """What must not appear in an answer, even if StockX repeats it in an error."""
    secrets = (settings.stockx_client_secret, settings.stockx_api_key, settings.secret_key)
    return tuple(secret.get_secret_value() for secret in secrets)
