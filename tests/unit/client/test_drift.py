"""What StockX adds is noticed, counted, told once and kept."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from solegate.client.drift import MOST_KEPT, DriftRadar, MemoryDriftStore
from solegate.client.models import ListingPage
from solegate.clock import SystemClock
from solegate.domain.drift import Drift, DriftKind, error_drift
from solegate.errors import DatabaseError
from solegate.metrics import Metrics
from solegate.simulator import Fault, FaultKind
from solegate.testing import practice_client


def page(**changes: object) -> ListingPage:
    row = {"listingId": "l", "status": "ACTIVE", "createdAt": "2026-11-24T10:00:00.000Z", **changes}
    wire = {"count": 1, "pageSize": 10, "pageNumber": 1, "hasNextPage": False, "listings": [row]}
    return ListingPage.model_validate(wire)


def radar(store: object = None) -> tuple[DriftRadar, MemoryDriftStore, Metrics]:
    kept, metrics = store or MemoryDriftStore(), Metrics()
    return DriftRadar(clock=SystemClock(), metrics=metrics, store=kept), kept, metrics  # type: ignore[arg-type,return-value]


async def test_an_answer_without_news_is_silent() -> None:
    looking, kept, _ = radar()

    await looking.observe("GetAllListings", page(ask={"askId": "1" * 20}))

    assert (looking.sightings(), kept.kept) == ((), {})


async def test_new_fields_and_values_are_found_wherever_they_stand() -> None:
    looking, kept, metrics = radar()

    await looking.observe("GetAllListings", page(status="FROZEN", mood="good", ask={"askId": "1", "glow": True}))

    assert {(each.kind, each.where) for each in kept.kept} == {
        (DriftKind.VALUE, "ListingPage.listings.status=FROZEN"),
        (DriftKind.FIELD, "ListingPage.listings.mood"),
        (DriftKind.FIELD, "ListingPage.listings.ask.glow"),
    }
    counted = metrics.registry.get_sample_value(
        "stockx_drift_total", {"operation": "GetAllListings", "kind": "unknown_field"}
    )
    assert counted == 2


async def test_a_new_value_is_found_where_there_may_be_none_at_all() -> None:
    looking, kept, _ = radar()

    await looking.observe("GetAllListings", page(inventoryType="FLEX"))
    assert kept.kept == {}
    await looking.observe("GetAllListings", page(inventoryType="HOVER"))

    assert [each.where for each in kept.kept] == ["ListingPage.listings.inventory_type=HOVER"]


async def test_the_same_again_is_counted_and_not_told_again(capsys: pytest.CaptureFixture[str]) -> None:
    looking, kept, _ = radar()

    for _ in range(3):
        await looking.observe("GetAllListings", page(mood="good"))
    await looking.aclose()

    (sighting,) = kept.kept.values()
    assert sighting.count == 3
    assert sighting.first_seen <= sighting.last_seen <= datetime.now(UTC)


async def test_a_store_that_fails_costs_no_call_and_is_tried_again() -> None:
    class Failing(MemoryDriftStore):
        failing = True

        async def record(self, sightings: object) -> None:
            if self.failing:
                raise DatabaseError("the disk is full")
            await super().record(sightings)  # type: ignore[arg-type]

    store = Failing()
    looking, _, _ = radar(store)
    await looking.observe("GetAllListings", page(mood="good"))
    store.failing = False

    await looking.aclose()

    assert [each.count for each in store.kept.values()] == [1]


async def test_many_calls_that_see_it_at_once_are_counted_once_each() -> None:
    class Slow(MemoryDriftStore):
        async def record(self, sightings: object) -> None:
            await asyncio.sleep(0.01)
            await super().record(sightings)  # type: ignore[arg-type]

    store = Slow()
    looking, _, _ = radar(store)

    await asyncio.gather(*(looking.observe("GetAllListings", page(mood="good")) for _ in range(20)))
    await looking.aclose()

    assert [each.count for each in store.kept.values()] == [each.count for each in looking.sightings()] == [20]


@pytest.mark.parametrize(
    "error", [DatabaseError("the disk is full"), RuntimeError("in a transaction"), OSError("gone")]
)
async def test_no_failure_of_the_store_reaches_a_call_and_no_count_is_lost(error: Exception) -> None:
    class Failing(MemoryDriftStore):
        failing = True

        async def record(self, sightings: object) -> None:
            if self.failing:
                raise error
            await super().record(sightings)  # type: ignore[arg-type]

    store = Failing()
    looking, _, _ = radar(store)
    for _ in range(3):
        await looking.observe("GetAllListings", page(mood="good"))
    store.failing = False
    await looking.aclose()

    assert [each.count for each in store.kept.values()] == [3]


async def test_what_is_kept_is_bounded() -> None:
    looking, kept, _ = radar()

    for number in range(MOST_KEPT + 50):
        await looking.observe("GetAllListings", page(status=f"S{number}"))

    assert len(kept.kept) == len(looking.sightings()) == MOST_KEPT


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Too Many Requests",
        b"<html><title>Denied</title></html>",
        b'{"statusCode": 400, "message": "no"}',
        b'{"statusCode": 500, "errorMessage": "no"}',
        b'{"httpStatusCode": 429, "message": "Batch usage limit exceeded"}',
        b'{"message": "Unauthorized"}',
    ],
)
def test_known_error_bodies_are_no_news(body: bytes) -> None:
    assert error_drift("Create", body) is None


@pytest.mark.parametrize(
    ("body", "where"),
    [(b'{"reason": "secret text", "code": 7}', "{code, reason}"), (b"[1, 2]", "list"), (b'"text"', "str")],
)
def test_a_new_error_body_is_told_by_its_names_alone(body: bytes, where: str) -> None:
    assert error_drift("Create", body) == Drift("Create", DriftKind.ERROR, where)


async def test_a_market_that_drifts_is_seen_through_the_real_client() -> None:
    async with practice_client() as market:
        market.simulator.inject(Fault(kind=FaultKind.SCHEMA_DRIFT, operation="GetProduct", times=1))
        product = market.simulator.catalog.products[0]
        await market.service.get_product_details(product.id)

        market.simulator.inject(Fault(kind=FaultKind.STATUS, status=400, body='{"why": "x"}', times=1))
        with pytest.raises(Exception, match="rejected"):
            await market.service.get_all_product_variants(product.id)

        found = {(each.drift.operation, each.drift.kind) for each in market.service.radar.sightings()}
        assert found == {("GetProduct", DriftKind.FIELD), ("GetVariants", DriftKind.ERROR)}
