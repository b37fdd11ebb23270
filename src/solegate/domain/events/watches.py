"""Prices that are watched: an event each time one crosses its threshold.

A watch knows on which side of the threshold the price was seen last. It fires when the price comes to the side it
watches for from the other one, and not again before it was back there. The first look fires nothing: it only learns
where the price is. A price that is not there, as nobody asks or bids, is on neither side and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from solegate.domain.catalog import MarketQuote
from solegate.domain.events.values import Data, Event, EventType, amount_text, event
from solegate.domain.pricing import plausible_ask


class WatchedPrice(StrEnum):
    """Which price is watched."""

    LOWEST_ASK = "lowest_ask"
    HIGHEST_BID = "highest_bid"


class Direction(StrEnum):
    """The side that a watch waits for. The amount itself belongs to it."""

    BELOW = "below"
    ABOVE = "above"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceWatch:
    """A price that is watched.

    Attributes:
        id: ours.
        account: whose.
        product_id: StockX's id.
        variant_id: the size; `None` watches the best price of all sizes.
        currency: of the amount; only markets read in it count.
        price, direction, amount: "lowest ask, below, 150".
        side: where it was seen last; `None` before the first look.
        crossings: how often it has fired.
        note: for people.
        created_at: ours.
        looked_at: of the newest reading that was looked at.
    """

    id: str
    account: str
    product_id: str
    variant_id: str | None = None
    currency: str
    price: WatchedPrice
    direction: Direction
    amount: Decimal
    side: Direction | None = None
    crossings: int = 0
    note: str = ""
    created_at: datetime
    looked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A watch after a reading, and the event if it fired."""

    watch: PriceWatch
    event: Event | None


def value_of(watch: PriceWatch, quotes: Iterable[MarketQuote]) -> Decimal | None:
    """The price that a watch watches; the best of all sizes unless it names one. Placeholder asks count as none."""
    wanted = [
        each for each in quotes if watch.variant_id in (None, each.variant_id) and each.currency == watch.currency
    ]
    if watch.price is WatchedPrice.HIGHEST_BID:
        return max((each.highest_bid for each in wanted if each.highest_bid is not None), default=None)
    asks = [plausible_ask(each.money(each.lowest_ask)) for each in wanted]
    return min((ask.amount for ask in asks if ask is not None), default=None)


def look(watch: PriceWatch, quotes: Iterable[MarketQuote], at: datetime) -> Look:
    """Look at the quotes of a reading.

    Args:
        watch: as the look before left it.
        quotes: the newest of each size.
        at: when they were read.
    """
    value = value_of(watch, quotes)
    seen = replace(watch, looked_at=at)
    if value is None:
        return Look(seen, None)
    side = _side(watch, value)
    crossed = watch.side is not None and side is not watch.side and side is watch.direction
    seen = replace(seen, side=side, crossings=watch.crossings + crossed)
    return Look(seen, _crossed(seen, value, at) if crossed else None)


def _side(watch: PriceWatch, value: Decimal) -> Direction:
    if watch.direction is Direction.BELOW:
        return Direction.BELOW if value <= watch.amount else Direction.ABOVE
    return Direction.ABOVE if value >= watch.amount else Direction.BELOW


def _crossed(watch: PriceWatch, value: Decimal, at: datetime) -> Event:
    data: Data = {
        "product_id": watch.product_id,
        "variant_id": watch.variant_id,
        "price": watch.price.value,
        "direction": watch.direction.value,
        "threshold": amount_text(watch.amount),
        "value": amount_text(value),
        "currency": watch.currency,
        "note": watch.note,
    }
    return event(watch.account, EventType.PRICE_CROSSED, watch.id, str(watch.crossings), at=at, data=data)
