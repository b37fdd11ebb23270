"""The catalog with its indexes: what is found by id, style code, barcode or search."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from solegate.simulator.world.generate import generate_products
from solegate.simulator.world.gtins import is_valid, padded
from solegate.simulator.world.models import Product, Variant
from solegate.simulator.world.search import SearchIndex


@dataclass(frozen=True)
class Catalog:
    """Every product of the practice StockX, in a fixed order that starts with the landmarks."""

    seed: int
    products: tuple[Product, ...]
    _factors: dict[str, float] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def generate(cls, seed: int, count: int) -> Catalog:
        """The catalog of a seed."""
        return cls(seed, generate_products(seed, count))

    @cached_property
    def _by_id(self) -> dict[str, Product]:
        return {product.id: product for product in self.products}

    @cached_property
    def _by_code(self) -> dict[str, Product]:
        return {code: product for product in self.products for code in (product.style_id or "", *product.codes)}

    @cached_property
    def _by_variant(self) -> dict[str, tuple[Product, Variant]]:
        return {variant.id: (product, variant) for product in self.products for variant in product.variants}

    @cached_property
    def _by_gtin(self) -> dict[str, tuple[Product, Variant]]:
        return {
            padded(gtin.identifier): (product, variant)
            for product in self.products
            for variant in product.variants
            for gtin in variant.gtins
        }

    @cached_property
    def _index(self) -> SearchIndex:
        return SearchIndex.build(self.seed, self.products)

    def by_id(self, product_id: str) -> Product | None:
        """The product with this id."""
        return self._by_id.get(product_id)

    def by_style(self, style_id: str) -> Product | None:
        """The product with this styleId, or with this code among the several of its styleId."""
        return self._by_code.get(style_id) if style_id else None

    def by_variant(self, variant_id: str) -> tuple[Product, Variant] | None:
        """The variant with this id, and its product."""
        return self._by_variant.get(variant_id)

    def known_variant(self, variant_id: str) -> tuple[Product, Variant]:
        """The variant with this id, which was found here before, and its product.

        Raises:
            KeyError: there is none.
        """
        return self._by_variant[variant_id]

    def by_gtin(self, gtin: str) -> tuple[Product, Variant] | None:
        """The variant with this barcode, and its product; a UPC is found by its EAN-13 and ITF-14 too."""
        return self._by_gtin.get(padded(gtin))

    def price_factor(self, product_id: str) -> float:
        """By how much a product is hyped: 1 unless a scenario says otherwise."""
        return self._factors.get(product_id, 1.0)

    def scale_price(self, product_id: str, factor: float) -> None:
        """Multiply a product's fair value, on top of what was done before."""
        self._factors[product_id] = self.price_factor(product_id) * factor

    def search(self, query: str) -> tuple[Product, ...]:
        """All products that StockX would call alike, best first."""
        if not is_valid(query):
            return self._index.search(query)
        found = self.by_gtin(query)
        return (found[0],) if found else ()

    def sample_style_ids(self, count: int) -> tuple[str, ...]:
        """Style codes of the first `count` plain sneakers: one code each, with brand and title.

        Raises:
            ValueError: the catalog has fewer.
        """
        plain = tuple(
            product.codes[0]
            for product in self.products
            if product.design.product_type == "sneakers" and len(product.codes) == 1 and product.design.brand
        )
        if len(plain) < count:
            raise ValueError(f"the catalog has {len(plain)} plain sneakers, not {count}; configure more products")
        return plain[:count]
