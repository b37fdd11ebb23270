"""Prices on StockX as KicksDB saw them (FACTS 4). They are hearsay: StockX's own answers are never made of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from solegate.domain.webhooks.payload import amount_of, at_path, parsed, text_of
from solegate.domain.webhooks.values import Message

_EVENT = re.compile(r"stockx\.(?:price|lowest_ask)\.updated\.([a-z]{3})")
_CURRENCY = re.compile(r"[A-Z]{3}")
_MOST_ASKS = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSighting:
    """What a source says that a variant costs.

    Attributes:
        product_id, variant_id, sku: as the source names them.
        currency: of the price.
        occurred_at: when it says that it saw it.
        lowest_ask: `None` when it is not for sale.
        asks: how many there are, where it says so.
        identity: of the webhook; of two at the same moment the greater one stands.
    """

    product_id: str
    variant_id: str
    sku: str
    currency: str
    occurred_at: datetime
    lowest_ask: Decimal | None
    asks: int | None
    identity: str

    @property
    def subject(self) -> str:
        """What it is about: older things about it are stale."""
        return f"{self.currency}:{self.variant_id}"


@dataclass(frozen=True, slots=True)
class Sightings:
    """What an event holds, and how many of its items could not be read."""

    found: tuple[PriceSighting, ...]
    unreadable: int


def is_price_event(event_type: str) -> bool:
    """Whether prices on StockX follow from it."""
    return _EVENT.fullmatch(event_type) is not None


def sightings_of(message: Message, body: bytes) -> Sightings:
    """The prices in an event; of several about the same variant the last one counts."""
    event = _EVENT.fullmatch(message.event_type)
    items = at_path(parsed(body), "data")
    if event is None or not isinstance(items, list):
        return Sightings((), 0)
    read = [_sighting(item, event[1].upper(), message) for item in items]
    found = {each.subject: each for each in read if each is not None}
    return Sightings(tuple(found[name] for name in sorted(found)), sum(each is None for each in read))


def _sighting(item: object, currency: str, message: Message) -> PriceSighting | None:
    variant, product = text_of(at_path(item, "variant_id")), text_of(at_path(item, "product_id"))
    currency = text_of(at_path(item, "currency")).upper() or currency
    asks = at_path(item, "number_of_asks")
    count = asks if isinstance(asks, int) and not isinstance(asks, bool) and 0 <= asks < _MOST_ASKS else None
    ask = amount_of(at_path(item, "lowest_ask"))
    if not variant or not product or _CURRENCY.fullmatch(currency) is None:
        return None
    if ask is None and count != 0:
        return None
    return PriceSighting(
        product_id=product,
        variant_id=variant,
        sku=text_of(at_path(item, "sku")),
        currency=currency,
        occurred_at=message.occurred_at,
        lowest_ask=ask if ask and count != 0 else None,
        asks=count,
        identity=message.identity,
    )
