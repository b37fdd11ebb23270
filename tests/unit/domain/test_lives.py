"""The lives of listings, batches and orders: every pair of states, and states nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest

from solegate.domain import batches, listings, orders
from solegate.domain.batches import BatchItemStatus, BatchStatus, chunks
from solegate.domain.listings import LISTING_MOVES, ListingStatus, OperationStatus
from solegate.domain.orders import ACTIVE, HISTORICAL, OrderGroup, OrderStatus

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PATH = ("CREATED", "SHIPPED", "RECEIVED", "AUTHENTICATING", "AUTHENTICATED", "PAYOUTPENDING", "PAYOUTCOMPLETED")


@pytest.mark.parametrize(("old", "new"), list(product(ListingStatus, repeat=2)))
def test_a_listing_moves_as_the_table_says(old: ListingStatus, new: ListingStatus) -> None:
    assert listings.may_become(old, new) is (new in LISTING_MOVES[old])


def test_a_listing_starts_as_a_draft_and_reaches_every_state_from_there() -> None:
    reached, frontier = {ListingStatus.INACTIVE}, [ListingStatus.INACTIVE]
    while frontier:
        for new in LISTING_MOVES[frontier.pop()] - reached:
            reached.add(new)
            frontier.append(new)
    assert reached == set(ListingStatus)
    assert {each for each in ListingStatus if listings.is_terminal(each)} == {"DELETED", "COMPLETED"}


@pytest.mark.parametrize("module", [listings, batches, orders])
def test_a_state_nobody_knows_may_come_from_anywhere_and_is_not_the_end(module: object) -> None:
    for known in ("ACTIVE", "QUEUED", "CREATED", "SHIPPED"):
        assert module.may_become(known, "FROZEN")  # type: ignore[attr-defined]
        assert module.may_become("FROZEN", known)  # type: ignore[attr-defined]
    assert not module.may_become("FROZEN", "FROZEN")  # type: ignore[attr-defined]
    assert not module.is_terminal("FROZEN")  # type: ignore[attr-defined]


def test_an_expired_ask_is_active_and_not_live() -> None:
    assert listings.is_live("ACTIVE", NOW + timedelta(seconds=1), NOW)
    assert listings.is_live("ACTIVE", None, NOW)
    assert not listings.is_live("ACTIVE", NOW, NOW)
    assert not listings.is_live("INACTIVE", None, NOW)


def test_operations_and_batches_settle() -> None:
    assert [listings.is_settled(each) for each in OperationStatus] == [False, True, True]
    assert not listings.is_settled("THINKING")
    assert [batches.is_terminal(each) for each in BatchStatus] == [False, False, True]
    assert [batches.is_item_terminal(each) for each in (*BatchItemStatus, None)] == [False, False, True, True, False]


@pytest.mark.parametrize(("old", "new"), list(product(BatchStatus, repeat=2)))
def test_a_batch_only_goes_forward(old: BatchStatus, new: BatchStatus) -> None:
    order = list(BatchStatus)
    assert batches.may_become(old, new) is (order.index(old) < order.index(new))


def test_an_order_goes_along_its_path_and_may_miss_steps_between_two_looks() -> None:
    for old, new in pairwise((*PATH, "COMPLETED")):
        assert orders.may_become(old, new)
        assert not orders.may_become(new, old)
    assert orders.may_become("CREATED", "PAYOUTCOMPLETED")


@pytest.mark.parametrize("ended", sorted(HISTORICAL - {OrderStatus.COMPLETED}))
def test_an_order_that_failed_stays_failed(ended: OrderStatus) -> None:
    assert orders.is_terminal(ended)
    assert not any(orders.may_become(ended, each) for each in OrderStatus)


def test_an_order_fails_where_it_can() -> None:
    assert orders.may_become("CREATED", "DIDNOTSHIP")
    assert not orders.may_become("SHIPPED", "DIDNOTSHIP")
    assert orders.may_become("AUTHENTICATING", "AUTHFAILED")
    assert not orders.may_become("CREATED", "AUTHFAILED")
    assert orders.may_become("COMPLETED", "RETURNED")


def test_active_and_historical_states_are_all_and_apart() -> None:
    assert ACTIVE | HISTORICAL | {OrderStatus.UNKNOWN} == set(OrderStatus)
    assert not ACTIVE & HISTORICAL
    assert {orders.group(each) for each in OrderStatus if each != "UNKNOWN"} == set(OrderGroup) - {OrderGroup.UNKNOWN}
    assert orders.group("FROZEN") is OrderGroup.UNKNOWN


def test_chunks_are_full_in_order_and_hold_everything() -> None:
    assert [len(each) for each in chunks(range(250), [1] * 250)] == [100, 100, 50]
    assert list(chunks("abc", [60, 60, 30])) == [("a",), ("b", "c")]
    assert list(chunks([], [])) == []
    with pytest.raises(ValueError, match="101"):
        list(chunks("a", [101]))
