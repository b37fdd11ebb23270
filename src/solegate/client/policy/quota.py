"""The day's quota as arithmetic: who may still send, and when the next day begins."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from solegate.client.policy.call import Lane
from solegate.client.policy.rate import LimitProfile


def quota_day(now: datetime) -> date:
    """The UTC day that a request sent now counts for (FACTS 1.1)."""
    return now.astimezone(UTC).date()


def next_reset(day: date) -> datetime:
    """When the quota of the day after `day` begins."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def may_send(lane: Lane, *, used: int, profile: LimitProfile) -> bool:
    """Whether the quota lets this lane send: the background leaves the reserve to everybody else."""
    if profile.per_day is None:
        return True
    kept_back = profile.reserved if lane is Lane.BACKGROUND else 0
    return used < profile.per_day - kept_back
