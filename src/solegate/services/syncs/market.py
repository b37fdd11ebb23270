"""The market of what is for sale or watched: read again by staleness, the stalest product first, within a budget."""

from __future__ import annotations

from datetime import datetime, timedelta

from solegate.client.models import Source
from solegate.client.policy.call import Lane
from solegate.client.service import StockXService
from solegate.clock import Clock
from solegate.db import Database, Session
from solegate.db.repositories.listings import ListingRepository
from solegate.domain.sync import Cost, Phase, Place, SyncName, SyncRun
from solegate.errors import InvalidInputError, NotFoundError, RequestRejectedError, StockXError
from solegate.metrics import Metrics
from solegate.services.market_data import MarketDataService
from solegate.services.syncs.stepped import DETAILS_PER_STEP, Keep, Requests, SteppedSync

MARKET_BUDGET = 100
"""Products that one run reads at most."""
STALE_AFTER = timedelta(hours=1)
"""Age at which the market of something that is for sale or watched is read again."""


class MarketRefresh(SteppedSync):
    """Reads the market of every product that is for sale or watched, one request for all its sizes (FACTS 1.10).

    How far a run is, the readings themselves tell: what was read is no longer stale.
    """

    def __init__(
        self,
        stockx: StockXService,
        database: Database,
        market_data: MarketDataService,
        *,
        clock: Clock,
        metrics: Metrics,
        budget: int = MARKET_BUDGET,
        stale_after: timedelta = STALE_AFTER,
    ) -> None:
        super().__init__(SyncName.MARKET, stockx, database, clock=clock, metrics=metrics, lane=Lane.BACKGROUND)
        self._market_data = market_data
        self._budget = budget
        self._stale_after = stale_after

    async def cost(self) -> Cost:
        """See `SteppedSync.cost`."""
        stale = await self._stalest(limit=self._budget)
        return Cost(0, len(stale), self._budget)

    async def _begin(self, _session: Session, run: SyncRun, now: datetime) -> SyncRun:
        return run.begun(now, phase=Phase.DETAILS)

    async def _read(self, run: SyncRun, requests: Requests) -> Keep:
        place = run.place
        at_most = min(DETAILS_PER_STEP, self._budget - place.details)
        wanted = await self._stalest(limit=at_most, passed=place.passed)
        read, passed = await self._markets(wanted, requests)
        done = read + len(passed)

        async def keep(_session: Session, now: datetime) -> SyncRun:
            there = Place(phase=Phase.DETAILS, details=place.details + done, passed=(*place.passed, *passed))
            after = run.went_on(there, requests=requests.sent, rows=done, changed=read)
            over = done == len(wanted) < DETAILS_PER_STEP or there.details >= self._budget
            return after.ended(now) if over else after

        return keep

    async def _stalest(self, *, limit: int, passed: tuple[str, ...] = ()) -> tuple[tuple[str, str], ...]:
        """Products and currencies to be read next."""
        async with self._database.reading() as session:
            now = await self._database.now(session)
            return await ListingRepository(session, self._account).stalest_products(
                now, older_than=now - self._stale_after, limit=limit, passed=passed
            )

    async def _markets(self, wanted: tuple[tuple[str, str], ...], requests: Requests) -> tuple[int, tuple[str, ...]]:
        """How many were read, and the products whose market cannot be had at present."""
        read = 0
        passed: list[str] = []
        age = self._stale_after.total_seconds()
        for product_id, currency in wanted:
            if not requests.may_go_on():
                break
            try:
                found = await self._market_data.read(product_id, currency, max_age=age, options=requests.options)
            except (NotFoundError, RequestRejectedError, InvalidInputError) as error:
                requests.sent += error.attempts if isinstance(error, StockXError) else 0
                passed.append(product_id)
            except StockXError:
                if not read and not passed:
                    raise
                break  # what was read is kept; the next step meets the error again
            else:
                # An older answer, given because StockX fails, is no reading.
                read += found.source is not Source.STALE
                passed += [product_id] if found.source is Source.STALE else []
        return read, tuple(passed)
