"""Lists of the practice account's listings and operations: filters, pages, cursors (FACTS 1.2, 1.3)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from solegate.simulator import Pace
from solegate.simulator.state.operations import OperationType
from solegate.simulator.state.records import Listing, NewListing
from solegate.simulator.state.shelf import ListingFilter
from unit.simulator.helpers import START
from unit.simulator.selling import SURE, seller

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
async def market():
    us = seller()
    async with us.client:
        yield us


async def test_every_filter_takes_a_comma_list(market):
    other = market.simulator.catalog.products[1].variants[0]
    first = await market.sell()
    second = await market.sell(variantId=other.id, inventoryType="DIRECT", active=False)
    market.wait(86_400)
    third = await market.sell()
    products = [product.id for product in market.simulator.catalog.products[:2]]
    for query, expected in (
        ({}, [third, second, first]),
        ({"productIds": products[1]}, [second]),
        ({"productIds": ",".join(products)}, [third, second, first]),
        ({"variantIds": f"{other.id}, {market.variant.id},"}, [third, second, first]),
        ({"variantIds": UNKNOWN}, []),
        ({"listingStatuses": "INACTIVE"}, [second]),
        ({"listingStatuses": "ACTIVE,INACTIVE"}, [third, second, first]),
        ({"inventoryTypes": "DIRECT,FLEX"}, [second]),
        ({"initiatedShipmentDisplayIds": "S-1"}, []),
        ({"batchIds": UNKNOWN}, []),
        ({"fromDate": "2026-03-02"}, [third]),
        ({"toDate": "2026-03-01"}, [second, first]),
        ({"fromDate": "2026-03-01", "toDate": "2026-03-02T23:00:00Z"}, [third, second, first]),
        ({"productIds": products[0], "listingStatuses": "INACTIVE"}, []),
    ):
        assert await market.ids(**query) == expected, query


async def test_pages_cover_everything_once_newest_first(market):
    ids = [await market.create() for _ in range(7)]
    market.wait()
    pages = [await market.get("listings", pageSize="3", pageNumber=str(number)) for number in (1, 2, 3, 4)]
    assert [row["listingId"] for page in pages for row in page["listings"]] == ids[::-1]
    assert [(page["count"], page["hasNextPage"]) for page in pages] == [(7, True), (7, True), (7, False), (7, False)]


@pytest.mark.parametrize("query", [
    "pageSize=0", "pageSize=101", "pageNumber=0", "pageNumber=x", "listingStatuses=SOLD", "listingStatuses=DELETED",
    "inventoryTypes=DFS", "fromDate=yesterday", "fromDate=2026-02-30", "toDate=", "isExpired=yes",
])  # fmt: skip
async def test_queries_that_make_no_sense_are_refused(market, query):
    answer = await market.client.get(f"/selling/listings?{query}")
    assert (answer.status_code, answer.json()["statusCode"]) == (400, 400)


async def test_operations_are_paged_by_a_cursor_that_new_operations_do_not_move(market):
    listing_id = await market.sell()
    for amount in range(101, 106):
        await market.send("PATCH", f"listings/{listing_id}", {"amount": str(amount)})
        market.wait()
    path = f"listings/{listing_id}/operations"
    whole = [each["operationId"] for each in (await market.get(path, pageSize="100"))["operations"]]
    page = await market.get(path, pageSize="3")
    await market.send("PATCH", f"listings/{listing_id}", {"amount": "90"})
    seen = [each["operationId"] for each in page["operations"]]
    while page["nextCursor"] is not None:
        page = await market.get(path, pageSize="3", cursor=page["nextCursor"])
        seen += [each["operationId"] for each in page["operations"]]
    assert seen == whole
    assert len(whole) == 7


@pytest.mark.parametrize("cursor", ["None", "", "x", "ä", "YmVmb3JlOjA=", "YmVmb3JlOjk5", "YWZ0ZXI6MQ==", "//79"])
async def test_a_cursor_that_is_none_is_refused(market, cursor):
    await market.get(f"listings/{await market.sell()}/operations", 400, cursor=cursor)


def test_a_list_that_was_made_is_made_again_when_an_ask_expires():
    us = seller(SURE)
    book, agenda = us.simulator.listings, us.simulator.agenda
    for hours in (1, 2, 3):
        expires_at = START + timedelta(hours=hours)
        book.create(NewListing(variant_id=us.variant.id, amount=Decimal(9), expires_at=expires_at), START)
    counts = []
    for minutes in (1, 59, 60, 119, 120, 180):
        now = START + timedelta(minutes=minutes)
        agenda.catch_up(now)
        counts.append((len(book.select(ListingFilter(), now)), len(book.live_asks(us.variant.id, now))))
    assert counts == [(3, 3), (3, 3), (2, 2), (2, 2), (1, 1), (0, 0)]


def test_lists_that_are_kept_say_the_same_as_lists_made_anew():
    us = seller(Pace(settle_failure=0.2))
    book, agenda, lists = (
        us.simulator.listings,
        us.simulator.agenda,
        (
            ListingFilter(),
            ListingFilter(expired=True),
            ListingFilter(statuses=frozenset({"ACTIVE", "MATCHED"})),
            ListingFilter(variants=frozenset({us.variant.id}), inventory_types=frozenset({"DIRECT"})),
        ),
    )
    kept: list[list[str]] = []
    for step in range(120):
        now = START + timedelta(seconds=7 * step)
        agenda.catch_up(now)
        kept = [[each.id for each in book.select(wanted, now)] for wanted in lists]
        anew = [
            [each.id for each in reversed(book.all()) if each.status != "DELETED" and wanted.passes(each, now)]
            for wanted in lists
        ]
        assert kept == anew, step
        expires_at = now + timedelta(seconds=40) if step % 5 == 0 else None
        kind = "DIRECT" if step % 3 else "STANDARD"
        wished = NewListing(
            variant_id=us.variant.id, amount=Decimal(9), expires_at=expires_at, inventory_type=kind, active=step % 4 > 0
        )
        book.create(wished, now)
        old = book.all()[step * 2 // 3]
        if step % 7 == 3 and old.is_live(now):
            book.matched(old, "04-ABC", now)
        writes: tuple[tuple[Listing, OperationType], ...] = (
            (old, "DELETE"),
            (book.all()[step // 2], "DEACTIVATE"),
            (book.all()[step // 3], "ACTIVATE"),
        )
        for each, write in writes:
            if step % 2 and book.refusal(each, write, now) is None:
                book.write(each, write, now)
    assert all(kept)
