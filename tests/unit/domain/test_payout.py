"""Payout estimates against real payouts (FACTS 5.2)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.money import Money
from solegate.domain.payout import FeeKind, SellerTerms, estimate_payout, price_for_payout


def money(amount: str, currency: str = "EUR") -> Money:
    return Money(Decimal(amount), currency)


REAL_PAYOUTS = [
    # The source's first row does not add up: 48.94 less its own lines is 37.97, and its total of 38.03 belongs to a
    # sale at 49.00 with the very same lines. Both are here, so either reading holds.
    ("48.94", "EUR", SellerTerms(level=2, shipping=Decimal("4.5")), ["-5", "-1.47", "-4.5"], "37.97"),
    ("49.00", "EUR", SellerTerms(level=2, shipping=Decimal("4.5")), ["-5", "-1.47", "-4.5"], "38.03"),
    (
        "76",
        "USD",
        SellerTerms(level=5, bonus=Decimal("0.02"), shipping=Decimal("8.56"), minimum_fees={"USD": Decimal("5.71")}),
        ["-5.71", "-2.28", "-8.56"],
        "59.45",
    ),
    (
        "117",
        "USD",
        SellerTerms(
            level=5,
            bonus=Decimal("0.01"),
            shipping=Decimal("6.17"),
            drop_off=True,
            minimum_fees={"USD": Decimal("13.87")},
        ),
        ["-13.87", "-3.51", "-6.17", "6.17"],
        "99.62",
    ),
    ("102", "EUR", SellerTerms(shipping=Decimal(10)), ["-9.18", "-3.06", "-10"], "79.76"),
    ("221.00", "EUR", SellerTerms(level=3, shipping=Decimal(8)), ["-17.68", "-6.63", "-8"], "188.69"),
]


@pytest.mark.parametrize(("sale", "currency", "terms", "lines", "total"), REAL_PAYOUTS)
def test_a_real_payout_is_computed_to_the_cent(
    sale: str, currency: str, terms: SellerTerms, lines: list[str], total: str
) -> None:
    payout = estimate_payout(money(sale, currency), terms)

    assert [line.amount.amount for line in payout.lines] == [Decimal(line) for line in lines]
    assert payout.total == money(total, currency)
    assert payout.estimate


def test_the_minimum_fee_still_shows_the_level_rate() -> None:
    line = estimate_payout(money("49"), SellerTerms(level=2)).lines[0]

    assert (line.kind, line.rate) == (FeeKind.MINIMUM_TRANSACTION, Decimal("0.085"))


@pytest.mark.parametrize(
    ("category", "level", "expected"),
    [("sneakers", 1, "-90"), ("sneakers", 5, "-70"), ("Watches", 5, "-99"), ("handbags", 1, "-145"), ("", 4, "-75")],
)
def test_the_fee_follows_category_and_level(category: str, level: int, expected: str) -> None:
    payout = estimate_payout(money("1000"), SellerTerms(level=level), category=category)

    assert payout.lines[0].amount == money(expected)


def test_yen_have_no_decimals() -> None:
    payout = estimate_payout(money("23499", "JPY"))

    assert [line.amount.amount for line in payout.lines] == [Decimal(-2115), Decimal(-705)]


def test_a_currency_without_a_known_minimum_pays_the_rate() -> None:
    assert estimate_payout(money("10", "GBP")).lines[0].amount == money("-0.90", "GBP")


@pytest.mark.parametrize("arguments", [{"level": 0}, {"level": 6}, {"bonus": Decimal(-1)}, {"shipping": Decimal(-1)}])
def test_impossible_terms_are_refused(arguments: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError, match=r"level|negative"):
        SellerTerms(**arguments)  # type: ignore[arg-type]


@given(
    st.decimals(min_value=1, max_value=100_000, places=2),
    st.integers(min_value=1, max_value=5),
    st.decimals(min_value=0, max_value=50, places=2),
    st.sampled_from(["EUR", "USD", "JPY", "GBP"]),
)
def test_the_lines_add_up_and_no_fee_is_a_gift(amount: Decimal, level: int, shipping: Decimal, currency: str) -> None:
    payout = estimate_payout(Money(amount, currency), SellerTerms(level=level, shipping=shipping))

    assert payout.total.amount == amount + sum(line.amount.amount for line in payout.lines)
    assert payout.total < payout.sale_price


@given(
    st.decimals(min_value=1, max_value=100_000, places=2),
    st.integers(min_value=1, max_value=5),
    st.decimals(min_value=0, max_value=50, places=2),
    st.booleans(),
    st.sampled_from(["sneakers", "handbags"]),
    st.sampled_from(["EUR", "USD", "JPY", "KRW", "GBP"]),
)
def test_the_price_for_a_payout_is_the_least_that_pays_it(
    target: Decimal, level: int, shipping: Decimal, drop_off: bool, category: str, currency: str
) -> None:
    terms = SellerTerms(level=level, shipping=shipping, drop_off=drop_off)
    price = price_for_payout(Money(target, currency), terms, category=category)

    def paid(amount: Decimal) -> Decimal:
        return estimate_payout(Money(amount, currency), terms, category=category).total.amount

    assert price.amount == price.amount.to_integral_value()
    assert paid(price.amount) >= target
    assert all(paid(price.amount - less) < target for less in range(1, 6) if price.amount > less)
