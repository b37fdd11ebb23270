"""Orders: what was sold, when it has to leave, and its papers."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from solegate.api.dependencies import Opened
from solegate.api.openapi import STOCKX_FAILURES, problems
from solegate.api.parameters import Cursor, Limit, MaxAge, Moment, OrderNumber, StyleId
from solegate.api.schemas.orders import OrderDetails, OrdersOut
from solegate.domain.order_book import OrderQuery, OrderSort
from solegate.domain.orders import OrderStatus

router = APIRouter(prefix="/api/v1/orders", tags=["orders"])

PDF = "application/pdf"
_DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}, "description": "The document."}
}
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@router.get("", operation_id="listOrders", summary="Orders", responses=problems(404, 422, 500, 503))
async def list_orders(
    services: Opened,
    *,
    status: Annotated[
        list[OrderStatus] | None, Query(description="Any of these states; may come several times.")
    ] = None,
    active: Annotated[bool | None, Query(description="Only orders under way, or only those that have ended.")] = None,
    style_id: StyleId = None,
    created_from: Annotated[Moment | None, Query(alias="createdFrom", description="Sold then or later.")] = None,
    created_before: Annotated[Moment | None, Query(alias="createdBefore", description="Sold before then.")] = None,
    ship_by_before: Annotated[
        Moment | None, Query(alias="shipByBefore", description="To be shipped before then; their date is known.")
    ] = None,
    needs_label: Annotated[
        bool | None, Query(alias="needsLabel", description="Only orders that have to leave and have no label yet.")
    ] = None,
    sort: Annotated[
        OrderSort, Query(description="`-` turns an order round; what lacks the value comes last.")
    ] = OrderSort.CREATED_DESCENDING,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> OrdersOut:
    """As the last sync saw them: `seenAt` tells when. StockX is asked nothing.

    All of them come once, however many are added while you read page after page. Filters may change between two pages,
    the order may not.
    """
    wanted = OrderQuery(
        statuses=tuple(status or ()),
        active=active,
        style_id=style_id,
        created_from=created_from,
        created_before=created_before,
        ship_by_before=ship_by_before,
        needs_label=needs_label,
    )
    return OrdersOut.of(await services.orders.page(wanted, sort, cursor=cursor, limit=limit))


@router.get(
    "/{orderNumber}",
    operation_id="getOrder",
    summary="One order with its shipment",
    responses=problems(404, 422, *STOCKX_FAILURES),
)
async def get_order(services: Opened, order_number: OrderNumber, max_age: MaxAge = None) -> OrderDetails:
    """As the mirror has it; with `maxAge` as StockX shows it, if the mirror's detail is older (1 request)."""
    return OrderDetails.of_sighting(await services.orders.get(order_number, max_age=max_age))


@router.get(
    "/{orderNumber}/shipping-document",
    operation_id="getShippingDocument",
    summary="The shipping document of an order, as a PDF",
    response_class=Response,
    responses=_DOCUMENT | problems(404, 422, *STOCKX_FAILURES),
)
async def get_shipping_document(services: Opened, order_number: OrderNumber) -> Response:
    """Fetched from StockX each time (1 request, 2 where the mirror does not know the order): links to it expire.

    It may not exist right after the sale, and never does for Flex; the answer is 404 then.
    """
    document = await services.orders.shipping_document(order_number)
    name = f"order-{_UNSAFE.sub('_', order_number)}.pdf"
    return Response(
        document.content,
        media_type=PDF,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
