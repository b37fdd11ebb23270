"""What shall be done to a pair or a listing, and what is known of it: the states of a write (design 4.6).

    PLANNED --> SENT --> ACCEPTED --> CONFIRMED
       |          |          |
       |          '--> UNKNOWN --> RECONCILED (found), PLANNED (surely not there: send again), FAILED
       '--> ABANDONED        '--> FAILED

An intent is written before anything is sent. StockX has no idempotency key (FACTS 1.7), so what is not known is never
sent again: it is read back first. SENT goes back to PLANNED only where the request surely did not arrive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from solegate.domain.money import Money


class Action(StrEnum):
    """What an intent does."""

    CREATE = "create"
    UPDATE = "update"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    DELETE = "delete"


class IntentState(StrEnum):
    """What is known of an intent."""

    PLANNED = "PLANNED"
    """Written down; nothing was sent."""
    SENT = "SENT"
    """Sent, or about to be: committed before the first byte leaves."""
    ACCEPTED = "ACCEPTED"
    """StockX took it; whether it took effect is still to be read back."""
    CONFIRMED = "CONFIRMED"
    """Read back: status and amount are as intended."""
    FAILED = "FAILED"
    """Surely not in effect; `reason` says why."""
    UNKNOWN = "UNKNOWN"
    """It may or may not have arrived; reconciliation looks."""
    RECONCILED = "RECONCILED"
    """Was unknown, and was found in effect."""
    ABANDONED = "ABANDONED"
    """Given up before it was sent: superseded, cancelled, or stopped."""


IN_FLIGHT = frozenset({IntentState.SENT, IntentState.ACCEPTED, IntentState.UNKNOWN})
"""States in which a second write on the same unit has to wait."""
OPEN = IN_FLIGHT | {IntentState.PLANNED}
"""States that still lead somewhere."""
IN_EFFECT = frozenset({IntentState.CONFIRMED, IntentState.RECONCILED})
"""States that mean: as intended, and seen."""

MOVES: Mapping[IntentState, frozenset[IntentState]] = MappingProxyType(
    {
        IntentState.PLANNED: frozenset({IntentState.SENT, IntentState.FAILED, IntentState.ABANDONED}),
        IntentState.SENT: frozenset(
            {IntentState.ACCEPTED, IntentState.FAILED, IntentState.UNKNOWN, IntentState.PLANNED}
        ),
        IntentState.ACCEPTED: frozenset({IntentState.CONFIRMED, IntentState.FAILED, IntentState.UNKNOWN}),
        IntentState.UNKNOWN: frozenset(
            {IntentState.RECONCILED, IntentState.PLANNED, IntentState.FAILED, IntentState.ACCEPTED}
        ),
        IntentState.CONFIRMED: frozenset(),
        IntentState.FAILED: frozenset(),
        IntentState.RECONCILED: frozenset(),
        IntentState.ABANDONED: frozenset(),
    }
)


def may_become(old: IntentState, new: IntentState) -> bool:
    """Whether an intent may be `new` one step after `old`."""
    return new in MOVES[old]


class Knowledge(StrEnum):
    """What a caller is told about the effect of a write."""

    APPLIED = "applied"
    NOT_APPLIED = "not_applied"
    UNKNOWN = "unknown"
    """Being resolved: reconciliation goes on by itself."""
    PENDING = "pending"
    """Not sent yet, or taken by StockX and not settled."""


def knowledge_of(state: IntentState) -> Knowledge:
    """What a state says about the effect."""
    if state in IN_EFFECT:
        return Knowledge.APPLIED
    if state in (IntentState.FAILED, IntentState.ABANDONED):
        return Knowledge.NOT_APPLIED
    return Knowledge.UNKNOWN if state is IntentState.UNKNOWN else Knowledge.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One write as it is wanted, and how far it is.

    Attributes:
        id: ours.
        account: whose.
        action: what is done.
        unit: what it is done to: of a CREATE the pair's own reference, of anything else `listing:` and the id.
        variant_id: the size, of a CREATE.
        listing_id: StockX's id; of a CREATE known once it was accepted or found.
        price: what a buyer shall pay; `None` leaves it.
        active: whether it shall be for sale afterwards; `None` leaves it.
        expires_at: the ask's end as sent; of a CREATE it carries the tag (`tagged_expiry`).
        inventory_type: STANDARD or DIRECT, of a CREATE.
        state: what is known.
        version: counts the changes wanted of one unit; the highest wins.
        attempts: how often it was sent.
        sent_at: when it was sent last.
        send_before: until when the sender may let its last byte out; nobody else acts on it before.
        operation_id, batch_id: by which StockX knows it.
        looks: rounds of reconciliation that found nothing.
        job_id, row: the bulk job it belongs to.
        caller_key: the caller's idempotency key.
        actor: who wanted it: a person, a rule, a job.
        cause: why.
        reason: why it ended as it did, in words.
        created_at, updated_at: ours.
        released_at: of a CREATE, when the pair was free to be listed again: it failed, was sold, or deleted.
    """

    id: str
    account: str
    action: Action
    unit: str
    variant_id: str = ""
    listing_id: str | None = None
    price: Money | None = None
    active: bool | None = None
    expires_at: datetime | None = None
    inventory_type: str = "STANDARD"
    state: IntentState = IntentState.PLANNED
    version: int = 1
    attempts: int = 0
    sent_at: datetime | None = None
    send_before: datetime | None = None
    operation_id: str | None = None
    batch_id: str | None = None
    looks: int = 0
    job_id: str | None = None
    row: int | None = None
    caller_key: str | None = None
    actor: str = ""
    cause: str = ""
    reason: str = ""
    created_at: datetime
    updated_at: datetime
    released_at: datetime | None = None

    @property
    def knowledge(self) -> Knowledge:
        """What is known about its effect."""
        return knowledge_of(self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One step of an intent, made only if it is still where the mover saw it.

    Attributes:
        intent_id: whose step.
        expected: the state the mover saw.
        new: the state afterwards; the same where only fields change.
        changes: other fields of the intent, by name.
        looks: the rounds of reconciliation the mover saw; `None` where they do not matter.
        why, evidence: for the audit trail; evidence is JSON: amounts and times as text.
        actor: who moves it; the intent's own actor unless given.
    """

    intent_id: str
    expected: IntentState
    new: IntentState
    changes: Mapping[str, object] = field(default_factory=dict)
    looks: int | None = None
    why: str = ""
    evidence: Mapping[str, object] = field(default_factory=dict)
    actor: str = ""

    def __post_init__(self) -> None:
        if self.new is not self.expected and not may_become(self.expected, self.new):
            raise ValueError(f"an intent is never {self.new} after {self.expected}")


def frees_its_unit(intent: Intent) -> bool:
    """Whether a pair can be listed again: its create came to nothing and left no listing, not even a draft."""
    ended = intent.state in (IntentState.FAILED, IntentState.ABANDONED)
    return intent.action is Action.CREATE and ended and intent.listing_id is None


def unit_of_listing(listing_id: str) -> str:
    """The unit of every change of one listing."""
    return f"listing:{listing_id}"
