"""Every error of the client happens to the real client on the practice market, and tells what it must."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest

from solegate import CallOptions, NewListing
from solegate.client.policy.rate import ItemLimit, LimitProfile
from solegate.domain.money import Money
from solegate.errors import (
    AuthenticationError,
    CircuitOpenError,
    ConnectionFailedError,
    DeadlineExceededError,
    LeaseLostError,
    NotFoundError,
    OperationFailedError,
    Outcome,
    PermissionDeniedError,
    QuotaExhaustedError,
    RateLimitedError,
    ReauthenticationRequiredError,
    RequestRejectedError,
    StillPendingError,
    StockXError,
    UnexpectedResponseError,
    UpstreamError,
    UpstreamTimeoutError,
)
from solegate.simulator import Fault, FaultKind
from solegate.simulator.config import Limits, Pace
from solegate.testing import UNLIMITED, PracticeMarket, practice_client, run_virtual

ONCE_A_DAY = LimitProfile("once", capacity=1, per_day=1, reserve=0.0)
SELDOM = LimitProfile("seldom", capacity=1, period=100.0, per_day=None)
TEN_ITEMS = LimitProfile("ten items", capacity=10, per_day=None, items=ItemLimit(5, 1.0, per_day=10))


def product(market: PracticeMarket, number: int = 0) -> str:
    return market.simulator.catalog.products[number].id


def pair(market: PracticeMarket) -> NewListing:
    return NewListing(market.simulator.catalog.products[0].variants[0].id, Money(Decimal(250), "EUR"))


async def read(market: PracticeMarket, number: int = 0, **options: Any) -> None:
    await market.service.get_product_details(product(market, number), options=CallOptions(**options))


async def create(market: PracticeMarket) -> None:
    await market.service.create_listing(pair(market))


async def listed(market: PracticeMarket) -> str:
    """The id of a listing that is there and settled."""
    operation = await market.service.create_listing(replace(pair(market), active=False))
    return (await market.service.wait_for_operation(operation)).listing_id


def inject(market: PracticeMarket, kind: FaultKind, **rule: Any) -> None:
    market.simulator.inject(Fault(kind=kind, **rule))


async def rejected(market: PracticeMarket) -> None:
    inject(market, FaultKind.NOT_READY)
    await market.service.get_market_data_from_stockx(product(market))


async def rejected_after_a_lost_answer(market: PracticeMarket) -> None:
    listing_id = await listed(market)
    inject(market, FaultKind.DROP_AFTER, operation="DeleteListing", times=1)
    inject(market, FaultKind.STATUS, status=400, operation="DeleteListing")
    await market.service.delete_listing(listing_id)


async def not_found(market: PracticeMarket) -> None:
    await market.service.get_product_details("no-such-product")


async def vanished(market: PracticeMarket) -> None:
    inject(market, FaultKind.VANISHED)
    await read(market)


async def denied(market: PracticeMarket) -> None:
    inject(market, FaultKind.HTML_403)
    await create(market)


async def unauthorized(market: PracticeMarket) -> None:
    inject(market, FaultKind.UNAUTHORIZED)
    await read(market)


async def logged_out(market: PracticeMarket) -> None:
    market.simulator.revoke_refresh_tokens()
    await read(market)


async def logged_out_under_way(market: PracticeMarket) -> None:
    inject(market, FaultKind.REVOKE_SESSION)
    await create(market)


async def throttled(market: PracticeMarket) -> None:
    inject(market, FaultKind.THROTTLE, retry_after="3600")
    await create(market)


async def out_of_quota(market: PracticeMarket) -> None:
    await read(market, 1)
    await read(market, 2)


async def out_of_items(market: PracticeMarket) -> None:
    for _ in range(3):
        await market.service.create_listings([replace(pair(market), quantity=5)])


async def circuit_open(market: PracticeMarket) -> None:
    inject(market, FaultKind.STATUS, status=503)
    for _ in range(2):
        with pytest.raises((UpstreamError, CircuitOpenError)):
            await read(market)
    await create(market)


async def failing_read(market: PracticeMarket) -> None:
    inject(market, FaultKind.STATUS, status=500)
    await read(market)


async def failing_create(market: PracticeMarket) -> None:
    inject(market, FaultKind.COMMIT_THEN_STATUS, status=500)
    await create(market)


async def slow_read(market: PracticeMarket) -> None:
    inject(market, FaultKind.EMPTY_504)
    await read(market)


async def silent_create(market: PracticeMarket) -> None:
    inject(market, FaultKind.EMPTY_504)
    await create(market)


async def dropped_read(market: PracticeMarket) -> None:
    inject(market, FaultKind.DROP)
    await read(market)


async def dropped_create(market: PracticeMarket) -> None:
    inject(market, FaultKind.DROP_AFTER)
    await create(market)


async def unreadable_read(market: PracticeMarket) -> None:
    inject(market, FaultKind.NOT_JSON)
    await read(market)


async def unreadable_create(market: PracticeMarket) -> None:
    inject(market, FaultKind.TRUNCATED)
    await create(market)


async def lost_the_lease(market: PracticeMarket) -> None:
    await market.service.create_listing(pair(market), options=CallOptions(gate=lambda: False))


async def lost_the_lease_under_way(market: PracticeMarket) -> None:
    inject(market, FaultKind.DROP_AFTER, operation="DeleteListing", times=1)
    answers = iter([True, False])
    await market.service.delete_listing("some-listing", options=CallOptions(gate=lambda: next(answers)))


async def no_turn_in_time(market: PracticeMarket) -> None:
    await read(market, 1)
    await read(market, 2, deadline=5.0)


async def no_second_turn_in_time(market: PracticeMarket) -> None:
    inject(market, FaultKind.COMMIT_THEN_STATUS, status=500)
    await market.service.delete_listing("some-listing", options=CallOptions(deadline=50.0))


async def failed_operation(market: PracticeMarket) -> None:
    market.simulator.set_pace(Pace(settle_failure=1.0))
    listing_id = await listed(market)
    operation = await market.service.activate_listing(listing_id)
    (await market.service.wait_for_operation(operation)).ensure_succeeded()


async def still_pending(market: PracticeMarket) -> None:
    market.simulator.set_pace(Pace(settle_seconds=(1_000.0, 2_000.0)))
    operation = await market.service.create_listing(pair(market))
    await market.service.wait_for_operation(operation, deadline=60.0)


@dataclass(frozen=True)
class Case:
    """What happens, and what the error of exactly this class has to say about it."""

    error: type[StockXError]
    story: Callable[[PracticeMarket], Awaitable[None]]
    outcome: Outcome
    status: int | None
    attempts: int
    profile: LimitProfile = UNLIMITED


NOT_APPLIED, APPLIED, UNKNOWN = Outcome.NOT_APPLIED, Outcome.APPLIED, Outcome.UNKNOWN
CASES = [
    Case(RequestRejectedError, rejected, NOT_APPLIED, 400, 1),
    Case(RequestRejectedError, rejected_after_a_lost_answer, UNKNOWN, 400, 2),
    Case(NotFoundError, not_found, NOT_APPLIED, 404, 1),
    Case(NotFoundError, vanished, NOT_APPLIED, 404, 1),
    Case(PermissionDeniedError, denied, NOT_APPLIED, 403, 1),
    Case(AuthenticationError, unauthorized, NOT_APPLIED, 401, 2),
    Case(ReauthenticationRequiredError, logged_out, NOT_APPLIED, None, 1),
    Case(ReauthenticationRequiredError, logged_out_under_way, NOT_APPLIED, None, 1),
    Case(RateLimitedError, throttled, NOT_APPLIED, 429, 1),
    Case(QuotaExhaustedError, out_of_quota, NOT_APPLIED, None, 0, ONCE_A_DAY),
    Case(QuotaExhaustedError, out_of_items, NOT_APPLIED, None, 0, TEN_ITEMS),
    Case(CircuitOpenError, circuit_open, NOT_APPLIED, None, 0),
    Case(UpstreamError, failing_read, NOT_APPLIED, 500, 3),
    Case(UpstreamError, failing_create, UNKNOWN, 500, 1),
    Case(UpstreamTimeoutError, slow_read, NOT_APPLIED, 504, 3),
    Case(UpstreamTimeoutError, silent_create, UNKNOWN, 504, 1),
    Case(ConnectionFailedError, dropped_read, NOT_APPLIED, None, 3),
    Case(ConnectionFailedError, dropped_create, UNKNOWN, None, 1),
    Case(UnexpectedResponseError, unreadable_read, NOT_APPLIED, 200, 1),
    Case(UnexpectedResponseError, unreadable_create, APPLIED, 201, 1),
    Case(DeadlineExceededError, no_turn_in_time, NOT_APPLIED, None, 0, SELDOM),
    Case(DeadlineExceededError, no_second_turn_in_time, UNKNOWN, None, 1, SELDOM),
    Case(LeaseLostError, lost_the_lease, NOT_APPLIED, None, 0),
    Case(LeaseLostError, lost_the_lease_under_way, UNKNOWN, None, 1),
    Case(OperationFailedError, failed_operation, NOT_APPLIED, None, 0),
    Case(StillPendingError, still_pending, UNKNOWN, None, 0),
]


def every(base: type[StockXError]) -> Iterator[type[StockXError]]:
    for child in base.__subclasses__():
        if child.__module__.startswith("solegate.errors"):
            yield child
            yield from every(child)


def test_no_error_is_without_its_story() -> None:
    assert set(every(StockXError)) - {case.error for case in CASES} == set()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.error.__name__}-{case.story.__name__}")
def test_it_happens_and_tells_class_effect_status_and_attempts(case: Case) -> None:
    async def story() -> None:
        async with practice_client(limits=Limits.off(), profile=case.profile) as market:
            with pytest.raises(StockXError) as caught:
                await case.story(market)
            error = caught.value
            assert type(error) is case.error
            assert (error.outcome, error.status, error.attempts) == (case.outcome, case.status, case.attempts)
            assert error.operation
            later = {RateLimitedError, QuotaExhaustedError, CircuitOpenError}
            assert (error.retry_at is not None) is (case.error in later)
            if error.retry_at is not None:
                assert error.retry_at > market.clock.now()

    run_virtual(story())
