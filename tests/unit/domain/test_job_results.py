"""What is said of a row: the listing that StockX shows, held against what was asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from solegate.domain.intents import Action, Intent, IntentState
from solegate.domain.job_intents import planned
from solegate.domain.job_results import (
    UNDECIDED,
    Entry,
    Seen,
    Worked,
    carry_tags_of,
    decided,
    judge,
    judge_absent,
    keeper,
    match_changed,
    match_created,
)
from solegate.domain.jobs import Job, JobItem, JobKind, RowState
from solegate.domain.money import Money

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
JOB = Job(id="job", account="default", kind=JobKind.CREATE, key="key", total=100, created_at=NOON)
EUR_200 = Money(Decimal(200), "EUR")


def item(number: int = 1, **changes: Any) -> JobItem:
    base = JobItem(
        job_id="job",
        number=number,
        line=number,
        unit=f"pair {number}",
        variant_id="size",
        price=EUR_200,
        updated_at=NOON,
    )
    return replace(base, **changes)


def intent(action: Action = Action.CREATE, **changes: Any) -> Intent:
    active = {Action.CREATE: True, Action.ACTIVATE: True, Action.DEACTIVATE: False}.get(action)
    return replace(planned(JOB, item(), NOON), action=action, active=active, listing_id="listing", **changes)


def seen(status: str = "ACTIVE", **changes: Any) -> Seen:
    base = Seen(listing_id="listing", variant_id="size", status=status, price=EUR_200, created_at=NOON)
    return replace(base, **changes)


@pytest.mark.parametrize(
    ("action", "status", "row"),
    [
        (Action.CREATE, "ACTIVE", RowState.DONE),
        (Action.CREATE, "INACTIVE", RowState.SUBMITTED),
        (Action.CREATE, "MATCHED", RowState.DONE),
        (Action.CREATE, "COMPLETED", RowState.DONE),
        (Action.CREATE, "DELETED", RowState.FAILED),
        (Action.CREATE, "CANCELED", RowState.FAILED),
        (Action.CREATE, "FROZEN", RowState.SUBMITTED),
        (Action.UPDATE, "ACTIVE", RowState.DONE),
        (Action.UPDATE, "INACTIVE", RowState.DONE),
        (Action.UPDATE, "MATCHED", RowState.FAILED),
        (Action.ACTIVATE, "ACTIVE", RowState.DONE),
        (Action.ACTIVATE, "INACTIVE", RowState.SUBMITTED),
        (Action.DEACTIVATE, "INACTIVE", RowState.DONE),
        (Action.DEACTIVATE, "ACTIVE", RowState.SUBMITTED),
        (Action.DEACTIVATE, "MATCHED", RowState.FAILED),
        (Action.DELETE, "DELETED", RowState.DONE),
        (Action.DELETE, "ACTIVE", RowState.SUBMITTED),
        (Action.DELETE, "MATCHED", RowState.FAILED),
    ],
)
def test_what_a_status_says_of_a_row(action: Action, status: str, row: RowState) -> None:
    assert judge(intent(action), seen(status), patience_over=False).row is row


def test_amounts_are_compared_as_numbers() -> None:
    four_decimals = Money(Decimal("200.0000"), "EUR")

    assert judge(intent(), seen(price=four_decimals), patience_over=False).row is RowState.DONE
    assert judge(intent(), seen(price=Money(Decimal(200), "USD")), patience_over=False) is UNDECIDED


def test_what_is_not_as_intended_fails_only_when_patience_is_over_and_says_what_is_shown() -> None:
    cheaper = seen(price=Money(Decimal(150), "EUR"))

    assert judge(intent(Action.UPDATE), cheaper, patience_over=False) is UNDECIDED
    verdict = judge(intent(Action.UPDATE), cheaper, patience_over=True)
    assert verdict.row is RowState.FAILED
    assert verdict.reason == "StockX shows ACTIVE at EUR 150 instead of a listing at EUR 200."
    assert "listing" in verdict.advice


def test_an_ask_that_did_not_open_fails_at_once_in_stockxs_words() -> None:
    verdict = judge(intent(), seen("INACTIVE", refusal="This size cannot be sold."), patience_over=False)

    assert (verdict.row, verdict.reason) == (RowState.FAILED, "This size cannot be sold.")
    assert "listing listing" in verdict.advice


def test_a_sold_pair_is_free_and_a_draft_is_not() -> None:
    sold = decided(Entry(item(), intent()), judge(intent(), seen("MATCHED"), patience_over=False), NOON)
    draft = decided(Entry(item(), intent()), judge(intent(), seen("INACTIVE", refusal="no"), patience_over=False), NOON)

    assert sold.intent.released_at == NOON
    assert draft.intent.released_at is None
    assert draft.intent.state is IntentState.FAILED


def test_what_was_unknown_and_is_found_is_reconciled() -> None:
    entry = Entry(item(), intent(Action.UPDATE, state=IntentState.UNKNOWN))

    found = decided(entry, judge(entry.intent, seen(), patience_over=False), NOON)

    assert found.intent.state is IntentState.RECONCILED


def test_a_listing_that_stockx_does_not_know_is_deleted_as_wanted_or_an_error() -> None:
    assert judge_absent(intent(Action.DELETE)).row is RowState.DONE
    assert judge_absent(intent(Action.UPDATE)).row is RowState.FAILED


def test_items_are_told_apart_by_their_tags_in_whatever_order_they_come() -> None:
    intents = [planned(JOB, item(number), NOON) for number in range(1, 101)]
    assert len({each.expires_at for each in intents}) == 100
    items = [
        Worked(
            listing_id=each.id,
            variant_id="size",
            price=EUR_200,
            expires_at=each.expires_at and each.expires_at.replace(microsecond=0),
        )
        for each in reversed(intents)
    ]

    found = match_created(intents, items)

    assert {intent_id: worked.listing_id for intent_id, worked in found.items()} == {
        each.id: each.id for each in intents
    }


def test_items_without_a_tag_are_matched_by_size_and_amount_each_once() -> None:
    dear = Money(Decimal(300), "EUR")
    intents = [planned(JOB, item(1), NOON), planned(JOB, item(2, price=dear), NOON), planned(JOB, item(3), NOON)]
    items = [
        Worked(listing_id="a", variant_id="size", price=dear),
        Worked(listing_id="b", variant_id="size", price=EUR_200),
        Worked(listing_id="c", variant_id="other", price=EUR_200),
    ]

    found = match_created(intents, items)

    assert {intent_id: worked.listing_id for intent_id, worked in found.items()} == {"job:2": "a", "job:1": "b"}


def test_items_of_a_change_are_found_by_their_listing() -> None:
    wanted = [intent(Action.UPDATE), replace(intent(Action.UPDATE), id="other", listing_id="other")]

    found = match_changed(wanted, [Worked(listing_id="other", error="no")])

    assert list(found) == ["other"]


def test_a_batch_is_known_by_any_one_of_its_tags() -> None:
    intents = [planned(JOB, item(number), NOON) for number in (1, 2)]
    mine = Worked(listing_id="a", variant_id="size", expires_at=intents[1].expires_at)
    foreign = replace(mine, expires_at=NOON + timedelta(days=365))

    assert carry_tags_of(intents, [foreign, mine])
    assert not carry_tags_of(intents, [foreign, replace(mine, variant_id="other")])


def test_of_several_listings_of_a_pair_the_sold_one_stays_then_the_one_for_sale_then_the_oldest() -> None:
    draft = seen("INACTIVE", listing_id="draft")
    old = seen(listing_id="old")
    new = seen(listing_id="new", created_at=NOON + timedelta(seconds=1))
    sold = seen("MATCHED", listing_id="sold", created_at=NOON + timedelta(seconds=2))

    assert keeper([draft, new, old, sold]) is sold
    assert keeper([draft, new, old]) is old
    assert keeper([draft, new]) is new
