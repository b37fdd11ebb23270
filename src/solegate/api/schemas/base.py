"""What every answer is made of."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict

from solegate.client.models.base import Provenance, Source
from solegate.domain import money


def plain(amount: Decimal) -> str:
    """An amount in digits, never in scientific notation."""
    return f"{amount:f}"


AmountText = Annotated[Decimal, PlainSerializer(plain, return_type=str)]
"""An exact amount, a string on the wire."""

_PROVENANCE_EXAMPLE: JsonDict = {
    "source": "cache",
    "fetchedAt": "2026-01-01T12:00:00Z",
    "ageSeconds": 42.0,
    "stale": False,
}


NextCursor = Annotated[str | None, Field(description="Give it back as `cursor` for the next page; null on the last.")]
"""Where the next page of a list begins."""

ID_PATTERN = r"^[!-~]{1,100}$"
"""What an id of ours or of StockX looks like: short, visible, in one piece."""
LINE_PATTERN = r"^[^\x00-\x1f\x7f]*$"
"""One line of text: no control characters, some of which no database holds."""


class Schema(BaseModel):
    """Base of everything on the wire."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class Money(Schema):
    """An amount with its currency."""

    amount: AmountText = Field(description="Exact amount in the currency's main unit.", examples=["204.50"])
    currency: str = Field(description="ISO 4217 code.", examples=["EUR"])

    @classmethod
    def of(cls, value: money.Money | None) -> Self | None:
        """The amount, or `None` where there is none."""
        return None if value is None else cls(amount=value.amount, currency=value.currency)


class ProvenanceOut(Schema):
    """Where an answer came from and how old it is."""

    model_config = ConfigDict(json_schema_extra={"example": _PROVENANCE_EXAMPLE})

    source: Source = Field(description="`live`: StockX was asked. `cache`: remembered and fresh. `stale`: older.")
    fetched_at: datetime = Field(description="When StockX gave the answer (UTC).")
    age_seconds: float = Field(description="Seconds between then and this response.")
    stale: bool = Field(description="Older than its freshness allows: StockX is being asked again, or cannot be.")

    @classmethod
    def of(cls, provenance: Provenance) -> Self:
        """The provenance of an answer."""
        return cls(
            source=provenance.source,
            fetched_at=provenance.fetched_at,
            age_seconds=round(provenance.age, 3),
            stale=provenance.stale,
        )


class SeenBy(StrEnum):
    """Who showed something."""

    MIRROR = "mirror"
    STOCKX = "stockx"


class Sighting(Schema):
    """When StockX showed something as it is told here."""

    source: SeenBy = Field(description="`mirror`: as a sync saw it. `stockx`: StockX was asked just now.")
    seen_at: datetime = Field(description="When StockX showed it (UTC).")
    age_seconds: float = Field(description="Seconds between then and this response.", examples=[42.0])

    @classmethod
    def of(cls, seen_at: datetime, age: float, *, live: bool) -> Self:
        """A sighting, live or in the mirror."""
        return cls(source=SeenBy.STOCKX if live else SeenBy.MIRROR, seen_at=seen_at, age_seconds=round(age, 3))
