"""Events about jobs, the account and its quota."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction

from solegate.domain.accounts import AccountState
from solegate.domain.events.values import Data, Event, EventType, event
from solegate.domain.jobs import Job, JobState, RowState

QUOTA_TOLD_AT = Fraction(4, 5)
"""Of the day's requests."""


def job_finished(job: Job, state: JobState, rows: Mapping[RowState, int], now: datetime) -> Event:
    """That a bulk job has ended, and what came of its rows."""
    data: Data = {
        "kind": job.kind.value,
        "name": job.name,
        "state": state.value,
        "rows": job.total,
        "done": rows.get(RowState.DONE, 0),
        "failed": rows.get(RowState.FAILED, 0),
        "skipped": rows.get(RowState.SKIPPED, 0),
    }
    return event(job.account, EventType.JOB_FINISHED, job.id, at=now, data=data)


def quota_reached(account: str, day: date, *, used: int, per_day: int | None, now: datetime) -> Event | None:
    """That four fifths of a day's requests are used, once a day; `None` as long as they are not."""
    if not per_day or used < QUOTA_TOLD_AT * per_day:
        return None
    data: Data = {"day": day.isoformat(), "used": used, "limit": per_day, "percent": 100 * used // per_day}
    return event(account, EventType.QUOTA_REACHED, account, day.isoformat(), at=now, data=data)


def login_changed(
    account: str, state: AccountState, version: int, *, last: EventType | None, now: datetime
) -> Event | None:
    """That a person has to log in again, or has done so; `None` when that was told.

    Args:
        account: whose.
        state: of its login.
        version: of its tokens; it names the change.
        last: the newest event about the login, `None` before the first.
        now: when it was noticed.
    """
    needy = state is AccountState.NEEDS_REAUTH
    if needy == (last is EventType.ACCOUNT_NEEDS_REAUTH):
        return None
    kind = EventType.ACCOUNT_NEEDS_REAUTH if needy else EventType.ACCOUNT_CONNECTED
    data: Data = {"state": state.value, "mend": "solegate auth login" if needy else None}
    return event(account, kind, account, str(version), at=now, data=data)
