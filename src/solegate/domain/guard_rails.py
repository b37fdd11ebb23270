"""Guard rails: what a write may ask for at most, whoever or whatever wants it (design 4.6).

Everything here is a value or a pure check; where it is held against a write is `services/guard.py`. A write that breaks
a rail is refused before anything is sent, with a reason for each rail it breaks. Rails are off until they are set.

A bound names its currencies, because 20 is little in euros and nothing in yen. Once a floor or a ceiling is set, a
currency without one is refused too: the wrong currency is how a pair is sold for a hundredth of its worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from solegate.domain.intents import Action
from solegate.domain.money import Money

_NONE: Mapping[str, Decimal] = MappingProxyType({})
OFFERS = frozenset({Action.CREATE, Action.UPDATE, Action.ACTIVATE})
"""Actions that set or show a price. What takes a pair off sale is never refused: it is the way back to safety."""
VALUED = frozenset({Action.CREATE, Action.ACTIVATE})
"""Actions that put a pair up for sale, so that its price counts towards the day's value."""


class Rail(StrEnum):
    """Which rail a write breaks; stable."""

    FLOOR = "below_floor"
    CEILING = "above_ceiling"
    CURRENCY = "currency_without_bound"
    MOVE = "move_too_large"
    DAILY_WRITES = "daily_writes_used_up"
    DAILY_VALUE = "daily_value_used_up"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a write is refused.

    Attributes:
        code: which rail; stable and machine-readable.
        message: in one sentence.
        hint: what to do.
    """

    code: Rail
    message: str
    hint: str

    def __str__(self) -> str:
        """Say it and, on the same line, what to do."""
        return f"{self.message} {self.hint}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A write as the rails see it.

    Attributes:
        action: what it does.
        price: the price it sets; `None` where it leaves the price as it is, or has none.
        old_price: the price the listing has now; `None` where it has none yet, as a new one.
    """

    action: Action
    price: Money | None = None
    old_price: Money | None = None

    @property
    def offer(self) -> Money | None:
        """The price the pair is for sale at after it."""
        return self.price or self.old_price


@dataclass(frozen=True, slots=True)
class DayUse:
    """What the account has used of its day (UTC), as the ledger counts it.

    Attributes:
        writes: writes that set or show a price, without those given up before they were sent.
        value: sum of the prices of pairs put up for sale, by currency, without those that surely failed.
    """

    writes: int = 0
    value: Mapping[str, Decimal] = field(default_factory=lambda: _NONE)

    def plus(self, wanted: Wanted) -> DayUse:
        """The use once this write is planned as well."""
        if wanted.action not in OFFERS:
            return self
        offer = wanted.offer if wanted.action in VALUED else None
        value = self.value
        if offer is not None:
            value = MappingProxyType({**value, offer.currency: self._of(offer.currency) + offer.amount})
        return DayUse(self.writes + 1, value)

    def _of(self, currency: str) -> Decimal:
        return self.value.get(currency, Decimal(0))


