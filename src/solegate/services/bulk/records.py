"""What our own records say about the rows of a job: guard rails, pairs that are listed, listings that are gone."""

from __future__ import annotations

from collections.abc import Sequence

from solegate.db import Session
from solegate.db.repositories.job_units import JobUnits
from solegate.db.repositories.listings import ListingRepository
from solegate.domain.guard_rails import Reason, Wanted
from solegate.domain.intents import Action, Intent, IntentState
from solegate.domain.job_rows import Fault, RowProblem, WantedRow
from solegate.domain.jobs import JobKind
from solegate.domain.listing_findings import MirroredListing
from solegate.domain.listings import ListingStatus
from solegate.services.guard import WriteGuard

Objections = list[tuple[WantedRow, RowProblem]]

_SOLD = frozenset({ListingStatus.MATCHED, ListingStatus.COMPLETED})
_GONE = frozenset({ListingStatus.DELETED, ListingStatus.CANCELED})


class OwnRecords:
    """What the database of one account has against rows; it asks nobody else."""

    def __init__(self, guard: WriteGuard) -> None:
        self._guard = guard
        self._account = guard.account

    async def bounds(self, session: Session, kind: JobKind, rows: Sequence[WantedRow]) -> Objections:
        """Prices beyond the rails, and listings that are known to be sold or gone."""
        known = await ListingRepository(session, self._account).by_ids([each.listing_id for each in rows])
        found: Objections = []
        for row in rows:
            listing = known.get(row.listing_id)
            if listing is not None and (ended := _ended(kind, row, listing)) is not None:
                found.append((row, ended))
            else:
                old_price = None if listing is None else listing.price
                reasons = self._guard.rails.check(Wanted(Action(kind.value), row.price, old_price))
                found += [(row, _railed(row, each)) for each in reasons]
        return found

    async def taken(self, session: Session, kind: JobKind, rows: Sequence[WantedRow]) -> Objections:
        """Pairs that are listed, and units another write of which waits to be sent; rows have their unit."""
        units, named = JobUnits(session, self._account), [row.unit for row in rows]
        waiting = await units.waiting(named)
        standing = await units.listed(named) if kind is JobKind.CREATE else await units.planned(named)
        by = {unit: f"job {job_id}" for unit, job_id in waiting.items()}
        by |= {unit: _name(intent) for unit, intent in standing.items()}
        left = {unit for unit, intent in standing.items() if intent.state is IntentState.FAILED}
        found: Objections = []
        for row in rows:
            if row.unit in by and kind is not JobKind.CREATE:
                found.append((row, _waits(row, by[row.unit])))
            elif row.unit in by:
                found.append((row, (_left_over if row.unit in left else _listed)(row, by[row.unit])))
        return found

    async def day(self, session: Session, kind: JobKind, rows: Sequence[WantedRow]) -> Objections:
        """Rows for which the day has too little left; the session's transaction keeps others from using it up."""
        if not self._guard.rails.has_daily:
            return []
        reasons = await self._guard.reasons(session, [Wanted(Action(kind.value), row.price) for row in rows])
        return [(row, _railed(row, each)) for row, why in zip(rows, reasons, strict=True) for each in why]


def _railed(row: WantedRow, reason: Reason) -> RowProblem:
    return RowProblem(row.line, Fault.GUARD_RAIL, reason.message, reason.hint)


def _name(intent: Intent) -> str:
    """What stands in the way, as a person can look it up."""
    if intent.action is Action.CREATE and intent.listing_id:
        return f"listing {intent.listing_id}"
    return f"job {intent.job_id}" if intent.job_id else f"intent {intent.id}"


def _listed(row: WantedRow, by: str) -> RowProblem:
    if row.unit.startswith(f"{row.variant_id}#"):
        reason, advice = f"A pair of this size is already listed ({by}).", "Name this pair in a column `unit`."
    else:
        reason, advice = f"The pair '{row.unit}' is already listed ({by}).", "Leave the row out, or update the listing."
    return RowProblem(row.line, Fault.UNIT_LISTED, reason, advice)


def _left_over(row: WantedRow, by: str) -> RowProblem:
    """A create that failed can leave a listing that is not for sale (FACTS 1.7)."""
    reason = f"An earlier attempt at this pair left one that is not for sale ({by})."
    return RowProblem(row.line, Fault.UNIT_LISTED, reason, "Activate or delete that listing.")


def _waits(row: WantedRow, by: str) -> RowProblem:
    reason = f"Another change of listing {row.listing_id} waits to be sent ({by})."
    return RowProblem(row.line, Fault.CHANGE_UNDER_WAY, reason, "Let it end, or cancel it.")


def _ended(kind: JobKind, row: WantedRow, listing: MirroredListing) -> RowProblem | None:
    """Why nothing can be changed about a listing any more; deleting what is gone does no harm."""
    if listing.status in _SOLD:
        order = f" (order {listing.order_number})" if listing.order_number else ""
        return RowProblem(row.line, Fault.LISTING_SOLD, f"Listing {row.listing_id} is sold{order}.", "Ship it in time.")
    if listing.status in _GONE and kind is not JobKind.DELETE:
        reason = f"Listing {row.listing_id} is {listing.status}."
        return RowProblem(row.line, Fault.LISTING_GONE, reason, "List the pair anew.")
    return None
