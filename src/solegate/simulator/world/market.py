"""The market of a variant as a function of seed, variant and time: no history is kept, yet there is one.

Prices move around a fair value: slowly within a day, faster within an hour, and a little in each bucket of ten
minutes. Whether there is an ask, a bid or guidance at all is drawn once a day, at the rates of FACTS 1.9.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from solegate.simulator.world.dice import dice
from solegate.simulator.world.models import Product, Variant

BUCKET_SECONDS = 600
HOUR, DAY = 3_600, 86_400

NO_ASK, NO_BID, NO_GUIDANCE, NO_FLEX, NO_DIRECT = 97 / 1113, 68 / 1113, 83 / 1113, 374 / 1113, 0.5
"""Share of answers in which an amount is null (FACTS 1.9; the direct channel's is assumed)."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One fulfilment channel's amounts in US dollars; `None` where there is nothing."""

    lowest_ask: float | None = None
    highest_bid: float | None = None
    sell_faster: float | None = None
    earn_more: float | None = None
    beat_us: float | None = None


@dataclass(frozen=True, slots=True)
class VariantMarket:
    """The three channels of a variant. The bid is the same in all of them (FACTS 1.9)."""

    standard: Channel
    flex: Channel
    direct: Channel


def product_market(seed: int, product: Product, at: datetime, factor: float = 1.0) -> tuple[VariantMarket, ...]:
    """The market of each of the product's variants, in their order; `factor` scales the fair value."""
    seconds = _bucket_start(at)
    fair = factor * product.design.fair_value * _drift(seed, product.id, seconds)
    return tuple(variant_market(seed, variant, fair * variant.weight, seconds) for variant in product.variants)


def one_variant_market(
    seed: int, product: Product, variant: Variant, at: datetime, factor: float = 1.0
) -> VariantMarket:
    """The market of one variant: the same as in `product_market`."""
    seconds = _bucket_start(at)
    fair = factor * product.design.fair_value * _drift(seed, product.id, seconds) * variant.weight
    return variant_market(seed, variant, fair, seconds)


def _bucket_start(at: datetime) -> int:
    """Unix time at which the bucket of ten minutes began: within one, nothing moves."""
    return int(at.timestamp()) // BUCKET_SECONDS * BUCKET_SECONDS


def variant_market(seed: int, variant: Variant, fair: float, seconds: int) -> VariantMarket:
    """The market of a variant whose fair value is `fair` at this time (start of a bucket, Unix seconds)."""
    ask_there, bid_there, guided, flex_there, direct_there, spread, depth, odd = dice(seed, variant.id, seconds // DAY)
    tick, *_ = dice(seed, variant.id, "tick", seconds)
    price = fair * (0.985 + 0.03 * tick)
    ask = None if ask_there < NO_ASK else price * (1.02 + 0.2 * spread)
    if ask is not None and variant.placeholder_ask:
        ask = 1e8 * (1 + int(8 * tick))
    standard = Channel(
        lowest_ask=ask,
        highest_bid=None if bid_there < NO_BID else price * (0.5 + 0.42 * depth),
        sell_faster=None if guided < NO_GUIDANCE else price * 0.97,
        earn_more=None if guided < NO_GUIDANCE else price * 1.05,
        beat_us=None if ask is None else price * 0.98,
    )
    flex_ask = None if flex_there < NO_FLEX else price * (1.05 + 0.2 * odd)
    direct_ask = None if direct_there < NO_DIRECT else price * (1.03 + 0.2 * odd)
    if ask is flex_ask is direct_ask is None:
        bare = Channel(highest_bid=standard.highest_bid)
        return VariantMarket(standard, bare, bare)
    return VariantMarket(standard, _premium(standard, flex_ask, 1.08), _premium(standard, direct_ask, 1.02))


def _premium(standard: Channel, ask: float | None, factor: float) -> Channel:
    """A channel beside the standard one: its own ask, the same bid, guidance a little higher."""
    return replace(
        standard,
        lowest_ask=ask,
        sell_faster=standard.sell_faster and standard.sell_faster * factor,
        earn_more=standard.earn_more and standard.earn_more * factor,
        beat_us=ask and ask * 0.98,
    )


def _drift(seed: int, product_id: str, seconds: float) -> float:
    """Factor on a product's fair value, the same for all its sizes: within 15 % of 1."""
    slow = _wave(seed, product_id, seconds / DAY) - 0.5
    fast = _wave(seed, product_id, seconds / HOUR) - 0.5
    return 1 + 0.24 * slow + 0.06 * fast


def _wave(seed: int, product_id: str, position: float) -> float:
    """A continuous random line between 0 and 1: fixed heights at whole positions, straight between them."""
    knot = int(position)
    left, right = (dice(seed, product_id, "wave", at)[0] for at in (knot, knot + 1))
    return left + (right - left) * (position - knot)
