"""Orders: those under way in full at every run, with their deadlines; those that have ended incrementally."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from solegate.client.models import Order, OrderSummary
from solegate.client.operations.rows import Position, Rows
from solegate.client.policy.call import Lane
from solegate.client.policy.paging import pages_for
from solegate.client.requests import OrderHistoryFilter
from solegate.client.service import StockXService
from solegate.clock import Clock
from solegate.db import Database, Session
from solegate.db.repositories.orders import OrderRepository
from solegate.db.repositories.syncs import SyncRepository
from solegate.domain.events.orders import order_events
from solegate.domain.events.values import Event
from solegate.domain.order_deadlines import MirroredOrder, details_to_read, need_of
from solegate.domain.sync import Cost, Phase, Place, SyncName, SyncRun, history_since
from solegate.errors import NotFoundError, RequestRejectedError, StockXError
from solegate.metrics import Metrics
from solegate.services.events.log import EventLog
from solegate.services.syncs.mirroring import detailed_order, listed_order
from solegate.services.syncs.stepped import DETAILS_PER_STEP, Keep, Requests, SteppedSync

DETAIL_BUDGET = 100
"""Details that one run of the active orders reads at most."""
HISTORY_OVERLAP = timedelta(days=30)
"""How late an order that has ended may still change: a pair that was paid for can be returned (FACTS 1.8)."""


class ActiveOrderSync(SteppedSync):
    """Every order under way, each run; and the details that tell when one has to leave, as many as the budget allows.

    Lists have no deadline (FACTS 1.10), so each costs a request. Only orders that are new, have changed, still have to
    leave at an unknown time or wait for a label are read, the most urgent first; the next run reads on.
    """

    def __init__(
        self,
        stockx: StockXService,
        database: Database,
        *,
        clock: Clock,
        metrics: Metrics,
        events: EventLog,
        budget: int = DETAIL_BUDGET,
    ) -> None:
        super().__init__(SyncName.ORDERS_ACTIVE, stockx, database, clock=clock, metrics=metrics)
        self._events = events
        self._budget = budget

    async def cost(self) -> Cost:
        """See `SteppedSync.cost`. Orders that are new to the mirror come on top, within the budget."""
        async with self._database.reading() as session:
            orders, now = OrderRepository(session, self._account), await self._database.now(session)
            known = (await SyncRepository(session, self._account).load(self.name)).succeeded_at is not None
            needed = sum(need_of(each, now) is not None for each in await orders.wanting_details())
            pages = pages_for(await orders.count(active=True))
        return Cost(pages, min(needed, self._budget), self._budget, estimate=known)

    async def _read(self, run: SyncRun, requests: Requests) -> Keep:
        if run.place.phase is Phase.PAGES:
            return await self._read_page(run, requests)
        return await self._read_details(run, requests)

    async def _read_page(self, run: SyncRun, requests: Requests) -> Keep:
        async with self._database.reading() as session:
            seen = await OrderRepository(session, self._account).seen_in_run(run.run_at, active=True)
        rows = self._stockx.iter_active_orders(resume=Position(run.place.end, seen), options=requests.options)
        page = await rows.next_page()

        async def keep(session: Session, now: datetime) -> SyncRun:
            orders = OrderRepository(session, self._account)
            kept = await _keep_page(orders, page, now, active=True, run_at=run.run_at)
            if rows.done:
                await orders.no_longer_listed(run.run_at, now)
            await self._events.record(session, _news(self._account, run, kept, now))
            place = Place(phase=Phase.DETAILS) if rows.done else Place(end=rows.position.end)
            return run.went_on(place, requests=requests.sent, rows=len(page), changed=_changed(kept))

        return keep

    async def _read_details(self, run: SyncRun, requests: Requests) -> Keep:
        place = run.place
        async with self._database.reading() as session:
            now = await self._database.now(session)
            needy = await OrderRepository(session, self._account).wanting_details()
        at_most = min(DETAILS_PER_STEP, self._budget - place.details)
        wanted = details_to_read(needy, now, at_most=at_most, passed=place.passed)
        found, passed = await self._details(wanted, requests)
        read = len(found) + len(passed)

        async def keep(session: Session, now: datetime) -> SyncRun:
            orders = OrderRepository(session, self._account)
            known = await orders.by_numbers([each.order_number for each in found])
            kept = [_Kept(known[one.order_number], *detailed_order(one, known[one.order_number], now)) for one in found]
            await orders.save(each.after for each in kept)
            await self._events.record(session, _news(self._account, run, kept, now))
            there = Place(phase=Phase.DETAILS, details=place.details + read, passed=(*place.passed, *passed))
            after = run.went_on(there, requests=requests.sent, changed=_changed(kept))
            over = read == len(wanted) < DETAILS_PER_STEP or there.details >= self._budget
            return after.ended(now) if over else after

        return keep

    async def _details(
        self, wanted: tuple[MirroredOrder, ...], requests: Requests
    ) -> tuple[list[Order], tuple[str, ...]]:
        """The details that could be had, and the numbers of those that StockX does not give."""
        found: list[Order] = []
        passed: list[str] = []
        for order in wanted:
            if not requests.may_go_on():
                break
            try:
                found.append(await self._stockx.get_order_details(order.order_number, options=requests.options))
            except (NotFoundError, RequestRejectedError) as error:
                requests.sent += error.attempts
                passed.append(order.order_number)
            except StockXError:
                if not found and not passed:
                    raise
                break  # what was read is kept; the next step meets the error again
        return found, tuple(passed)


class OrderHistorySync(SteppedSync):
    """The orders that have ended: all of them once, from then on those that may have changed since."""

    def __init__(
        self,
        stockx: StockXService,
        database: Database,
        *,
        clock: Clock,
        metrics: Metrics,
        events: EventLog,
        overlap: timedelta = HISTORY_OVERLAP,
    ) -> None:
        super().__init__(SyncName.ORDERS_HISTORY, stockx, database, clock=clock, metrics=metrics, lane=Lane.BACKGROUND)
        self._events = events
        self._overlap = overlap

    async def cost(self) -> Cost:
        """See `SteppedSync.cost`."""
        async with self._database.reading() as session:
            run = await SyncRepository(session, self._account).load(self.name)
            orders = OrderRepository(session, self._account)
            since = run.place.since if run.under_way else await self._since(orders, run)
            if since is None:
                rows = await orders.count(active=False)
            else:
                rows = await orders.count_since(datetime.combine(since, time(), UTC))
        return Cost(pages_for(rows), 0, 0, estimate=run.succeeded_at is not None)

    async def _begin(self, _session: Session, run: SyncRun, now: datetime) -> SyncRun:
        return run.begun(now, since=await self._since(OrderRepository(_session, self._account), run))

    async def _since(self, orders: OrderRepository, run: SyncRun) -> date | None:
        last = run.started_at if run.succeeded_at is not None else None
        return history_since(last, await orders.oldest_open(), self._overlap)

    async def _read(self, run: SyncRun, requests: Requests) -> Keep:
        async with self._database.reading() as session:
            seen = await OrderRepository(session, self._account).seen_in_run(run.run_at, active=False)
        rows: Rows[OrderSummary] = self._stockx.iter_historical_orders(
            OrderHistoryFilter(from_date=run.place.since),
            resume=Position(run.place.end, seen),
            options=requests.options,
        )
        page = await rows.next_page()

        async def keep(session: Session, now: datetime) -> SyncRun:
            orders = OrderRepository(session, self._account)
            kept = await _keep_page(orders, page, now, active=False, run_at=run.run_at)
            await self._events.record(session, _news(self._account, run, kept, now))
            place = Place(end=rows.position.end, since=run.place.since)
            after = run.went_on(place, requests=requests.sent, rows=len(page), changed=_changed(kept))
            return after.ended(now) if rows.done else after

        return keep


class _Kept(NamedTuple):
    """An order as it was, as it is kept, and whether that is another one."""

    before: MirroredOrder | None
    after: MirroredOrder
    changed: bool


async def _keep_page(
    orders: OrderRepository, page: tuple[OrderSummary, ...], now: datetime, *, active: bool, run_at: datetime
) -> list[_Kept]:
    """Keep a page of a list."""
    known = await orders.by_numbers([row.order_number for row in page])
    pairs = [(known.get(row.order_number), row) for row in page]
    kept = [_Kept(was, *listed_order(row, was, now, active=active, run_at=run_at)) for was, row in pairs]
    await orders.save(each.after for each in kept)
    return kept


def _changed(kept: Sequence[_Kept]) -> int:
    """How many are new or have changed."""
    return sum(each.changed for each in kept)


def _news(account: str, run: SyncRun, kept: Sequence[_Kept], now: datetime) -> tuple[Event, ...]:
    """What is to be told. What the very first run finds was there before: it is no news."""
    first = run.succeeded_at is None
    told = [order_events(account, each.before, each.after, now) for each in kept if each.before or not first]
    return tuple(event for events in told for event in events)
