"""What a job costs, and the least time it takes under the limits."""

from __future__ import annotations

from decimal import Decimal

import pytest

from solegate.domain.job_plan import Allowance, Limits, plan_job, seconds_left
from solegate.domain.job_rows import WantedRow
from solegate.domain.jobs import JobKind
from solegate.domain.money import Money
from solegate.domain.payout import SellerTerms

DAY, NOON = 86_400.0, 43_200.0
FREE = Allowance(capacity=None)


def items(**changes) -> Allowance:
    """StockX's limit of batch items (FACTS 1.1), seen at noon of an unused day."""
    known = {"capacity": 500, "period": 300.0, "left": 50_000, "per_day": 50_000, "until_reset": NOON}
    return Allowance(**known | changes)


def requests(**changes) -> Allowance:
    known = {"capacity": 1, "period": 1.0, "left": 25_000, "per_day": 25_000, "until_reset": NOON}
    return Allowance(**known | changes)


OFFICIAL = Limits(requests(), items())


def pairs(count: int, price: int = 150, currency: str = "EUR") -> list[WantedRow]:
    return [WantedRow(line=n, price=Money(Decimal(price), currency)) for n in range(count)]


@pytest.mark.parametrize(
    ("count", "seconds"),
    [(0, 0), (1, 0), (500, 0), (501, 300), (1_000, 300), (10_000, 5_700), (50_000, 29_700)],
)
def test_the_least_time_of_items(count, seconds):
    assert items().seconds(count) == seconds


def test_what_does_not_fit_into_today_goes_on_after_midnight():
    assert items(left=100).seconds(101) == NOON
    assert items(left=100).seconds(100 + 501) == NOON + 300
    assert items(left=0).seconds(50_000) == NOON + 99 * 300
    assert items(left=0).seconds(50_001) == NOON + DAY
    assert items().seconds(150_001) == NOON + 2 * DAY
    assert items(left=-3).seconds(1) == NOON


def test_without_a_limit_nothing_takes_time():
    assert FREE.seconds(10**9) == 0


def test_the_plan_of_ten_thousand_pairs():
    plan = plan_job(JobKind.CREATE, pairs(10_000), OFFICIAL, SellerTerms())

    assert (plan.rows, plan.chunks, plan.items, plan.requests) == (10_000, 100, 10_000, 500)
    assert (plan.seconds, plan.days) == (5_700, 0), "95 minutes: the items decide, not the requests"
    assert plan.value == (Money(Decimal(1_500_000), "EUR"),)
    assert plan.payout == (Money(Decimal("1320000.00"), "EUR"),), "12 % are fees"


def test_requests_decide_where_they_are_scarcer():
    plan = plan_job(JobKind.ENRICH, pairs(1_000), OFFICIAL, SellerTerms())

    assert (plan.chunks, plan.items, plan.requests, plan.seconds) == (0, 0, 4_000, 3_999)


def test_sums_are_kept_apart_by_currency():
    rows = [*pairs(2, 100), *pairs(3, 20_000, "JPY"), WantedRow(line=9)]
    plan = plan_job(JobKind.UPDATE, rows, OFFICIAL, SellerTerms())

    assert plan.value == (Money(Decimal(200), "EUR"), Money(Decimal(60_000), "JPY"))
    assert plan.payout == (), "a change of price is no new sale"


def test_a_week_long_job_tells_its_nights():
    assert plan_job(JobKind.DELETE, pairs(99_000), Limits(FREE, items(left=0)), SellerTerms()).days == 1


def test_what_is_left_of_a_job():
    def left(ready: int, submitted: int = 0, done: int = 0, elapsed: float = 0) -> float:
        return seconds_left(
            JobKind.CREATE, ready=ready, submitted=submitted, done=done, elapsed=elapsed, limits=OFFICIAL
        )

    assert left(10_000) == 5_700, "as planned"
    assert left(9_500, submitted=500, elapsed=10) == 5_690, "the window that was used has to pass"
    assert left(5_000, done=5_000, elapsed=2_850) == 2_850
    assert left(5_000, done=5_000, elapsed=99_999) == 2_700, "after a standstill the window is empty"
    assert left(200, submitted=300) == 21, "what fits into the window waits for requests only"
    assert left(0, submitted=300) == 11, "rows that were sent cost requests only"
    assert left(0) == 0


def test_what_is_left_of_an_enrichment():
    assert seconds_left(JobKind.ENRICH, ready=100, submitted=0, done=9, elapsed=50, limits=OFFICIAL) == 399
