"""Quota, freshness and paging at their exact boundaries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.client.policy.call import Lane
from solegate.client.policy.freshness import CATALOG, MARKET_DATA, Freshness, FreshnessPolicy, judge, judge_missing
from solegate.client.policy.paging import next_page
from solegate.client.policy.quota import may_send, next_reset, quota_day


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 1, 1, 23, 59, 59, 999999, UTC), date(2026, 1, 1)),
        (datetime(2026, 1, 2, 0, 0, 0, tzinfo=UTC), date(2026, 1, 2)),
        (datetime(2026, 1, 2, 1, 30, tzinfo=timezone(timedelta(hours=2))), date(2026, 1, 1)),
        (datetime(2025, 12, 31, 20, tzinfo=timezone(timedelta(hours=-5))), date(2026, 1, 1)),
    ],
)
def test_the_quota_day_is_utc(moment: datetime, day: date) -> None:
    assert quota_day(moment) == day


@pytest.mark.parametrize(
    ("day", "reset"),
    [
        (date(2026, 1, 1), datetime(2026, 1, 2, tzinfo=UTC)),
        (date(2026, 12, 31), datetime(2027, 1, 1, tzinfo=UTC)),
        (date(2028, 2, 28), datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_the_quota_resets_at_the_next_midnight_utc(day: date, reset: datetime) -> None:
    assert next_reset(day) == reset


@pytest.mark.parametrize("lane", Lane)
@pytest.mark.parametrize("used", [0, 89, 90, 99, 100, 101])
def test_background_leaves_the_reserve_and_nobody_passes_the_quota(lane: Lane, used: int) -> None:
    assert may_send(lane, used=used, per_day=100, reserved=10) is (used < (90 if lane is Lane.BACKGROUND else 100))


@pytest.mark.parametrize("lane", Lane)
def test_without_a_quota_everybody_may_send(lane: Lane) -> None:
    assert may_send(lane, used=10**9, per_day=None, reserved=10)


@pytest.mark.parametrize(("wanted", "may"), [(1, True), (10, True), (11, False)])
def test_what_is_wanted_at_once_must_fit_as_a_whole(wanted: int, may: bool) -> None:
    assert may_send(Lane.WRITES, used=90, per_day=100, reserved=10, wanted=wanted) is may
    assert not may_send(Lane.BACKGROUND, used=90, per_day=100, reserved=10, wanted=wanted)


F, LAST = Freshness, MARKET_DATA.stale_if_error


@pytest.mark.parametrize(
    ("age", "verdict"),
    [
        (0.0, F.FRESH), (299.999, F.FRESH), (300.0, F.REVALIDATE), (599.999, F.REVALIDATE), (600.0, F.ONLY_ON_ERROR),
        (LAST - 0.1, F.ONLY_ON_ERROR),
        (LAST, F.EXPIRED), (1e9, F.EXPIRED),
    ],
)  # fmt: skip
def test_market_data_by_age(age: float, verdict: Freshness) -> None:
    assert judge(age, MARKET_DATA) is verdict


@pytest.mark.parametrize(
    ("age", "max_age", "verdict"),
    [
        (0.0, 0.0, F.ONLY_ON_ERROR), (59.9, 60.0, F.FRESH), (60.0, 60.0, F.ONLY_ON_ERROR),
        (350.0, 60.0, F.ONLY_ON_ERROR),
        (350.0, 400.0, F.FRESH), (700.0, 1_000.0, F.FRESH), (90_000.0, 100_000.0, F.FRESH), (LAST, 60.0, F.EXPIRED),
    ],
)  # fmt: skip
def test_a_caller_with_an_own_idea_of_fresh_gets_nothing_older(age: float, max_age: float, verdict: Freshness) -> None:
    assert judge(age, MARKET_DATA, max_age) is verdict


@pytest.mark.parametrize(
    ("age", "max_age", "verdict"),
    [
        (0.0, None, F.FRESH), (59.9, None, F.FRESH), (60.0, None, F.EXPIRED), (0.0, 0.0, F.EXPIRED),
        (10.0, 5.0, F.EXPIRED), (4.9, 5.0, F.FRESH), (61.0, 1_000.0, F.EXPIRED),
    ],
)  # fmt: skip
def test_a_404_is_remembered_for_a_minute_and_then_forgotten(
    age: float, max_age: float | None, verdict: Freshness
) -> None:
    assert judge_missing(age, MARKET_DATA, max_age) is verdict


@pytest.mark.parametrize(
    ("policy", "fresh"), [(MARKET_DATA, 300.0), (CATALOG, 86_400.0), (FreshnessPolicy.of(0.0), 0.0)]
)
def test_the_house_shape_of_freshness(policy: FreshnessPolicy, fresh: float) -> None:
    assert (policy.fresh, policy.stale_while_revalidate, policy.negative) == (fresh, 2 * fresh, 60.0)
    assert policy.stale_if_error >= max(86_400.0, 2 * fresh)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e5), st.none() | st.floats(0, 1e6))
def test_an_answer_never_becomes_better_with_age(age: float, more: float, fresh: float, max_age: float | None) -> None:
    order, policy = list(Freshness), FreshnessPolicy.of(fresh)
    assert order.index(judge(age, policy, max_age)) <= order.index(judge(age + more, policy, max_age))


@pytest.mark.parametrize(
    ("page", "received", "has_next", "last_page", "expected"),
    [
        (1, 50, True, None, 2), (7, 1, True, None, 8), (1, 50, False, None, None), (1, 0, True, None, None),
        (1, 0, False, None, None), (2, 50, True, 3, 3), (3, 50, True, 3, None), (4, 50, True, 3, None),
    ],
)  # fmt: skip
def test_the_next_page(page: int, received: int, has_next: bool, last_page: int | None, expected: int | None) -> None:
    assert next_page(page, received=received, has_next=has_next, last_page=last_page) == expected
