"""What StockX counts: requests, and apart from them the items of batch writes (FACTS 1.1)."""

from __future__ import annotations

from enum import StrEnum


class Unit(StrEnum):
    """What a limit is counted in."""

    REQUESTS = "requests"
    ITEMS = "items"
    """Listings in a batch write; a batch of 100 is one request and 100 items."""
