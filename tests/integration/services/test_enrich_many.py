"""Lists of SKUs: bounded, each once, stopped cleanly, resumed for free."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from integration.services.conftest import Shop
from solegate.client.policy.rate import LimitProfile
from solegate.db import Database
from solegate.errors import (
    CircuitOpenError,
    DatabaseError,
    InvalidInputError,
    QuotaExhaustedError,
    ReauthenticationRequiredError,
)
from solegate.services.catalog import StockXCatalogService
from solegate.services.enrichment import EnrichmentService
from solegate.services.results import EnrichmentResult, EnrichmentStatus
from solegate.testing import practice_client

ENRICHED, FRESH, FAILED = EnrichmentStatus.ENRICHED, EnrichmentStatus.FRESH, EnrichmentStatus.FAILED


def skus(shop: Shop, count: int) -> tuple[str, ...]:
    return shop.simulator.catalog.sample_style_ids(count)


async def test_every_sku_has_its_result(shop: Shop) -> None:
    results: list[EnrichmentResult] = []
    wanted = (*skus(shop, 6), "DD1391-999", "QQQQQ-QQQ", "")

    summary = await shop.enrichment.enrich_many(wanted, on_result=results.append)

    assert sorted(each.sku for each in results) == sorted(wanted)
    assert summary.total == 9
    assert summary.counts == {
        ENRICHED: 6,
        FRESH: 0,
        EnrichmentStatus.NEEDS_REVIEW: 1,
        EnrichmentStatus.NOT_FOUND: 1,
        FAILED: 1,
        EnrichmentStatus.DUPLICATE: 0,
    }
    assert summary.requests == shop.requests() == sum(each.requests for each in results)
    assert summary.stopped_by is None


async def test_it_is_resumed_by_skipping_what_is_fresh(shop: Shop) -> None:
    await shop.enrichment.enrich_many(skus(shop, 3))
    before = shop.requests()

    summary = await shop.enrichment.enrich_many(skus(shop, 5))

    assert (summary.counts[FRESH], summary.counts[ENRICHED]) == (3, 2)
    assert shop.requests() - before == summary.requests == 8


async def test_a_duplicate_is_done_once_and_reported(shop: Shop) -> None:
    results: list[EnrichmentResult] = []

    summary = await shop.enrichment.enrich_many(
        ["DD1391-100", "dd1391 100", "CW2288-111/315122-111", "315122-111/CW2288-111"], on_result=results.append
    )

    assert summary.counts[ENRICHED] == summary.counts[EnrichmentStatus.DUPLICATE] == 2
    assert shop.requests() == 8
    assert len(results) == 4


async def test_one_failing_sku_does_not_stop_the_rest(shop: Shop) -> None:
    shop.break_down("GetProduct", times=1)

    summary = await shop.enrichment.enrich_many(skus(shop, 5), concurrency=1)

    assert (summary.counts[FAILED], summary.counts[ENRICHED]) == (1, 4)
    assert summary.stopped_by is None


async def test_no_more_are_in_flight_than_asked_for_and_the_list_is_not_read_ahead(shop: Shop) -> None:
    read, done = 0, 0
    ahead = []

    def reading() -> Iterator[str]:
        nonlocal read
        for sku in skus(shop, 12):
            read += 1
            ahead.append(read - done)
            yield sku

    def count(_result: EnrichmentResult) -> None:
        nonlocal done
        done += 1

    await shop.enrichment.enrich_many(reading(), concurrency=3, on_result=count)

    assert done == 12
    assert max(ahead) <= 3


async def test_skus_may_come_asynchronously(shop: Shop) -> None:
    async def arriving() -> AsyncIterator[str]:
        for sku in skus(shop, 2):
            await asyncio.sleep(0)
            yield sku

    assert (await shop.enrichment.enrich_many(arriving())).counts[ENRICHED] == 2


async def test_an_empty_list_is_done_at_once(shop: Shop) -> None:
    summary = await shop.enrichment.enrich_many([])

    assert (summary.total, summary.requests, summary.stopped_by) == (0, 0, None)


async def test_a_list_that_cannot_be_read_raises_its_own_error(shop: Shop) -> None:
    def broken() -> Iterator[str]:
        yield "DD1391-100"
        raise InvalidInputError("line 3: no SKU.")

    with pytest.raises(InvalidInputError, match="line 3"):
        await shop.enrichment.enrich_many(broken())


async def test_a_wrong_currency_is_told_before_anything_is_asked(shop: Shop) -> None:
    with pytest.raises(InvalidInputError, match="XYZ"):
        await shop.enrichment.enrich_many(skus(shop, 3), currency="XYZ")

    assert shop.requests() == 0


async def test_a_lost_login_stops_the_run(shop: Shop) -> None:
    results: list[EnrichmentResult] = []
    await shop.enrichment.enrich_many(skus(shop, 1), on_result=results.append)
    shop.simulator.revoke_refresh_tokens()

    summary = await shop.enrichment.enrich_many(skus(shop, 30), on_result=results.append)

    assert isinstance(summary.stopped_by, ReauthenticationRequiredError)
    assert summary.total == 1, "the fresh one was skipped, no other was begun in vain"
    assert len(results) == 2
    assert shop.simulator.report().refused_refreshes <= 2


async def test_an_open_breaker_stops_the_run(shop: Shop) -> None:
    shop.break_down("Search", status=503)

    summary = await shop.enrichment.enrich_many(skus(shop, 30), concurrency=2)

    assert isinstance(summary.stopped_by, CircuitOpenError)
    assert summary.counts[FAILED] == shop.requests() == 5


async def test_an_exhausted_quota_stops_the_run_and_leaves_the_reserve(database: Database) -> None:
    profile = LimitProfile("small", capacity=1000, per_day=20, reserve=0.5)
    async with practice_client(profile=profile) as market:
        catalog = StockXCatalogService(market.service, database, clock=market.clock)
        enrichment = EnrichmentService(catalog)

        summary = await enrichment.enrich_many(market.simulator.catalog.sample_style_ids(9), concurrency=1)

        assert isinstance(summary.stopped_by, QuotaExhaustedError)
        assert summary.counts[ENRICHED] == 2
        assert summary.requests == market.simulator.report().total == 10


async def test_a_database_that_fails_stops_the_run(shop: Shop, database: Database) -> None:
    async with database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("DROP TABLE gtins")

    summary = await shop.enrichment.enrich_many(skus(shop, 9), concurrency=1)

    assert isinstance(summary.stopped_by, DatabaseError)
    assert summary.total == 0


async def test_cancelling_leaves_every_sku_whole_or_unwritten(shop: Shop) -> None:
    done: list[EnrichmentResult] = []
    third = asyncio.Event()

    def count(result: EnrichmentResult) -> None:
        done.append(result)
        if len(done) == 3:
            third.set()

    run = asyncio.create_task(shop.enrichment.enrich_many(skus(shop, 40), on_result=count))
    await third.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run

    summary = await shop.enrichment.enrich_many(skus(shop, 10))
    assert summary.counts[FRESH] >= 3
    assert summary.counts[FRESH] + summary.counts[ENRICHED] == 10


async def test_results_are_counted_as_metrics(shop: Shop) -> None:
    await shop.enrichment.enrich_many([*skus(shop, 2), skus(shop, 1)[0], "QQQQQ-QQQ"])

    exposed = shop.metrics.render().decode()
    assert 'solegate_enrichments_total{result="enriched"} 2.0' in exposed
    assert 'solegate_enrichments_total{result="not_found"} 1.0' in exposed
    assert "duplicate" not in exposed


@pytest.mark.parametrize("concurrency", [0, -1])
async def test_nothing_can_be_done_by_nobody(shop: Shop, concurrency: int) -> None:
    with pytest.raises(InvalidInputError, match="in flight"):
        await shop.enrichment.enrich_many([], concurrency=concurrency)
