"""Only the product that carries the SKU is taken; everything else is shown to a person (FACTS 1.10)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.sku import (
    MAX_ALTERNATIVES,
    Candidate,
    Exact,
    NeedsReview,
    NotFound,
    carries,
    checked_sku,
    is_style,
    match_style,
    normalise_code,
    split_codes,
)
from solegate.errors import InvalidInputError

codes = st.from_regex(r"[A-Z0-9]{2,8}-[0-9]{3}", fullmatch=True)


def candidate(style_id: str | None, product_id: str = "p1", title: str | None = None) -> Candidate:
    return Candidate(product_id, style_id, title)


@pytest.mark.parametrize(
    "text",
    ["DD1391-100", "dd1391-100", " DD1391 100 ", "DD1391  -  100", "DD1391\u2013100", "DD1391\u2212100",
     "DD1391\u00a0100", "DD1391\u200b-100", "\uff24\uff24\uff11\uff13\uff19\uff11\uff0d\uff11\uff10\uff10"],
)  # fmt: skip
def test_one_code_has_one_spelling(text: str) -> None:
    assert normalise_code(text) == "DD1391-100"


@pytest.mark.parametrize("text", [" DD1391 100 ", "DD1391\u200b-100", "DD1391\u00a0100", "A/B", "日本", "x" * 200])
def test_a_sku_in_any_spelling_can_be_asked_for(text: str) -> None:
    assert checked_sku(text) == text.strip()


@pytest.mark.parametrize("text", ["", " ", "-", "/", "x" * 201, "a\0", "A\x07B", "\udcff", "DD1391\ud800"])
def test_what_is_no_sku_is_refused_in_words_that_can_be_written(text: str) -> None:
    with pytest.raises(InvalidInputError, match="SKU") as caught:
        checked_sku(text)
    assert str(caught.value).encode()


@pytest.mark.parametrize(
    ("style_id", "expected"),
    [
        (None, ()),
        ("", ()),
        (" - ", ()),
        ("DD1391-100", ("DD1391-100",)),
        ("315122-111/CW2288-111", ("315122-111", "CW2288-111")),
        ("315122-111 / cw2288 111 / 315122-111", ("315122-111", "CW2288-111")),
        ("/A1/", ("A1",)),
    ],
)
def test_a_style_id_is_split_into_its_codes(style_id: str | None, expected: tuple[str, ...]) -> None:
    assert split_codes(style_id) == expected


@pytest.mark.parametrize(
    ("sku", "style_id", "expected"),
    [
        ("DD1391-100", "DD1391-100", True),
        ("dd1391 100", "DD1391-100", True),
        ("CW2288-111", "315122-111/CW2288-111", True),
        ("CW2288-111/315122-111", "315122-111/CW2288-111", True),
        ("CW2288-111/315122-111", "315122-111", False),
        ("CW2288-111/315122-111", "315122-111/CW2288-111/X1", False),
        ("DD1391-10", "DD1391-100", False),
        ("DD1391-100", "DD1391-1001", False),
        ("DD1391-100", None, False),
        ("", None, False),
        ("", "DD1391-100", False),
    ],
)
def test_a_style_id_carries_a_sku_only_whole(sku: str, style_id: str | None, expected: bool) -> None:
    assert carries(sku, style_id) is expected


def test_the_exact_product_is_taken_wherever_it_stands() -> None:
    wanted = candidate("DD1391-100", "wanted")
    hits = [candidate("DD1391-101", "a"), candidate(None, "b", "DD1391-100 lookalike"), wanted]

    assert match_style("dd1391-100", hits) == Exact(wanted)


def test_the_first_hit_is_never_taken_for_standing_first() -> None:
    result = match_style("DD1391-100", [candidate("DD1391-101")])

    assert result == NeedsReview((candidate("DD1391-101"),))


def test_two_exact_products_need_review_and_both_are_shown() -> None:
    both = [candidate("A1-100/C3-300", "one"), candidate("A1-100/B2-200", "two")]

    result = match_style("A1-100", [*both, candidate("A1-101", "three")])

    assert isinstance(result, NeedsReview)
    assert result.ambiguous
    assert set(result.alternatives) == set(both)


def test_the_product_that_is_the_code_wins_over_a_set_that_carries_it() -> None:
    alone = candidate("A1-100", "alone")

    assert match_style("a1 100", [candidate("A1-100/B2-200", "set"), alone]) == Exact(alone)
    assert isinstance(match_style("A1-100", [alone, candidate("A1 100", "twin")]), NeedsReview)


def test_one_product_found_twice_is_one_product() -> None:
    assert isinstance(match_style("A1-100", [candidate("A1-100"), candidate("A1-100")]), Exact)


def test_no_hits_is_not_found() -> None:
    assert match_style("A1-100", []) == NotFound()


def test_alternatives_come_closest_first_and_at_most_five() -> None:
    hits = [candidate(f"ZZ{n}000-{n}99", f"far{n}") for n in range(6)] + [candidate("DD1391-101", "near")]

    result = match_style("DD1391-100", hits)

    assert isinstance(result, NeedsReview)
    assert not result.ambiguous
    assert len(result.alternatives) == MAX_ALTERNATIVES
    assert result.alternatives[0].product_id == "near"


def test_without_a_style_id_the_title_tells_how_close_it_is() -> None:
    hits = [candidate(None, "far", "Bearbrick 1000%"), candidate("", "near", "LEGO 10307 Eiffel Tower")]

    result = match_style("LEGO 10307", hits)

    assert isinstance(result, NeedsReview)
    assert [each.product_id for each in result.alternatives] == ["near", "far"]


def test_a_candidate_is_labelled_by_the_best_it_has() -> None:
    assert candidate("A1", title="Shoe").label == "A1"
    assert candidate(None, title="Shoe").label == "Shoe"
    assert candidate(None, product_id="p9").label == "p9"


@given(
    st.text(st.characters(max_codepoint=0xFF) | st.sampled_from("\u2010\u2013\u2014\u2212\uff0d\u200b"), max_size=40)
)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise_code(normalise_code(text)) == normalise_code(text)


@given(st.text(max_size=40), st.lists(st.text(max_size=20), max_size=6))
def test_an_exact_match_always_carries_the_sku(sku: str, style_ids: list[str]) -> None:
    hits = [candidate(style_id, str(n)) for n, style_id in enumerate(style_ids)]

    result = match_style(sku, hits)

    match result:
        case Exact(found):
            assert carries(sku, found.style_id)
            fits = is_style if is_style(sku, found.style_id) else carries
            assert sum(fits(sku, each.style_id) for each in hits) == 1
        case NeedsReview(alternatives):
            assert hits
            assert set(alternatives) <= set(hits)
        case NotFound():
            assert not hits


@given(st.lists(codes, min_size=1, max_size=6, unique=True), st.randoms(use_true_random=False))
def test_each_code_and_the_whole_set_in_any_order_find_their_product(held: list[str], random: object) -> None:
    style_id = "/".join(held)

    assert all(carries(code, style_id) for code in held)
    assert carries("/".join(reversed(held)), style_id)
