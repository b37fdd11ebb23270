"""What every StockX answer has in common.

Unknown fields are kept (StockX adds fields without a version bump, FACTS 1.10), unknown enum values survive as
plain strings, ids are opaque strings (real ids include UUID v7 although the specification demands v4, FACTS 1.9)
and amounts are exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from solegate.domain.money import Money

Amount = Decimal | None
"""An exact amount in any of the shapes StockX writes (`"204"`, `"-4.5"`, `"23500.0000"`, 59.9; FACTS 1.9), or `None`.

Plain `Decimal`, because pydantic reads every one of those shapes itself: a product's market data holds hundreds of
amounts, and a validator in Python for each cost as much as the whole request.
"""

EnumT = TypeVar("EnumT", bound=StrEnum)
Open = Annotated[EnumT | str, Field(union_mode="left_to_right")]
"""A value of an open set: a known one is the enum's, an unknown one stays the text it is (FACTS 1.8)."""

Time = Annotated[datetime, AfterValidator(lambda value: value if value.tzinfo else value.replace(tzinfo=UTC))]
"""A moment, always with a zone: StockX writes UTC, and one written without a zone, or a day alone, is meant so too."""


def null_as(default: Callable[[], object]) -> BeforeValidator:
    """Read JSON null as a default: a missing list is an empty one, and does not spoil the whole answer."""
    return BeforeValidator(lambda value: default() if value is None else value)


class Source(StrEnum):
    """Where an answer came from."""

    LIVE = "live"
    """StockX answered this very call."""
    CACHE = "cache"
    """Remembered and still fresh."""
    STALE = "stale"
    """Remembered and past its freshness: being refreshed behind, or StockX cannot be reached."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """How an answer came about.

    Attributes:
        source: live, cache or stale.
        fetched_at: when StockX gave the answer (UTC).
        age: seconds between then and the moment it was handed out.
        attempts: requests sent to get it; 0 from cache.
        request_id: our id of the call that fetched it.
    """

    source: Source
    fetched_at: datetime
    age: float = 0.0
    attempts: int = 1
    request_id: str = ""

    @property
    def stale(self) -> bool:
        """Whether the answer is older than its freshness allows."""
        return self.source is Source.STALE


class Part(BaseModel):
    """An immutable piece of an answer: camelCase on the wire, snake_case here."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow", frozen=True)

    @property
    def unknown_fields(self) -> frozenset[str]:
        """Names of the fields that this version of Solegate does not know."""
        return frozenset(self.__pydantic_extra__ or ())


class Answer(Part):
    """A whole answer of StockX. `provenance` says where it came from and how old it is."""

    # A slot, not a private attribute: pydantic fills those for every nested model too, needed or not.
    __slots__ = ("_provenance",)

    @property
    def provenance(self) -> Provenance:
        """Source, age, attempts and request id of this answer.

        Raises:
            ValueError: the answer was built by hand and never fetched.
        """
        provenance = getattr(self, "_provenance", None)
        if not isinstance(provenance, Provenance):
            raise ValueError("this answer was not fetched from StockX")  # noqa: TRY004 - no matter of types
        return provenance

    def with_provenance(self, provenance: Provenance) -> Self:
        """The same answer (shared, not copied deeply) with another provenance."""
        copy = self.model_copy()
        object.__setattr__(copy, "_provenance", provenance)
        return copy


def money(amount: Decimal | None, currency: str) -> Money | None:
    """The amount with its currency, or `None` where StockX gave none."""
    return None if amount is None else Money(amount, currency)
