"""Orders: what was sold, when it has to leave, and its papers."""

from __future__ import annotations

from solegate.client.inputs import checked_id, checked_page
from solegate.client.models.orders import Order, OrderDocuments, OrderPage, OrderSummary, ShippingDocument
from solegate.client.operations.base import OperationGroup
from solegate.client.operations.rows import Page, Position, Rows
from solegate.client.options import DEFAULT_OPTIONS, CallOptions, build_call
from solegate.client.policy import call as operations
from solegate.client.policy.call import Operation
from solegate.client.policy.paging import LIST_PAGE_SIZE, Window
from solegate.client.requests.orders import ActiveOrderFilter, OrderHistoryFilter
from solegate.errors import InvalidInputError

ALL_ACTIVE = ActiveOrderFilter()
ALL_HISTORY = OrderHistoryFilter()


class OrderOperations(OperationGroup):
    """Reads about orders; never remembered, because a deadline hangs on them."""

    async def get_active_orders(
        self,
        selection: ActiveOrderFilter = ALL_ACTIVE,
        page: int = 1,
        page_size: int = LIST_PAGE_SIZE,
        *,
        options: CallOptions = DEFAULT_OPTIONS,
    ) -> OrderPage:
        """One page of orders under way. Rows have no shipment: `get_order_details` tells when one has to leave."""
        return await self._page(operations.GET_ACTIVE_ORDERS, selection.query(), page, page_size, options)

    def iter_active_orders(
        self,
        selection: ActiveOrderFilter = ALL_ACTIVE,
        *,
        limit: int | None = None,
        resume: Position | None = None,
        options: CallOptions = DEFAULT_OPTIONS,
    ) -> Rows[OrderSummary]:
        """Every order under way, each once; at most `limit` of them."""
        return self._rows(operations.GET_ACTIVE_ORDERS, selection.query(), limit, resume, options)

    async def get_historical_orders(
        self,
        selection: OrderHistoryFilter = ALL_HISTORY,
        page: int = 1,
        page_size: int = LIST_PAGE_SIZE,
        *,
        options: CallOptions = DEFAULT_OPTIONS,
    ) -> OrderPage:
        """One page of orders that have ended, well or not."""
        return await self._page(operations.GET_HISTORICAL_ORDERS, selection.query(), page, page_size, options)

    def iter_historical_orders(
        self,
        selection: OrderHistoryFilter = ALL_HISTORY,
        *,
        limit: int | None = None,
        resume: Position | None = None,
        options: CallOptions = DEFAULT_OPTIONS,
    ) -> Rows[OrderSummary]:
        """Every order that has ended, each once; at most `limit` of them."""
        return self._rows(operations.GET_HISTORICAL_ORDERS, selection.query(), limit, resume, options)

    async def get_order_details(self, order_number: str, *, options: CallOptions = DEFAULT_OPTIONS) -> Order:
        """One order with its shipment and payout."""
        order_number = checked_id("order number", order_number)
        call = build_call(operations.GET_ORDER, options, orderNumber=order_number)
        return await self._send(call, Order.model_validate_json, options)

    async def get_shipping_document(
        self, order_number: str, shipping_id: str | None, *, options: CallOptions = DEFAULT_OPTIONS
    ) -> ShippingDocument:
        """The shipping document as a PDF. It may not exist right after the sale (FACTS 1.10).

        Args:
            order_number: the order.
            shipping_id: `Order.shipping_id`.
            options: how the call is made.

        Raises:
            NotFoundError: there is none yet.
            UnexpectedResponseError: what came is no PDF.
        """
        if shipping_id is None:
            raise InvalidInputError(f"Order {order_number} has no shipping document yet.")
        order_number, shipping_id = checked_id("order number", order_number), checked_id("shipping id", shipping_id)
        call = build_call(operations.GET_SHIPPING_DOCUMENT, options, orderNumber=order_number, shippingId=shipping_id)

        def parse(body: bytes) -> ShippingDocument:
            return ShippingDocument.model_validate(
                {"order_number": order_number, "shipping_id": shipping_id, "content": body}
            )

        return await self._send(call, parse, options)

    async def get_shipping_documents(
        self, order_number: str, *, options: CallOptions = DEFAULT_OPTIONS
    ) -> OrderDocuments:
        """Links to the shipping documents of a Direct order (FACTS 1.3)."""
        order_number = checked_id("order number", order_number)
        call = build_call(operations.GET_SHIPPING_DOCUMENTS, options, orderNumber=order_number)
        return await self._send(call, OrderDocuments.model_validate_json, options)

    async def _page(
        self, operation: Operation, query: dict[str, str], page: int, page_size: int, options: CallOptions
    ) -> OrderPage:
        checked_page(page, page_size, largest=LIST_PAGE_SIZE, of="rows")
        query = {"pageNumber": str(page), "pageSize": str(page_size), **query}
        return await self._send(build_call(operation, options, query=query), OrderPage.model_validate_json, options)

    def _rows(
        self,
        operation: Operation,
        query: dict[str, str],
        limit: int | None,
        resume: Position | None,
        options: CallOptions,
    ) -> Rows[OrderSummary]:
        async def fetch(window: Window) -> Page[OrderSummary]:
            found = await self._page(operation, query, window.page, window.size, options)
            return Page(found.orders, found.has_next_page, found.count)

        return Rows(fetch, lambda row: row.order_number, limit=limit, resume=resume)
