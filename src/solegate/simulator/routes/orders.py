"""The order operations of SPEC26."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from solegate.simulator.routes import paging
from solegate.simulator.routes.catalog import Handler, Operation
from solegate.simulator.routes.listings import FILTER_INVENTORY_TYPES, checked
from solegate.simulator.routes.paging import BadQueryError
from solegate.simulator.state.orders import HISTORICAL, Order, OrderBook
from solegate.simulator.wire import orders as wire
from solegate.simulator.wire.answer import Answer, Call, json_answer
from solegate.simulator.wire.documents import pdf
from solegate.simulator.wire.errors import api_error
from solegate.simulator.wire.lists import list_page
from solegate.simulator.world.catalog import Catalog

ACTIVE = (
    "CREATED", "CCAUTHORIZATIONFAILED", "SHIPPED", "RECEIVED", "AUTHENTICATING", "AUTHENTICATED", "PAYOUTPENDING",
    "PAYOUTCOMPLETED", "SYSTEMFULFILLED", "PAYOUTFAILED", "SUSPENDED", "PENDING", "DONOTSHIP",
)  # fmt: skip
SORTS = ("CREATEDAT", "SHIPBYDATE")


@dataclass(frozen=True, slots=True)
class OrderRoutes:
    """Answers order calls from the account's orders."""

    catalog: Catalog
    orders: OrderBook

    def operations(self) -> tuple[Operation, ...]:
        """The five operations; the two lists stand before the single order that would swallow them."""
        every = "/selling/orders"
        one = every + "/{orderNumber}"
        routes: tuple[tuple[str, str, Handler], ...] = (
            ("GetOrders", every + "/active", self.active),
            ("GetHistoricalOrders", every + "/history", self.history),
            ("GetOrder", one, self.details),
            ("GetOrderShipmentDocuments", one + "/shipping-document", self.documents),
            ("GetOrderShipment", one + "/shipping-document/{shippingId}", self.document),
        )
        return tuple(Operation(name, "GET", path, checked(handler)) for name, path, handler in routes)

    def active(self, call: Call) -> Answer:
        """A page of orders under way, newest first or the most urgent first."""
        sort = call.query.get("sortOrder", SORTS[0])
        if sort not in SORTS:
            raise BadQueryError(f"sortOrder must be one of {', '.join(SORTS)}")
        passes = _filter(call.query, ACTIVE, "ActiveOrderStatus")
        found = [each for each in self.orders.all() if not each.is_history and passes(each)]
        if sort == "SHIPBYDATE":
            found.sort(key=lambda each: (each.ship_by, each.sequence))
        return self._page(call, found)

    def history(self, call: Call) -> Answer:
        """A page of orders that have ended, newest first; it takes historical states only (FACTS 1.8)."""
        first, last = paging.day(call.query, "fromDate"), paging.day(call.query, "toDate")
        passes = _filter(call.query, HISTORICAL, "HistoricalOrderStatus")
        return self._page(
            call,
            [
                each
                for each in self.orders.all()
                if each.is_history
                and passes(each)
                and (first is None or each.created_at.date() >= first)
                and (last is None or each.created_at.date() <= last)
            ],
        )

    def details(self, call: Call) -> Answer:
        """One order. SPEC26 knows no 404 here; a 500 for a wrong number would be worse."""
        order = self.orders.get(call.path["orderNumber"])
        if order is None:
            return _no_order()
        product, variant = self.catalog.known_variant(order.listing.variant_id)
        return json_answer(wire.order_details(order, product, variant, call.at))

    def document(self, call: Call) -> Answer:
        """The shipping document as a PDF; errors come as JSON (FACTS 1.10)."""
        order = self.orders.get(call.path["orderNumber"])
        if order is None:
            return _no_order()
        if order.shipping_id != call.path["shippingId"] or order.label_at > call.at:
            return api_error(404, "Shipping document not found")
        self.orders.fetched(order, call.at)
        product, variant = self.catalog.known_variant(order.listing.variant_id)
        lines = (
            "Practice StockX",
            f"Order {order.number}",
            f"Shipment {order.shipping_id}",
            f"{product.style_id or product.title or ''}  size {variant.value or 'one size'}",
            f"Ship by {order.ship_by:%Y-%m-%d}",
            f"UPS {order.tracking}",
            "To: Practice Authentication Center",
            "1 Practice Road, 48201 Detroit MI, US",
        )
        return Answer(200, pdf(lines), "application/pdf")

    def documents(self, call: Call) -> Answer:
        """Links to the papers of a Direct order; the document serves no other kind (FACTS 1.3)."""
        order = self.orders.get(call.path["orderNumber"])
        if order is None:
            return _no_order()
        if order.listing.inventory_type != "DIRECT":
            return api_error(400, "This endpoint only supports Direct order types")
        if order.label_at > call.at:
            return api_error(404, "Shipping documents not found")
        self.orders.fetched(order, call.at)
        return json_answer(wire.documents(order))

    def _page(self, call: Call, found: Sequence[Order]) -> Answer:
        page, size = paging.page_number(call.query), paging.page_size(call.query)
        rows = [
            wire.order_row(each, *self.catalog.known_variant(each.listing.variant_id))
            for each in found[(page - 1) * size : page * size]
        ]
        return json_answer(list_page("orders", rows, len(found), page=page, size=size))


def _filter(query: paging.Query, statuses: tuple[str, ...], kind: str) -> Callable[[Order], bool]:
    """Whether an order passes the filters that both lists have.

    Raises:
        BadQueryError: one of them holds what it does not take.
    """
    status = query.get("orderStatus")
    if status is not None and status not in statuses:
        raise BadQueryError(f"orderStatus only accepts {kind}")
    types = paging.names(query, "inventoryTypes", FILTER_INVENTORY_TYPES)
    shipments = paging.names(query, "initiatedShipmentDisplayIds")
    product, variant = query.get("productId"), query.get("variantId")

    def passes(order: Order) -> bool:
        return (
            status in {None, order.status}
            and (not types or order.listing.inventory_type in types)
            and (not shipments or order.shipping_id in shipments)
            and product in {None, order.listing.product_id}
            and variant in {None, order.listing.variant_id}
        )

    return passes


def _no_order() -> Answer:
    return api_error(404, "Order not found")
