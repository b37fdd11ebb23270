"""A value in a path cannot leave its place."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.client.policy.call import GET_PRODUCT, GET_VARIANT, OPERATIONS, SEARCH, Call, Effect, Lane

BASE = "https://api.stockx.com/v2"
segments = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


def place_of(value: str) -> str:
    """What the server gets in the place of the product id, after every normalisation on the way."""
    path = httpx2.URL(BASE + Call(GET_VARIANT, {"productId": value, "variantId": "v"}).target).raw_path.decode("ascii")
    before, after = "/v2/catalog/products/", "/variants/v"
    assert path.startswith(before)
    assert path.endswith(after)
    return path.removeprefix(before).removesuffix(after)


@pytest.mark.parametrize(
    "value",
    ["plain", "../x", "a/b", "a b", "a?b=c", "a#b", "a%2Fb", "%2e%2e", "{productId}", "zażółć", "日本", "a\x00b",
     ";v=1", "019995f7-0000-7000-8000-000000000000", "a\\b", "://host", "@host", "...", "..%2f", "+"],
)  # fmt: skip
def test_whatever_the_value_it_is_one_segment(value: str) -> None:
    segment = place_of(value)
    assert "/" not in segment
    assert unquote(segment) == value


@given(segments.filter(lambda value: value not in {".", ".."}))
def test_any_value_arrives_as_it_is(value: str) -> None:
    segment = place_of(value)
    assert not set(segment) & set("/?#")
    assert unquote(segment) == value


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_value_that_could_not_stay_in_its_place_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a path"):
        place_of(value)


def test_braces_in_a_value_are_no_placeholders() -> None:
    call = Call(GET_VARIANT, {"productId": "{variantId}", "variantId": "v"})
    assert call.target == "/catalog/products/%7BvariantId%7D/variants/v"


@given(st.dictionaries(segments, segments, max_size=4))
def test_a_query_arrives_as_it_is(query: dict[str, str]) -> None:
    url = urlsplit(BASE + Call(SEARCH, query=query).target)
    assert url.path == "/v2/catalog/search"
    assert dict(parse_qsl(url.query, keep_blank_values=True)) == query


def test_a_call_without_parameters_is_its_route() -> None:
    assert Call(SEARCH).target == "/catalog/search"


def test_a_forgotten_parameter_is_an_error_before_anything_is_sent() -> None:
    with pytest.raises(KeyError):
        _ = Call(GET_PRODUCT, {"other": "x"}).target


def test_two_calls_share_no_parameters() -> None:
    assert Call(SEARCH).query is not Call(SEARCH).query


def test_the_lanes_are_in_order_of_priority() -> None:
    assert list(Lane) == [Lane.ORDERS, Lane.WRITES, Lane.INTERACTIVE, Lane.BACKGROUND]


def test_operations_are_distinct_and_only_a_post_may_do_something_twice() -> None:
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS) == 32
    assert len({(operation.method, operation.template) for operation in OPERATIONS}) == 32
    for operation in OPERATIONS:
        assert (operation.effect is Effect.READ) == (operation.method == "GET")
        assert operation.method == "POST" or operation.effect is not Effect.CREATE
