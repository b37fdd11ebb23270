"""Whatever a file holds: a row is understood, and StockX's client takes it, or it is told why not."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as some

from solegate.client.inputs import LISTING_CURRENCIES
from solegate.client.requests import ListingChange, NewListing
from solegate.domain.job_rows import Column, RawRow, WantedRow
from solegate.domain.jobs import JobKind
from solegate.domain.row_cells import RowRules
from solegate.domain.row_checks import read_row
from support.office import LISTING, SKU, VARIANT

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIKELY = (
    "",
    "150",
    "-1",
    "0",
    "1e9",
    "149.99",
    "1,500",
    "EUR",
    "PLN",
    "30d",
    "2027-01-31",
    "yes",
    SKU,
    VARIANT,
    LISTING,
)
CELLS = some.one_of(some.sampled_from(LIKELY), some.text(max_size=30), some.integers().map(str), some.floats().map(str))
ROWS = some.dictionaries(some.sampled_from(list(Column)), CELLS)


@given(kind=some.sampled_from(list(JobKind)), cells=ROWS)
def test_a_row_is_understood_or_told(kind: JobKind, cells: dict[Column, str]) -> None:
    row = read_row(RawRow(2, cells), RowRules(kind, NOW, "EUR", LISTING_CURRENCIES))

    if not isinstance(row, WantedRow):
        assert row
        assert all(problem.reason and problem.advice and len(problem.reason) < 500 for problem in row)
        return
    if kind is JobKind.CREATE:
        assert row.price is not None
        NewListing(
            row.variant_id or VARIANT,
            row.price,
            expires_at=row.expires_at,
            inventory_type=row.inventory_type,
            quantity=row.quantity,
        )
    elif kind in (JobKind.UPDATE, JobKind.ACTIVATE):
        ListingChange(row.listing_id, row.price, row.expires_at, active=True)
