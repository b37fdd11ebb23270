"""Products, variants and sizes as values. Money is in whole US dollars until it reaches a currency."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """A size in one system, as text: `("us m", "9")` bare, or `("us m", "US M 9")` with its prefix."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class SizeChart:
    """A variant's sizes: its own, bare, and every conversion, prefixed (FACTS 1.10). `own` is None for one-size."""

    own: Size | None = None
    conversions: tuple[Size, ...] = ()


@dataclass(frozen=True, slots=True)
class Gtin:
    """A barcode; `type` is UPC or EAN-13."""

    identifier: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One size of a product.

    `weight` scales the product's fair value to this size's. A few variants have no real ask but a placeholder in the
    hundreds of millions (FACTS 1.10).
    """

    id: str
    name: str
    value: str | None
    sizes: SizeChart
    gtins: tuple[Gtin, ...]
    flex: bool
    direct: bool
    weight: float
    placeholder_ask: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What a product is, before it gets identifiers and sizes.

    `chart` names a size chart of `sizes.CHARTS`. `style_id` is empty for most things that are not shoes, and may hold
    several codes (FACTS 1.10). `fair_value` is the price in US dollars around which its market moves.
    """

    title: str | None
    brand: str | None
    style_id: str | None
    product_type: str
    chart: str
    gender: str | None = None
    colorway: str | None = None
    release_date: str | None = None
    retail_price: int | None = None
    fair_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product of the catalog with its variants."""

    id: str
    url_key: str
    design: Design
    variants: tuple[Variant, ...]
    flex: bool
    direct: bool

    @property
    def style_id(self) -> str | None:
        """Its style code or codes, as StockX writes them."""
        return self.design.style_id

    @property
    def title(self) -> str | None:
        """Its title."""
        return self.design.title

    @property
    def codes(self) -> tuple[str, ...]:
        """The single style codes in its styleId."""
        return tuple(code.strip() for code in (self.style_id or "").split("/") if code.strip())
