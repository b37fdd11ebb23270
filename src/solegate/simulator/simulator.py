"""The practice StockX in one object: build it, hand `app` to an ASGI transport or a server, read the report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from starlette.types import ASGIApp

from solegate.simulator.app import build_app
from solegate.simulator.clock import MovableClock, RealClock, SimClock
from solegate.simulator.config import Limits, Pace, SimulatorConfig
from solegate.simulator.faults import Fault
from solegate.simulator.gate import Gate
from solegate.simulator.report import Report, make_report
from solegate.simulator.routes.batches import BatchRoutes
from solegate.simulator.routes.catalog import CatalogRoutes
from solegate.simulator.routes.control import ControlRoutes
from solegate.simulator.routes.ingestion import IngestionRoutes
from solegate.simulator.routes.listings import ListingRoutes
from solegate.simulator.routes.oauth import OAuthRoutes
from solegate.simulator.routes.orders import OrderRoutes
from solegate.simulator.scenario import Scenario
from solegate.simulator.stage import Stage
from solegate.simulator.state.agenda import Agenda
from solegate.simulator.state.batches import BatchBook
from solegate.simulator.state.buyers import Buyers
from solegate.simulator.state.events import Event, EventLog
from solegate.simulator.state.faults import FaultBook
from solegate.simulator.state.ingestion import IngestionBook
from solegate.simulator.state.limits import Moment, RequestLimiter
from solegate.simulator.state.listings import ListingBook
from solegate.simulator.state.orders import OrderBook
from solegate.simulator.state.tokens import AUDIENCE, IssuedTokens, Login, TokenStore
from solegate.simulator.world.catalog import Catalog


class Simulator:
    """A stateful StockX with strict limits, a login, a seeded catalog and faults on demand.

    Attributes:
        config: what it was built with.
        catalog: its products; pick SKUs and barcodes here.
        agenda: what the market is going to do.
        listings: what the account sells.
        batches: what it sent in bulk.
        orders: what it sold.
        operations: the operations of the API that can be called, by their operationId.
        app: the ASGI application: API under `/v2`, login at `/authorize` and `/oauth/token`, control under `/_sim`.
    """

    def __init__(
        self,
        config: SimulatorConfig | None = None,
        *,
        clock: SimClock | None = None,
        scenario: Scenario | None = None,
    ) -> None:
        config = config or SimulatorConfig()
        self.config = scenario.configured(config) if scenario else config
        self.catalog = Catalog.generate(self.config.seed, self.config.products)
        self.agenda = Agenda()
        self._log = EventLog()
        self.listings = ListingBook(self.config.seed, self.agenda, self.catalog, self.config.pace, self._log)
        self.batches = BatchBook(self.config.seed, self.agenda, self.listings, self._log)
        self.orders = OrderBook(self.config.seed, self.agenda, self.listings, self._log)
        self._buyers = Buyers(self.config.seed, self.agenda, self.catalog, listings=self.listings, orders=self.orders)
        self.listings.went_live = self._buyers.attract
        self._clock = MovableClock(clock or RealClock())
        self._limiter = RequestLimiter(self.config.limits)
        self._faults = FaultBook(self.config.seed)
        self._units: dict[str, int] = {}
        self._tokens = TokenStore(
            seed=self.config.seed,
            access_seconds=self.config.access_token_seconds,
            rotate=self.config.rotate_refresh_tokens,
        )
        self.operations = (
            *CatalogRoutes(self.catalog, self.listings).operations(),
            *ListingRoutes(self.catalog, self.listings).operations(),
            *BatchRoutes(self.catalog, self.batches, self._limiter.items).operations(),
            *OrderRoutes(self.catalog, self.orders).operations(),
            *IngestionRoutes(IngestionBook(self.config.seed, self.agenda)).operations(),
        )
        self.app = self._build_app()
        if scenario:
            self.play(scenario)

    def _build_app(self) -> ASGIApp:
        gate = Gate(
            self.config,
            self._clock,
            self.agenda,
            tokens=self._tokens,
            limiter=self._limiter,
            faults=self._faults,
            log=self._log,
        )
        return build_app(
            gate,
            self._clock,
            operations=self.operations,
            oauth=OAuthRoutes(self.config, self._tokens),
            control=ControlRoutes(self),
        )

    def inject(self, fault: Fault) -> str:
        """Put a fault in force; returns its id, which events and report name.

        Raises:
            ValueError: the fault is about an operation that does not exist: it would never fire.
        """
        known = self._known()
        if fault.operation not in known:
            raise ValueError(f"unknown operation {fault.operation!r}; one of {', '.join(known)}")
        return self._faults.inject(fault)

    def _known(self) -> tuple[str, ...]:
        """What a fault can be about."""
        return ("*", "token", "authorize", *(operation.name for operation in self.operations))

    def play(self, scenario: Scenario) -> None:
        """Let the events of a scenario happen, counted from now; its seed and latency only count from the beginning.

        Raises:
            ScenarioError: an event is about an operation or a style that does not exist.
        """
        stage = Stage(
            agenda=self.agenda,
            log=self._log,
            catalog=self.catalog,
            listings=self.listings,
            faults=self._faults,
            limiter=self._limiter,
            tokens=self._tokens,
            known_operations=self._known(),
            set_pace=self._pace,
            sell=self._sold,
        )
        stage.play(scenario, self._clock.now())

    def _sold(self, listing_id: str, at: datetime) -> str:
        listing = self.listings.get(listing_id)
        if listing is None:
            raise ValueError(f"no listing {listing_id}")
        return self.orders.sell(listing, at).number

    def sell(self, listing_id: str) -> str:
        """A buyer takes the ask of a live listing now; returns the order's number.

        Raises:
            ValueError: there is no such listing, or it has no live ask.
        """
        self.advance(0)
        return self._sold(listing_id, self._clock.now())

    def ship(self, order_number: str) -> None:
        """Hand the parcel of an order to the carrier now.

        Raises:
            ValueError: there is no such order, or its parcel cannot leave any more.
        """
        self.advance(0)
        order = self.orders.get(order_number)
        if order is None:
            raise ValueError(f"no order {order_number}")
        if order.status != "CREATED":
            raise ValueError(f"order {order_number} is {order.status}, only a new one can be shipped")
        self.orders.ship(order, self._clock.now())

    def declare_units(self, units: Mapping[str, int]) -> None:
        """How many pairs of a variant the account really has; the report counts live asks beyond them."""
        self._units.update(units)

    def clear_faults(self) -> None:
        """Lift every fault."""
        self._faults.clear()

    def issue_tokens(self) -> IssuedTokens:
        """Tokens of a new login, without the page: a short cut for tests. It counts as no request."""
        login = Login("http://localhost/callback", "openid email offline_access", AUDIENCE)
        return self._tokens.open_session(login, self._clock.now())

    def expire_access_tokens(self) -> None:
        """Let every access token expire; a refresh helps."""
        self._tokens.expire_access(self._clock.now())

    def revoke_refresh_tokens(self) -> None:
        """End every login: refreshes answer invalid_grant and access tokens 401."""
        self._tokens.end_sessions()

    def advance(self, seconds: float) -> None:
        """Move the simulator's time forward, on top of its clock; the market catches up with it.

        Raises:
            ValueError: `seconds` is negative.
        """
        self._clock.advance(seconds)
        self.agenda.catch_up(self._clock.now())

    def set_limits(self, limits: Limits) -> None:
        """Enforce other limits from now on; what the day has used stays used."""
        self._limiter.change(limits)

    def set_pace(self, pace: Pace) -> None:
        """Let the market move in another way from now on; what is under way keeps its time."""
        self.advance(0)
        self._pace(pace, self._clock.now())

    def _pace(self, pace: Pace, at: datetime) -> None:
        self.listings.pace = pace
        self._buyers.look_around(at)

    def report(self) -> Report:
        """What happened so far."""
        at = Moment(self._clock.monotonic(), self._clock.now())
        self.agenda.catch_up(at.wall)
        return make_report(
            at,
            log=self._log,
            limiter=self._limiter,
            tokens=self._tokens,
            faults=self._faults,
            listings=self.listings,
            units=self._units,
        )

    def events(self) -> tuple[Event, ...]:
        """The event log, oldest first; the last 200,000 events."""
        return self._log.events()

    def dump_events(self) -> bytes:
        """The event log as JSON lines: two runs with the same seed, scenario and calls give the same bytes."""
        return self._log.dump()
