"""The markets of what is for sale are read by staleness: the stalest first, within a budget, and only those."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from solegate.db.repositories import MarketDataRepository
from solegate.domain.events.watches import Direction, WatchedPrice
from solegate.errors import StockXError
from solegate.services.events.watches import WatchBook
from solegate.simulator import FaultKind
from support.sync import ACCOUNT, World, play, whole_run

HOUR = 3_600.0


async def offered(world: World, count: int) -> list[str]:
    """Products of which one size is for sale each."""
    products = [each for each in world.simulator.catalog.products if each.variants][: count + 20]
    found = []
    for product in products:
        (listing,) = await world.list_pairs(1, variant_id=product.variants[0].id)
        if listing.status == "ACTIVE":
            found.append(product.id)
        if len(found) == count:
            return found
    raise AssertionError("too few products")


async def read_at(world: World, product_id: str) -> float | None:
    """Seconds since the market of a product was read."""
    async with world.database.reading() as session:
        at = await MarketDataRepository(session).read_at(product_id, "EUR")
    return None if at is None else (world.now - at).total_seconds()


def test_only_what_is_for_sale_and_stale_is_read(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        products = await offered(world, 7)
        await whole_run(world.listing_sync())

        first = await whole_run(world.market())
        at_once = await whole_run(world.market())
        await world.settle(2 * HOUR)
        later = await whole_run(world.market())

        assert (first.requests, at_once.requests, later.requests) == (7, 0, 7)
        assert all([await read_at(world, each) is not None for each in products])

    play(upgraded_url, story)


def test_what_is_watched_is_read_as_well_and_once(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        (for_sale,) = await offered(world, 1)
        other = next(each.id for each in world.simulator.catalog.products if each.variants and each.id != for_sale)
        await whole_run(world.listing_sync())
        ids = iter("abc")
        watches = WatchBook(world.database, account=ACCOUNT, new_id=lambda _now: next(ids))
        for product in (for_sale, other, other):
            await watches.add(
                product, price=WatchedPrice.LOWEST_ASK, direction=Direction.BELOW, amount=Decimal(100), currency="EUR"
            )

        run = await whole_run(world.market())

        assert run.requests == 2
        assert await read_at(world, other) is not None

    play(upgraded_url, story)


def test_the_stalest_come_first_within_the_budget(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        products = await offered(world, 8)
        await whole_run(world.listing_sync())
        for _ in range(4):
            await whole_run(world.market(budget=2))
            await world.settle(60)
        ages = {each: await read_at(world, each) for each in products}
        order = sorted(products, key=lambda each: -(ages[each] or 0))
        await world.settle(2 * HOUR)

        run = await whole_run(world.market(budget=3))

        renewed = {each for each in products if (await read_at(world, each) or 0) < HOUR}
        assert None not in ages.values()
        assert run.requests == 3
        assert len(renewed) == 3
        assert renewed <= set(order[:4])  # two were read in each run, seconds apart

    play(upgraded_url, story)


def test_what_is_no_longer_for_sale_is_not_read(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        await offered(world, 3)
        for listing in world.simulator.listings.all()[:2]:
            world.simulator.sell(listing.id)
        await whole_run(world.listing_sync())

        assert (await world.market().cost()).requests == 1
        assert (await whole_run(world.market())).requests == 1

    play(upgraded_url, story)


def test_a_product_that_stockx_no_longer_knows_holds_nobody_up(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        await offered(world, 4)
        await whole_run(world.listing_sync())
        world.fail("GetProductMarketData", kind=FaultKind.VANISHED, times=1)

        run = await whole_run(world.market())

        assert (run.requests, run.rows, run.changed) == (4, 4, 3)

    play(upgraded_url, story)


def test_a_refresh_that_fails_goes_on_with_what_is_left(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        products = await offered(world, 12)
        await whole_run(world.listing_sync())
        world.fail("GetProductMarketData", after=5, times=1, status=503)
        await world.market().step()

        with pytest.raises(StockXError):
            await world.market().step()
        failed = await world.market().status()
        run = await whole_run(world.market())

        assert failed.error
        assert run.requests == 12 + 1
        assert all([await read_at(world, each) is not None for each in products])

    play(upgraded_url, story)


def test_an_older_answer_given_in_an_outage_is_no_reading(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        products = await offered(world, 6)
        await whole_run(world.listing_sync())
        await whole_run(world.market())
        await world.settle(2 * HOUR)
        world.fail("GetProductMarketData", status=503)

        run = await whole_run(world.market())

        assert (run.rows, run.changed) == (6, 0)
        assert all([(await read_at(world, each) or 0) > HOUR for each in products])

    play(upgraded_url, story)


def test_staleness_is_a_matter_of_choice(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        await offered(world, 2)
        await whole_run(world.listing_sync())
        await whole_run(world.market())
        await world.settle(700)

        assert (await whole_run(world.market(stale_after=timedelta(minutes=5)))).requests == 2

    play(upgraded_url, story)
