"""Writing down what shall be done: the intent and the task that follows it, in one transaction, before any request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from solegate.client.policy.call import Lane
from solegate.client.requests import ListingChange, NewListing
from solegate.db import Session
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.guard_rails import Wanted
from solegate.domain.intents import IN_FLIGHT, Action, Intent, IntentState, unit_of_listing
from solegate.domain.listings import InventoryType
from solegate.domain.money import Money
from solegate.domain.row_cells import LONGEST_UNIT
from solegate.domain.superseding import superseding
from solegate.domain.tags import DEFAULT_EXPIRY, tag_of, tagged_expiry
from solegate.domain.tasks import Task
from solegate.errors import AlreadyListedError, InvalidInputError, NoSuchRecordError, NotFoundError, UnitBusyError
from solegate.services.ledger.bench import Bench

INTENT_TASK = "intent"
_LANE = list(Lane).index(Lane.WRITES)
_SEVERAL = 20
"""How many callers may list an unnamed pair of one size, or change one listing, at the same moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a write comes from.

    Attributes:
        actor: who wants it: a person, a rule.
        cause: why, in words.
        caller_key: the caller's idempotency key: the same key gives the same intent again.
    """

    actor: str
    cause: str = ""
    caller_key: str | None = None


class _OvertakenError(Exception):
    """Raised where somebody else was faster: what was read is no longer so, and nothing was written."""


class Planner:
    """Plans single writes of one account."""

    def __init__(self, bench: Bench, tasks: TaskRepository, *, new_id: Callable[[], str]) -> None:
        self._bench = bench
        self._tasks = tasks
        self._new_id = new_id

    async def create(self, listing: NewListing, origin: Origin, *, unit: str | None) -> Intent:
        """Plan to list a pair. See `Ledger.create`."""
        intent_id, now = self._new_id(), await self._bench.now()
        if unit is not None and not (0 < len(unit.strip()) == len(unit) <= LONGEST_UNIT):
            raise InvalidInputError(f"The name of a pair has 1 to {LONGEST_UNIT} characters, and no space around it.")
        if unit is not None and unit.startswith(unit_of_listing("")):
            raise InvalidInputError(f"The name of a pair does not begin with '{unit_of_listing('')}'.")
        if listing.quantity != 1:
            raise InvalidInputError("A single create lists one pair; a job lists many.")
        if listing.expires_at is not None and listing.expires_at <= now:
            raise InvalidInputError("The expiry is in the past.")
        wanted = self._intent(
            intent_id,
            origin,
            now,
            action=Action.CREATE,
            unit=unit or "",
            variant_id=listing.variant_id,
            price=listing.price,
            active=listing.active,
            expires_at=listing.expires_at or tagged_expiry(now + DEFAULT_EXPIRY, tag_of(intent_id)),
            inventory_type=InventoryType(listing.inventory_type).value,
        )
        if unit:
            return await self._plan(wanted)
        for _ in range(_SEVERAL):
            try:
                return await self._plan(replace(wanted, unit=await self._free_unit(listing.variant_id)))
            except AlreadyListedError:
                continue  # somebody else took the number meanwhile
        raise UnitBusyError("Too many callers list this size at the same moment.")

    async def change(
        self,
        action: Action,
        listing_id: str,
        origin: Origin,
        *,
        price: Money | None = None,
        expires_at: datetime | None = None,
    ) -> Intent:
        """Plan a change of a listing. See `Ledger.reprice` and its neighbours."""
        now = await self._bench.now()
        active = {Action.ACTIVATE: True, Action.DEACTIVATE: False}.get(action)
        checked = ListingChange(listing_id, price, expires_at, active=action is not Action.UPDATE or None)
        if expires_at is not None and expires_at <= now:
            raise InvalidInputError("The expiry is in the past.")
        wanted = self._intent(
            self._new_id(),
            origin,
            now,
            action=action,
            unit=unit_of_listing(checked.listing_id),
            listing_id=checked.listing_id,
            price=price,
            active=active,
            expires_at=expires_at,
        )
        return await self._plan(wanted, old_price=await self._old_price(wanted))

    async def cancel(self, intent_id: str, *, actor: str) -> Intent:
        """Give up a write that was not sent. See `Ledger.cancel`."""
        async with self._bench.database.transaction() as session:
            intent = await self._bench.intents.get(session, intent_id, lock=True)
            if intent is None or intent.account != self._bench.account:
                raise NoSuchRecordError(f"There is no write {intent_id}.")
            if intent.state is not IntentState.PLANNED:
                raise UnitBusyError(f"Write {intent_id} is {intent.state}: only a planned one can be cancelled.")
            if intent.job_id is not None:
                raise InvalidInputError(f"Write {intent_id} belongs to job {intent.job_id}: cancel the job.")
            changes = {"reason": f"cancelled by {actor}"}
            return await self._bench.intents.move(
                session, intent_id, IntentState.ABANDONED, intent.state, changes, why="cancelled", actor=actor
            )

    async def queue(self, session: Session, intent: Intent, now: datetime) -> None:
        """Let a worker look at an intent."""
        task = Task(account=intent.account, kind=INTENT_TASK, subject=intent.id, lane=_LANE, due_at=now)
        await self._tasks.put(session, task)

    def _intent(self, intent_id: str, origin: Origin, now: datetime, **wanted: object) -> Intent:
        known = {
            "id": intent_id,
            "account": self._bench.account,
            "actor": origin.actor,
            "cause": origin.cause,
            "caller_key": origin.caller_key,
            "created_at": now,
            "updated_at": now,
        }
        return Intent(**known | wanted)  # type: ignore[arg-type]

    async def _plan(self, wanted: Intent, *, old_price: Money | None = None) -> Intent:
        for _ in range(_SEVERAL):
            try:
                return await self._plan_once(wanted, old_price)
            except _OvertakenError:
                continue  # somebody else planned a write of the same listing in the same moment: one of us is newer
        raise UnitBusyError(f"Too many callers change {wanted.unit} at the same moment.")

    async def _plan_once(self, wanted: Intent, old_price: Money | None) -> Intent:
        """Plan it.

        Raises:
            _OvertakenError: somebody else planned one meanwhile.
        """
        bench = self._bench
        async with bench.database.transaction() as session:
            if wanted.caller_key is not None:
                known = await bench.intents.by_caller_key(session, wanted.account, wanted.caller_key)
                if known is not None:
                    return _same(known, wanted)
            await bench.guard.before_plan(session, Wanted(wanted.action, wanted.price, old_price))
            merged = await self._take_the_place(session, wanted)
            version = await bench.intents.newest_version(session, wanted.account, wanted.unit) + 1
            try:
                added = await bench.intents.add(session, replace(merged, version=version))
            except UnitBusyError:
                raise _OvertakenError from None
            await self.queue(session, added, added.created_at)
        return _same(added, wanted) if added.id != wanted.id else added

    async def _take_the_place(self, session: Session, wanted: Intent) -> Intent:
        """Give up a planned write of the same listing that this one supersedes; what it wanted besides is kept."""
        if wanted.action is Action.CREATE:
            return wanted
        intents = self._bench.intents
        if wanted.action is not Action.DELETE and wanted.listing_id is not None:
            create = await intents.create_of_listing(session, wanted.account, wanted.listing_id)
            if create is not None and create.state in IN_FLIGHT:
                raise UnitBusyError(f"Listing {wanted.listing_id} is still being made: write {create.id}.")
        for older in await intents.open_of_unit(session, wanted.account, wanted.unit):
            if older.state is not IntentState.PLANNED:
                continue
            merged = superseding(older, wanted) if older.job_id is None else None
            if merged is None:
                raise UnitBusyError(f"Before it, {older.action} {older.id} of the same listing has to be sent.")
            wanted = merged
            reason = {"reason": f"superseded by {wanted.id}"}
            try:
                await intents.move(session, older.id, IntentState.ABANDONED, older.state, reason, why="superseded")
            except UnitBusyError:
                raise _OvertakenError from None
        return wanted

    async def _free_unit(self, variant_id: str) -> str:
        """The first number of this size under which no pair is listed."""
        async with self._bench.database.reading() as session:
            held = await self._bench.intents.held_units(session, self._bench.account, variant_id)
        return next(unit for number in range(1, len(held) + 2) if (unit := f"{variant_id}#{number}") not in held)

    async def _old_price(self, wanted: Intent) -> Money | None:
        """The listing's price now, read only where a guard rail needs it."""
        rails, listing_id = self._bench.guard.rails, wanted.listing_id
        bounds = bool(rails.floor or rails.ceiling or rails.daily_value)
        needed = rails.largest_move is not None if wanted.price else bounds and wanted.action is Action.ACTIVATE
        if not needed or listing_id is None:
            return None
        try:
            return (await self._bench.stockx.get_listing(listing_id)).price
        except NotFoundError:
            raise InvalidInputError(f"There is no listing {listing_id}.") from None


def _same(known: Intent, wanted: Intent) -> Intent:
    """The intent made under the caller's key before.

    Raises:
        InvalidInputError: the key was used for something else.
    """
    widened = known.action is Action.ACTIVATE and wanted.action is Action.UPDATE  # it took the place of an activation
    same = (
        (known.action is wanted.action or widened)
        and (known.variant_id, _name_of(known)) == (wanted.variant_id, _name_of(wanted))
        and wanted.price in (None, known.price)
    )
    if not same:
        raise InvalidInputError(f"The key '{wanted.caller_key}' was used for another write, {known.id}.")
    return known


def _name_of(intent: Intent) -> str:
    """What it is done to, as the caller named it: pairs without a name are numbered here, each time anew."""
    return "" if intent.unit.startswith(f"{intent.variant_id}#") else intent.unit
