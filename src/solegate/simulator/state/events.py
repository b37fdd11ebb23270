"""The log of what was asked and answered, on which tests assert."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime

EVENTS_KEPT = 200_000
"""Older events are forgotten so that a week-long run stays bounded; the counters know them all."""


@dataclass(frozen=True, slots=True)
class Event:
    """One request.

    Attributes:
        seq: 1 for the first request; in the order of completion.
        at: virtual time at which the request was counted (UTC).
        operation: operationId of the specification, or `authorize`, `token`, `unknown`.
        method, path: as they were asked, the path without its query.
        status: status of the answer; 0 where there was none (connection dropped, or the caller went away).
        fault: id of the fault that hit the request.
    """

    seq: int
    at: datetime
    operation: str
    method: str
    path: str
    status: int
    fault: str | None


class EventLog:
    """The last events, and counts of all of them by operation and status."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, int]] = Counter()
        self._events: deque[Event] = deque(maxlen=EVENTS_KEPT)

    def record(self, at: datetime, *, operation: str, method: str, path: str, status: int, fault: str | None) -> None:
        """Append one request."""
        self.counts[operation, status] += 1
        self._events.append(Event(self.counts.total(), at, operation, method, path, status, fault))

    def events(self) -> tuple[Event, ...]:
        """The remembered events, oldest first."""
        return tuple(self._events)
