"""The kill switch as a value (design 4.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """Every write of an account is stopped.

    Attributes:
        account: whose.
        at: since when (UTC).
        actor: who stopped them.
        reason: why, in words.
    """

    account: str
    at: datetime
    actor: str
    reason: str
