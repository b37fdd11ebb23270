"""What a listing says about a write: in effect, surely not, or not to be told yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from solegate.domain.intents import Action, Intent, IntentState
from solegate.domain.money import Money
from solegate.domain.read_back import Finding, ListingView, SeenOperation, by_operation, read_back

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
EUR = Money(Decimal(150), "EUR")
OLD = Money(Decimal(140), "EUR")
IN_EFFECT, NOT, NOT_YET = Finding.IN_EFFECT, Finding.NOT_IN_EFFECT, Finding.NOT_YET
CREATE, UPDATE, ACTIVATE = Action.CREATE, Action.UPDATE, Action.ACTIVATE
DEACTIVATE, DELETE = Action.DEACTIVATE, Action.DELETE


def write(action: Action, **changes: object) -> Intent:
    intent = Intent(
        id="i1",
        account="default",
        action=action,
        unit="pair",
        listing_id="l1",
        price=EUR if action in (CREATE, UPDATE) else None,
        active=True if action in (CREATE, ACTIVATE) else None,
        state=IntentState.ACCEPTED,
        operation_id="o1",
        sent_at=T0,
        created_at=T0,
        updated_at=T0,
    )
    return replace(intent, **changes)  # type: ignore[arg-type]


def seen(status: str, operation: str = "", price: Money | None = EUR, **changes: object) -> ListingView:
    """A listing, its newest operation written like `CREATE FAILED` or, of somebody else, `UPDATE PENDING by other`."""
    kind, state, *other = operation.split() or ("", "")
    last = SeenOperation(
        id="o2" if other else "o1",
        type=kind,
        status=state,
        created_at=T0 + timedelta(seconds=1),
        error="No" if state == "FAILED" else None,
    )
    view = ListingView(
        listing_id="l1", status=status, price=price, ask_expires_at=None, last=last if operation else None
    )
    return replace(view, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("action", "view", "finding", "late"),
    [
        # a create: a draft first, then for sale
        (CREATE, seen("INACTIVE", "CREATE PENDING"), NOT_YET, NOT_YET),
        (CREATE, seen("INACTIVE", "CREATE SUCCEEDED"), Finding.ACTIVATE, Finding.ACTIVATE),
        (CREATE, seen("INACTIVE", "UPDATE SUCCEEDED by other"), Finding.ACTIVATE, Finding.ACTIVATE),
        (CREATE, seen("INACTIVE", "ACTIVATE PENDING"), NOT_YET, NOT_YET),
        (CREATE, seen("INACTIVE", "ACTIVATE FAILED"), NOT, NOT),
        (CREATE, seen("INACTIVE", "ACTIVATE FAILED by other"), NOT, NOT),
        (CREATE, seen("INACTIVE", "CREATE FAILED"), NOT, NOT),
        (CREATE, seen("INACTIVE", "ACTIVATE SUCCEEDED"), NOT_YET, NOT),
        (CREATE, seen("INACTIVE", "DEACTIVATE SUCCEEDED by other"), NOT, NOT),
        (CREATE, seen("ACTIVE", "ACTIVATE SUCCEEDED"), IN_EFFECT, IN_EFFECT),
        (CREATE, seen("ACTIVE", "ACTIVATE SUCCEEDED", Money(Decimal("150.0000"), "EUR")), IN_EFFECT, IN_EFFECT),
        (CREATE, seen("ACTIVE", "ACTIVATE SUCCEEDED", OLD), NOT_YET, NOT),
        (CREATE, seen("MATCHED"), IN_EFFECT, IN_EFFECT),
        (CREATE, seen("CANCELED"), IN_EFFECT, IN_EFFECT),
        (CREATE, seen("DELETED", "DELETE SUCCEEDED by other"), NOT, NOT),
        (CREATE, None, NOT_YET, NOT),
        # an update
        (UPDATE, seen("ACTIVE", "UPDATE PENDING", OLD), NOT_YET, NOT_YET),
        (UPDATE, seen("ACTIVE", "UPDATE SUCCEEDED"), IN_EFFECT, IN_EFFECT),
        (UPDATE, seen("ACTIVE", "UPDATE SUCCEEDED", OLD), NOT_YET, NOT),
        (UPDATE, seen("ACTIVE", "UPDATE FAILED", OLD), NOT, NOT),
        (UPDATE, seen("ACTIVE", "UPDATE FAILED by other", OLD), Finding.ASK_OPERATION, Finding.ASK_OPERATION),
        (UPDATE, seen("ACTIVE", "UPDATE SUCCEEDED by other", OLD), Finding.ASK_OPERATION, Finding.ASK_OPERATION),
        (UPDATE, seen("MATCHED", "UPDATE SUCCEEDED by other", OLD), NOT, NOT),
        (UPDATE, seen("MATCHED", "UPDATE SUCCEEDED by other"), IN_EFFECT, IN_EFFECT),
        (UPDATE, seen("ACTIVE", "UPDATE SUCCEEDED", Money(Decimal(150), "USD")), NOT_YET, NOT),
        (UPDATE, None, NOT_YET, NOT),
        # on and off sale
        (ACTIVATE, seen("INACTIVE", "ACTIVATE PENDING"), NOT_YET, NOT_YET),
        (ACTIVATE, seen("INACTIVE", "ACTIVATE FAILED"), NOT, NOT),
        (ACTIVATE, seen("ACTIVE", "ACTIVATE SUCCEEDED"), IN_EFFECT, IN_EFFECT),
        (DEACTIVATE, seen("ACTIVE", "DEACTIVATE PENDING"), NOT_YET, NOT_YET),
        (DEACTIVATE, seen("INACTIVE", "DEACTIVATE SUCCEEDED"), IN_EFFECT, IN_EFFECT),
        (DEACTIVATE, seen("INACTIVE", "ACTIVATE PENDING by other"), NOT_YET, NOT_YET),
        (DEACTIVATE, seen("DELETED"), IN_EFFECT, IN_EFFECT),
        (DEACTIVATE, seen("MATCHED"), NOT, NOT),
        # gone
        (DELETE, seen("ACTIVE", "DELETE PENDING"), NOT_YET, NOT_YET),
        (DELETE, seen("DELETED", "DELETE SUCCEEDED"), IN_EFFECT, IN_EFFECT),
        (DELETE, seen("MATCHED", "DELETE FAILED"), NOT, NOT),
        (
            DELETE,
            None,
            NOT_YET,
            IN_EFFECT,
        ),  # a deleted listing is shown as DELETED; one that is not shown may come back
    ],
)
def test_a_look_comes_to_its_finding_early_and_late(
    action: Action, view: ListingView | None, finding: Finding, late: Finding
) -> None:
    assert read_back(write(action), view).finding is finding
    assert read_back(write(action), view, late=True).finding is late


def test_a_draft_that_shall_stay_one_is_in_effect_when_it_is_made() -> None:
    draft = write(CREATE, active=False)
    assert read_back(draft, seen("INACTIVE", "CREATE SUCCEEDED")).finding is IN_EFFECT
    assert read_back(draft, seen("INACTIVE", "CREATE PENDING")).finding is NOT_YET


def test_a_failure_from_before_is_not_held_against_a_write_whose_answer_was_lost() -> None:
    unknown = write(UPDATE, operation_id=None)
    failed = seen("ACTIVE", "UPDATE FAILED", OLD)
    assert failed.last
    before = replace(failed, last=replace(failed.last, created_at=T0 - timedelta(hours=1)))
    assert read_back(unknown, failed).finding is NOT
    assert read_back(unknown, before).finding is NOT_YET


def test_the_reason_is_stockx_own_sentence() -> None:
    found = read_back(write(UPDATE), seen("ACTIVE", "UPDATE FAILED", OLD))
    assert found.reason == "StockX failed the UPDATE: No"


def test_a_new_expiry_counts_when_the_ask_shows_it_to_the_second() -> None:
    wanted = T0 + timedelta(days=30, milliseconds=859)
    later = write(UPDATE, price=None, expires_at=wanted)
    shown = seen("ACTIVE", "UPDATE SUCCEEDED", ask_expires_at=wanted.replace(microsecond=0))
    assert read_back(later, shown).finding is IN_EFFECT
    assert read_back(later, replace(shown, ask_expires_at=T0)).finding is NOT_YET
    draft = seen("INACTIVE", "UPDATE PENDING")
    assert read_back(later, draft).finding is NOT_YET
    assert read_back(later, seen("INACTIVE", "UPDATE SUCCEEDED")).finding is IN_EFFECT


@pytest.mark.parametrize(
    ("status", "late", "finding"),
    [("PENDING", True, NOT_YET), ("SUCCEEDED", False, NOT_YET), ("SUCCEEDED", True, IN_EFFECT), ("FAILED", False, NOT)],
)
def test_where_somebody_else_wrote_after_us_our_own_operation_tells(status: str, late: bool, finding: Finding) -> None:
    own = SeenOperation(id="o1", type="UPDATE", status=status)
    assert by_operation(own, seen("ACTIVE", "UPDATE SUCCEEDED by other", OLD), late=late).finding is finding
