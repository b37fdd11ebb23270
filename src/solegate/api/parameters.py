"""Query parameters that many routes take, each said in one way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime

from solegate.api.schemas.base import ID_PATTERN
from solegate.domain.cursors import MOST_ROWS

LONGEST_CURSOR = 500
LONGEST_AGE = 10 * 365 * 86_400
"""Seconds; nothing is remembered for ten years."""
LARGEST_AMOUNT = 10**12
"""No price is as large as this."""


def _in_utc(moment: datetime) -> datetime:
    """The same moment in UTC; the first and last hours of the calendar have none there."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("no such time in UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A time of day with its zone (RFC 3339), as UTC."""

Cursor = Annotated[str | None, Query(max_length=LONGEST_CURSOR, description="`nextCursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS, description="Most rows of the page.")]
MaxAge = Annotated[
    float | None,
    Query(
        alias="maxAge",
        ge=0,
        le=LONGEST_AGE,
        allow_inf_nan=False,
        description="Oldest sighting wanted, in seconds; 0 asks StockX. Left out, StockX is asked nothing.",
    ),
]
StyleId = Annotated[
    str | None,
    Query(
        alias="styleId",
        min_length=1,
        max_length=200,
        pattern=r"^ *[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$",
        description="Style code; case does not matter.",
    ),
]
OrderNumber = Annotated[str, Path(alias="orderNumber", pattern=ID_PATTERN, description="StockX's number of the order.")]
ListingId = Annotated[str, Path(alias="listingId", pattern=ID_PATTERN, description="StockX's id of the listing.")]
JobId = Annotated[str, Path(alias="jobId", pattern=ID_PATTERN, description="Our id of the job.")]
