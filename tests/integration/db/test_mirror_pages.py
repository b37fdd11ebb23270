"""Pages of the mirror: every filter and order gives on either database what Python gives, row by row, page by page."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from solegate.db import Database
from solegate.db.repositories.listing_pages import ListingPages
from solegate.db.repositories.listings import ListingRepository
from solegate.db.repositories.order_pages import OrderPages
from solegate.db.repositories.orders import OrderRepository
from solegate.domain.listing_book import ListingQuery, ListingSort
from solegate.domain.listing_findings import Finding, MirroredListing
from solegate.domain.order_book import OrderQuery, OrderSort
from solegate.domain.order_deadlines import MirroredOrder
from solegate.domain.sorting import Mark, Marked, SortOrder

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
AMOUNTS = [Decimal(text) for text in ("9", "10", "9.5", "150", "1500.0001", "1500", "900000000000", "0.01")]
STYLES = [None, "DD1391-100", "315122-111/CW2288-111", "100%_off", "dd1391-100"]
T = TypeVar("T", MirroredOrder, MirroredListing)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def some_time(dice: random.Random) -> datetime | None:
    """One of few moments, so that many rows share theirs; or none."""
    return dice.choice([None, *(NOW + hours(number) for number in (-200, -3.5, -1, 1, 30, 400))])


def orders(count: int, seed: int = 1, prefix: str = "A") -> list[MirroredOrder]:
    dice = random.Random(seed)
    return [
        MirroredOrder(
            order_number=f"{prefix}-{number:03}",
            is_active=dice.random() < 0.7,
            status=dice.choice(["CREATED", "CREATED", "PENDING", "SHIPPED", "COMPLETED", "NEWSTATE"]),
            style_id=dice.choice(STYLES),
            amount=dice.choice([None, *AMOUNTS]),
            currency="EUR",
            inventory_type=dice.choice([None, "STANDARD", "FLEX"]),
            created_at=some_time(dice),
            ship_by=some_time(dice),
            shipping_id=dice.choice([None, "S-1"]),
            seen_at=NOW,
            changed_at=NOW,
        )
        for number in range(count)
    ]


def listings(count: int, seed: int = 1, prefix: str = "L") -> list[MirroredListing]:
    dice = random.Random(seed)
    return [
        MirroredListing(
            listing_id=f"{prefix}-{number:03}",
            status=dice.choice(["ACTIVE", "ACTIVE", "INACTIVE", "MATCHED"]),
            variant_id=dice.choice([None, "variant"]),
            product_id=dice.choice([None, "product"]),
            style_id=dice.choice(STYLES),
            amount=dice.choice([None, *AMOUNTS]),
            currency=dice.choice([None, "EUR", "USD"]),
            ask_expires_at=some_time(dice),
            created_at=some_time(dice),
            updated_at=some_time(dice),
            seen_at=NOW,
            finding=dice.choice([Finding.NONE, Finding.EXPIRED, Finding.SOLD]),
        )
        for number in range(count)
    ]


def carries(style: str | None, code: str) -> bool:
    return style is not None and code.upper() in style.upper().split("/")


def expected(rows: Sequence[T], order: SortOrder, value: Callable[[T], Any], name: Callable[[T], str]) -> list[str]:
    """What Python makes of it: by value and id, either way, and what has no value last."""
    having = sorted((row for row in rows if value(row) is not None), key=lambda row: (value(row), name(row)))
    lacking = sorted((row for row in rows if value(row) is None), key=name)
    both = (having[::-1], lacking[::-1]) if order.descending else (having, lacking)
    return [name(row) for part in both for row in part]


ORDER_VALUES: dict[str, Callable[[MirroredOrder], Any]] = {
    "createdAt": lambda each: each.created_at,
    "shipBy": lambda each: each.ship_by,
    "amount": lambda each: each.amount,
}
LISTING_VALUES: dict[str, Callable[[MirroredListing], Any]] = {
    "createdAt": lambda each: each.created_at,
    "updatedAt": lambda each: each.updated_at,
    "expiresAt": lambda each: each.ask_expires_at,
    "amount": lambda each: each.amount,
}
ORDER_FILTERS: list[tuple[OrderQuery, Callable[[MirroredOrder], bool]]] = [
    (OrderQuery(), lambda _: True),
    (OrderQuery(statuses=("CREATED", "SHIPPED")), lambda each: each.status in {"CREATED", "SHIPPED"}),
    (OrderQuery(active=False), lambda each: not each.is_active),
    (OrderQuery(style_id="cw2288-111 "), lambda each: carries(each.style_id, "CW2288-111")),
    (OrderQuery(style_id="dd1391-100"), lambda each: carries(each.style_id, "DD1391-100")),
    (OrderQuery(style_id="100%_off"), lambda each: carries(each.style_id, "100%_off")),
    (OrderQuery(style_id="%"), lambda _: False),
    (
        OrderQuery(created_from=NOW - hours(3.5), created_before=NOW + hours(1)),
        lambda each: each.created_at is not None and NOW - hours(3.5) <= each.created_at < NOW + hours(1),
    ),
    (OrderQuery(ship_by_before=NOW), lambda each: each.ship_by is not None and each.ship_by < NOW),
    (OrderQuery(needs_label=True), lambda each: each.waits_for_label),
    (OrderQuery(needs_label=False), lambda each: not each.waits_for_label),
]
LISTING_FILTERS: list[tuple[ListingQuery, Callable[[MirroredListing], bool]]] = [
    (ListingQuery(statuses=("MATCHED",)), lambda each: each.status == "MATCHED"),
    (ListingQuery(product_id="product", variant_id="variant"), lambda each: bool(each.product_id and each.variant_id)),
    (ListingQuery(currency="USD", style_id="315122-111"), lambda each: each.currency == "USD"
     and carries(each.style_id, "315122-111")),
    (ListingQuery(amount_min=Decimal("9.5")), lambda each: each.amount is not None and each.amount >= Decimal("9.5")),
    (
        ListingQuery(amount_min=Decimal(10), amount_max=Decimal("1500.00005")),
        lambda each: each.amount is not None and Decimal(10) <= each.amount <= Decimal("1500.0001"),
    ),
    (ListingQuery(amount_max=Decimal(10) ** 30), lambda each: each.amount is not None),
    (ListingQuery(findings=(Finding.EXPIRED,)), lambda each: each.finding is Finding.EXPIRED),
    (ListingQuery(expiring_before=NOW), lambda each: each.ask_expires_at is not None and each.ask_expires_at < NOW),
    (ListingQuery(live=True), lambda each: each.is_live(NOW)),
    (ListingQuery(live=False), lambda each: not each.is_live(NOW)),
]  # fmt: skip


async def order_page(
    database: Database, wanted: OrderQuery, order: OrderSort, after: Mark | None = None, limit: int = 500
) -> tuple[Marked[MirroredOrder], ...]:
    async with database.reading() as session:
        return await OrderPages(session, "default").page(wanted, order, after=after, limit=limit)


async def listing_page(
    database: Database, wanted: ListingQuery, order: ListingSort, after: Mark | None = None, limit: int = 500
) -> tuple[Marked[MirroredListing], ...]:
    async with database.reading() as session:
        return await ListingPages(session, "default").page(wanted, order, NOW, after=after, limit=limit)


async def keep(database: Database, *rows: MirroredOrder | MirroredListing, account: str = "default") -> None:
    async with database.transaction() as session:
        await OrderRepository(session, account).save([row for row in rows if isinstance(row, MirroredOrder)])
        await ListingRepository(session, account).save([row for row in rows if isinstance(row, MirroredListing)])


async def test_orders_are_filtered_and_sorted_as_in_python(database: Database):
    there = orders(120)
    await keep(database, *there)
    await keep(database, *orders(20, seed=2, prefix="X"), account="another")
    for order in OrderSort:
        for wanted, fits in ORDER_FILTERS:
            found = await order_page(database, wanted, order)
            names = expected(
                [row for row in there if fits(row)], order, ORDER_VALUES[order.key], lambda row: row.order_number
            )
            assert [each.row.order_number for each in found] == names, (wanted, order)
    assert {each.row for each in await order_page(database, OrderQuery(), OrderSort.CREATED)} == set(there)


async def test_listings_are_filtered_and_sorted_as_in_python(database: Database):
    there = listings(120)
    await keep(database, *there)
    await keep(database, *listings(20, seed=2, prefix="X"), account="another")
    for order in ListingSort:
        for wanted, fits in LISTING_FILTERS:
            found = await listing_page(database, wanted, order)
            names = expected(
                [row for row in there if fits(row)], order, LISTING_VALUES[order.key], lambda row: row.listing_id
            )
            assert [each.row.listing_id for each in found] == names, (wanted, order)


@pytest.mark.parametrize("order", [OrderSort.AMOUNT, OrderSort.CREATED_DESCENDING, OrderSort.SHIP_BY])
async def test_every_row_comes_once_while_others_are_added(database: Database, order: OrderSort):
    there = orders(40)
    await keep(database, *there)
    seen: list[str] = []
    after, newcomers = None, iter(orders(200, seed=3, prefix="B"))
    while True:
        page = await order_page(database, OrderQuery(), order, after, limit=7)
        if not page:
            break
        seen += [each.row.order_number for each in page]
        after = page[-1].mark
        await keep(database, *(next(newcomers) for _ in range(3)))
    assert len(seen) == len(set(seen))
    assert {each.order_number for each in there} <= set(seen)


async def test_pages_go_on_behind_a_row_that_is_gone_from_them(database: Database):
    first, second, third = (
        replace(each, created_at=NOW, amount=Decimal(number)) for number, each in enumerate(orders(3))
    )
    await keep(database, first, second, third)
    (page,) = await order_page(database, OrderQuery(), OrderSort.AMOUNT, limit=1)
    await keep(database, replace(first, amount=Decimal(500)))
    rest = await order_page(database, OrderQuery(), OrderSort.AMOUNT, page.mark)
    assert [each.row.order_number for each in rest] == ["A-001", "A-002", "A-000"]
