"""Sending one write: marked as sent first, let out only under the lease, and what came of it recorded.

Whatever goes wrong between the two commits leaves the write SENT, and SENT is never sent again: once its sender may
send no more, it counts as unknown and is looked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from solegate.client.models import ListingOperation
from solegate.client.options import CallOptions
from solegate.client.requests import NewListing
from solegate.domain.events.listings import Sighting, gone
from solegate.domain.guard_rails import Wanted
from solegate.domain.intents import Action, Intent, IntentState
from solegate.domain.leases import Lease
from solegate.domain.read_back import Finding, read_back
from solegate.domain.tasks import Progress
from solegate.errors import (
    AuthenticationError,
    CircuitOpenError,
    GuardRailError,
    InvalidInputError,
    LeaseLostError,
    Outcome,
    QuotaExhaustedError,
    RateLimitedError,
    StockXError,
    UnitBusyError,
    UpstreamError,
    WritesStoppedError,
)
from solegate.services.ledger.bench import Bench, in_seconds, listing_of, not_before
from solegate.services.ledger.viewing import sighting_of, view_of

_LATER = (
    AuthenticationError,
    CircuitOpenError,
    LeaseLostError,
    QuotaExhaustedError,
    RateLimitedError,
    UpstreamError,
)
"""Failures that say nothing against the write itself: it is sent again once there is a chance."""
STOPPED_SECONDS = 30.0
"""Until a write looks again whether the kill switch still stops it."""
TROUBLE_SECONDS = 15.0
"""Until a write that could not be sent is tried again, where nobody says when."""


@dataclass(frozen=True, slots=True)
class _Leave:
    """A write that may be sent, and for how long."""

    intent: Intent
    gate: Callable[[], bool]


class Sender:
    """Sends planned writes, and puts drafts up for sale."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    async def send(self, intent: Intent, lease: Lease) -> Progress:
        """Send a planned write, once."""
        try:
            leave = await self._mark_sent(intent, lease)
        except UnitBusyError as error:
            return Progress(await self._after_others(intent), error.message)
        except WritesStoppedError as error:
            return Progress(in_seconds(await self._bench.now(), STOPPED_SECONDS), error.message)
        except GuardRailError as error:
            await self._bench.move(intent, IntentState.ABANDONED, {"reason": error.message}, why="guard rail")
            return Progress(None, error.message)
        return await self._let_out(leave, lease)

    async def _after_others(self, intent: Intent) -> datetime:
        """When to try again, where another write is in the way: not before the next look at one that is unknown."""
        bench = self._bench
        async with bench.database.reading() as session:
            now = await bench.database.now(session)
            others = await bench.intents.in_the_way(session, intent)
        looks = [bench.policy.reconcile.next_look(each) for each in others if each.state is IntentState.UNKNOWN]
        return max([bench.wait_for_others(intent, now), *looks])

    async def _let_out(self, leave: _Leave, lease: Lease) -> Progress:
        """Send it, and record what came of it."""
        try:
            operation = await self._call(leave)
        except InvalidInputError as error:
            await self._bench.move(leave.intent, IntentState.FAILED, {"reason": error.message}, why="never sent")
            return Progress(None, error.message)
        except StockXError as error:
            return await self._failed(leave.intent, error)
        accepted = await self._accepted(leave.intent, operation)
        if accepted.action is Action.CREATE and accepted.active is not False:
            return await self.activate(accepted, lease)
        return Progress(in_seconds(await self._bench.now(), self._bench.policy.first_wait), "accepted")

    async def activate(self, intent: Intent, lease: Lease) -> Progress:
        """Put the draft of a create up for sale. Its id is known, so sending this twice does no harm."""
        gate, now = self._gate(lease), await self._bench.now()
        options = CallOptions(gate=gate, deadline=self._bench.policy.send_seconds)
        try:
            operation = await self._bench.stockx.activate_listing(
                listing_of(intent), intent.price, expires_at=intent.expires_at, options=options
            )
        except StockXError as error:  # the next look tells whether it is for sale all the same
            later = not_before(error.retry_at, in_seconds(now, self._bench.policy.first_wait))
            return Progress(later, f"activation: {error.message}")
        changes = {"operation_id": operation.operation_id}
        evidence = {"listing": intent.listing_id, "operation": operation.operation_id}
        await self._bench.move(intent, intent.state, changes, why="the draft is put up for sale", evidence=evidence)
        return Progress(in_seconds(await self._bench.now(), self._bench.policy.first_wait), "activation accepted")

    async def _mark_sent(self, intent: Intent, lease: Lease) -> _Leave:
        """Commit that it is sent, before it is.

        Raises:
            UnitBusyError: another write is in the way, or somebody else moved it.
            GuardRailError: it breaks a guard rail by now.
            WritesStoppedError: every write is stopped.
        """
        bench, gate = self._bench, self._gate(lease)
        async with bench.database.transaction() as session:
            await bench.guard.before_send(session, Wanted(intent.action, intent.price))
            now = await bench.database.now(session)
            changes = {
                "attempts": intent.attempts + 1,
                "sent_at": now,
                "send_before": now + timedelta(seconds=bench.policy.send_seconds),
                "looks": 0,
                "operation_id": None,
                "reason": "",
            }
            evidence = {"attempt": intent.attempts + 1, "fence": lease.fence, "owner": lease.owner}
            sent = await bench.intents.move(
                session, intent.id, IntentState.SENT, intent.state, changes, why="its turn", evidence=evidence
            )
        bench.count(sent)
        return _Leave(sent, gate)

    def _gate(self, lease: Lease) -> Callable[[], bool]:
        """Whether the last byte may leave: under the lease, and within the time others were told to wait.

        It is made before the database is asked, so the sender's own end is never later than what the row says.
        """
        clock, seconds = self._bench.clock, self._bench.policy.send_seconds
        own = Lease(lease.owner, lease.fence, clock.now() + timedelta(seconds=seconds), clock.monotonic() + seconds)

        def gate() -> bool:
            now, monotonic = clock.now(), clock.monotonic()
            return lease.holds(now, monotonic) and own.holds(now, monotonic)

        return gate

    async def _call(self, leave: _Leave) -> ListingOperation:
        intent, stockx = leave.intent, self._bench.stockx
        options = CallOptions(gate=leave.gate, deadline=self._bench.policy.send_seconds)
        if intent.action is Action.CREATE:
            return await stockx.create_listing(_draft(intent), options=options)
        listing_id = listing_of(intent)
        match intent.action:
            case Action.UPDATE:
                return await stockx.update_listing(
                    listing_id, intent.price, expires_at=intent.expires_at, options=options
                )
            case Action.ACTIVATE:
                return await stockx.activate_listing(
                    listing_id, intent.price, expires_at=intent.expires_at, options=options
                )
            case Action.DEACTIVATE:
                return await stockx.deactivate_listing(listing_id, options=options)
            case _:
                return await stockx.delete_listing(listing_id, options=options)

    async def _accepted(self, intent: Intent, operation: ListingOperation) -> Intent:
        """Record StockX's answer, also where a reconciler has called the write unknown meanwhile."""
        changes = {"listing_id": operation.listing_id, "operation_id": operation.operation_id}
        evidence = {"listing": operation.listing_id, "operation": operation.operation_id}
        try:
            return await self._bench.move(
                intent, IntentState.ACCEPTED, changes, why="StockX accepted it", evidence=evidence
            )
        except UnitBusyError:
            async with self._bench.database.reading() as session:
                now = await self._bench.intents.get(session, intent.id)
            if now is None or now.state is not IntentState.UNKNOWN or now.attempts != intent.attempts:
                raise
            return await self._bench.move(
                now, IntentState.ACCEPTED, changes, why="StockX accepted it after all", evidence=evidence
            )

    async def _failed(self, intent: Intent, error: StockXError) -> Progress:
        """Record why there is no operation: unknown, to be sent later, or refused."""
        now = await self._bench.now()
        evidence: dict[str, object] = {"error": error.code, "status": error.status, "request": error.request_id}
        if error.outcome is not Outcome.NOT_APPLIED:
            changes: dict[str, object] = {"reason": error.message, "send_before": now}
            unknown = await self._bench.move(
                intent, IntentState.UNKNOWN, changes, why="no answer that tells", evidence=evidence
            )
            return Progress(self._bench.policy.reconcile.next_look(unknown), "unknown")
        if isinstance(error, _LATER):
            return await self._later(intent, error, now, evidence)
        return await self._refused(intent, error, evidence)

    async def _later(self, intent: Intent, error: StockXError, now: datetime, evidence: dict[str, object]) -> Progress:
        """It surely did not arrive: planned again, unless a newer wish has taken its place meanwhile."""
        changes = {"attempts": intent.attempts - 1, "send_before": None, "reason": error.message}
        try:
            await self._bench.move(intent, IntentState.PLANNED, changes, why="it did not arrive", evidence=evidence)
        except UnitBusyError:
            return await self._fail(intent, "it did not arrive, and a newer write takes its place", evidence)
        pause = 0.0 if isinstance(error, LeaseLostError) else TROUBLE_SECONDS
        return Progress(not_before(error.retry_at, in_seconds(now, pause)), error.message)

    async def _refused(self, intent: Intent, error: StockXError, evidence: dict[str, object]) -> Progress:
        """StockX refused it; a change may be refused because things are so already, or because it arrived before.

        What was sent before may have arrived, and a read may lag behind it: so a second refusal is no end, but is
        looked into like a lost answer.
        """
        as_wanted = await self._as_wanted(intent) if intent.action is not Action.CREATE else None
        if as_wanted is not None:
            accepted = await self._bench.move(intent, IntentState.ACCEPTED, why="refused", evidence=evidence)
            reason = {"reason": f"it was so already; {error.message}"}
            freed = "deleted" if intent.action is Action.DELETE else ""
            why = "it is so already"
            await self._bench.move(accepted, IntentState.CONFIRMED, reason, why=why, gone=freed, seen=as_wanted)
            return Progress(None, "it is so already")
        if intent.action is not Action.CREATE and intent.attempts > 1:
            changes: dict[str, object] = {"reason": error.message, "send_before": await self._bench.now()}
            why = "refused, and it was sent before"
            unknown = await self._bench.move(intent, IntentState.UNKNOWN, changes, why=why, evidence=evidence)
            return Progress(self._bench.policy.reconcile.next_look(unknown), "unknown")
        return await self._fail(intent, error.message, evidence)

    async def _as_wanted(self, intent: Intent) -> Sighting | None:
        """The listing, if a read shows what a change wanted; one that fails shows nothing."""
        try:
            seen = await view_of(self._bench, intent)
        except StockXError:
            return None
        if read_back(intent, seen, late=True).finding is not Finding.IN_EFFECT:
            return None
        return sighting_of(intent, seen) if seen else gone(listing_of(intent), await self._bench.now())

    async def _fail(self, intent: Intent, reason: str, evidence: dict[str, object]) -> Progress:
        await self._bench.move(intent, IntentState.FAILED, {"reason": reason}, why="refused", evidence=evidence)
        return Progress(None, reason)


def _draft(intent: Intent) -> NewListing:
    """What a create sends: never anything that a buyer could take at once.

    Raises:
        ValueError: it has no price.
    """
    if intent.price is None:
        raise ValueError(f"create {intent.id} has no price")
    return NewListing(
        intent.variant_id,
        intent.price,
        active=False,
        expires_at=intent.expires_at,
        inventory_type=intent.inventory_type,
    )
