"""Guard rails and the kill switch on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Self

from pydantic import ConfigDict, Field

from solegate.api.schemas.base import LINE_PATTERN, AmountText, Schema
from solegate.domain.guard_rails import DayUse, GuardRails
from solegate.domain.stops import Stop
from solegate.services.guard import LONGEST_REASON, GuardStatus


class StopWanted(Schema):
    """Why every write is stopped."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "The price file is wrong."}})

    reason: str = Field(
        "",
        max_length=LONGEST_REASON,
        pattern=LINE_PATTERN,
        description="Told to whoever is refused, and kept for audit.",
    )


class StopOut(Schema):
    """Whether every write of the account is stopped."""

    stopped: bool
    at: datetime | None = Field(None, description="Since when (UTC).")
    actor: str | None = Field(None, description="Who stopped them.")
    reason: str | None = None

    @classmethod
    def of(cls, stop: Stop | None) -> Self:
        """The stop in force, or none."""
        if stop is None:
            return cls(stopped=False)
        return cls(stopped=True, at=stop.at, actor=stop.actor, reason=stop.reason)


class RailsOut(Schema):
    """What writes are held against; a rail that is not set holds nothing."""

    floor: Mapping[str, AmountText] = Field(description="Lowest price, by currency.")
    ceiling: Mapping[str, AmountText] = Field(description="Highest price, by currency.")
    largest_move: AmountText | None = Field(description="Most a price moves in one write, as a share of the old one.")
    daily_writes: int | None = Field(description="Most writes a UTC day that set or show a price.")
    daily_value: Mapping[str, AmountText] = Field(description="Most that pairs put up for sale in a day ask together.")

    @classmethod
    def of(cls, rails: GuardRails) -> Self:
        """The rails of the settings."""
        return cls(
            floor=dict(rails.floor),
            ceiling=dict(rails.ceiling),
            largest_move=rails.largest_move,
            daily_writes=rails.daily_writes,
            daily_value=dict(rails.daily_value),
        )


class DayUseOut(Schema):
    """What today (UTC) has used of the daily rails."""

    writes: int
    value: Mapping[str, AmountText]

    @classmethod
    def of(cls, used: DayUse) -> Self:
        """As the ledger counts it."""
        return cls(writes=used.writes, value=dict[str, Decimal](used.value))


class GuardOut(Schema):
    """How the guard of the account stands."""

    stop: StopOut
    in_flight: int = Field(description="Writes that were sent and are not settled; a stop does not call them back.")
    rails: RailsOut
    used_today: DayUseOut

    @classmethod
    def of(cls, status: GuardStatus) -> Self:
        """The status of the account."""
        return cls(
            stop=StopOut.of(status.stop),
            in_flight=status.in_flight,
            rails=RailsOut.of(status.rails),
            used_today=DayUseOut.of(status.used),
        )
