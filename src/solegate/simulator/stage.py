"""Plays a scenario: its events become entries of the market's agenda."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from solegate.simulator.config import Limits, Pace
from solegate.simulator.faults import Fault
from solegate.simulator.scenario import PriceChange, Sale, Scenario, ScenarioError, ScenarioEvent
from solegate.simulator.state.agenda import Agenda
from solegate.simulator.state.events import EventLog
from solegate.simulator.state.faults import FaultBook
from solegate.simulator.state.limits import RequestLimiter
from solegate.simulator.state.listings import ListingBook
from solegate.simulator.state.tokens import TokenStore
from solegate.simulator.world.catalog import Catalog
from solegate.simulator.world.models import Product

Undo = Callable[[datetime], None]


def _nothing(_ended: datetime) -> None:
    """Taken back by nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The parts of a simulator that a scenario moves."""

    agenda: Agenda
    log: EventLog
    catalog: Catalog
    listings: ListingBook
    faults: FaultBook
    limiter: RequestLimiter
    tokens: TokenStore
    known_operations: tuple[str, ...]
    set_pace: Callable[[Pace, datetime], None]
    sell: Callable[[str, datetime], str]

    def play(self, scenario: Scenario, start: datetime) -> None:
        """Put every event on the agenda, counted from `start`.

        Raises:
            ScenarioError: an event is about an operation or a style that does not exist.
        """
        for number, event in enumerate(scenario.events, 1):
            reason = self._obstacle(event)
            if reason:
                raise ScenarioError(f"event {number}: {reason}")
        for event in scenario.events:
            self.agenda.at(start + timedelta(seconds=event.at), partial(self._happen, event))

    def _obstacle(self, event: ScenarioEvent) -> str | None:
        if event.fault and event.fault.operation not in self.known_operations:
            return f"unknown operation {event.fault.operation!r}"
        style = event.price.style if event.price else event.sell.style if isinstance(event.sell, Sale) else None
        if style is not None and self.catalog.by_style(style) is None:
            return f"no product of the catalog has the style {style!r}"
        return None

    def _happen(self, event: ScenarioEvent, due: datetime) -> None:
        detail = event.describe()
        undo = self._carry_out(event, due)
        self.log.note(due, "begins" if event.lasts else "happens", detail, kind="scenario")
        if event.lasts is not None:

            def take_back(ended: datetime) -> None:
                undo(ended)
                self.log.note(ended, "ends", detail, kind="scenario")

            self.agenda.at(due + timedelta(seconds=event.lasts), take_back)

    def _carry_out(self, event: ScenarioEvent, due: datetime) -> Undo:
        """Do it; returns what takes it back."""
        if event.fault:
            return self._inject(event.fault)
        if event.limits:
            return self._limit(event.limits)
        if event.pace:
            return self._pace(event.pace, due)
        if event.price:
            return self._price(event.price)
        if event.expire_tokens:
            self.tokens.expire_access(due)
        elif event.revoke_tokens:
            self.tokens.end_sessions()
        elif event.sell:
            self._sell(event.sell, due)
        return _nothing

    def _inject(self, fault: Fault) -> Undo:
        fault_id = self.faults.inject(fault)
        return lambda _ended: self.faults.lift(fault_id)

    def _limit(self, limits: Limits) -> Undo:
        before = self.limiter.limits
        self.limiter.change(limits)
        return lambda _ended: self.limiter.change(before)

    def _pace(self, pace: Pace, at: datetime) -> Undo:
        before = self.listings.pace
        self.set_pace(pace, at)
        return lambda ended: self.set_pace(before, ended)

    def _price(self, change: PriceChange) -> Undo:
        product = self._product(change.style)
        self.catalog.scale_price(product.id, change.factor)
        return lambda _ended: self.catalog.scale_price(product.id, 1 / change.factor)

    def _sell(self, sale: object, due: datetime) -> None:
        wanted = self._product(sale.style).id if isinstance(sale, Sale) else None
        live = [
            each for each in self.listings.all() if each.is_live(due) and (wanted is None or each.product_id == wanted)
        ]
        if not live:
            self.log.note(due, "nothing to sell", "the account has no live ask that fits", kind="scenario")
            return
        self.sell(min(live, key=lambda each: (each.amount, each.number)).id, due)

    def _product(self, style: str) -> Product:
        product = self.catalog.by_style(style)
        if product is None:
            raise ScenarioError(f"no product of the catalog has the style {style!r}")
        return product
