"""What is remembered of StockX's answers, as values: under which key, and the answer as it came (design 4.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CacheKey:
    """What makes two reads the same: the account belongs to it, or one would see another's prices."""

    account: str
    operation: str
    ids: tuple[str, ...] = ()
    currency: str = ""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as StockX gave it, kept for every process.

    Attributes:
        status: 200; or 404, when StockX knows no such thing.
        body: the answer's bytes; the error's message with a 404.
        fetched_at: when it came, by the database's clock (UTC).
        request_id: our id of the call that fetched it.
        age: seconds between then and the moment it was looked up.
    """

    status: int
    body: bytes = field(repr=False)
    fetched_at: datetime
    request_id: str
    age: float

    @property
    def missing(self) -> bool:
        """Whether StockX knows no such thing."""
        return self.status == 404


@dataclass(frozen=True, slots=True)
class Look:
    """What is kept under a key, if anything, and whether a process is loading it just now."""

    kept: KeptAnswer | None = None
    loading: bool = False
