"""StockX's conversion strings become values; what is unknown survives (FACTS 1.10, 5.4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.sizes import SizeValue, parse_size


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("US M 3.5", "us m", SizeValue("US M", "3.5")),
        ("US M 3.5", "", SizeValue("US M", "3.5")),
        ("3.5", "us m", SizeValue("US M", "3.5")),
        ("US W 5", "us w", SizeValue("US W", "5")),
        ("5W", "us w", SizeValue("US W", "5")),
        ("5W", "", SizeValue("US W", "5")),
        ("5W / 3.5M", "us w", SizeValue("US W", "5", "3.5M")),
        ("10.5C", "", SizeValue("US C", "10.5")),
        ("3Y", "", SizeValue("US Y", "3")),
        ("US 3Y", "us", SizeValue("US Y", "3")),
        ("EU 41 1/3", "eu", SizeValue("EU", "41 1/3")),
        ("41 1/3", "eu", SizeValue("EU", "41 1/3")),
        ("CM 23.5 (US M 4.5)", "cm", SizeValue("CM", "23.5", "US M 4.5")),
        ("UK 6 (EU 39)", "uk", SizeValue("UK", "6", "EU 39")),
        ("UK 6 (EU 40)", "uk", SizeValue("UK", "6", "EU 40")),
        ("3 2E", "us m", SizeValue("US M", "3", "2E")),
        ("US M 10 D", "us m", SizeValue("US M", "10", "D")),
        ("KR 225", "kr", SizeValue("KR", "225")),
        ("XL", "", SizeValue("", "XL")),
        ("2XL", "us", SizeValue("US", "2XL")),
        ("One Size", "", SizeValue("", "One Size")),
        ("PSA 10", "", SizeValue("", "PSA 10")),
        ("  US   M  8 ", "us m", SizeValue("US M", "8")),
        ("", "", SizeValue("", "")),
        ("US", "", SizeValue("", "US")),
        ("30x32", "us  jeans", SizeValue("US JEANS", "30x32")),
    ],
)
def test_a_conversion_becomes_a_size(text: str, kind: str, expected: SizeValue) -> None:
    assert parse_size(text, kind) == expected


def test_sizes_that_begin_alike_differ() -> None:
    assert parse_size("2XL") != parse_size("2XS")
    assert parse_size("US M 1") != parse_size("US M 10")


@pytest.mark.parametrize("text", ["US M 3.5", "EU 41 1/3", "CM 23.5 (US M 4.5)", "UK 6 (EU 39)", "One Size", "XL"])
def test_a_size_is_written_as_stockx_writes_it(text: str) -> None:
    assert str(parse_size(text)) == text


def test_a_bare_and_a_prefixed_default_are_one_size() -> None:
    assert parse_size("3.5", "us m") == parse_size("US M 3.5", "us m")


@given(st.text(max_size=30), st.sampled_from(["", "us m", "eu", "cm"]))
def test_no_text_is_lost_or_refused(text: str, kind: str) -> None:
    size = parse_size(text, kind)

    visible = set(text) - set("() /") - {each for each in text if each.isspace()}
    assert visible <= set(f"{size.system}{size.value}{size.note}")


@given(st.text(max_size=30))
def test_reading_what_was_written_gives_the_same_size(text: str) -> None:
    size = parse_size(text)

    again = parse_size(str(size), size.system)

    assert again.system == size.system or not size.value
