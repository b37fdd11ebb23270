"""Moments as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from solegate.domain.moments import parse_moment, parse_since
from solegate.errors import InvalidInputError

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("30d", datetime(2026, 12, 24, 12, tzinfo=UTC)),
        (" 12H ", datetime(2026, 11, 25, 0, tzinfo=UTC)),
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T08:00:00+02:00", datetime(2027, 1, 31, 6, tzinfo=UTC)),
        ("2027-01-31 08:00", datetime(2027, 1, 31, 8, tzinfo=UTC)),
    ],
)
def test_a_moment(text: str, moment: datetime) -> None:
    assert parse_moment(text, NOW) == moment


@pytest.mark.parametrize(
    "text", ["", "soon", "31.01.2027", "30", "-3d", "99999d", "2027-02-30", "0001-01-01T00:00+23:59"]
)
def test_what_is_none_is_told(text: str) -> None:
    with pytest.raises(InvalidInputError, match="is no time, such as 30d"):
        parse_moment(text, NOW)


@pytest.mark.parametrize(
    ("text", "moment"),
    [("24h", datetime(2026, 11, 23, 12, tzinfo=UTC)), ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC))],
)
def test_a_moment_that_is_over(text: str, moment: datetime) -> None:
    assert parse_since(text, NOW) == moment


@pytest.mark.parametrize("text", ["2027-01-31", "soon"])
def test_nothing_is_wanted_since_a_moment_that_lies_ahead(text: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_since(text, NOW)
