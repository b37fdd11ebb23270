"""Orders: each milestone is told once, whatever was looked at, in whatever order, however often."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.events.orders import order_events, ship_by_soon
from solegate.domain.events.values import Event, EventType
from solegate.domain.order_deadlines import MirroredOrder
from solegate.domain.orders import OrderStatus

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
CREATED, SHIPPED, AUTHENTICATED, PAID, FAILED = (
    EventType.ORDER_CREATED,
    EventType.ORDER_SHIPPED,
    EventType.ORDER_AUTHENTICATED,
    EventType.ORDER_PAID,
    EventType.ORDER_FAILED,
)
PATH = ("CREATED", "SHIPPED", "RECEIVED", "AUTHENTICATING", "AUTHENTICATED", "PAYOUTPENDING", "PAYOUTCOMPLETED")
WAYS = (
    (*PATH, "COMPLETED"),
    (*PATH, "COMPLETED", "RETURNED"),
    ("CREATED", "DIDNOTSHIP"),
    ("CREATED", "CANCELED"),
    ("CREATED", "SHIPPED", "RECEIVED", "AUTHENTICATING", "AUTHFAILED"),
    (*PATH[:6], "PAYOUTFAILED"),
    (*PATH[:6], "PAYOUTFAILED", "PAYOUTCOMPLETED", "COMPLETED"),
)


def order(status: str, **more: object) -> MirroredOrder:
    known = {"order_number": "1", "is_active": True, "status": status, "inventory_type": "STANDARD"}
    return MirroredOrder(**known | {"seen_at": NOW, "changed_at": NOW} | more)  # type: ignore[arg-type]


def kinds(before: MirroredOrder | None, after: MirroredOrder) -> list[EventType]:
    return [each.type for each in order_events("a", before, after, NOW)]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, "CREATED", [CREATED]),
        (None, "PENDING", [CREATED]),
        ("CREATED", "CREATED", []),
        ("CREATED", "SHIPPED", [SHIPPED]),
        ("SHIPPED", "RECEIVED", []),
        ("RECEIVED", "AUTHENTICATING", []),
        ("AUTHENTICATING", "AUTHENTICATED", [AUTHENTICATED]),
        ("AUTHENTICATED", "PAYOUTPENDING", []),
        ("PAYOUTPENDING", "PAYOUTCOMPLETED", [PAID]),
        ("PAYOUTCOMPLETED", "COMPLETED", []),
        ("CREATED", "COMPLETED", [SHIPPED, AUTHENTICATED, PAID]),
        ("CREATED", "DIDNOTSHIP", [FAILED]),
        ("CREATED", "CANCELED", [FAILED]),
        ("AUTHENTICATING", "AUTHFAILED", [FAILED]),
        ("PAYOUTPENDING", "PAYOUTFAILED", [FAILED]),
        ("COMPLETED", "RETURNED", [FAILED]),
        (None, "CANCELED", [CREATED, FAILED]),
        ("SHIPPED", "CREATED", []),
    ],
)
def test_a_look_tells_the_milestones_since_the_look_before(
    before: str | None, after: str, told: list[EventType]
) -> None:
    assert kinds(order(before) if before else None, order(after)) == told


@pytest.mark.parametrize(
    "status", ["SUSPENDED", "DONOTSHIP", "SYSTEMFULFILLED", "CCAUTHORIZATIONFAILED", "UNKNOWN", "X"]
)
def test_a_state_whose_meaning_nobody_knows_tells_nothing(status: str) -> None:
    assert kinds(order("CREATED"), order(status)) == []


def test_a_direct_order_was_authenticated_by_nobody_unless_stockx_says_so() -> None:
    direct = order("SHIPPED", inventory_type="DIRECT")

    assert kinds(direct, replace(direct, status="COMPLETED")) == [PAID]
    assert kinds(direct, replace(direct, status="AUTHENTICATED")) == [AUTHENTICATED]


def test_a_flex_pair_is_not_shipped_by_its_seller() -> None:
    assert SHIPPED not in kinds(order("CREATED", inventory_type="FLEX"), order("SHIPPED", inventory_type="FLEX"))


def test_the_sale_happened_when_the_order_was_made_and_its_data_say_what_is_known() -> None:
    sold_at = NOW - timedelta(hours=3)

    (created,) = order_events("a", None, order("CREATED", created_at=sold_at, style_id="DD1391-100"), NOW)

    assert (created.occurred_at, created.subject, created.data["sku"]) == (sold_at, "1", "DD1391-100")


@pytest.mark.parametrize(
    ("status", "hours_left", "told"),
    [
        ("CREATED", 25, False),
        ("CREATED", 24, True),
        ("CREATED", 1, True),
        ("CREATED", -1, True),
        ("CREATED", -25, False),
        ("SHIPPED", 1, False),
    ],
)
def test_an_order_that_has_to_leave_within_a_day_is_told_of(status: str, hours_left: int, told: bool) -> None:
    due = order(status, ship_by=NOW + timedelta(hours=hours_left))

    assert (ship_by_soon("a", due, NOW) is not None) is told


def test_each_deadline_is_told_of_once() -> None:
    due = order("CREATED", ship_by=NOW + timedelta(hours=20))
    extended = replace(due, ship_by=NOW + timedelta(hours=23))

    ids = [told.id for each in (due, due, extended) if (told := ship_by_soon("a", each, NOW))]

    assert ids[0] == ids[1] != ids[2]


@given(st.data())
def test_any_looks_in_any_order_by_any_number_of_lookers_come_to_the_same_events(data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(WAYS))
    truth = {each.id for old, new in zip((None, *way), way, strict=False) for each in steps(old, new)}
    told: set[str] = set()
    for _looker in range(data.draw(st.integers(1, 3))):
        looks = data.draw(st.lists(st.sampled_from(way), max_size=8))
        failures = [
            each for each in way if each in {"PAYOUTFAILED", "RETURNED", "CANCELED", "AUTHFAILED", "DIDNOTSHIP"}
        ]
        seen = None
        for status in (*looks, *failures, way[-1]):
            told |= {each.id for each in steps(seen, status)}
            seen = status

    assert told == truth


def steps(before: str | None, after: str) -> tuple[Event, ...]:
    return order_events("a", order(before) if before else None, order(after), NOW)


def test_every_state_is_looked_at_without_an_error() -> None:
    assert all(CREATED in kinds(None, order(status)) for status in OrderStatus)
