"""The catalog as values: what services hand to repositories and get back. No StockX or database types here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from solegate.domain.money import Money
from solegate.domain.sizes import SizeValue

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def is_uuid(text: str) -> bool:
    """Whether a text has the form of StockX's ids, of any version (FACTS 1.9): anything else is a style code."""
    return _UUID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class GtinData:
    """A barcode of a variant; `kind` is UPC, EAN-13, ITF-14 or GTIN-8."""

    identifier: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class SizeData:
    """One conversion of a variant's own size chart; `is_default` marks the one the variant is sold by."""

    size: SizeValue
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class VariantData:
    """One size of a product. `value` is StockX's `variantValue`; `sizes` holds each size once."""

    variant_id: str
    name: str = ""
    value: str | None = None
    sizes: tuple[SizeData, ...] = ()
    gtins: tuple[GtinData, ...] = ()
    is_flex_eligible: bool | None = None
    is_direct_eligible: bool | None = None

    @property
    def label(self) -> str:
        """The size it is sold by, for people; StockX's `variantValue` where the chart names no default."""
        default = next((str(each.size) for each in self.sizes if each.is_default), None)
        return default or self.value or self.name


@dataclass(frozen=True, slots=True)
class ProductData:
    """A StockX product. `style_id` is as StockX writes it, with all its codes; most fields may be missing."""

    product_id: str
    url_key: str = ""
    style_id: str | None = None
    title: str | None = None
    brand: str | None = None
    product_type: str = ""
    gender: str | None = None
    season: str | None = None
    release_date: date | None = None
    retail_price: Decimal | None = None
    color: str | None = None
    colorway: str | None = None
    is_flex_eligible: bool | None = None
    is_direct_eligible: bool | None = None


@dataclass(frozen=True, slots=True)
class MarketQuote:
    """The market of one variant at one moment. `fetched_at` (UTC) is when StockX said so, not when it was stored."""

    product_id: str
    variant_id: str
    currency: str
    fetched_at: datetime
    lowest_ask: Decimal | None = None
    highest_bid: Decimal | None = None
    sell_faster: Decimal | None = None
    earn_more: Decimal | None = None
    flex_lowest_ask: Decimal | None = None

    def money(self, amount: Decimal | None) -> Money | None:
        """One of its amounts with the currency."""
        return None if amount is None else Money(amount, self.currency)


@dataclass(frozen=True, slots=True)
class EnrichedProduct:
    """Everything one enrichment learned about a product, to be written in one transaction.

    `quoted_at` tells when the market was read, also where that gave no quotes; `None` when it was not read.
    """

    product: ProductData
    variants: tuple[VariantData, ...]
    quotes: tuple[MarketQuote, ...]
    enriched_at: datetime
    quoted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """A product as the database knows it.

    Attributes:
        id: our own id.
        product: what StockX said.
        enriched_at: when StockX said it (UTC).
    """

    id: int
    product: ProductData
    enriched_at: datetime
