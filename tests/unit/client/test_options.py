"""How a caller's wishes become a call; what is left open follows the operation."""

from __future__ import annotations

import pytest

from solegate.client.options import DEFAULT_OPTIONS, CallOptions, build_call
from solegate.client.policy import call as operations
from solegate.client.policy.call import OPERATIONS, Effect, Lane, Operation


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_without_wishes_a_call_takes_the_lane_of_its_operation(operation: Operation) -> None:
    call = build_call(operation, DEFAULT_OPTIONS)

    assert call.lane is operation.lane
    assert (call.max_attempts, call.timeout, call.items) == (None, None, 0)


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if "/orders" in each.template], ids=lambda each: each.name
)
def test_orders_go_first(operation: Operation) -> None:
    assert operation.lane is Lane.ORDERS


@pytest.mark.parametrize(
    ("operation", "items", "deadline"),
    [
        (operations.GET_LISTING, 0, 60.0),
        (operations.CREATE_LISTING, 0, 30.0),
        (operations.DELETE_LISTING, 0, 30.0),
        (operations.CREATE_LISTINGS, 100, 330.0),
    ],
)
def test_a_batch_may_wait_for_a_whole_window_of_items(operation: Operation, items: int, deadline: float) -> None:
    call = build_call(operation, DEFAULT_OPTIONS, items=items)

    assert (call.deadline, call.items) == (deadline, items)


def test_a_wish_is_followed() -> None:
    wishes = CallOptions(lane=Lane.BACKGROUND, deadline=0.0, timeout=2.5, max_attempts=1)

    call = build_call(operations.CREATE_LISTINGS, wishes, items=3, query={"a": "1"}, body=b"{}")

    assert (call.lane, call.deadline, call.timeout, call.max_attempts) == (Lane.BACKGROUND, 0.0, 2.5, 1)
    assert (call.target, call.body) == ("/selling/batch/create-listing?a=1", b"{}")


def test_only_what_makes_a_second_thing_is_a_create() -> None:
    creates = {each.name for each in OPERATIONS if each.effect is Effect.CREATE}

    assert creates == {"Create", "CreateListings", "Ingestion"}
    assert {each.effect for each in OPERATIONS if each.method == "GET"} == {Effect.READ}
    assert Effect.READ not in {each.effect for each in OPERATIONS if each.method != "GET"}
