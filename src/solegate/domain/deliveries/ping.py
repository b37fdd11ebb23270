"""The message with which a subscriber is tried out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from solegate.domain.events.values import Data

PING = "ping"


@dataclass(frozen=True, slots=True)
class Ping:
    """Nothing happened; somebody wants to see whether messages arrive. Shaped as an event."""

    id: str
    account: str
    subject: str
    occurred_at: datetime
    type: str = PING
    seq: int = 0

    @property
    def data(self) -> Data:
        """What it says."""
        return {"message": "This is a test. Nothing happened."}
