"""A sync's life: it mirrors what StockX has, one short step at a time (issue 4).

    IDLE --begin--> RUNNING --(pages, then details)--> IDLE
                       ^  '--step failed--> FAILING --step went well--.
                       '----------------------------------------------'

Every step is one page, or a few details. What a run has read is in the mirror and in its `Place`, so a run that was
stopped anywhere goes on there. A run reads every page first; the details come after, as many as its budget allows, and
what is left over is read by the next run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Self


class SyncName(StrEnum):
    """What there is to sync."""

    ORDERS_ACTIVE = "orders-active"
    ORDERS_HISTORY = "orders-history"
    LISTINGS = "listings"
    MARKET = "market"


class SyncState(StrEnum):
    """What a sync is at."""

    IDLE = "IDLE"
    RUNNING = "RUNNING"
    FAILING = "FAILING"
    """Its last step failed; the run goes on from there."""


class Phase(StrEnum):
    """What a run reads."""

    PAGES = "pages"
    DETAILS = "details"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a run a sync is.

    Attributes:
        phase: pages, then details.
        end: rows of the list before the next page.
        details: details read in this run.
        since: first day of creation that is listed; `None` lists all.
        passed: ids whose detail could not be had in this run; they are not asked for again in it.
    """

    phase: Phase = Phase.PAGES
    end: int = 0
    details: int = 0
    since: date | None = None
    passed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """As it is stored."""
        return {
            "phase": self.phase.value,
            "end": self.end,
            "details": self.details,
            "since": self.since.isoformat() if self.since else None,
            "passed": list(self.passed),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, object]) -> Self:
        """As it was stored; a run of a version that kept less begins anew."""
        since, passed = kept.get("since"), kept.get("passed")
        return cls(
            phase=Phase(str(kept.get("phase", Phase.PAGES.value))),
            end=int(str(kept.get("end", 0))),
            details=int(str(kept.get("details", 0))),
            since=date.fromisoformat(since) if isinstance(since, str) else None,
            passed=tuple(map(str, passed)) if isinstance(passed, list) else (),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRun:
    """How a sync stands, and what its last run, or the one under way, has cost.

    Attributes:
        name: which sync.
        state: what it is at.
        place: where in the run it is.
        started_at: when the run began; names the run in the mirror.
        finished_at, succeeded_at: when a run last ended, and last ended well.
        requests: requests of the run so far.
        rows: rows it has read.
        changed: those that were new, or other than the mirror had them.
        steps: steps of all runs; whoever does a step shows which one it was.
        error: why the last step failed; empty when it went well.
    """

    name: str
    state: SyncState = SyncState.IDLE
    place: Place = field(default_factory=Place)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    succeeded_at: datetime | None = None
    requests: int = 0
    rows: int = 0
    changed: int = 0
    steps: int = 0
    error: str = ""

    @property
    def under_way(self) -> bool:
        """Whether a run has begun and not ended."""
        return self.state is not SyncState.IDLE

    @property
    def run_at(self) -> datetime:
        """When the run under way began.

        Raises:
            ValueError: none has begun.
        """
        if self.started_at is None:
            raise ValueError("no run has begun")
        return self.started_at

    def age(self, now: datetime) -> float | None:
        """Seconds since a run last ended well; `None` when none has."""
        return None if self.succeeded_at is None else (now - self.succeeded_at).total_seconds()

    def begun(self, now: datetime, *, since: date | None = None, phase: Phase = Phase.PAGES) -> SyncRun:
        """A new run from here. Its beginning names it in the mirror, so no two runs have the same."""
        if self.started_at is not None:
            now = max(now, self.started_at + timedelta(microseconds=1))
        return replace(
            self,
            state=SyncState.RUNNING,
            place=Place(since=since, phase=phase),
            started_at=now,
            requests=0,
            rows=0,
            changed=0,
            error="",
        )

    def went_on(self, place: Place, *, requests: int, rows: int = 0, changed: int = 0) -> SyncRun:
        """After a step that went well."""
        return replace(
            self,
            state=SyncState.RUNNING,
            place=place,
            requests=self.requests + requests,
            rows=self.rows + rows,
            changed=self.changed + changed,
            error="",
        )

    def failed(self, error: str, *, requests: int) -> SyncRun:
        """After a step that failed: the next one is the same again."""
        return replace(self, state=SyncState.FAILING, requests=self.requests + requests, error=error)

    def ended(self, now: datetime) -> SyncRun:
        """After the last step of a run."""
        return replace(self, state=SyncState.IDLE, place=Place(), finished_at=now, succeeded_at=now, error="")


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests a run takes, as far as the mirror lets it be known beforehand.

    Attributes:
        pages: of the list.
        details: single reads that are wanted now, within the budget.
        budget: most single reads of one run.
        estimate: `False` when nothing was mirrored yet, so that the list may be of any length.
    """

    pages: int
    details: int
    budget: int
    estimate: bool = True

    @property
    def requests(self) -> int:
        """All of them."""
        return self.pages + self.details


def history_since(succeeded_at: datetime | None, oldest_open: datetime | None, overlap: timedelta) -> date | None:
    """From which day of creation the history has to be read again; `None` reads all of it.

    Orders are listed by the day they were created, and change long after it: one that is open may end any day, and
    one that has ended may still be returned. So a run goes back by the overlap, and to the oldest that was not over.

    Args:
        succeeded_at: when the last run began that ended well.
        oldest_open: when the oldest order was created that the mirror does not know the end of.
        overlap: how late an order that has ended may still change.
    """
    if succeeded_at is None:
        return None
    since = succeeded_at - overlap
    oldest = since if oldest_open is None else min(since, oldest_open)
    return oldest.astimezone(UTC).date()
