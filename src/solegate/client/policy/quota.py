"""The day's quota as arithmetic: who may still send, and when the next day begins."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from solegate.client.policy.call import Lane


def quota_day(now: datetime) -> date:
    """The UTC day that a request sent now counts for (FACTS 1.1)."""
    return now.astimezone(UTC).date()


def next_reset(day: date) -> datetime:
    """When the quota of the day after `day` begins."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def may_send(lane: Lane, *, used: int, per_day: int | None, reserved: int, wanted: int = 1) -> bool:
    """Whether the quota lets this lane use `wanted` more: the background leaves the reserve to everybody else.

    Args:
        lane: who asks.
        used: what is used of the day.
        per_day: the day's quota; `None` for none.
        reserved: how much of it is kept back from the background lane.
        wanted: how much it asks for.
    """
    if per_day is None:
        return True
    kept_back = reserved if lane is Lane.BACKGROUND else 0
    return used + wanted <= per_day - kept_back
