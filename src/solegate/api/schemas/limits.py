"""Limits on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Self

from pydantic import Field

from solegate.api.schemas.base import Schema
from solegate.client.limiter import LimitStatus
from solegate.client.policy.call import Lane
from solegate.domain.forecast import Forecast
from solegate.domain.usage import Usage, used_by
from solegate.services.limits import DayOfLimits, LimitsNow


class UsedByOut(Schema):
    """What the requests of a day were for, the most first; the same requests by three of their traits."""

    cause: Mapping[str, int] = Field(
        description="`direct`: a person or a program waited for it; else the kind of background task that sent it.",
        examples=[{"sync": 731, "direct": 112}],
    )
    lane: Mapping[str, int] = Field(description="How urgent it was.", examples=[{"orders": 722, "interactive": 121}])
    operation: Mapping[str, int] = Field(
        description="StockX's name of what was asked for.", examples=[{"GetOrders": 722, "Search": 121}]
    )

    @classmethod
    def of(cls, usage: Usage) -> Self:
        """The shares of a day."""
        return cls(cause=used_by(usage, "cause"), lane=used_by(usage, "lane"), operation=used_by(usage, "operation"))


class ForecastOut(Schema):
    """The day at its end, 24:00 UTC. What is still to come is taken to come evenly."""

    expected: int = Field(description="Requests used by then; it may be more than there are.", examples=[3_120])
    by_pace: int = Field(description="Still to come if people and programs go on as today.")
    by_schedules: int = Field(description="Still to come of what is done again and again.")
    by_jobs: int = Field(description="Still to come of open bulk jobs.")
    runs_out_at: datetime | None = Field(None, description="When nothing is left (UTC); none if the day suffices.")
    background_stops_at: datetime | None = Field(None, description="When only the reserve is left (UTC).")

    @classmethod
    def of(cls, found: Forecast) -> Self:
        """A forecast."""
        return cls(
            expected=found.expected,
            by_pace=found.by_pace,
            by_schedules=found.by_schedules,
            by_jobs=found.by_jobs,
            runs_out_at=found.runs_out_at,
            background_stops_at=found.background_stops_at,
        )


class RequestsNowOut(Schema):
    """Requests at this moment."""

    profile: str = Field(description="What is configured: `official`, `guide` or `custom`.", examples=["official"])
    configured_per_second: float = Field(examples=[1.0])
    per_second: float = Field(description="In force; lower than configured after a 429.", examples=[1.0])
    per_day: int | None = Field(None, description="None without a quota.", examples=[25_000])
    reserve: int = Field(description="Kept back from background work.", examples=[2_500])
    left: int | None = Field(None, description="Left of the day; none without a quota.", examples=[24_157])
    paused_seconds: float = Field(description="Until the pause after a 429 ends; 0 when there is none.", examples=[0.0])
    in_flight: int = Field(description="Not answered yet.", examples=[1])
    waiting: Mapping[Lane, int] = Field(description="Calls of this process that wait for their turn, by lane.")

    @classmethod
    def of(cls, status: LimitStatus) -> Self:
        """How requests stand."""
        profile = status.profile
        return cls(
            profile=profile.name,
            configured_per_second=profile.rate,
            per_second=round(status.rate, 4),
            per_day=profile.per_day,
            reserve=profile.reserved,
            left=status.left,
            paused_seconds=round(status.paused_for, 3),
            in_flight=status.in_flight,
            waiting=status.waiting,
        )


class ItemsNowOut(Schema):
    """Batch items at this moment; StockX counts them apart from requests."""

    per_window: int | None = Field(None, description="None without a limit.", examples=[500])
    window_seconds: float | None = Field(None, examples=[300.0])
    room: int | None = Field(None, description="How many a batch could have now without waiting.", examples=[500])
    per_day: int | None = Field(None, examples=[50_000])
    left: int | None = Field(None, description="Left of the day.", examples=[49_900])
    in_flight: int = Field(description="In batches that are not answered yet.", examples=[0])

    @classmethod
    def of(cls, now: LimitsNow) -> Self:
        """How items stand."""
        limit = now.status.profile.items
        return cls(
            per_window=limit.capacity if limit else None,
            window_seconds=limit.period if limit else None,
            room=now.items_room,
            per_day=limit.per_day if limit else None,
            left=now.status.items_left,
            in_flight=now.status.items_in_flight,
        )


class LimitsOut(Schema):
    """A day of an account's limits. What only makes sense for today is left out for other days."""

    day: date = Field(description="In UTC, as StockX counts.", examples=["2026-01-01"])
    requests_used: int = Field(description="By every process of the account.", examples=[843])
    items_used: int = Field(examples=[100])
    used_by: UsedByOut
    requests: RequestsNowOut | None = None
    items: ItemsNowOut | None = None
    forecast: ForecastOut | None = None

    @classmethod
    def of(cls, found: DayOfLimits) -> Self:
        """A day."""
        now = found.now
        return cls(
            day=found.day,
            requests_used=found.requests,
            items_used=found.items,
            used_by=UsedByOut.of(found.usage),
            requests=None if now is None else RequestsNowOut.of(now.status),
            items=None if now is None else ItemsNowOut.of(now),
            forecast=None if now is None else ForecastOut.of(now.forecast),
        )
