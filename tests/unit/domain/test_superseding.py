"""A newer wish takes the place of an older one, and none is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest

from solegate.domain.intents import Action, Intent
from solegate.domain.money import Money
from solegate.domain.superseding import superseding

T0 = datetime(2026, 3, 1, tzinfo=UTC)
LOW, HIGH = Money(Decimal(140), "EUR"), Money(Decimal(150), "EUR")
CREATE, UPDATE, ACTIVATE = Action.CREATE, Action.UPDATE, Action.ACTIVATE
DEACTIVATE, DELETE = Action.DEACTIVATE, Action.DELETE


def wish(action: Action, intent_id: str = "new", **changes: object) -> Intent:
    intent = Intent(
        id=intent_id, account="default", action=action, unit="listing:l1", listing_id="l1", created_at=T0, updated_at=T0
    )
    return replace(intent, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("older", "newer", "action"),
    [
        (UPDATE, UPDATE, UPDATE),
        (UPDATE, ACTIVATE, ACTIVATE),
        (ACTIVATE, UPDATE, ACTIVATE),
        (ACTIVATE, ACTIVATE, ACTIVATE),
        (ACTIVATE, DEACTIVATE, DEACTIVATE),
        (DEACTIVATE, ACTIVATE, ACTIVATE),
        (DEACTIVATE, DEACTIVATE, DEACTIVATE),
        (UPDATE, DELETE, DELETE),
        (DEACTIVATE, DELETE, DELETE),
        (UPDATE, DEACTIVATE, None),
        (DEACTIVATE, UPDATE, None),
        (DELETE, UPDATE, None),
        (DELETE, ACTIVATE, None),
    ],
)
def test_two_wishes_come_to_one_or_have_to_follow_each_other(
    older: Action, newer: Action, action: Action | None
) -> None:
    merged = superseding(wish(older, "old"), wish(newer))
    assert (merged and merged.action) is action
    assert merged is None or merged.id == "new"


def test_the_newer_price_wins_and_what_it_leaves_open_is_kept() -> None:
    until = T0 + timedelta(days=30)
    older = wish(UPDATE, "old", price=LOW, expires_at=until)
    merged = superseding(older, wish(UPDATE, price=HIGH))
    assert merged == wish(UPDATE, price=HIGH, expires_at=until)
    merged = superseding(older, wish(ACTIVATE, active=True))
    assert merged == wish(ACTIVATE, active=True, price=LOW, expires_at=until)
    merged = superseding(wish(ACTIVATE, "old", active=True), wish(UPDATE, price=HIGH))
    assert merged == wish(ACTIVATE, active=True, price=HIGH)


@pytest.mark.parametrize(("older", "newer"), list(product([ACTIVATE, DEACTIVATE, UPDATE], repeat=2)))
def test_after_a_merge_the_listing_is_as_after_both(older: Action, newer: Action) -> None:
    """Whatever is not refused: for sale or not, and at which price, as if both had been sent."""
    first, second = _priced(older, "old", LOW), _priced(newer, "new", HIGH)
    merged = superseding(first, second)
    if merged is not None:
        assert _sent([merged], price=merged.action is not DEACTIVATE) == _sent(
            [first, second], price=merged.action is not DEACTIVATE
        )


def _priced(action: Action, intent_id: str, price: Money) -> Intent:
    if action is DEACTIVATE:
        return wish(action, intent_id, active=False)
    return wish(action, intent_id, price=price, active=True if action is ACTIVATE else None)


def _sent(wishes: list[Intent], *, price: bool) -> dict[str, object]:
    """A listing after some wishes; of one that is taken off sale the price does not matter."""
    listing: dict[str, object] = {"active": None, "price": None}
    for each in wishes:
        listing["price"] = each.price or listing["price"]
        listing["active"] = {ACTIVATE: True, DEACTIVATE: False}.get(each.action, listing["active"])
    return listing if price else {"active": listing["active"]}
