"""Retry-After in every syntax seen or feared; whatever it says, the answer is a sane number of seconds or none."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from solegate.client.policy.retry import parse_retry_after

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def http_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0), ("0", 0.0), ("1.5", 1.5), (" 7 ", 7.0), ("120", 120.0), ("120.01", 120.01), ("3600", 3600.0),
        ("-5", 0.0), ("-0.1", 0.0), ("+3", 3.0), ("1e2", 100.0),
        (None, None), ("", None), ("   ", None), ("soon", None), ("5 seconds", None), ("1,5", None), ("0x10", None),
        ("nan", None), ("inf", None), ("-inf", None), ("Infinity", None), ("1e400", None), ("9" * 400, None),
        ("Mon, 99 Foo 2026 00:00:00 GMT", None), ("2026-01-01T12:00:05Z", None),
    ],
)  # fmt: skip
def test_seconds_fractions_and_garbage(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, now=NOW) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("Thu, 01 Jan 2026 12:00:30 GMT", 30.0),
        ("Thursday, 01-Jan-26 12:00:30 GMT", 30.0),
        ("Thu Jan  1 12:00:30 2026", 30.0),
        ("Thu, 01 Jan 2026 13:00:30 +0100", 30.0),
        ("Thu, 01 Jan 2026 12:00:30 -0000", 30.0),
        ("Thu, 01 Jan 2026 12:00:00 GMT", 0.0),
        ("Thu, 01 Jan 2026 11:59:59 GMT", 0.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
    ],
)
def test_dates_in_the_three_forms_of_http(value: str, seconds: float) -> None:
    assert parse_retry_after(value, now=NOW) == seconds


@pytest.mark.parametrize("off_by", [timedelta(hours=-3), timedelta(), timedelta(days=2)])
def test_a_date_is_measured_against_the_servers_own_clock(off_by: timedelta) -> None:
    answered = NOW + off_by
    until = http_date(answered + timedelta(seconds=42))
    assert parse_retry_after(until, now=NOW, answered=http_date(answered)) == 42.0


@pytest.mark.parametrize("answered", [None, "", "yesterday", "0"])
def test_without_a_readable_date_header_our_own_clock_counts(answered: str | None) -> None:
    until = http_date(NOW + timedelta(seconds=42))
    assert parse_retry_after(until, now=NOW, answered=answered) == 42.0


texts = st.one_of(
    st.text(max_size=40),
    st.text("0123456789+-.eE,: GMTSunJaFebx", max_size=40),
    st.floats().map(str),
    st.datetimes().map(lambda moment: http_date(moment.replace(tzinfo=UTC))),
)


@given(texts, texts)
@example("a,", "").via("odd shapes for email.utils")
@example("1 Jan 2026 00:00:00 GMT", "1 Jan 2026 -1:-1:-1 GMT")
def test_no_text_raises_or_gives_a_wait_below_nothing(value: str, answered: str) -> None:
    seconds = parse_retry_after(value, now=NOW, answered=answered)
    assert seconds is None or (seconds >= 0.0 and math.isfinite(seconds))


def test_a_year_beyond_every_calendar_is_garbage() -> None:
    assert parse_retry_after("1 Jan 9999999999999999999999 00:00:00 GMT", now=NOW) is None


@pytest.mark.parametrize("value", ["1e300", "99999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_an_absurd_wait_can_still_be_added_to_a_date(value: str) -> None:
    seconds = parse_retry_after(value, now=NOW, answered="Mon, 01 Jan 0100 00:00:00 GMT")
    assert NOW + timedelta(seconds=seconds or 0.0) >= NOW
