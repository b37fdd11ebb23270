"""From settings to limits: a named profile, with the single numbers that are set instead of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from solegate import GUIDE, OFFICIAL, LimitProfile
from solegate.bootstrap import limit_profile
from solegate.client.policy.rate import ItemLimit
from solegate.settings import Settings


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No `.env`, and no setting of this machine."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SOLEGATE_{name.upper()}", raising=False)


def profile(**changes: object) -> LimitProfile:
    return limit_profile(Settings.model_validate(changes))


def test_the_named_profiles_are_what_they_say() -> None:
    assert profile() == OFFICIAL
    assert profile(limit_profile="guide") == GUIDE


def test_requests_are_overridden_one_by_one() -> None:
    assert profile(requests_per_day=100, background_reserve=0.5) == LimitProfile("official", 1, 1.0, 100, 0.5)
    assert profile(requests_per_second=20) == LimitProfile("custom", 20)
    assert profile(requests_per_second=0.5, limit_profile="guide") == LimitProfile("custom", 1, 2.0)


@pytest.mark.parametrize(
    ("changes", "items"),
    [
        ({"items_per_window": 40}, ItemLimit(40, 300.0, 50_000)),
        ({"items_window": 10.0}, ItemLimit(500, 10.0, 50_000)),
        ({"items_per_day": 900}, ItemLimit(500, 300.0, 900)),
        ({"items_per_window": 1, "items_window": 2.0, "items_per_day": 3}, ItemLimit(1, 2.0, 3)),
    ],
)
def test_items_are_overridden_one_by_one(changes: dict[str, object], items: ItemLimit) -> None:
    assert profile(**changes).items == items
    assert profile(requests_per_second=20, **changes).items == items