@dataclass(frozen=True, slots=True)
class GuardRails:
    """The rails of an account; each is off unless it is set.

    Attributes:
        floor, ceiling: lowest and highest price, by currency; the bound itself is allowed.
        largest_move: most a price may change in one write, as a share of the old price: 0.2 allows 80 to 120 from 100.
        daily_writes: most writes a UTC day that set or show a price.
        daily_value: most that pairs put up for sale in a UTC day may ask together, by currency.
    """

    floor: Mapping[str, Decimal] = field(default_factory=lambda: _NONE)
    ceiling: Mapping[str, Decimal] = field(default_factory=lambda: _NONE)
    largest_move: Decimal | None = None
    daily_writes: int | None = None
    daily_value: Mapping[str, Decimal] = field(default_factory=lambda: _NONE)

    @property
    def has_daily(self) -> bool:
        """Whether the day's use matters at all."""
        return self.daily_writes is not None or bool(self.daily_value)

    def check(self, wanted: Wanted, used: DayUse | None = None) -> tuple[Reason, ...]:
        """Every rail that this write breaks; none of them: it may be sent.

        Args:
            wanted: the write.
            used: the day's use before it; the daily rails are not looked at without it.
        """
        if wanted.action not in OFFERS:
            return ()
        found = (*self._bounds(wanted), self._move(wanted), *(self._day(wanted, used) if used is not None else ()))
        return tuple(each for each in found if each is not None)

    def check_all(self, wanted: Iterable[Wanted], used: DayUse | None = None) -> tuple[tuple[Reason, ...], ...]:
        """Check several writes in their order: the reasons of each.

        Those that may be sent count towards the day of the next ones.
        """
        found = []
        for each in wanted:
            reasons = self.check(each, used)
            found.append(reasons)
            if used is not None and not reasons:
                used = used.plus(each)
        return tuple(found)

    def _bounds(self, wanted: Wanted) -> tuple[Reason | None, ...]:
        price = wanted.offer
        if price is None:
            return ()
        missing = [name for name, bounds in self._named_bounds() if bounds and price.currency not in bounds]
        if missing:
            return (
                Reason(
                    Rail.CURRENCY,
                    f"{price} is in a currency for which no {' and no '.join(missing)} is set, and others have one.",
                    f"Check the currency, or add {price.currency} to "
                    f"{' and '.join(f'SOLEGATE_PRICE_{name.upper()}' for name in missing)}.",
                ),
            )
        return self._below(price), self._above(price)

    def _named_bounds(self) -> tuple[tuple[str, Mapping[str, Decimal]], ...]:
        return ("floor", self.floor), ("ceiling", self.ceiling)

    def _below(self, price: Money) -> Reason | None:
        floor = self.floor.get(price.currency)
        if floor is None or price.amount >= floor:
            return None
        return Reason(
            Rail.FLOOR,
            f"{price} is below the floor of {Money(floor, price.currency)}.",
            "Raise the price, or lower SOLEGATE_PRICE_FLOOR.",
        )

    def _above(self, price: Money) -> Reason | None:
        ceiling = self.ceiling.get(price.currency)
        if ceiling is None or price.amount <= ceiling:
            return None
        return Reason(
            Rail.CEILING,
            f"{price} is above the ceiling of {Money(ceiling, price.currency)}.",
            "Lower the price, or raise SOLEGATE_PRICE_CEILING.",
        )

    def _move(self, wanted: Wanted) -> Reason | None:
        new, old = wanted.price, wanted.old_price
        if self.largest_move is None or new is None or old is None or old.amount <= 0:
            return None
        if new.currency != old.currency:
            return Reason(
                Rail.MOVE,
                f"From {old} to {new} the currency changes, so the size of the move is not known.",
                f"Give the price in {old.currency}, or list the pair anew.",
            )
        if abs(new.amount - old.amount) <= self.largest_move * old.amount:
            return None
        return Reason(
            Rail.MOVE,
            f"From {old} to {new} the price moves by more than {_percent(self.largest_move)} %.",
            "Go there in smaller moves, or raise SOLEGATE_LARGEST_PRICE_MOVE.",
        )

    def _day(self, wanted: Wanted, used: DayUse) -> tuple[Reason | None, ...]:
        after = used.plus(wanted)
        reasons: list[Reason | None] = []
        if self.daily_writes is not None and after.writes > self.daily_writes:
            reasons.append(
                Reason(
                    Rail.DAILY_WRITES,
                    f"Today's {self.daily_writes:,} writes are used up.",
                    "Go on after 00:00 UTC, or raise SOLEGATE_DAILY_WRITES.",
                )
            )
        offer = wanted.offer if wanted.action in VALUED else None
        reasons.append(self._day_value(offer, after) if offer is not None and self.daily_value else None)
        return tuple(reasons)

    def _day_value(self, offer: Money, after: DayUse) -> Reason | None:
        most = self.daily_value.get(offer.currency)
        if most is None:
            return Reason(
                Rail.CURRENCY,
                f"{offer} is in a currency for which no daily value is set, and others have one.",
                f"Check the currency, or add {offer.currency} to SOLEGATE_DAILY_VALUE.",
            )
        if after.value[offer.currency] <= most:
            return None
        return Reason(
            Rail.DAILY_VALUE,
            f"With {offer} more than {Money(most, offer.currency)} would be put up for sale today.",
            "Go on after 00:00 UTC, or raise SOLEGATE_DAILY_VALUE.",
        )


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}"
