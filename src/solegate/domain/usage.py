"""Who used what of a day's quota: requests by what caused them, how urgent they were, and what they asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

DIRECT = "direct"
"""The cause of what a person or a program asked for and waited for; all else is caused by a kind of background task."""


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """What requests were for.

    Attributes:
        day: the UTC day that they count for.
        cause: the kind of background task that sent them, or `DIRECT`.
        lane: how urgent they were: a `Lane` of the client.
        operation: what they asked for: the operation's name at StockX.
    """

    day: date
    cause: str
    lane: str
    operation: str


Usage = Mapping[Use, int]
"""How many requests were for what."""


def used_by(usage: Usage, what: Literal["cause", "lane", "operation"]) -> Mapping[str, int]:
    """The requests by one of their traits, the most first."""
    sums: Counter[str] = Counter()
    for use, requests in usage.items():
        sums[str(getattr(use, what))] += requests
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))
