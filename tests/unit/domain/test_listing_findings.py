"""What a seen listing means: the table of findings, and what the intents of a listing come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from solegate.domain.intents import Action, Intent, IntentState
from solegate.domain.listing_findings import (
    PROPAGATION,
    Finding,
    Intention,
    MirroredListing,
    copies,
    finding_of,
    has_changed,
    intention_of,
)
from solegate.domain.money import Money

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1)
PRICE = Money(Decimal(150), "EUR")
LISTING = MirroredListing(
    listing_id="l1", status="ACTIVE", variant_id="v1", amount=Decimal("150.0000"), currency="EUR", seen_at=NOW,
    ask_expires_at=NOW + timedelta(days=9), created_at=LONG_AGO,
)  # fmt: skip
WANTED = Intention(PRICE, active=True, settled_at=LONG_AGO)


@pytest.mark.parametrize(
    ("listing", "intended", "finding"),
    [
        ({}, WANTED, Finding.NONE),
        ({}, Intention(), Finding.NONE),
        ({"amount": Decimal(149)}, WANTED, Finding.AMOUNT),
        ({"currency": "USD"}, WANTED, Finding.AMOUNT),
        ({"amount": Decimal(149)}, Intention(), Finding.NONE),
        ({"amount": None}, WANTED, Finding.NONE),
        ({"amount": Decimal(149)}, replace(WANTED, under_way=True), Finding.NONE),
        ({"amount": Decimal(149)}, replace(WANTED, settled_at=NOW - PROPAGATION + timedelta(1e-5)), Finding.NONE),
        ({"amount": Decimal(149)}, replace(WANTED, settled_at=NOW - PROPAGATION), Finding.AMOUNT),
        ({"status": "INACTIVE"}, WANTED, Finding.OFF_SALE),
        ({"status": "INACTIVE"}, Intention(), Finding.NONE),
        ({}, replace(WANTED, active=False), Finding.ON_SALE),
        ({"ask_expires_at": NOW}, WANTED, Finding.EXPIRED),
        ({"ask_expires_at": NOW}, Intention(), Finding.EXPIRED),
        ({"ask_expires_at": NOW, "status": "INACTIVE"}, Intention(), Finding.NONE),
        ({"status": "MATCHED"}, WANTED, Finding.SOLD),
        ({"status": "COMPLETED"}, Intention(), Finding.SOLD),
        ({"status": "MATCHED"}, replace(WANTED, under_way=True), Finding.SOLD),
        ({"status": "CANCELED"}, WANTED, Finding.CANCELED),
        ({"status": "DELETED"}, WANTED, Finding.DELETED),
        ({"status": "DELETED"}, replace(WANTED, deleted=True), Finding.NONE),
        ({}, replace(WANTED, deleted=True), Finding.UNDELETED),
        ({"status": "NEW_AND_STRANGE"}, Intention(), Finding.NONE),
        ({"status": "NEW_AND_STRANGE"}, WANTED, Finding.OFF_SALE),
    ],
)
def test_what_it_means(listing: dict[str, Any], intended: Intention, finding: Finding) -> None:
    found, note = finding_of(replace(LISTING, **listing), intended, NOW)

    assert found is finding
    assert bool(note) == (found not in {Finding.NONE, Finding.SOLD})


def test_a_copy_is_told_before_anything_about_its_price() -> None:
    assert finding_of(LISTING, Intention(), NOW, copy_of="l0")[0] is Finding.DUPLICATE
    assert finding_of(replace(LISTING, status="MATCHED"), Intention(), NOW, copy_of="l0")[0] is Finding.SOLD


def intent(action: Action, minute: int, **changes: Any) -> Intent:
    at = LONG_AGO + timedelta(minutes=minute)
    known: dict[str, Any] = {"state": IntentState.CONFIRMED, "listing_id": "l1", "variant_id": "v1", "sent_at": at}
    return Intent(
        id=f"i{minute}", account="a", action=action, unit="u", created_at=at, updated_at=at, **known | changes
    )


CREATE = intent(Action.CREATE, 0, price=PRICE, active=True)


@pytest.mark.parametrize(
    ("intents", "intended"),
    [
        ([], Intention()),
        ([CREATE], Intention(PRICE, active=True, settled_at=LONG_AGO)),
        ([replace(CREATE, state=IntentState.FAILED)], Intention()),
        ([replace(CREATE, state=IntentState.UNKNOWN)], Intention(under_way=True)),
    ],
)
def test_what_intents_come_to(intents: list[Intent], intended: Intention) -> None:
    assert intention_of(intents) == intended


def test_the_latest_that_came_into_effect_counts_for_each_field() -> None:
    cheaper = intent(Action.UPDATE, 1, price=Money(Decimal(140), "EUR"))
    failed = intent(Action.UPDATE, 2, price=Money(Decimal(130), "EUR"), state=IntentState.FAILED)
    off = intent(Action.DEACTIVATE, 3, state=IntentState.RECONCILED)

    for order in ([CREATE, cheaper, failed, off], [off, failed, CREATE, cheaper]):
        found = intention_of(order)
        assert (found.price, found.active, found.deleted, found.settled_at) == (
            cheaper.price,
            False,
            False,
            off.updated_at,
        )
    assert intention_of([CREATE, off, intent(Action.ACTIVATE, 4)]).active is True
    assert intention_of([CREATE, intent(Action.DELETE, 5)]).deleted


TAG = NOW + timedelta(days=365)


@pytest.mark.parametrize(
    ("copy", "create", "is_copy"),
    [
        ({"ask_expires_at": TAG}, {"expires_at": TAG}, True),
        ({"ask_expires_at": TAG.replace(microsecond=7_000)}, {"expires_at": TAG}, True),
        ({"ask_expires_at": TAG + timedelta(seconds=1)}, {"expires_at": TAG}, False),
        ({"ask_expires_at": TAG, "variant_id": "v2"}, {"expires_at": TAG}, False),
        ({"ask_expires_at": TAG, "status": "INACTIVE"}, {"expires_at": TAG}, False),
        ({"ask_expires_at": TAG}, {"expires_at": TAG, "released_at": NOW}, False),
        ({}, {}, True),
        ({"amount": Decimal(149)}, {}, False),
        ({"created_at": LONG_AGO + PROPAGATION}, {}, True),
        ({"created_at": LONG_AGO + PROPAGATION + timedelta(seconds=1)}, {}, False),
        ({"created_at": LONG_AGO - timedelta(seconds=61)}, {}, False),
        ({}, {"listing_id": None}, False),
    ],
)
def test_which_listing_is_a_copy(copy: dict[str, Any], create: dict[str, Any], *, is_copy: bool) -> None:
    loose = replace(LISTING, listing_id="l2", **copy)

    found = copies([LISTING, loose], [replace(CREATE, **create)], frozenset({"l1"}), NOW)

    assert found == ({"l2": "l1"} if is_copy else {})


def test_being_seen_again_is_no_change_and_another_price_is() -> None:
    assert has_changed(None, LISTING)
    assert not has_changed(LISTING, replace(LISTING, seen_at=NOW, amount=Decimal(150)))
    assert has_changed(LISTING, replace(LISTING, amount=Decimal(151)))
    assert has_changed(LISTING, replace(LISTING, status="MATCHED"))
