"""Which details are read first, and what is overdue, due, or not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.order_deadlines import (
    LABEL_PATIENCE,
    MirroredOrder,
    Need,
    Urgency,
    deadlines,
    details_to_read,
    has_changed,
    need_of,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

NEW = MirroredOrder(
    order_number="1", is_active=True, status="CREATED", seen_at=NOW, changed_at=NOW, created_at=NOW - HOUR
)
READ = replace(NEW, detail_at=NOW, ship_by=NOW + 40 * HOUR, shipping_id="S-1")


@pytest.mark.parametrize(
    ("order", "need"),
    [
        (NEW, Need.DEADLINE),
        (READ, None),
        (replace(READ, changed_at=NOW + HOUR), Need.TO_SHIP),
        (replace(READ, shipping_id=None), None),
        (replace(READ, shipping_id=None, detail_at=NOW - LABEL_PATIENCE, changed_at=NOW - HOUR), Need.LABEL),
        (replace(READ, shipping_id=None, inventory_type="FLEX", detail_at=NOW - HOUR, changed_at=NOW - HOUR), None),
        (replace(READ, ship_by=None), None),
        (replace(READ, ship_by=None, detail_at=NOW - LABEL_PATIENCE, changed_at=NOW - HOUR), Need.DEADLINE),
        (replace(NEW, status="SHIPPED"), Need.CHANGED),
        (replace(READ, status="SHIPPED"), None),
        (replace(NEW, status="COMPLETED", is_active=False), None),
        (replace(READ, is_active=False, changed_at=NOW + HOUR), Need.CHANGED),
        (replace(NEW, status="SOMETHING_NEW"), Need.CHANGED),
    ],
)
def test_why_a_detail_is_read(order: MirroredOrder, need: Need | None) -> None:
    assert need_of(order, NOW) is need


def test_the_most_urgent_details_come_first() -> None:
    shipped = replace(NEW, order_number="shipped", status="SHIPPED", created_at=NOW - 99 * HOUR)
    changed = replace(READ, order_number="changed", changed_at=NOW + HOUR)
    label = replace(READ, order_number="label", shipping_id=None, detail_at=NOW - HOUR, changed_at=NOW - 2 * HOUR)
    unknown = replace(NEW, order_number="unknown")
    older = replace(NEW, order_number="older", created_at=NOW - 2 * HOUR)

    found = details_to_read([shipped, label, changed, unknown, older], NOW, at_most=9)

    assert [each.order_number for each in found] == ["older", "unknown", "changed", "label", "shipped"]


ORDERS = st.builds(
    lambda number, status, detail, changed, ship_by: replace(
        NEW,
        order_number=str(number),
        status=status,
        detail_at=None if detail is None else NOW - detail * HOUR,
        changed_at=NOW - changed * HOUR,
        ship_by=None if ship_by is None else NOW + ship_by * HOUR,
    ),
    st.integers(0, 10**6),
    st.sampled_from(["CREATED", "SHIPPED", "PAYOUTPENDING", "NEW_AND_STRANGE"]),
    st.none() | st.integers(0, 5),
    st.integers(0, 5),
    st.none() | st.integers(-50, 50),
)


@given(st.lists(ORDERS, unique_by=lambda each: each.order_number), st.integers(-1, 12), st.data())
def test_a_budget_is_kept_and_used_up_and_nobody_is_read_in_vain(
    orders: list[MirroredOrder], at_most: int, data: st.DataObject
) -> None:
    passed = data.draw(st.sets(st.sampled_from([each.order_number for each in orders]))) if orders else set()

    found = details_to_read(orders, NOW, at_most=at_most, passed=passed)

    needy = [each for each in orders if need_of(each, NOW) and each.order_number not in passed]
    assert len(found) == min(max(0, at_most), len(needy))
    assert all(each in needy for each in found)
    ranks = [list(Need).index(need_of(each, NOW)) for each in found]  # type: ignore[arg-type]
    assert ranks == sorted(ranks)


def test_deadlines_by_urgency() -> None:
    late = replace(READ, order_number="late", ship_by=NOW - HOUR)
    soon = replace(READ, order_number="soon", ship_by=NOW + 5 * HOUR)
    edge = replace(READ, order_number="edge", ship_by=NOW + 6 * HOUR)
    later = replace(READ, order_number="later", ship_by=NOW + 7 * HOUR)
    unknown = replace(NEW, order_number="unknown", created_at=NOW - 9 * HOUR)
    shipped = replace(READ, order_number="shipped", status="SHIPPED", ship_by=NOW - HOUR)

    found = deadlines([shipped, later, unknown, edge, soon, late], NOW, 6 * HOUR)

    assert [(each.order.order_number, each.urgency, each.hours_left) for each in found] == [
        ("unknown", Urgency.UNKNOWN, None),
        ("late", Urgency.OVERDUE, -1.0),
        ("soon", Urgency.DUE, 5.0),
        ("edge", Urgency.DUE, 6.0),
    ]
    whole = deadlines([later, soon], NOW)
    assert [(each.order.order_number, each.urgency) for each in whole] == [
        ("soon", Urgency.LATER),
        ("later", Urgency.LATER),
    ]


def test_what_is_due_this_very_moment_is_not_late() -> None:
    (due,) = deadlines([replace(READ, ship_by=NOW)], NOW, HOUR)

    assert (due.urgency, due.hours_left) == (Urgency.DUE, 0.0)


@pytest.mark.parametrize("change", [{"status": "SHIPPED"}, {"updated_at": NOW}, {"is_active": False}, {"amount": 1}])
def test_a_change_is_seen(change: dict[str, object]) -> None:
    assert has_changed(NEW, replace(NEW, **change))  # type: ignore[arg-type]
    assert has_changed(None, NEW)


def test_being_seen_again_is_no_change() -> None:
    assert not has_changed(READ, replace(READ, seen_at=NOW + HOUR, run_at=NOW))
