"""Placeholder asks are told from prices in every currency (FACTS 1.10)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from solegate.domain.money import Money
from solegate.domain.pricing import is_plausible_ask, plausible_ask


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("204", "EUR", True),
        ("1000000", "EUR", True),
        ("1000001", "EUR", False),
        ("999999999", "USD", False),
        ("0", "EUR", False),
        ("-1", "EUR", False),
        ("3000000", "JPY", True),
        ("999999999", "JPY", False),
        ("25000000", "KRW", True),
        ("2000000", "HUF", True),
        ("90000000", "VND", True),
        ("15000000", "MXN", False),
    ],
)
def test_an_ask_is_plausible_up_to_a_bound_that_fits_its_currency(amount: str, currency: str, expected: bool) -> None:
    assert is_plausible_ask(Money(Decimal(amount), currency)) is expected


def test_a_placeholder_is_as_good_as_no_ask() -> None:
    assert plausible_ask(None) is None
    assert plausible_ask(Money(Decimal(888_888_888), "EUR")) is None
    assert plausible_ask(Money(Decimal(120), "EUR")) == Money(Decimal(120), "EUR")
