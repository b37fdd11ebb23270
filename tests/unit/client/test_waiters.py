"""Waiting for StockX to settle something: few requests, an end, and progress. A scripted StockX, virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from solegate import BatchKind, BatchRef, CallOptions, NewListing, OperationRef
from solegate.client.assembly import ClientConfig
from solegate.client.auth import MemoryTokenStore
from solegate.client.models import Source
from solegate.client.policy.outcome import Received
from solegate.client.service import StockXService
from solegate.client.transport import WireRequest
from solegate.clock import LoopClock
from solegate.domain.listings import OperationStatus
from solegate.domain.money import Money
from solegate.errors import Outcome, StillPendingError, UpstreamError
from solegate.testing import UNLIMITED, ScriptedTransport, run_virtual
from support.client import CREDENTIALS, FAILING, Wire, answer, now, tokens_of

EUR_150 = Money(Decimal(150), "EUR")
REF, BATCH = OperationRef("l1", "o1"), BatchRef(BatchKind.CREATE, "b1")
MARKET = answer(200, {"productId": "p1", "variantId": "v1", "currencyCode": "EUR"})


def service(*script: Any) -> tuple[StockXService, Wire]:
    wire, clock = Wire(ScriptedTransport(list(script))), LoopClock()
    config = ClientConfig(CREDENTIALS, api_url="http://api.test/v2", auth_url="http://login.test", limits=UNLIMITED)
    return StockXService(config, token_store=MemoryTokenStore(tokens_of(clock)), transport=wire, clock=clock), wire


def operation(status: str) -> Received:
    return answer(200, {
        "listingId": "l1", "operationId": "o1", "operationType": "ACTIVATE", "operationStatus": status,
        "error": "no" if status == "FAILED" else None,
    })  # fmt: skip


def settling(after: float, status: str = "SUCCEEDED") -> Callable[[WireRequest], Received]:
    """An operation that settles at a moment."""
    return lambda _request: operation(status if now() >= after else "PENDING")


def working(items: int, per_second: float, begins: float) -> Callable[[WireRequest], Received]:
    """A batch that is worked off evenly from a moment on; its items cost one request."""

    def at_work(request: WireRequest) -> Received:
        if request.url.endswith("/items"):
            return answer(200, {"items": []})
        done = min(items, max(0, int((now() - begins) * per_second)))
        status = "COMPLETED" if done == items else "IN_PROGRESS" if done else "QUEUED"
        counts = {"QUEUED": items - done, "COMPLETED": done}
        return answer(200, {"batchId": "b1", "status": status, "totalItems": items, "itemStatuses": counts})

    return at_work


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED"])
def test_an_operation_is_waited_for_until_it_settles(status: str) -> None:
    async def story() -> None:
        stockx, wire = service(settling(2.5, status))
        seen: list[str] = []
        settled = await stockx.wait_for_operation(REF, on_progress=lambda each: seen.append(each.operation_status))
        assert settled.operation_status == status
        assert seen == ["PENDING", status]
        assert [request.url for request in wire.api.requests] == [
            "http://api.test/v2/selling/listings/l1/operations/o1"
        ] * 2
        await stockx.aclose()

    run_virtual(story())


def test_a_settled_operation_or_batch_is_not_asked_about() -> None:
    async def story() -> None:
        stockx, wire = service(operation("SUCCEEDED"), working(1, 1.0, -10.0))
        settled = await stockx.get_listing_operation("l1", "o1")
        batch = await stockx.get_batch(BATCH)
        assert await stockx.wait_for_operation(settled) is settled
        assert await stockx.wait_for_batch(batch) is batch
        assert len(wire.api.requests) == 2
        await stockx.aclose()

    run_virtual(story())


def test_an_operation_in_a_state_nobody_knows_is_waited_for() -> None:
    async def story() -> None:
        stockx, _ = service(operation("ARGUED"), operation("SUCCEEDED"))
        assert (await stockx.wait_for_operation(REF)).operation_status is OperationStatus.SUCCEEDED
        await stockx.aclose()

    run_virtual(story())


def test_what_does_not_settle_in_time_is_still_pending_and_can_be_waited_for_again() -> None:
    async def story() -> None:
        stockx, wire = service(settling(100.0))
        with pytest.raises(StillPendingError, match="o1") as caught:
            await stockx.wait_for_operation(REF, deadline=20.0)
        assert now() == 20.0
        assert (caught.value.outcome, caught.value.operation) == (Outcome.UNKNOWN, "FindOperationById")
        assert "Wait again" in str(caught.value)
        assert len(wire.api.requests) <= 6
        await stockx.wait_for_operation(REF)
        assert now() >= 100.0
        await stockx.aclose()

    run_virtual(story())


@pytest.mark.parametrize(("per_second", "begins"), [(10.0, 0.0), (10.0, 2.0), (10.0, 6.0), (1.67, 2.0), (100.0, 1.0)])
def test_a_batch_of_a_hundred_costs_eight_requests_at_most(per_second: float, begins: float) -> None:
    async def story() -> None:
        stockx, wire = service(working(100, per_second, begins))
        wanted = [NewListing(f"v{number}", EUR_150) for number in range(100)]
        batch = await stockx.create_listings(wanted)
        shares: list[float] = []
        done = await stockx.wait_for_batch(batch, on_progress=lambda each: shares.append(each.done))
        await stockx.get_batch_items(done)
        assert done.is_settled
        assert shares == sorted(shares)
        assert shares[-1] == 1.0
        assert len(wire.api.requests) <= 8, "the submit, the looks and one call for the items"
        assert now() <= 2 * (begins + 100 / per_second) + 3
        await stockx.aclose()

    run_virtual(story())


def test_a_look_that_fails_ends_the_wait() -> None:
    async def story() -> None:
        stockx, _ = service(operation("PENDING"), FAILING)
        with pytest.raises(UpstreamError):
            await stockx.wait_for_operation(REF, options=CallOptions(max_attempts=1))
        await stockx.aclose()

    run_virtual(story())


def test_a_wait_can_be_cancelled() -> None:
    async def story() -> None:
        stockx, _ = service(operation("PENDING"))
        waiting = asyncio.ensure_future(stockx.wait_for_operation(REF))
        await asyncio.sleep(10)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await stockx.aclose()

    run_virtual(story())


@pytest.mark.parametrize("ending", [None, "", "same"])
def test_operations_are_read_to_their_end_each_once(ending: str | None) -> None:
    def page(request: WireRequest) -> Received:
        cursor = request.url.rpartition("cursor=")[2] if "cursor=" in request.url else "start"
        ids, following = {"start": ("ab", "next"), "next": ("bc", "same"), "same": ("cd", ending)}[cursor]
        rows = [
            {"listingId": "l1", "operationId": each, "operationType": "UPDATE", "operationStatus": "SUCCEEDED"}
            for each in ids
        ]
        return answer(200, {"nextCursor": following, "operations": rows})

    async def story() -> None:
        stockx, wire = service(page)
        assert [each.operation_id async for each in stockx.iter_listing_operations("l1")] == ["a", "b", "c", "d"]
        assert len(wire.api.requests) == 3
        assert [each.operation_id async for each in stockx.iter_listing_operations("l1", limit=2)] == ["a", "b"]
        assert len(wire.api.requests) == 4
        await stockx.aclose()

    run_virtual(story())


def test_an_own_listing_makes_its_market_be_asked_for_anew() -> None:
    async def story() -> None:
        stockx, _ = service(lambda request: MARKET if request.method == "GET" else operation("PENDING"))
        await stockx.get_variant_market_data("p1", "v1")
        assert (await stockx.get_variant_market_data("p1", "v1")).provenance.source is Source.CACHE
        await stockx.create_listing(NewListing("v1", EUR_150))
        assert (await stockx.get_variant_market_data("p1", "v1")).provenance.source is Source.LIVE
        await stockx.aclose()

    run_virtual(story())
