"""Ten thousand listings read page by page while others appear and vanish (done-when of issue 3)."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal

from solegate import ListingFilter, Money, NewListing, Position
from solegate.simulator import Pace
from solegate.testing import PracticeMarket, practice_client, run_virtual

EUR_150 = Money(Decimal(150), "EUR")
STILL = Pace(settle_failure=0.0, buyers_per_day=0.0)
MANY = 10_000


async def fill(market: PracticeMarket, count: int) -> list[str]:
    """This many listings; their ids, newest first."""
    market.simulator.set_pace(STILL)
    variants = [each.id for product in market.simulator.catalog.products for each in product.variants]
    wanted = [NewListing(variants[number % len(variants)], EUR_150) for number in range(count)]
    async for _ in market.service.create_listings_in_batches(wanted):
        market.simulator.advance(15)
    market.simulator.advance(3_600)
    return [each.id for each in reversed(market.simulator.listings.all())]


async def disturb(market: PracticeMarket, chance: random.Random, victims: list[str]) -> list[str]:
    """Between two pages some are deleted anywhere, and new ones come in front."""
    variant = market.simulator.catalog.products[0].variants[0].id
    gone = [victims.pop(chance.randrange(len(victims))) for _ in range(chance.randint(1, 12))]
    await market.service.delete_listings(gone)
    await market.service.create_listings([NewListing(variant, EUR_150, quantity=chance.randint(1, 12))])
    market.simulator.advance(30)
    return gone


def test_ten_thousand_listings_are_read_while_others_are_inserted_and_deleted() -> None:
    async def story() -> None:
        async with practice_client() as market:
            victims, chance = await fill(market, MANY), random.Random(7)
            throughout, found = set(victims), Counter[str]()
            rows = market.service.iter_listings(ListingFilter(include_expired=True))
            async for row in rows:
                if found.total() % 97 == 0:
                    throughout.difference_update(await disturb(market, chance, victims))
                found[row.listing_id] += 1

            assert len(throughout) > MANY * 0.9
            assert throughout - set(found) == set(), "none missed that was there throughout"
            assert [each for each, times in found.items() if times > 1] == [], "none twice"
            assert market.simulator.report().count("GetAllListings") < 250

    run_virtual(story())


def test_a_reader_goes_on_where_another_stopped() -> None:
    async def story() -> None:
        async with practice_client() as market:
            victims, chance = await fill(market, 600), random.Random(3)
            throughout, found = set(victims), []
            kept = Position().to_json()
            while True:
                rows = market.service.iter_listings(limit=130, resume=Position.from_json(kept))
                more = [row.listing_id async for row in rows]
                found += more
                kept = rows.position.to_json()
                if len(more) < 130:
                    break
                throughout.difference_update(await disturb(market, chance, victims))

            assert len(found) == len(set(found))
            assert throughout <= set(found)

    run_virtual(story())
