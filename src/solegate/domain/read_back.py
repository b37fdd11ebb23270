"""What a listing, as read back, says about the write that was meant to change it (FACTS 1.7, 1.8).

"Accepted" is not "done": a write counts when the listing shows what was wanted. A listing may also show it and the
operation be someone else's, or not show it yet: reads run late, by minutes. So each look ends in one of few findings,
and what cannot be told yet is looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from solegate.domain.intents import Action, Intent
from solegate.domain.listings import ListingStatus, OperationStatus, OperationType
from solegate.domain.money import Money
from solegate.domain.reconciliation import CLOCK_SLACK

SOLD = frozenset({ListingStatus.MATCHED, ListingStatus.COMPLETED, ListingStatus.CANCELED})
"""What an ask becomes once a buyer took it; a sale can fail afterwards."""
GONE = SOLD | {ListingStatus.DELETED}
"""Of a create: the pair is not listed any more, and free to be listed again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenOperation:
    """An operation of a listing, as StockX shows it."""

    id: str
    type: str
    status: str
    created_at: datetime | None = None
    error: str | None = None

    @property
    def failed(self) -> bool:
        """Whether StockX gave it up."""
        return self.status == OperationStatus.FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingView:
    """A listing as its details show it; `last` is its newest operation."""

    listing_id: str
    status: str
    price: Money | None
    ask_expires_at: datetime | None
    last: SeenOperation | None
    updated_at: datetime | None = None

    @property
    def is_busy(self) -> bool:
        """Whether StockX is still working on it."""
        return self.last is not None and self.last.status == OperationStatus.PENDING


