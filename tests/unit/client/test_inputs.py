"""Bad input costs no request and gets a clear message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.client.inputs import (
    MARKET_CURRENCIES,
    checked_currency,
    checked_gtin,
    checked_id,
    checked_page,
    checked_query,
)
from solegate.errors import InvalidInputError
from solegate.settings import LISTING_CURRENCIES


@pytest.mark.parametrize(
    ("query", "text"),
    [("DD1391-100", "DD1391-100"), ("  nike \t dunk\n low ", "nike dunk low"), ("x", "x"), ("ü" * 100, "ü" * 100),
     (" " * 500 + "a", "a")],
)  # fmt: skip
def test_a_search_text_is_trimmed(query: str, text: str) -> None:
    assert checked_query(query) == text


@pytest.mark.parametrize("query", ["", "   ", "\t\n", "a" * 101, "caf\udce9"])
def test_a_search_text_that_cannot_be_sent_is_refused(query: str) -> None:
    with pytest.raises(InvalidInputError, match="search text"):
        checked_query(query)


@pytest.mark.parametrize(("page", "size"), [(1, 1), (1, 50), (10_000, 10)])
def test_pages_that_exist(page: int, size: int) -> None:
    checked_page(page, size)


@pytest.mark.parametrize(("page", "size"), [(0, 10), (-1, 10), (1, 0), (1, 51), (1, -5)])
def test_pages_that_do_not_exist(page: int, size: int) -> None:
    with pytest.raises(InvalidInputError):
        checked_page(page, size)


@pytest.mark.parametrize("value", ["019995f7-5f3a-7c41-9a3b-1f2e3d4c5b6a", "nike-dunk", "a/b", "...", "x" * 100])
def test_an_id_is_any_short_text_in_one_piece(value: str) -> None:
    assert checked_id("product id", value) == value


@pytest.mark.parametrize(
    "value", ["", " ", "a b", " a", "a\n", "\u00a0", ".", "..", "\udcff", "日本", "a\0b", "x" * 101]
)
def test_an_id_that_cannot_be_one_is_refused(value: str) -> None:
    with pytest.raises(InvalidInputError, match="The product id"):
        checked_id("product id", value)


@pytest.mark.parametrize("code", ["EUR", "eur", " Usd ", "VND", "KWD"])
def test_market_currencies_in_any_case(code: str) -> None:
    assert checked_currency(code) == code.strip().upper()


@pytest.mark.parametrize("code", ["", "EURO", "XXX", "E UR", "€", "RUB", "\ud800", "x" * 999])
def test_other_currencies_are_refused(code: str) -> None:
    with pytest.raises(InvalidInputError, match="no market data") as caught:
        checked_currency(code)
    assert len(str(caught.value).encode()) < 100


def test_the_30_market_currencies_hold_the_12_of_listings() -> None:
    assert len(MARKET_CURRENCIES) == 30
    assert len(LISTING_CURRENCIES) == 12
    assert set(LISTING_CURRENCIES) <= MARKET_CURRENCIES


@pytest.mark.parametrize(
    "gtin",
    [
        "4006381333931",
        "036000291452",
        "00036000291452",
        "96385074",
        " 4006381333931 ",
        "00012345600012",
        "0000000000000",
    ],
)
def test_real_gtins_pass(gtin: str) -> None:
    assert checked_gtin(gtin) == gtin.strip()


@pytest.mark.parametrize("gtin", ["", "1", "400638133393", "12345678901", "40063813339311", "4006-381333931",
                                  "ABCDEFGH", "\uff14" * 13, "\u0664" * 13, "400638133393 1", "\ud800"])  # fmt: skip
def test_what_is_no_gtin_is_refused(gtin: str) -> None:
    with pytest.raises(InvalidInputError, match=r"no GTIN|GTIN is not readable"):
        checked_gtin(gtin)


def with_check_digit(digits: str) -> str:
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


bodies = st.sampled_from([7, 11, 12, 13]).flatmap(
    lambda length: st.text("0123456789", min_size=length, max_size=length)
)


@given(bodies)
def test_any_number_with_its_check_digit_passes(body: str) -> None:
    assert checked_gtin(with_check_digit(body)) == with_check_digit(body)


@given(bodies, st.data())
def test_any_misread_digit_is_noticed(body: str, data: st.DataObject) -> None:
    right = with_check_digit(body)
    place = data.draw(st.integers(0, len(right) - 1))
    digit = data.draw(st.sampled_from([each for each in "0123456789" if each != right[place]]))
    with pytest.raises(InvalidInputError, match="check digit"):
        checked_gtin(right[:place] + digit + right[place + 1 :])
