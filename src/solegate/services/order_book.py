"""The account's orders for whoever asks: from the mirror, or from StockX where that is asked for.

What StockX answers here is shown and not kept: the mirror moves by its syncs alone, which tell from what they change
what has happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from solegate.client.models import Order, ShippingDocument
from solegate.client.service import StockXService
from solegate.db import Database
from solegate.db.repositories.order_pages import OrderPages
from solegate.db.repositories.orders import OrderRepository
from solegate.domain.cursors import Page
from solegate.domain.order_book import OrderQuery, OrderSort
from solegate.domain.order_deadlines import MirroredOrder
from solegate.domain.sorting import mark_at, page_of
from solegate.errors import NoSuchRecordError
from solegate.services.syncs.mirroring import order_of_detail


@dataclass(frozen=True, slots=True)
class OrderSighting:
    """An order, and how it was seen.

    Attributes:
        order: as the mirror has it, or as its detail shows it.
        detail: StockX's own answer, where it was asked.
        seen_at: when StockX showed it so.
        age: seconds since then.
    """

    order: MirroredOrder
    detail: Order | None
    seen_at: datetime
    age: float


class OrderBook:
    """The orders of one account."""

    def __init__(self, stockx: StockXService, database: Database, *, account: str) -> None:
        self._stockx = stockx
        self._database = database
        self._account = account

    async def page(
        self, wanted: OrderQuery, order: OrderSort, *, cursor: str | None = None, limit: int
    ) -> Page[MirroredOrder]:
        """Orders of the mirror. StockX is asked nothing.

        Raises:
            NoSuchRecordError: the cursor is none of this list in this order.
        """
        kind = Decimal if order.key == "amount" else datetime
        after = None if cursor is None else mark_at(cursor, order, kind)
        async with self._database.reading() as session:
            rows = await OrderPages(session, self._account).page(wanted, order, after=after, limit=limit + 1)
        return page_of(rows, order, limit=limit)

    async def get(self, number: str, *, max_age: float | None = None) -> OrderSighting:
        """One order.

        Args:
            number: its order number.
            max_age: oldest detail that will do, in seconds; StockX is asked for a newer one (1 request). `None` takes
                what the mirror has.

        Raises:
            NoSuchRecordError: the mirror has no such order, and StockX was not to be asked.
            NotFoundError: StockX knows no such order.
            StockXError: StockX could not be asked.
        """
        known, now = await self._known(number)
        if known is not None and (max_age is None or _detail_age(known, now) <= max_age):
            return OrderSighting(known, None, known.seen_at, _age(known.seen_at, now))
        if max_age is None:
            raise NoSuchRecordError(
                f"The mirror has no order {number}.", hint="`maxAge=0` asks StockX; a sync brings all of them."
            )
        detail = await self._stockx.get_order_details(number)
        fetched_at = detail.provenance.fetched_at
        return OrderSighting(order_of_detail(detail, known, fetched_at), detail, fetched_at, detail.provenance.age)

    async def shipping_document(self, number: str) -> ShippingDocument:
        """The shipping document of an order (1 request; one more where the mirror does not know its id).

        Raises:
            NoSuchRecordError: StockX has made none yet.
            NotFoundError: StockX knows no such order, or its document no more.
            StockXError: StockX could not be asked.
        """
        known, _ = await self._known(number)
        shipping_id = known.shipping_id if known else None
        if shipping_id is None:
            shipping_id = (await self._stockx.get_order_details(number)).shipping_id
        if shipping_id is None:
            raise NoSuchRecordError(
                f"Order {number} has no shipping document yet.",
                hint="StockX makes it some minutes after the sale, and none for Flex.",
            )
        return await self._stockx.get_shipping_document(number, shipping_id)

    async def _known(self, number: str) -> tuple[MirroredOrder | None, datetime]:
        async with self._database.reading() as session:
            found = await OrderRepository(session, self._account).by_numbers([number])
            return found.get(number), await self._database.now(session)


def _detail_age(order: MirroredOrder, now: datetime) -> float:
    """Seconds since its detail was read; endless where it was not, or the order has changed since."""
    if order.detail_at is None or order.detail_at < order.changed_at:
        return float("inf")
    return _age(order.detail_at, now)


def _age(at: datetime, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds())
