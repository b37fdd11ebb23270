"""Limits as profiles, the rate that learns from refusals, and the shared pause."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from solegate.client.policy.rate import (
    GUIDE,
    OFFICIAL,
    AdaptiveRate,
    ItemLimit,
    LimitProfile,
    Refusal,
    pause_after_items_refused,
    pause_after_refusal,
    profile_for_rate,
    window_at,
)
from solegate.domain.limits import Unit

profiles = st.builds(
    LimitProfile, st.just("any"), st.integers(1, 1_000), st.floats(0.01, 1_000), st.just(25_000), st.floats(0, 0.99)
)
shares = st.floats(0.001, 1.0)


@pytest.mark.parametrize(
    ("profile", "rate", "reserved"),
    [(OFFICIAL, 1.0, 2_500), (GUIDE, 10.0, 2_500), (LimitProfile("x", 3, 2.0), 1.5, 2_500)],
)
def test_a_profile_knows_its_rate_and_its_reserve(profile: LimitProfile, rate: float, reserved: int) -> None:
    assert profile.rate == rate
    assert profile.reserved == reserved


def test_without_a_quota_nothing_is_reserved() -> None:
    assert LimitProfile("x", 1, per_day=None).reserved == 0


@pytest.mark.parametrize(
    "wrong",
    [{"capacity": 0}, {"capacity": -1}, {"period": 0.0}, {"period": -1.0}, {"reserve": 1.0}, {"reserve": -0.1},
     {"reserve": float("nan")}],
)  # fmt: skip
def test_an_impossible_profile_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="capacity of at least 1"):
        LimitProfile("x", **({"capacity": 1} | wrong))  # type: ignore[arg-type]


@given(st.floats(0.0001, 1_000))
@example(1.0)
@example(0.5)
@example(1.5)
@example(10.0)
def test_a_profile_for_any_rate_keeps_the_rate(rate: float) -> None:
    profile = profile_for_rate(rate, per_day=7, reserve=0.2)
    assert profile.rate == pytest.approx(rate, rel=1e-9)
    assert profile.capacity >= 1
    assert profile.period >= 1.0 or rate >= 1
    assert (profile.per_day, profile.reserve) == (7, 0.2)


@given(profiles, shares)
def test_a_share_of_the_rate_is_exact_and_never_burstier(profile: LimitProfile, share: float) -> None:
    capacity, period = window_at(profile, share)
    assert 1 <= capacity <= profile.capacity
    assert capacity / period == pytest.approx(profile.rate * share, rel=1e-6)
    assert period >= profile.period * (1 - 1e-9)


@given(profiles)
def test_the_whole_share_is_the_profile_itself(profile: LimitProfile) -> None:
    assert window_at(profile, 1.0) == (profile.capacity, profile.period)


def test_the_period_is_never_shorter_than_the_profiles_not_even_by_rounding() -> None:
    assert window_at(GUIDE, 0.4 + 5e-11)[1] >= GUIDE.period


class TestAdaptiveRate:
    def test_is_whole_until_something_is_refused(self) -> None:
        assert AdaptiveRate().share(0.0) == AdaptiveRate().share(1e9) == 1.0

    @pytest.mark.parametrize(
        ("accepted", "share"),
        [(0.1, 0.1), (0.5, 0.5), (0.7, 0.7), (0.95, 0.95), (0.99, 0.95), (3.0, 0.95), (0.0, 0.02), (None, 0.5)],
    )
    def test_drops_to_what_was_accepted_by_5_percent_at_least_or_by_half_when_that_is_unknown(
        self, accepted: float | None, share: float
    ) -> None:
        rate = AdaptiveRate()
        rate.lower(100.0, accepted_share=accepted)
        assert rate.share(100.0) == pytest.approx(share)

    def test_never_falls_below_its_floor(self) -> None:
        rate = AdaptiveRate()
        for _ in range(50):
            rate.lower(0.0, accepted_share=0.0)
        assert rate.share(0.0) == rate.floor

    @given(st.lists(st.tuples(st.floats(0, 500), st.floats(0, 2)), min_size=1, max_size=12))
    def test_stays_between_its_floor_and_one_whatever_happens(self, refusals: list[tuple[float, float]]) -> None:
        rate, now = AdaptiveRate(), 0.0
        for quiet, accepted in refusals:
            now += quiet
            before = rate.share(now)
            rate.lower(now, accepted_share=accepted)
            assert rate.floor <= rate.share(now) <= max(rate.floor, before * 0.95 + 1e-12)

    @given(st.floats(0, 1), st.lists(st.floats(0, 2_000), min_size=2, max_size=20))
    def test_grows_back_steadily(self, accepted: float, moments: list[float]) -> None:
        rate = AdaptiveRate()
        rate.lower(0.0, accepted_share=accepted)
        shares = [rate.share(moment) for moment in sorted(moments)]
        assert shares == sorted(shares)
        assert shares[-1] <= 1.0

    def test_forgets_a_passing_limit_within_the_hour(self) -> None:
        rate = AdaptiveRate()
        rate.lower(0.0, accepted_share=0.5)
        assert rate.share(60.0) < 0.7
        assert rate.share(3_600.0) == 1.0

    def test_tests_a_limit_that_stands_ever_more_rarely(self) -> None:
        rate, now, gaps = AdaptiveRate(), 0.0, []
        for _ in range(6):
            rate.lower(now, accepted_share=0.4)
            gap = next(seconds for seconds in range(10_000) if rate.share(now + seconds) >= 0.44)
            gaps.append(gap)
            now += gap
        assert gaps == sorted(gaps)
        assert gaps[-1] == pytest.approx(8 * gaps[0], rel=0.1)
        rate.lower(now, accepted_share=0.1)
        now += 1_000.0
        rate.lower(now, accepted_share=0.1)
        assert rate.share(now + 1.0) > rate.share(now)

    def test_does_not_shrink_when_asked_about_the_past(self) -> None:
        rate = AdaptiveRate()
        rate.lower(100.0, accepted_share=0.5)
        assert rate.share(0.0) == rate.share(100.0)


@pytest.mark.parametrize(
    ("accepted", "refused", "capacity", "share"),
    [(1, 9, 10, 0.1), (6, 4, 10, 0.6), (3, 2, 5, 0.3), (6, 3, 10, None), (0, 10, 10, None), (10, 1, 10, 1.0)],
)
def test_only_who_used_the_limit_in_full_knows_what_is_accepted(
    accepted: int, refused: int, capacity: int, share: float | None
) -> None:
    assert Refusal(accepted, refused, capacity).accepted_share(GUIDE) == share


@pytest.mark.parametrize(
    ("retry_after", "strikes", "pause"),
    [
        (None, 0, 1.0), (None, 1, 1.0), (None, 2, 2.0), (None, 3, 4.0), (None, 6, 32.0), (None, 7, 60.0),
        (None, 500, 60.0), (0.0, 1, 1.0), (0.5, 1, 1.0), (1.0, 1, 1.0), (7.0, 1, 7.0), (7.0, 6, 7.0),
        (3600.0, 1, 3600.0),
    ],
)  # fmt: skip
def test_the_pause_after_a_refusal(retry_after: float | None, strikes: int, pause: float) -> None:
    assert pause_after_refusal(retry_after, period=1.0, strikes=strikes) == pause


def test_the_pause_bears_any_number_of_refusals() -> None:
    assert pause_after_refusal(None, period=1.0, strikes=2_000) == 60.0


@pytest.mark.parametrize(
    ("strikes", "retry_after", "pause"),
    [
        (1, None, 60.0),
        (2, None, 120.0),
        (3, None, 240.0),
        (4, None, 300.0),
        (99, None, 300.0),
        (3, 2.5, 2.5),
        (1, 0.0, 0.0),
    ],
)
def test_a_refused_batch_pauses_as_asked_or_ever_longer(strikes: int, retry_after: float | None, pause: float) -> None:
    assert pause_after_items_refused(retry_after, strikes=strikes) == pause


@pytest.mark.parametrize("changes", [{"capacity": 0}, {"period": 0.0}])
def test_a_limit_of_items_that_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="limit of items"):
        ItemLimit(**changes)


def test_every_profile_knows_the_documented_limit_of_items_unless_told_otherwise() -> None:
    assert OFFICIAL.items == GUIDE.items == ItemLimit(500, 300.0, 50_000)
    assert profile_for_rate(0.5, per_day=None, reserve=0.1).day_limit(Unit.ITEMS) == 50_000
    assert LimitProfile("x", 1, items=None).day_limit(Unit.ITEMS) is None
    assert LimitProfile("x", 1).day_limit(Unit.REQUESTS) == 25_000
