"""The log of what was asked and answered, and of what the market did, on which tests assert."""

from __future__ import annotations

import json
from collections import Counter, deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

EVENTS_KEPT = 200_000
"""Older events are forgotten so that a week-long run stays bounded; the counters know them all."""


@dataclass(frozen=True, slots=True)
class Event:
    """One request, or something that happened by itself.

    Attributes:
        seq: 1 for the first event; requests stand in the order of their completion.
        at: virtual time at which the request was counted, or at which it happened (UTC).
        operation: operationId of the specification, or `authorize`, `token`, `unknown`; otherwise what happened.
        method, path: as they were asked, the path without its query; empty where nothing was asked.
        status: status of the answer; 0 where there was no whole one (connection dropped, or the caller went away).
        fault: id of the fault that hit the request.
        kind: a request, the market by itself, or the scenario.
        detail: more about it, such as the id of a listing.
    """

    seq: int
    at: datetime
    operation: str
    method: str
    path: str
    status: int
    fault: str | None
    kind: Literal["request", "market", "scenario"] = "request"
    detail: str = ""


class EventLog:
    """The last events, and counts of all of them.

    Attributes:
        counts: requests by operation and status.
        unacknowledged: writes by operation that were carried out and whose caller got no answer that says so.
    """

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, int]] = Counter()
        self.unacknowledged: Counter[str] = Counter()
        self._events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        self._recorded = 0

    def record(
        self,
        at: datetime,
        *,
        operation: str,
        method: str,
        path: str,
        status: int,
        fault: str | None,
        unacknowledged: int = 0,
    ) -> None:
        """Append one request; `unacknowledged` is how often it was carried out without its caller being told."""
        self.counts[operation, status] += 1
        if unacknowledged:
            self.unacknowledged[operation] += unacknowledged
        self._recorded += 1
        detail = f"carried out, not acknowledged: {unacknowledged}" if unacknowledged else ""
        self._events.append(
            Event(self._recorded, at, operation, method, path, status, fault, kind="request", detail=detail)
        )

    def note(
        self, at: datetime, what: str, detail: str = "", *, kind: Literal["market", "scenario"] = "market"
    ) -> None:
        """Append something that happened by itself, such as `order RECEIVED`, at its own time."""
        self._recorded += 1
        self._events.append(Event(self._recorded, at, what, "", "", 0, None, kind=kind, detail=detail))

    def events(self) -> tuple[Event, ...]:
        """The remembered events, oldest first."""
        return tuple(self._events)

    def dump(self) -> bytes:
        """The remembered events, one JSON object a line; the same run gives the same bytes."""
        return b"".join(
            json.dumps({**asdict(event), "at": event.at.isoformat()}, ensure_ascii=False).encode() + b"\n"
            for event in self._events
        )
