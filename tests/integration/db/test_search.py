"""Searches find on both databases what a search on paper finds, in the same order, with the same facets."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from solegate.db import Database
from solegate.db.repositories import CatalogRepository, MarketDataRepository
from solegate.db.repositories.search import SearchRepository
from solegate.db.repositories.search_backlog import SearchBacklog
from solegate.domain.payout import SellerTerms
from solegate.domain.search.net import net_terms
from solegate.domain.search.query import Facet, SearchQuery, SearchSort, Window
from solegate.domain.search.results import Place, cursor_at, place_at
from support.naive_search import Item, facet, random_product, random_query, random_quotes, search

TERMS = SellerTerms(level=3, shipping=Decimal("4.50"))


async def fill(database: Database, dice: random.Random, products: int) -> list[Item]:
    items = []
    async with database.transaction() as session:
        catalog, market = CatalogRepository(session), MarketDataRepository(session)
        for number in range(products):
            product = random_product(dice, number)
            quotes = random_quotes(dice, product)
            early = dice.random() < 0.3  # the market may be read before the product is enriched
            if early:
                await market.append(quotes)
            row_id = await catalog.save_enriched(product)
            if not early:
                await market.append(quotes)
            items.append(Item(row_id, product, quotes))
    return items


async def found(
    database: Database, query: SearchQuery, *, counted: int, limit: int = 200, after: Place | None = None
) -> list[int]:
    ids: list[int] = []
    more = True
    async with database.reading() as session:
        searching = SearchRepository(session, query, net_terms(TERMS, query.currency), counted=counted)
        while more:
            page = await searching.page(after, limit)
            ids += [each.id for each in page.found]
            more = page.more
            after = place_at(cursor_at(page.found[-1], query.sort), query.sort) if page.found else None
    return ids


@pytest.mark.parametrize("counted", [1_000, 3])  # gathered and sorted, or walked along the order
async def test_random_searches_find_what_a_search_on_paper_finds(database: Database, counted: int) -> None:
    dice = random.Random(11)
    items = await fill(database, dice, 60)
    hits = 0
    for _ in range(40):
        query = random_query(dice)
        expected = search(items, query, TERMS)
        hits += len(expected)
        assert await found(database, query, counted=counted, limit=20) == expected, query
    assert hits > 100


async def test_facets_count_what_each_value_alone_would_leave(database: Database) -> None:
    dice = random.Random(12)
    items = await fill(database, dice, 40)
    async with database.reading() as session:
        for _ in range(12):
            query = random_query(dice)
            facets = await SearchRepository(session, query, net_terms(TERMS, query.currency)).facets()
            for which in Facet:
                told = [(each.value, each.count) for each in facets[which]]
                assert told == facet(items, query, TERMS, which), (which, query)


@pytest.mark.parametrize("sort", [SearchSort.LOWEST_ASK, SearchSort.RELEVANCE, SearchSort.TITLE_DESCENDING])
async def test_a_page_begins_behind_the_one_before_whatever_its_size(database: Database, sort: SearchSort) -> None:
    items = await fill(database, random.Random(13), 40)
    query = SearchQuery(sort=sort)

    whole = search(items, query, TERMS)

    for limit in (3, 39, 40):
        for counted in (1_000, 5):
            assert await found(database, query, counted=counted, limit=limit) == whole


async def test_the_total_is_exact_up_to_its_bound_and_says_so(database: Database) -> None:
    await fill(database, random.Random(14), 12)
    async with database.reading() as session:
        for counted, exact in ((12, True), (11, False)):
            searching = SearchRepository(session, SearchQuery(), net_terms(TERMS, "EUR"), counted=counted)
            total = (await searching.page(None, 3)).total
            assert (total.count, total.exact) == (counted, exact)
            last = (await searching.page(Place(1, None, 0), 3)).total
            assert last == total  # also behind the last hit


async def test_what_is_enriched_or_read_again_is_found_as_it_is_now(database: Database) -> None:
    dice = random.Random(15)
    items = await fill(database, dice, 25)
    again = []
    async with database.transaction() as session:
        catalog, market = CatalogRepository(session), MarketDataRepository(session)
        for item in items:
            changed = random_product(dice, int(item.enriched.product.product_id[1:]))
            quotes = tuple(
                replace(each, fetched_at=each.fetched_at + timedelta(days=dice.choice((-1, 1))))
                for each in random_quotes(dice, changed)
            )
            await market.append(quotes)
            assert await catalog.save_enriched(changed) == item.id
            again.append(Item(item.id, changed, (*item.quotes, *quotes)))
    for _ in range(15):
        query = random_query(dice)
        assert await found(database, query, counted=1_000) == search(again, query, TERMS), query


async def test_what_a_rolled_back_transaction_wrote_is_not_found(database: Database) -> None:
    async def fail_at_the_end() -> None:
        async with database.transaction() as session:
            await CatalogRepository(session).save_enriched(random_product(random.Random(1), 1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_at_the_end()
    assert await found(database, SearchQuery(), counted=1_000) == []


async def test_an_index_made_anew_finds_the_same(database: Database) -> None:
    items = await fill(database, random.Random(16), 30)
    query = SearchQuery(text="du", lowest_ask=Window(Decimal(60), None), sort=SearchSort.NET_PAYOUT_DESCENDING)
    expected = search(items, query, TERMS)
    async with database.transaction() as session:
        for table in ("search_offers", "search_sizes", "search_products"):
            await session.execute(text(f"DELETE FROM {table}"))
    assert await found(database, query, counted=1_000) == []

    async with database.transaction() as session:
        backlog = SearchBacklog(session)
        assert await backlog.fill() == 30
        assert [await backlog.work_off(20) for _ in range(3)] == [20, 10, 0]
        await backlog.analyse()

    assert await found(database, query, counted=1_000) == expected != []
