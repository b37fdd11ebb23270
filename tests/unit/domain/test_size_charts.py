"""Finding a size in a variant's own chart: whole, in any system, never by prefix (FACTS 5.4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.sizes import SizeChart, SizeValue, matching, parse_size

NIKE_MEN = """
3.5 3 22.5 225 35.5 5
4 3.5 23 230 36 5.5
5 4.5 23.5 235 37.5 6.5
7.5 6.5 25.5 255 40.5 9
9 8 27 270 42.5 10.5
10 9 28 280 44 11.5
15 14 33 330 49.5 16.5
"""
"""US M, UK, CM, KR, EU, US W, as StockX told them (FACTS 5.4)."""
SYSTEMS = ("US M", "UK", "CM", "KR", "EU", "US W")
ROWS = [tuple(line.split()) for line in NIKE_MEN.strip().splitlines()]


def chart(values: tuple[str, ...]) -> SizeChart:
    own, *others = (SizeValue(system, value) for system, value in zip(SYSTEMS, values, strict=True))
    return SizeChart(own, tuple(others))


CHARTS = {values[0]: chart(values) for values in ROWS}


@pytest.mark.parametrize("values", ROWS)
@pytest.mark.parametrize("place", range(len(SYSTEMS)))
def test_a_size_in_any_system_finds_its_variant(values: tuple[str, ...], place: int) -> None:
    found = matching(f"{SYSTEMS[place]} {values[place]}", CHARTS)

    assert values[0] in found
    assert all(CHARTS[key].in_system(SYSTEMS[place]) == SizeValue(SYSTEMS[place], values[place]) for key in found)


def test_a_bare_size_means_the_system_the_variant_is_sold_in() -> None:
    assert matching("9", CHARTS) == ("9",)  # and not the 7.5, which is a women's 9


def test_a_size_nobody_has_finds_nothing() -> None:
    assert matching("US M 99", CHARTS) == matching("1", CHARTS) == ()


@pytest.mark.parametrize(
    ("own", "wanted", "fits"),
    [
        ("2XL", "2XL", True),
        ("2XL", "2XS", False),
        ("2XL", "2X", False),
        ("5W / 3.5M", "5W / 3.5M", True),
        ("5W / 3.5M", "US W 5", True),
        ("5W / 3.5M", "5W", True),
        ("10.5C", "10.5C", True),
        ("10.5C", "10.5", True),
        ("3 2E", "3", True),
        ("EU 41 1/3", "EU 41 1/3", True),
        ("EU 41 1/3", "EU 41", False),
        ("PSA 10", "PSA 10", True),
    ],
)
def test_sizes_are_compared_whole(own: str, wanted: str, fits: bool) -> None:
    assert SizeChart(parse_size(own)).fits(parse_size(wanted)) is fits


def test_a_note_may_be_a_size_of_the_chart() -> None:
    sold_to_women = SizeChart(parse_size("5", "us w"), (parse_size("US M 3.5"), parse_size("EU 35.5")))

    assert matching("5W / 3.5M", {"it": sold_to_women}) == ("it",)
    assert matching("5W / 4M", {"it": sold_to_women}) == ()


def test_capitals_do_not_matter_to_whoever_asks() -> None:
    assert matching("eu 42.5", CHARTS) == ("9",)
    assert matching("one size", {"it": SizeChart(parse_size("One Size"))}) == ("it",)
    assert matching("2xl", {each: SizeChart(parse_size(each)) for each in ("2XS", "2XL")}) == ("2XL",)


def test_what_only_a_note_tells_apart_is_told_as_several() -> None:
    charts = {note: SizeChart(parse_size("US M 7"), (parse_size(f"UK 6 ({note})"),)) for note in ("EU 39", "EU 40")}

    assert matching("UK 6", charts) == ("EU 39", "EU 40")
    assert matching("UK 6 (EU 40)", charts) == ("EU 40",)


def test_a_system_the_chart_does_not_know_has_no_size() -> None:
    assert CHARTS["9"].in_system("jp") is None
    assert CHARTS["9"].in_system(" eu ") == SizeValue("EU", "42.5")


@given(st.sampled_from(ROWS), st.sampled_from(ROWS))
def test_two_variants_never_share_their_own_size(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert CHARTS[one[0]].fits(CHARTS[other[0]].own) is (one == other)
