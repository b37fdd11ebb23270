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
        requests: that one run takes at least.
        most: that one run takes at most; the same unless given.
    """

    kind: str
    subject: str = ""
    lane: int
    every: float
    requests: float = 0
    most: float | None = None

    def task(self, account: str, due_at: datetime) -> Task:
        """Its task for an account, first due at a moment."""
        return Task(
            account=account, kind=self.kind, subject=self.subject, lane=self.lane, due_at=due_at, every=self.every
        )

    @property
    def per_day(self) -> tuple[int, int]:
        """Requests in a day, at least and at most."""
        runs = DAY / self.every if self.every else 0
        return round(runs * self.requests), round(runs * (self.requests if self.most is None else self.most))


def per_day(schedules: Iterable[Schedule]) -> tuple[int, int]:
    """Requests that all of them take in a day, at least and at most."""
    each = [schedule.per_day for schedule in schedules]
    return sum(least for least, _ in each), sum(most for _, most in each)
