"""The practice StockX in one object: build it, hand `app` to an ASGI transport or a server, read the report."""

from __future__ import annotations

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
from solegate.simulator.routes.listings import ListingRoutes
from solegate.simulator.routes.oauth import OAuthRoutes
from solegate.simulator.state.agenda import Agenda
from solegate.simulator.state.batches import BatchBook
from solegate.simulator.state.events import Event, EventLog
from solegate.simulator.state.faults import FaultBook
from solegate.simulator.state.limits import Moment, RequestLimiter
from solegate.simulator.state.listings import ListingBook
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
        operations: the operations of the API that can be called, by their operationId.
        app: the ASGI application: API under `/v2`, login at `/authorize` and `/oauth/token`, control under `/_sim`.
    """

    def __init__(self, config: SimulatorConfig | None = None, *, clock: SimClock | None = None) -> None:
        self.config = config or SimulatorConfig()
        self.catalog = Catalog.generate(self.config.seed, self.config.products)
        self.agenda = Agenda()
        self.listings = ListingBook(self.config.seed, self.agenda, self.catalog, self.config.pace)
        self.batches = BatchBook(self.config.seed, self.agenda, self.listings)
        self._clock = MovableClock(clock or RealClock())
        self._limiter = RequestLimiter(self.config.limits)
        self._faults = FaultBook(self.config.seed)
        self._log = EventLog()
        self._tokens = TokenStore(
            seed=self.config.seed,
            access_seconds=self.config.access_token_seconds,
            rotate=self.config.rotate_refresh_tokens,
        )
        self.operations = (
            *CatalogRoutes(self.catalog, self.listings).operations(),
            *ListingRoutes(self.catalog, self.listings).operations(),
            *BatchRoutes(self.catalog, self.batches, self._limiter.items).operations(),
        )
        self.app = self._build_app()

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
        known = ("*", "token", "authorize", *(operation.name for operation in self.operations))
        if fault.operation not in known:
            raise ValueError(f"unknown operation {fault.operation!r}; one of {', '.join(known)}")
        return self._faults.inject(fault)

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
        self.listings.pace = pace

    def report(self) -> Report:
        """What happened so far."""
        at = Moment(self._clock.monotonic(), self._clock.now())
        self.agenda.catch_up(at.wall)
        return make_report(at, log=self._log, limiter=self._limiter, tokens=self._tokens, faults=self._faults)

    def events(self) -> tuple[Event, ...]:
        """The event log, oldest first; the last 200,000 requests."""
        return self._log.events()
