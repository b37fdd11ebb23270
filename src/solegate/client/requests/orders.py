"""Which orders to list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from solegate.client.inputs import checked_id
from solegate.client.requests.listings import Selection, days, one_of
from solegate.domain.orders import ACTIVE, HISTORICAL, OrderStatus


class OrderSort(StrEnum):
    """What active orders are sorted by."""

    CREATED_AT = "CREATEDAT"
    SHIP_BY_DATE = "SHIPBYDATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSelection(Selection):
    """Fields that every list of orders is filtered by."""

    order_status: str | None = None
    product_id: str | None = None
    variant_id: str | None = None

    def _orders(self, states: frozenset[OrderStatus]) -> dict[str, str]:
        query = self._selection()
        if self.order_status is not None:
            allowed = tuple(status for status in OrderStatus if status in states)
            query["orderStatus"] = one_of("order status", (self.order_status,), allowed)
        for parameter, name, value in (
            ("productId", "product id", self.product_id),
            ("variantId", "variant id", self.variant_id),
        ):
            if value is not None:
                query[parameter] = checked_id(name, value)
        return query


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveOrderFilter(OrderSelection):
    """Which active orders, and in which order. Only active states can be asked for."""

    sort: OrderSort = OrderSort.CREATED_AT

    def __post_init__(self) -> None:
        self.query()

    def query(self) -> dict[str, str]:
        """The query parameters."""
        sort = {} if self.sort is OrderSort.CREATED_AT else {"sortOrder": str(self.sort)}
        return self._orders(ACTIVE) | sort


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderHistoryFilter(OrderSelection):
    """Which orders of the history: by day of creation and by historical state (FACTS 1.8)."""

    from_date: date | None = None
    to_date: date | None = None

    def __post_init__(self) -> None:
        self.query()

    def query(self) -> dict[str, str]:
        """The query parameters."""
        return self._orders(HISTORICAL) | days(self.from_date, self.to_date)
