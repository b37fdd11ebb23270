"""Which orders to list, and products offered to the catalog (FACTS 1.3, 1.8)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from solegate.client.requests import ActiveOrderFilter, NewProduct, OrderHistoryFilter, OrderSort
from solegate.domain.orders import ACTIVE, HISTORICAL
from solegate.errors import InvalidInputError

SNEAKER = {
    "productTitle": "Dunk Low", "brand": "Nike", "productImages": ["https://images.example/1.jpg"], "variants": ["9"],
    "retailPrice": "110", "releaseDate": "2021-03-10", "countryOfOrigin": "VN", "colorway": "White/Black",
    "gtin": "00195866137706", "gender": "men", "styleCode": "DD1391-100",
}  # fmt: skip


def test_active_orders_by_every_filter() -> None:
    chosen = ActiveOrderFilter(
        order_status="CREATED", product_id="p1", variant_id="v1", inventory_types=("STANDARD",),
        initiated_shipment_display_ids=("S-1", "S-2"), sort=OrderSort.SHIP_BY_DATE,
    )  # fmt: skip

    assert chosen.query() == {
        "orderStatus": "CREATED", "productId": "p1", "variantId": "v1", "inventoryTypes": "STANDARD",
        "initiatedShipmentDisplayIds": "S-1,S-2", "sortOrder": "SHIPBYDATE",
    }  # fmt: skip


def test_the_history_by_every_filter() -> None:
    chosen = OrderHistoryFilter(
        order_status="COMPLETED", product_id="p1", variant_id="v1", from_date=date(2026, 1, 1), to_date=date(2026, 2, 1)
    )

    assert chosen.query() == {
        "orderStatus": "COMPLETED", "productId": "p1", "variantId": "v1", "fromDate": "2026-01-01",
        "toDate": "2026-02-01",
    }  # fmt: skip


def test_no_filter_asks_for_nothing_special() -> None:
    assert ActiveOrderFilter().query() == OrderHistoryFilter().query() == {}


@pytest.mark.parametrize("status", sorted(ACTIVE))
def test_the_history_has_no_active_states(status: str) -> None:
    assert ActiveOrderFilter(order_status=status).query() == {"orderStatus": status}
    with pytest.raises(InvalidInputError, match=status):
        OrderHistoryFilter(order_status=status)


@pytest.mark.parametrize("status", sorted(HISTORICAL))
def test_active_orders_have_no_historical_states(status: str) -> None:
    assert OrderHistoryFilter(order_status=status).query() == {"orderStatus": status}
    with pytest.raises(InvalidInputError, match=status):
        ActiveOrderFilter(order_status=status)


@pytest.mark.parametrize(
    "wrong", [{"order_status": "UNKNOWN"}, {"product_id": ""}, {"variant_id": "a b"}, {"inventory_types": ("DFS",)}]
)
def test_an_order_filter_stockx_does_not_have_is_refused(wrong: dict[str, Any]) -> None:
    for kind in (ActiveOrderFilter, OrderHistoryFilter):
        with pytest.raises(InvalidInputError):
            kind(**wrong)


def test_a_product_is_offered_under_stockxs_own_names() -> None:
    assert NewProduct("sneakers", SNEAKER).wire() == {"category": "sneakers", **SNEAKER}


@pytest.mark.parametrize("missing", sorted(SNEAKER))
def test_a_product_without_a_required_field_is_refused(missing: str) -> None:
    with pytest.raises(InvalidInputError, match=missing):
        NewProduct("sneakers", {name: value for name, value in SNEAKER.items() if name != missing})


@pytest.mark.parametrize(
    ("category", "change"),
    [
        ("hats", {}), ("sneakers", {"shoeSize": "9"}), ("sneakers", {"variants": "9"}),
        ("sneakers", {"retailPrice": 110}),
        ("sneakers", {"gtin": "123"}), ("sneakers", {"productImages": [1]}), ("sneakers", {"productCode": "Y01"}),
    ],
)  # fmt: skip
def test_a_product_stockx_would_refuse_is_refused_here(category: str, change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        NewProduct(category, SNEAKER | change)
