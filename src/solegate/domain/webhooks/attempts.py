"""When an entry that could not be processed is tried again, when it is given up, and how often a poke may look."""

from __future__ import annotations

from datetime import datetime, timedelta

RETRIES = (5.0, 30.0, 120.0, 600.0, 3600.0, 21_600.0)
"""Seconds between one attempt and the next: about seven hours in all."""
MOST_ATTEMPTS = len(RETRIES) + 1
POKE_PAUSE = timedelta(seconds=30)
"""From the beginning of one run of a sync to the next one that a poke brings about: a poke costs requests."""


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """When an entry is tried again; `None` when it is given up.

    Args:
        attempts: made so far, this one included.
        now: the moment of the failure.
    """
    return None if attempts >= MOST_ATTEMPTS else now + timedelta(seconds=RETRIES[attempts - 1])


def look_at(now: datetime, last_run: datetime | None) -> datetime:
    """When a poke has a sync run: at once, but not too soon after its last run began."""
    return now if last_run is None else max(now, last_run + POKE_PAUSE)
