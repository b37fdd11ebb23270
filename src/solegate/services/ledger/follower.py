"""Following a write to its end: what was accepted is read back, what is unknown is looked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from solegate.client.requests import ListingFilter
from solegate.domain.events.listings import Sighting, gone
from solegate.domain.intents import Action, Intent, IntentState
from solegate.domain.leases import Lease
from solegate.domain.listings import ListingStatus
from solegate.domain.read_back import GONE, Finding, ListingView, ReadBack, by_operation, read_back
from solegate.domain.reconciliation import CLOCK_SLACK, NextStep, SeenListing, match, sent_from
from solegate.domain.tasks import Progress
from solegate.errors import NotFoundError, UnitBusyError
from solegate.services.ledger.bench import Bench, in_seconds
from solegate.services.ledger.sender import Sender
from solegate.services.ledger.viewing import (
    READ_OPTIONS,
    made_by_batch,
    operation_view,
    seen_listing,
    sighting_of,
    view_of,
)

_MISSES = 2
"""How often a listing may not be shown, each time long after the last change of its write, before it counts as gone."""


class Follower:
    """Reads back writes, and finds out about those of which nothing is known."""

    def __init__(self, bench: Bench, sender: Sender) -> None:
        self._bench = bench
        self._sender = sender

    async def follow(self, intent: Intent, lease: Lease) -> Progress:
        """Look at the listing of an accepted write.

        Raises:
            StockXError: it cannot be read now.
        """
        seen = await view_of(self._bench, intent)
        now = await self._bench.now()
        late = now - intent.updated_at > self._bench.policy.late
        if seen is None and late and intent.looks < _MISSES:
            return await self._missed(intent)
        found = read_back(intent, seen, late=late)
        if found.finding is Finding.ASK_OPERATION and seen is not None:
            found = await self._ask_operation(intent, seen, late=late)
        if found.finding is Finding.ACTIVATE:
            return await self._sender.activate(intent, lease)
        if found.finding in (Finding.IN_EFFECT, Finding.NOT_IN_EFFECT):
            return await self._settle(intent, found, seen)
        return Progress(self._next_look(intent, now), found.reason)

    async def _missed(self, intent: Intent) -> Progress:
        """StockX shows no such listing. One such answer is not believed: ids vanish and come back (FACTS 1.7)."""
        missed = await self._bench.move(
            intent,
            intent.state,
            {"looks": intent.looks + 1},
            looks=intent.looks,
            why="StockX does not show the listing",
        )
        return Progress(self._next_look(missed, missed.updated_at), "StockX does not show the listing")

    async def sent(self, intent: Intent) -> Progress:
        """A write that is SENT although nobody sends it now: its sender died, or is frozen."""
        now = await self._bench.now()
        if intent.send_before is not None and now < intent.send_before:
            return Progress(intent.send_before, "its sender may still send it")
        reason = {"reason": "its sender was not heard of again"}
        unknown = await self._bench.move(intent, IntentState.UNKNOWN, reason, why="its sender is gone")
        return Progress(self._bench.policy.reconcile.next_look(unknown), "unknown")

    async def look(self, intent: Intent) -> Progress:
        """Find out about an unknown write, if it is time to.

        Raises:
            StockXError: StockX cannot be read now; that is no look.
        """
        due, now = self._bench.policy.reconcile.next_look(intent), await self._bench.now()
        if now < due:
            return Progress(due, "too early to look")
        if intent.action is Action.CREATE:
            return await self._look_for_draft(intent)
        seen = await view_of(self._bench, intent)
        found = read_back(intent, seen)
        if found.finding in (Finding.IN_EFFECT, Finding.NOT_IN_EFFECT):
            return await self._settle(intent, found, seen)
        if seen is not None and seen.is_busy:
            return Progress(in_seconds(now, self._bench.policy.reconcile.apart.total_seconds()), found.reason)
        if intent.attempts >= self._bench.policy.most_sends:
            reason = f"StockX did not take it {intent.attempts} times: {found.reason}"
            return await self._settle(intent, ReadBack(Finding.NOT_IN_EFFECT, reason), seen)
        return await self._plan_again(intent, found.reason)

    async def _look_for_draft(self, intent: Intent) -> Progress:
        """Look for the draft of a create among the account's listings of its size."""
        bench = self._bench
        since = (sent_from(intent) - CLOCK_SLACK).astimezone(UTC).date()
        wanted = ListingFilter(variant_ids=(intent.variant_id,), from_date=since)
        rows = [row async for row in bench.stockx.iter_listings(wanted, options=READ_OPTIONS)]
        listings = [each for row in rows if not made_by_batch(row) and (each := seen_listing(row)) is not None]
        adopted = await self._adopt(intent, listings)
        if adopted is None:
            return await self._not_found(intent, len(listings))
        bench.count(adopted)
        return Progress(await bench.now(), "found")

    async def _adopt(self, intent: Intent, listings: Sequence[SeenListing]) -> Intent | None:
        """Take the draft that can only be this create's; `None` where there is none."""
        bench = self._bench
        async with bench.database.transaction() as session:
            owned = await bench.intents.owned_listings(session, bench.account, [each.listing_id for each in listings])
            found = match([intent], listings, owned, drafts=True)
            listing_id = found.adopt.get(intent.id)
            if listing_id is None:
                return None
            return await bench.intents.move(
                session,
                intent.id,
                IntentState.ACCEPTED,
                intent.state,
                {"listing_id": listing_id, "looks": 0, "reason": ""},
                why="its draft was found by size, price and time",
                evidence={"listing": listing_id, "listings": len(listings), "alike": list(found.doubtful)},
            )

    async def _not_found(self, intent: Intent, listings: int) -> Progress:
        """A look in vain: look again, or believe that the request never arrived."""
        policy, now = self._bench.policy.reconcile, await self._bench.now()
        if policy.after_look_in_vain(intent, now) is NextStep.SEND_AGAIN:
            return await self._plan_again(intent, f"not among {listings} listings of its size")
        looked = await self._bench.move(
            intent,
            intent.state,
            {"looks": intent.looks + 1},
            looks=intent.looks,
            why="looked in vain",
            evidence={"listings": listings},
        )
        return Progress(policy.next_look(looked), "not found yet")

    async def _plan_again(self, intent: Intent, reason: str) -> Progress:
        changes = {"reason": reason, "send_before": None}
        now = await self._bench.now()
        try:
            await self._bench.move(
                intent, IntentState.PLANNED, changes, looks=intent.looks, why=f"it never arrived: {reason}"
            )
        except UnitBusyError:
            found = ReadBack(Finding.NOT_IN_EFFECT, "it never arrived, and a newer write takes its place")
            return await self._settle(intent, found, None)
        return Progress(now, "planned again")

    async def _ask_operation(self, intent: Intent, seen: ListingView, *, late: bool) -> ReadBack:
        """Ask for our own operation, where somebody else wrote after it."""
        try:
            operation = await self._bench.stockx.get_listing_operation(
                seen.listing_id, intent.operation_id or "", options=READ_OPTIONS
            )
        except NotFoundError:
            return ReadBack(Finding.NOT_YET, "StockX does not show the operation")
        return by_operation(operation_view(operation), seen, late=late)

    async def _settle(self, intent: Intent, found: ReadBack, seen: ListingView | None) -> Progress:
        """Record the end, and give the pair free where its listing is gone."""
        in_effect = IntentState.RECONCILED if intent.state is IntentState.UNKNOWN else IntentState.CONFIRMED
        state = in_effect if found.finding is Finding.IN_EFFECT else IntentState.FAILED
        await self._bench.move(
            intent,
            state,
            {"reason": found.reason},
            why="read back",
            evidence=_evidence(seen),
            gone=_gone(intent, state, seen),
            seen=sighting_of(intent, seen) if seen else _deleted(intent, state, await self._bench.now()),
        )
        return Progress(None, found.reason or state.value)

    def _next_look(self, intent: Intent, now: datetime) -> datetime:
        """Ever later, the longer StockX takes with what it was sent last."""
        policy = self._bench.policy
        elapsed = (now - intent.updated_at) / timedelta(seconds=1)
        return in_seconds(now, min(policy.longest_wait, max(policy.first_wait, elapsed * 0.7)))


def _gone(intent: Intent, state: IntentState, seen: ListingView | None) -> str:
    """Why the pair of a listing is free; empty where it is not."""
    if intent.listing_id is None:
        return ""
    if intent.action is Action.DELETE:
        return "deleted" if state in (IntentState.CONFIRMED, IntentState.RECONCILED) else ""
    if seen is None:
        return "StockX knows no such listing" if intent.action is Action.CREATE else ""
    return f"the listing is {ListingStatus(seen.status)}" if seen.status in GONE else ""


def _deleted(intent: Intent, state: IntentState, now: datetime) -> Sighting | None:
    """That our delete took effect, where StockX shows the listing no more."""
    if intent.action is not Action.DELETE or intent.listing_id is None or state is IntentState.FAILED:
        return None
    return gone(intent.listing_id, now)


def _evidence(seen: ListingView | None) -> dict[str, object]:
    if seen is None:
        return {"listing": "none"}
    shown: dict[str, object] = {
        "listing": seen.listing_id,
        "status": seen.status,
        "price": str(seen.price) if seen.price else None,
    }
    if seen.last is None:
        return shown
    return {**shown, "operation": seen.last.id, "type": seen.last.type, "operation_status": seen.last.status}
