"""What the routes are given: the opened services, through one dependency.

`ApiServices` names what the HTTP API uses of an account. `bootstrap.Services` has that shape, and `app.py` hands the
house over that opens them; so the API never learns how anything is built.
"""

from __future__ import annotations

from typing import Annotated, Protocol, cast

from fastapi import Depends, FastAPI, Path, Request
from starlette.types import Scope

from solegate.client.service import StockXService
from solegate.clock import Clock
from solegate.db.engine import Database
from solegate.metrics import Metrics
from solegate.services.account_directory import AccountDirectory
from solegate.services.account_logins import AccountLogins
from solegate.services.accounts import AccountService
from solegate.services.api_keys import ApiKeyService
from solegate.services.bulk.control import BulkJobs
from solegate.services.bulk.pages import JobPages
from solegate.services.catalog import StockXCatalogService
from solegate.services.deliveries.telling import Telling
from solegate.services.events.book import EventBook
from solegate.services.events.watches import WatchBook
from solegate.services.guard import WriteGuard
from solegate.services.idempotency import IdempotencyService
from solegate.services.ledger import Ledger
from solegate.services.limits import LimitsService
from solegate.services.listing_book import ListingBook
from solegate.services.listing_target import ListingTargets
from solegate.services.market_data import MarketDataService
from solegate.services.order_book import OrderBook
from solegate.services.payouts import PayoutBook
from solegate.services.price_history import PriceHistory
from solegate.services.search.local import LocalSearch
from solegate.services.syncs import OrderDeadlines, SyncService
from solegate.services.webhooks.desk import Webhooks
from solegate.services.webhooks.receiver import WebhookReceiver
from solegate.services.write_log import WriteLog
from solegate.settings import Settings

ACCOUNT = "solegate.account"
"""Where a request's scope names the account that it is about."""

PRINCIPAL = "solegate.principal"
"""Where a request's scope names who asks, for the audit trail."""

CALLER = "solegate.caller"
"""Where a request's scope has the id of the API key that it came with."""

REACH = "solegate.reach"
"""Where a request's scope names the only account that its API key reaches; it is not there where it reaches all."""

ACTOR = "API"
"""Who wanted what comes over HTTP, in the audit trail."""


class ApiServices(Protocol):
    """The opened services, as far as the HTTP API uses them."""

    @property
    def settings(self) -> Settings:
        """The configuration in force."""
        ...

    @property
    def clock(self) -> Clock:
        """What time it is."""
        ...

    @property
    def metrics(self) -> Metrics:
        """What `/metrics` shows."""
        ...

    @property
    def database(self) -> Database:
        """For readiness only."""
        ...

    @property
    def stockx(self) -> StockXService:
        """Single StockX answers, passed through."""
        ...

    @property
    def accounts(self) -> AccountService:
        """Whether the account is connected."""
        ...

    @property
    def catalog(self) -> StockXCatalogService:
        """Search and enrichment."""
        ...

    @property
    def market_data(self) -> MarketDataService:
        """Prices and payouts."""
        ...

    @property
    def targets(self) -> ListingTargets:
        """Which variant a style code and a size mean."""
        ...

    @property
    def ledger(self) -> Ledger:
        """Single writes."""
        ...

    @property
    def writes(self) -> WriteLog:
        """What the ledger holds."""
        ...

    @property
    def jobs(self) -> BulkJobs:
        """Bulk jobs."""
        ...

    @property
    def job_pages(self) -> JobPages:
        """Bulk jobs, page by page."""
        ...

    @property
    def event_book(self) -> EventBook:
        """What happened."""
        ...

    @property
    def watches(self) -> WatchBook:
        """The prices that are watched."""
        ...

    @property
    def idempotency(self) -> IdempotencyService:
        """Requests that are sent again."""
        ...

    @property
    def guard(self) -> WriteGuard:
        """Guard rails, and the switch that stops every write."""
        ...

    @property
    def syncs(self) -> SyncService:
        """The mirror of orders, listings and markets."""
        ...

    @property
    def limits(self) -> LimitsService:
        """What StockX permits, and what is used of it."""
        ...

    @property
    def deadlines(self) -> OrderDeadlines:
        """What has to leave."""
        ...

    @property
    def orders(self) -> OrderBook:
        """What was sold."""
        ...

    @property
    def listings(self) -> ListingBook:
        """What is for sale."""
        ...

    @property
    def payouts(self) -> PayoutBook:
        """What is paid for orders."""
        ...

    @property
    def search(self) -> LocalSearch:
        """The local catalog, by text, attributes and prices."""
        ...

    @property
    def price_history(self) -> PriceHistory:
        """What was ever read of markets."""
        ...

    @property
    def telling(self) -> Telling:
        """Who is told what happened."""
        ...

    @property
    def webhooks(self) -> Webhooks:
        """What comes in, and from whom."""
        ...


class ApiHouse(Protocol):
    """The services of every account, as far as the HTTP API uses them; `bootstrap.House` has that shape."""

    @property
    def default(self) -> str:
        """The account that is meant when none is named."""
        ...

    @property
    def clock(self) -> Clock:
        """What time it is."""
        ...

    @property
    def keys(self) -> ApiKeyService:
        """Who may ask."""
        ...

    @property
    def accounts(self) -> AccountDirectory:
        """How every account stands, and changes to them."""
        ...

    @property
    def logins(self) -> AccountLogins:
        """Logins at StockX."""
        ...

    @property
    def door(self) -> WebhookReceiver:
        """Takes in the webhooks of every account."""
        ...

    def exposition(self) -> bytes:
        """The metrics of the opened accounts, in Prometheus' text format."""
        ...

    async def of(self, account: str) -> ApiServices:
        """The services of an account.

        Raises:
            NoSuchAccountError: there is none of that name.
        """
        ...


def provide(app: FastAPI, house: ApiHouse) -> None:
    """Hand what is opened to the routes; the application does it once, when it starts."""
    app.state.house = house


def house_of(scope: Scope) -> ApiHouse:
    """What the application that answers this request works with."""
    return cast("ApiHouse", scope["app"].state.house)


async def services_of(scope: Scope) -> ApiServices:
    """The services of the account that a request is about: its API key's, or the one in use.

    Raises:
        NoSuchAccountError: there is none of that name.
    """
    house = house_of(scope)
    return await house.of(scope.get(ACCOUNT, house.default))


async def opened_services(request: Request) -> ApiServices:
    """The services of the account that this request is about."""
    return await services_of(request.scope)


Opened = Annotated[ApiServices, Depends(opened_services)]
"""Type of a route's parameter that wants the services."""


async def _house(request: Request) -> ApiHouse:
    return house_of(request.scope)


House = Annotated[ApiHouse, Depends(_house)]
"""Type of a route's parameter that wants what all accounts share."""


async def _actor(request: Request) -> str:
    return cast("str", request.scope.get(PRINCIPAL, ACTOR))


Actor = Annotated[str, Depends(_actor)]
"""Type of a route's parameter that wants to know who asks."""


async def _reach(request: Request) -> str | None:
    return cast("str | None", request.scope.get(REACH))


Reach = Annotated[str | None, Depends(_reach)]
"""Type of a route's parameter: the only account that who asks may know of; `None`: every one."""

ProductId = Annotated[str, Path(alias="productId", description="StockX's id of the product, as a search gives it.")]
"""The product a route is about."""
