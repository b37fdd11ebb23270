"""API keys as values: what they look like, what they open, how often, and until when."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.keys import (
    PERIOD,
    Allowance,
    ApiKey,
    KeyState,
    Scope,
    admit,
    digest_of,
    expiry,
    key_text,
    opens,
    read_key,
    state_of,
)

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECRET = base64.urlsafe_b64encode(bytes(range(32))).rstrip(b"=").decode()
KEY = ApiKey(
    id="4f1c09a7d2b3", name="bot", digest=digest_of(SECRET), start=SECRET[:6], scope=Scope.WRITE, account=None,
    created_at=NOW,
)  # fmt: skip


def test_a_key_is_read_as_it_was_written() -> None:
    presented = read_key(key_text(KEY.id, SECRET))

    assert presented is not None
    assert (presented.id, presented.secret) == (KEY.id, SECRET)
    assert opens(KEY, presented, NOW)


@pytest.mark.parametrize(
    "text",
    ["", "sg_", "sg__" + SECRET, key_text(KEY.id, SECRET)[:-1], key_text(KEY.id, SECRET) + "x",
     key_text(KEY.id, SECRET).upper(),
     f"sg_{KEY.id}_{SECRET}\n", f" sg_{KEY.id}_{SECRET}", f"sk_{KEY.id}_{SECRET}", f"sg_../x_{SECRET}", "ä" * 60],
)  # fmt: skip
def test_what_is_no_key_opens_nothing(text: str) -> None:
    assert read_key(text) is None


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_a_key(text: str) -> None:
    presented = read_key(text)
    assert presented is None or key_text(presented.id, presented.secret) == text


def test_another_secret_a_revoked_and_an_expired_key_open_nothing() -> None:
    presented = read_key(key_text(KEY.id, SECRET))
    other = read_key(key_text(KEY.id, SECRET[::-1]))
    assert presented is not None
    assert other is not None

    assert not opens(KEY, other, NOW)
    assert not opens(replace(KEY, revoked_at=NOW), presented, NOW)
    ends = replace(KEY, expires_at=NOW + timedelta(seconds=1))
    assert opens(ends, presented, NOW)
    assert not opens(ends, presented, NOW + timedelta(seconds=1))
    assert state_of(replace(ends, revoked_at=NOW), NOW) is KeyState.REVOKED
    assert state_of(ends, NOW + timedelta(days=1)) is KeyState.EXPIRED
    assert state_of(KEY, NOW) is KeyState.ACTIVE


def test_a_secret_is_in_no_repr() -> None:
    assert SECRET not in repr(KEY) + repr(read_key(key_text(KEY.id, SECRET)))
    assert KEY.digest not in repr(KEY)


@pytest.mark.parametrize(
    ("has", "covered"), [("read", {"read"}), ("write", {"read", "write"}), ("admin", {"read", "write", "admin"})]
)
def test_each_scope_includes_the_one_before(has: str, covered: set[str]) -> None:
    assert {each.value for each in Scope if Scope(has).covers(each)} == covered


def test_a_minute_of_requests_may_come_at_once_and_comes_back_evenly() -> None:
    allowance, left = Allowance(), []
    for _ in range(60):
        judged = admit(allowance, 60, 100.0)
        allowance = judged.allowance
        left.append(judged.left)
        assert judged.admitted
    refused = admit(allowance, 60, 100.0)

    assert left == list(range(59, -1, -1))
    assert (refused.admitted, refused.left) == (False, 0)
    assert refused.retry_after == pytest.approx(1.0)
    assert refused.reset == pytest.approx(60.0)
    assert admit(refused.allowance, 60, 101.0).admitted
    assert admit(refused.allowance, 60, 160.0).left == 59


@given(st.integers(1, 50), st.lists(st.floats(0, 90, allow_nan=False), min_size=1, max_size=120))
def test_no_key_makes_more_than_twice_its_number_in_any_minute(per_minute: int, moments: list[float]) -> None:
    """A whole minute's may wait at its beginning, and as many come back during it."""
    allowance, admitted = Allowance(), []
    for moment in sorted(moments):
        judged = admit(allowance, per_minute, moment)
        allowance = judged.allowance
        if judged.admitted:
            admitted.append(moment)
        assert judged.admitted == (judged.retry_after == 0)
        assert 0 <= judged.left < per_minute
        assert 0 <= judged.reset <= PERIOD + 1e-6
    for start in admitted:
        assert sum(start <= each < start + PERIOD for each in admitted) <= 2 * per_minute


def test_what_is_refused_costs_nothing_and_is_admitted_when_it_was_promised() -> None:
    allowance = Allowance()
    for _ in range(3):
        allowance = admit(allowance, 3, 0.0).allowance
    refused = admit(allowance, 3, 1.0)

    assert refused.allowance == allowance
    assert not admit(allowance, 3, 1.0 + refused.retry_after - 0.01).admitted
    assert admit(allowance, 3, 1.0 + refused.retry_after).admitted


@pytest.mark.parametrize(
    ("text", "until"),
    [("90d", NOW + timedelta(days=90)), ("12h", NOW + timedelta(hours=12)),
     ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
     ("2027-01-31T10:00:00+02:00", datetime(2027, 1, 31, 8, tzinfo=UTC))],
)  # fmt: skip
def test_an_expiry_is_a_time_or_a_date(text: str, until: datetime) -> None:
    assert expiry(text, NOW) == until


@pytest.mark.parametrize("text", ["", "0d", "-1d", "90", "soon", "2025-01-01", "1e3d", "90 d"])
def test_other_expiries_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"neither|over already"):
        expiry(text, NOW)
