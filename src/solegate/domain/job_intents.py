"""From a row to its intent, and back to the plan when it surely did not arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from solegate.domain.guard_rails import Wanted
from solegate.domain.intents import Action, Intent, IntentState
from solegate.domain.job_results import Entry
from solegate.domain.jobs import Job, JobItem, JobKind, RowState
from solegate.domain.listings import InventoryType
from solegate.domain.tags import DEFAULT_EXPIRY, tag_of, tagged_expiry

ACTIONS: Mapping[JobKind, Action] = MappingProxyType(
    {
        JobKind.CREATE: Action.CREATE,
        JobKind.UPDATE: Action.UPDATE,
        JobKind.ACTIVATE: Action.ACTIVATE,
        JobKind.DEACTIVATE: Action.DEACTIVATE,
        JobKind.DELETE: Action.DELETE,
    }
)
"""What a job's rows do, as the ledger names it."""
_ACTIVE: Mapping[Action, bool] = MappingProxyType(
    {Action.CREATE: True, Action.ACTIVATE: True, Action.DEACTIVATE: False}
)


def intent_id_of(item: JobItem) -> str:
    """A row's intent: one for its whole life in the job, however often it is sent."""
    return f"{item.job_id}:{item.number}"


def wanted_of(job: Job, item: JobItem) -> Wanted:
    """A row as the guard rails see it."""
    return Wanted(ACTIONS[job.kind], item.price)


def planned(job: Job, item: JobItem, now: datetime) -> Intent:
    """A row's intent. A create's ask carries a tag that no other row of its chunk has."""
    action, intent_id = ACTIONS[job.kind], intent_id_of(item)
    expires_at = item.expires_at
    if action is Action.CREATE:
        expires_at = tagged_expiry(expires_at or now + DEFAULT_EXPIRY, tag_of(job.id) + item.number)
    return Intent(
        id=intent_id,
        account=job.account,
        action=action,
        unit=item.unit,
        variant_id=item.variant_id or "",
        listing_id=None if action is Action.CREATE else item.listing_id,
        price=item.price,
        active=_ACTIVE.get(action),
        expires_at=expires_at,
        inventory_type=job.options.get("inventory_type", InventoryType.STANDARD),
        job_id=job.id,
        row=item.number,
        actor=job.actor,
        cause=f"job {job.name or job.id}",
        created_at=now,
        updated_at=now,
    )


def sending(item: JobItem, intent: Intent, *, now: datetime, send_before: datetime) -> Entry:
    """A row that is about to be sent; committed before it is."""
    return Entry(
        replace(item, state=RowState.SUBMITTED, intent_id=intent.id, reason="", advice="", updated_at=now),
        replace(
            intent,
            state=IntentState.SENT,
            attempts=intent.attempts + 1,
            sent_at=now,
            send_before=send_before,
            batch_id=None,
            updated_at=now,
        ),
    )


def taken(entry: Entry, batch_id: str | None, now: datetime) -> Entry:
    """A row whose batch StockX took; `None` when it is not known which."""
    return replace(entry, intent=replace(entry.intent, state=IntentState.ACCEPTED, batch_id=batch_id, updated_at=now))


def doubtful(entry: Entry, now: datetime) -> Entry:
    """A row whose batch may or may not have arrived; its sender has ended, so no byte of it leaves after `now`."""
    return replace(entry, intent=replace(entry.intent, state=IntentState.UNKNOWN, send_before=now, updated_at=now))


def back_to_plan(entry: Entry, now: datetime, reason: str = "") -> Entry:
    """A row that surely did not arrive: it may be sent again."""
    return Entry(
        replace(entry.item, state=RowState.READY, reason=reason, updated_at=now),
        replace(entry.intent, state=IntentState.PLANNED, updated_at=now),
    )


def with_listing(entry: Entry, listing_id: str, now: datetime) -> Entry:
    """A row whose listing is known; whether it is as intended is still to be seen."""
    return Entry(
        replace(entry.item, listing_id=listing_id, updated_at=now),
        replace(entry.intent, listing_id=listing_id, updated_at=now),
    )


def refused(item: JobItem, reason: str, advice: str, now: datetime) -> JobItem:
    """A row that is not sent at all."""
    return replace(item, state=RowState.FAILED, reason=reason, advice=advice, updated_at=now)
