"""Background work as a value: what is to be done, when, and with which priority (design 4.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing that is advanced by short steps.

    Attributes:
        account: whose.
        kind: which handler does it: `job`, `intent`, `reconcile`, `sync`, `market`, `tokens`, `retention`.
        subject: what it is about: a job's or an intent's id, the name of a sync; may be empty.
        lane: its priority, 0 first: the place of its `Lane` in the client.
        due_at: when its next step is due; `None` when nothing is left to do.
        every: seconds between two runs of something done again and again; `None` for something done once.
        failures: steps that failed in a row.
    """

    account: str
    kind: str
    subject: str = ""
    lane: int
    due_at: datetime | None
    every: float | None = None
    failures: int = 0

    @property
    def id(self) -> str:
        """Its kind and subject: the same thing is never queued twice."""
        return f"{self.kind}:{self.subject}" if self.subject else self.kind


@dataclass(frozen=True, slots=True)
class Progress:
    """What a step leaves: when the next one is due; `None` when there is none."""

    next_due: datetime | None
    did: str = ""
    """What was done, in a few words, for the log."""
