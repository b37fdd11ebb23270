"""What came of a job's rows: batch items matched to rows, and listings judged against what was asked for.

StockX's word about an item is not the end of it: an item that made a listing is COMPLETED although its ask did not
open, and an update counts when a read shows the new price, not before (FACTS 1.7). So a row is DONE only when its
listing was seen as intended. Amounts are compared as numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from solegate.domain.intents import Action, Intent, IntentState, frees_its_unit
from solegate.domain.jobs import JobItem, RowState
from solegate.domain.listings import ListingStatus
from solegate.domain.money import Money
from solegate.domain.reconciliation import SeenListing

SOLD = frozenset({ListingStatus.MATCHED, ListingStatus.COMPLETED})
GONE = frozenset({ListingStatus.DELETED, ListingStatus.CANCELED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """An item of a batch, as StockX tells it.

    Attributes:
        listing_id: of an update or delete, the listing that was to be changed; of a create, the one it made.
        variant_id, expires_at, price: what a create asked for.
        error: why it failed; empty when it did not.
        ended: whether it was worked off.
    """

    listing_id: str | None
    variant_id: str | None = None
    expires_at: datetime | None = None
    price: Money | None = None
    error: str = ""
    ended: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(SeenListing):
    """A listing as StockX shows it.

    Attributes:
        batch_id: the batch that made it.
        order_number: its sale.
        updated_at: when StockX last changed it.
        refusal: why its ask did not open, from its last operation; empty when nothing is known of that.
    """

    batch_id: str | None = None
    order_number: str | None = None
    refusal: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A row with its intent."""

    item: JobItem
    intent: Intent


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a row.

    Attributes:
        row: its state; SUBMITTED while it is not decided.
        intent: the state of its intent.
        reason: why, for people.
        advice: what to do next, for people.
        frees: whether the pair behind the listing is not for sale any more: sold, or the listing is gone.
    """

    row: RowState
    intent: IntentState
    reason: str = ""
    advice: str = ""
    frees: bool = False


UNDECIDED = Verdict(RowState.SUBMITTED, IntentState.ACCEPTED)


def decided(entry: Entry, verdict: Verdict, now: datetime) -> Entry:
    """A row and its intent once a verdict is known; nothing changes while it is not.

    What was unknown and was found in effect is RECONCILED. A create that came to nothing gives its pair free.
    """
    if verdict is UNDECIDED:
        return entry
    found = verdict.intent is IntentState.CONFIRMED and entry.intent.state is IntentState.UNKNOWN
    state = IntentState.RECONCILED if found else verdict.intent
    intent = replace(entry.intent, state=state, reason=verdict.reason, updated_at=now)
    if frees_its_unit(intent) or (verdict.frees and intent.action is Action.CREATE):
        intent = replace(intent, released_at=now)
    item = replace(entry.item, state=verdict.row, reason=verdict.reason, advice=verdict.advice, updated_at=now)
    return Entry(replace(item, listing_id=intent.listing_id), intent)


def match_created(intents: Sequence[Intent], items: Iterable[Worked]) -> Mapping[str, Worked]:
    """The items of a create batch by the intents they belong to: by tag, else by size and amount.

    Intents that no item belongs to are left out.
    """
    by_tag = {_tag(each.variant_id, each.expires_at): each for each in intents}
    found: dict[str, Worked] = {}
    rest: list[Worked] = []
    for item in items:
        intent = by_tag.get(_tag(item.variant_id, item.expires_at))
        if intent is None or intent.id in found:
            rest.append(item)
        else:
            found[intent.id] = item
    left = [each for each in intents if each.id not in found]
    for item in rest:
        alike = next((each for each in left if _alike(each, item)), None)
        if alike is not None:
            left.remove(alike)
            found[alike.id] = item
    return found


def match_changed(intents: Sequence[Intent], items: Iterable[Worked]) -> Mapping[str, Worked]:
    """The items of an update or delete batch by the intents they belong to."""
    by_listing = {item.listing_id: item for item in items}
    return {each.id: by_listing[each.listing_id] for each in intents if each.listing_id in by_listing}


def carry_tags_of(intents: Iterable[Intent], items: Iterable[Worked]) -> bool:
    """Whether a batch is that of these creates: one of its items names a tag of theirs."""
    tags = {_tag(each.variant_id, each.expires_at) for each in intents}
    return any(_tag(each.variant_id, each.expires_at) in tags for each in items)


def carries_tag_of(intent: Intent, seen: Seen) -> bool:
    """Whether a listing shows the tag of an intent: the same size, and the same end of its ask to the second."""
    return _tag(intent.variant_id, intent.expires_at) == _tag(seen.variant_id, seen.ask_expires_at)


def keeper(of_one_pair: Sequence[Seen]) -> Seen:
    """Which of several listings of one pair stays: the sold one, else the one for sale, else the oldest."""
    rank = {ListingStatus.ACTIVE: 1, **dict.fromkeys(SOLD, 0)}

    def order(seen: Seen) -> tuple[int, datetime, str]:
        known = ListingStatus(seen.status) if seen.status in set(ListingStatus) else ListingStatus.INACTIVE
        return rank.get(known, 2), seen.created_at, seen.listing_id

    return min(of_one_pair, key=order)


def is_as_asked(intent: Intent, seen: Seen) -> bool:
    """Whether a listing is as the intent wants it; sold counts for a pair that was to be for sale."""
    if intent.action is Action.DELETE:
        return seen.status in GONE
    if intent.action is Action.DEACTIVATE:
        return seen.status == ListingStatus.INACTIVE
    right_price = intent.price is None or seen.price == intent.price
    if intent.action is Action.UPDATE and intent.active is None:
        return right_price and seen.status in (ListingStatus.ACTIVE, ListingStatus.INACTIVE)
    return right_price and seen.status == ListingStatus.ACTIVE


def judge(intent: Intent, seen: Seen, *, patience_over: bool) -> Verdict:
    """What is known of a row whose listing was read.

    Args:
        intent: what was wanted.
        seen: its listing.
        patience_over: whether what is not as intended by now counts as failed.
    """
    if is_as_asked(intent, seen):
        return Verdict(RowState.DONE, IntentState.CONFIRMED, frees=intent.action is Action.DELETE)
    if seen.status in SOLD:
        return _sold(intent, seen)
    if seen.status in GONE:
        gone = f"StockX shows the listing as {seen.status}."
        return replace(_failed(gone, "List the pair again if it is still for sale."), frees=True)
    if intent.active and seen.refusal:
        return _failed(seen.refusal, f"The listing is a draft now: activate or delete listing {seen.listing_id}.")
    if not patience_over:
        return UNDECIDED
    return _failed(
        f"StockX shows {_shown(seen)} instead of {_wanted(intent)}.",
        f"Look at listing {seen.listing_id}, then run the failed rows again.",
    )


def judge_absent(intent: Intent) -> Verdict:
    """What is known of a row whose listing StockX does not know at all."""
    if intent.action is Action.DELETE:
        return Verdict(RowState.DONE, IntentState.CONFIRMED, frees=True)
    return _failed("StockX does not know this listing.", "Check the listing id; it may have been deleted.")


def item_failed(error: str) -> Verdict:
    """What is known of a row whose item StockX refused."""
    said = error or "StockX gave no reason."
    return _failed(said, "Correct the row and run the failed rows again.")


def never_seen() -> Verdict:
    """What is known of a row of an accepted batch of which no listing ever came."""
    return Verdict(
        RowState.FAILED,
        IntentState.UNKNOWN,
        "StockX took the batch, and no listing of this row came of it.",
        "Look at StockX whether the pair is listed before you list it again.",
    )


def _sold(intent: Intent, seen: Seen) -> Verdict:
    order = f" (order {seen.order_number})" if seen.order_number else ""
    if intent.action is Action.CREATE:
        return Verdict(RowState.DONE, IntentState.CONFIRMED, f"Sold already{order}.", "Ship it in time.", frees=True)
    return replace(_failed(f"Sold before the change took effect{order}.", "Ship it in time."), frees=True)


def _failed(reason: str, advice: str) -> Verdict:
    return Verdict(RowState.FAILED, IntentState.FAILED, reason, advice)


def _tag(variant_id: str | None, expires_at: datetime | None) -> tuple[str | None, datetime | None]:
    """StockX may cut the milliseconds (FACTS 8)."""
    return variant_id, None if expires_at is None else expires_at.replace(microsecond=0)


def _alike(intent: Intent, item: Worked) -> bool:
    return intent.variant_id == item.variant_id and (item.price is None or item.price == intent.price)


def _shown(seen: Seen) -> str:
    return f"{seen.status}{f' at {seen.price}' if seen.price else ''}"


def _wanted(intent: Intent) -> str:
    wished = {True: ListingStatus.ACTIVE, False: ListingStatus.INACTIVE, None: "a listing"}[intent.active]
    state = ListingStatus.DELETED if intent.action is Action.DELETE else wished
    return f"{state}{f' at {intent.price}' if intent.price else ''}"
