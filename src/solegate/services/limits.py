"""The account's limits: what is in force, used and left, who used it, and how the day will go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from solegate.client.limiter import LimitStatus
from solegate.client.policy.quota import quota_day
from solegate.client.service import StockXService
from solegate.clock import Clock
from solegate.db import Database
from solegate.db.repositories.jobs import JobRepository
from solegate.db.repositories.quota import SqlLimitStore
from solegate.db.repositories.usage import SqlUsageStore
from solegate.domain.forecast import Forecast, forecast
from solegate.domain.job_plan import requests_left
from solegate.domain.jobs import JobState, RowState
from solegate.domain.limits import Unit
from solegate.domain.schedules import Schedule, per_day
from solegate.domain.usage import Usage

_MOST_JOBS = 100
"""Open jobs that are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsNow:
    """The limits at this moment.

    Attributes:
        status: what is in force, used and left, and who waits in this process.
        items_room: items that a batch could have now without waiting; `None` without a limit.
        forecast: how the day will go on.
    """

    status: LimitStatus
    items_room: int | None
    forecast: Forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfLimits:
    """A day of an account.

    Attributes:
        day: in UTC.
        requests: that were used.
        items: batch items that were used.
        usage: what the requests were for, as far as that is known: a process that was killed takes the last seconds of
            it along.
        now: the limits at this moment, if it is today.
    """

    day: date
    requests: int
    items: int
    usage: Usage
    now: LimitsNow | None


class LimitsService:
    """Tells about one account's limits. StockX is asked nothing.

    Args:
        stockx: the account's client.
        database: where all processes count.
        schedules: what recurs.
        clock: tells the day.
    """

    def __init__(
        self, stockx: StockXService, database: Database, *, schedules: tuple[Schedule, ...], clock: Clock
    ) -> None:
        self._stockx = stockx
        self._account = stockx.config.account
        self._database = database
        self._quota, self._usage = SqlLimitStore(database), SqlUsageStore(database)
        self._schedules = schedules
        self._clock = clock

    async def of(self, day: date | None = None) -> DayOfLimits:
        """A day; today unless given.

        Raises:
            DatabaseError: the database failed.
        """
        today = quota_day(self._clock.now())
        if day is not None and day != today:
            used, items = [await self._quota.used(self._account, day, unit) for unit in Unit]
            usage = await self._usage.of_day(self._account, day)
            return DayOfLimits(day=day, requests=used, items=items, usage=usage, now=None)
        await self._stockx.usage.flush()
        status = await self._stockx.refresh_limits()
        usage = await self._usage.of_day(self._account, today)
        now = LimitsNow(
            status=status,
            items_room=await self._stockx.items_room(),
            forecast=await self._forecast(status, usage),
        )
        return DayOfLimits(day=today, requests=status.used, items=status.items_used, usage=usage, now=now)

    async def _forecast(self, status: LimitStatus, usage: Usage) -> Forecast:
        return forecast(
            self._clock.now(),
            usage,
            used=status.used,
            recurring={each.kind for each in self._schedules},
            planned_per_day=per_day(self._schedules),
            jobs=await self._wanted_by_jobs(),
            per_day=status.profile.per_day,
            reserved=status.profile.reserved,
        )

    async def _wanted_by_jobs(self) -> int:
        """Requests that the open jobs still need."""
        wanted = 0
        async with self._database.reading() as session:
            jobs = JobRepository(session)
            for job in await jobs.page(self._account, states=(JobState.RUNNING,), limit=_MOST_JOBS):
                rows = (await jobs.progress(job.id)).rows
                ready, submitted = rows.get(RowState.READY, 0), rows.get(RowState.SUBMITTED, 0)
                wanted += requests_left(job.kind, ready=ready, submitted=submitted)
        return wanted
