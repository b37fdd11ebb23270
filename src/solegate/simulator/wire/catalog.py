"""Catalog bodies. Search hits carry less than product details: no size chart, no eligibility (FACTS 1.10)."""

from __future__ import annotations

from collections.abc import Sequence

from solegate.simulator.wire.answer import Json
from solegate.simulator.wire.lists import list_page
from solegate.simulator.world.models import Product, SizeChart, Variant
from solegate.simulator.world.sizes import CHARTS


def search_page(products: Sequence[Product], page: int, size: int) -> Json:
    """One page of hits in the envelope of SPEC26; `count` is the number of all hits."""
    shown = products[(page - 1) * size : page * size]
    return list_page("products", [search_product(each) for each in shown], len(products), page=page, size=size)


def search_product(product: Product) -> dict[str, Json]:
    """A hit. Color and season are null in everything that was captured (FACTS 1.10)."""
    design = product.design
    return {
        "productId": product.id,
        "urlKey": product.url_key,
        "styleId": design.style_id,
        "productType": design.product_type,
        "title": design.title,
        "brand": design.brand,
        "productAttributes": {
            "gender": design.gender,
            "season": None,
            "releaseDate": design.release_date,
            "retailPrice": design.retail_price,
            "colorway": design.colorway,
            "color": None,
        },
    }


def product_details(product: Product) -> Json:
    """A product with its size systems and eligibility."""
    systems: list[Json] = [{"name": name, "type": kind} for name, kind in CHARTS[product.design.chart].types]
    return {
        **search_product(product),
        "sizeChart": {
            "availableConversions": systems,
            "defaultConversion": systems[0] if systems else None,
        },
        "isFlexEligible": product.flex,
        "isDirectEligible": product.direct,
    }


def variant(product: Product, one: Variant) -> dict[str, Json]:
    """A variant as in the list of a product's variants."""
    return {
        "productId": product.id,
        "variantId": one.id,
        "variantName": one.name,
        "variantValue": one.value,
        "sizeChart": _size_chart(one.sizes),
        "gtins": [{"identifier": gtin.identifier, "type": gtin.type} for gtin in one.gtins],
        "isFlexEligible": one.flex,
        "isDirectEligible": one.direct,
    }


def variant_details(product: Product, one: Variant) -> Json:
    """A single variant; here SPEC26 does not allow a null value."""
    return {**variant(product, one), "variantValue": one.value or ""}


def _size_chart(chart: SizeChart) -> Json:
    return {
        "availableConversions": [{"size": size.text, "type": size.type} for size in chart.conversions],
        "defaultConversion": {"size": chart.own.text, "type": chart.own.type} if chart.own else None,
    }
