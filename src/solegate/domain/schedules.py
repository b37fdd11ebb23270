"""What is done again and again, how often, and what it costs in requests (issue 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from solegate.domain.tasks import Task

DAY = 86_400.0
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Something done again and again.

    Attributes:
        kind, subject, lane: of its task.
        every: seconds between two runs; 0 when it is switched off.
        requests: that one run takes when there is nothing new.
    """

    kind: str
    subject: str = ""
    lane: int
    every: float
    requests: int = 0

    def task(self, account: str, due_at: datetime) -> Task:
        """Its task for an account, first due at a moment."""
        return Task(
            account=account, kind=self.kind, subject=self.subject, lane=self.lane, due_at=due_at, every=self.every
        )

    @property
    def per_day(self) -> int:
        """Requests in a day on which there is nothing new."""
        return round(self.requests * DAY / self.every) if self.every else 0


def per_day(schedules: Iterable[Schedule]) -> int:
    """Requests that all of them take in a day on which there is nothing new."""
    return sum(schedule.per_day for schedule in schedules)