class Finding(StrEnum):
    """What a look came to."""

    IN_EFFECT = "in_effect"
    NOT_IN_EFFECT = "not_in_effect"
    """Surely not, and nothing is under way that could still bring it about."""
    ACTIVATE = "activate"
    """The draft is there: now it has to be put up for sale."""
    ASK_OPERATION = "ask_operation"
    """Somebody else wrote after us: only our own operation can tell."""
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A finding, and the reason in words."""

    finding: Finding
    reason: str = ""


def read_back(intent: Intent, seen: ListingView | None, *, late: bool = False) -> ReadBack:
    """Compare what was wanted with what is seen.

    Args:
        intent: the write.
        seen: the listing; `None` when StockX shows no such listing. A deleted one is shown as such (FACTS 1.7).
        late: whether reads have had time to catch up, so that what differs now stays different.
    """
    if seen is None and not late:
        found = ReadBack(Finding.NOT_YET, "StockX does not show the listing")
    elif intent.action is Action.DELETE:
        found = _deleted(seen)
    elif seen is None or seen.status == ListingStatus.DELETED:
        found = _after_deletion(intent)
    elif intent.action is Action.CREATE:
        found = _created(intent, seen)
    elif intent.action is Action.DEACTIVATE:
        found = _deactivated(seen)
    else:
        found = _changed(intent, seen)
    if found.finding is not Finding.NOT_YET or seen is None:
        return found
    return _unless_failed(intent, seen, found, late=late)


def _unless_failed(intent: Intent, seen: ListingView, found: ReadBack, *, late: bool) -> ReadBack:
    """What a listing that does not show it (yet) says by its newest operation."""
    last = seen.last
    if seen.is_busy or last is None:
        return ReadBack(Finding.NOT_YET, "StockX is still working on it")
    if last.failed and _can_be_ours(intent, last):
        return ReadBack(Finding.NOT_IN_EFFECT, failed_operation(last))
    if intent.action is not Action.CREATE and intent.operation_id not in (None, last.id):
        return ReadBack(Finding.ASK_OPERATION, found.reason)
    return ReadBack(Finding.NOT_IN_EFFECT, found.reason) if late else found


def _can_be_ours(intent: Intent, operation: SeenOperation) -> bool:
    """Whether an operation can be this write's: it is, or its answer was lost and it began since.

    A create's listing has no operation that is older than the create.
    """
    if intent.action is Action.CREATE or intent.operation_id is not None:
        return intent.action is Action.CREATE or operation.id == intent.operation_id
    began, sent = operation.created_at, intent.sent_at
    return began is None or sent is None or began >= sent - CLOCK_SLACK


def by_operation(operation: SeenOperation, seen: ListingView, *, late: bool) -> ReadBack:
    """What our own operation says, where somebody else wrote after it."""
    if operation.failed:
        return ReadBack(Finding.NOT_IN_EFFECT, failed_operation(operation))
    if operation.status == OperationStatus.SUCCEEDED and late:
        now = f"{seen.status}, {seen.price}" if seen.price else seen.status
        return ReadBack(Finding.IN_EFFECT, f"it took effect, and was changed since: {now}")
    return ReadBack(Finding.NOT_YET, "StockX is still working on it")


def failed_operation(operation: SeenOperation) -> str:
    """Why StockX gave an operation up, with its own sentence."""
    said = f": {operation.error.rstrip('.')}" if operation.error else ""
    return f"StockX failed the {operation.type}{said}"


def shows_expiry(intent: Intent, seen: ListingView) -> bool:
    """Whether the ask ends when it shall, by whole seconds; a draft has no ask that could show it."""
    if intent.expires_at is None or seen.ask_expires_at is None:
        return True
    return abs((seen.ask_expires_at - intent.expires_at).total_seconds()) < 1


def _deleted(seen: ListingView | None) -> ReadBack:
    if seen is None or seen.status == ListingStatus.DELETED:
        return ReadBack(Finding.IN_EFFECT)
    if seen.status in (ListingStatus.MATCHED, ListingStatus.COMPLETED):
        return ReadBack(Finding.NOT_IN_EFFECT, f"the listing is {seen.status}: it was sold")
    return ReadBack(Finding.NOT_YET, f"the listing is still {seen.status}")


def _after_deletion(intent: Intent) -> ReadBack:
    """A listing that is gone is not for sale, which is all that a deactivation wants."""
    if intent.action is Action.DEACTIVATE:
        return ReadBack(Finding.IN_EFFECT, "the listing is deleted")
    return ReadBack(Finding.NOT_IN_EFFECT, "the listing is deleted")


def _created(intent: Intent, seen: ListingView) -> ReadBack:
    if seen.status in SOLD:
        return ReadBack(Finding.IN_EFFECT, f"the listing is {seen.status}")
    if seen.status == ListingStatus.ACTIVE:
        return _priced(intent, seen)
    if seen.status != ListingStatus.INACTIVE or seen.is_busy or seen.last is None or seen.last.failed:
        return ReadBack(Finding.NOT_YET, f"the listing is {seen.status}")
    return _priced(intent, seen) if intent.active is False else _draft(seen.last)


def _draft(last: SeenOperation) -> ReadBack:
    """A draft that shall be for sale, by the operation that ended last."""
    if last.type == OperationType.DEACTIVATE:
        return ReadBack(Finding.NOT_IN_EFFECT, "the listing was taken off sale by somebody")
    if last.type == OperationType.ACTIVATE:
        return ReadBack(Finding.NOT_YET, "the listing does not show that it is for sale")
    return ReadBack(Finding.ACTIVATE)


def _deactivated(seen: ListingView) -> ReadBack:
    if seen.status == ListingStatus.INACTIVE and not seen.is_busy:
        return ReadBack(Finding.IN_EFFECT)
    if seen.status in SOLD:
        return ReadBack(Finding.NOT_IN_EFFECT, f"the listing is {seen.status}: it was sold")
    return ReadBack(Finding.NOT_YET, f"the listing is still {seen.status}")


def _changed(intent: Intent, seen: ListingView) -> ReadBack:
    """An update, or an activation with or without one."""
    if intent.action is Action.ACTIVATE and seen.status == ListingStatus.INACTIVE:
        return ReadBack(Finding.NOT_YET, "the listing does not show that it is for sale")
    if seen.is_busy and intent.price is None:
        return ReadBack(Finding.NOT_YET, "StockX is still working on it")
    found = _priced(intent, seen)
    if seen.status in SOLD and found.finding is not Finding.IN_EFFECT:
        return ReadBack(Finding.NOT_IN_EFFECT, f"the listing is {seen.status}: it was sold before")
    return found


def _priced(intent: Intent, seen: ListingView) -> ReadBack:
    if intent.price is not None and seen.price != intent.price:
        return ReadBack(Finding.NOT_YET, f"the listing shows {seen.price or 'no price'} instead of {intent.price}")
    if intent.action is not Action.CREATE and not shows_expiry(intent, seen):
        return ReadBack(Finding.NOT_YET, "the listing does not show the new expiry")
    return ReadBack(Finding.IN_EFFECT)
