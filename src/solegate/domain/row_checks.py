"""What the rows of a job have to be, before anything is looked up: every fault is found, not only the first.

Nothing here asks anybody: a file with a broken row costs no request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from solegate.domain.job_rows import Column, Fault, RawRow, RowProblem, WantedRow
from solegate.domain.jobs import JobKind
from solegate.domain.row_cells import Cells, RowRules
from solegate.domain.sku import split_codes


def read_row(raw: RawRow, rules: RowRules) -> WantedRow | tuple[RowProblem, ...]:
    """The row as it is meant, or everything that is wrong with it."""
    if raw.problems:
        return raw.problems
    cells = Cells(raw, rules)
    row = _READERS[rules.kind](cells)
    return row if not cells.problems else tuple(cells.problems)


def repeated(kind: JobKind, rows: Iterable[WantedRow]) -> list[tuple[WantedRow, RowProblem]]:
    """Rows about the pair or listing that an earlier row is about; pairs without a unit are told apart by counting."""
    seen: dict[str, int] = {}
    found = []
    for row in rows:
        what = row.unit if kind is JobKind.CREATE else row.listing_id
        if what and what in seen:
            found.append((row, _twice(kind, row, first=seen[what])))
        elif what:
            seen[what] = row.line
    return found


def of_another_type(rows: Sequence[WantedRow]) -> list[tuple[WantedRow, RowProblem]]:
    """Rows of another inventory type than the first: a job has one."""
    advice = "Put them into a job of their own."
    return [
        (
            row,
            RowProblem(
                row.line,
                Fault.INVENTORY_TYPES_MIXED,
                f"The row is {row.inventory_type}, the first is {rows[0].inventory_type}.",
                advice,
            ),
        )
        for row in rows
        if row.inventory_type != rows[0].inventory_type
    ]


def each_sku_once(rows: Iterable[WantedRow]) -> list[WantedRow]:
    """The rows of an enrichment without those whose style code came before, in any spelling."""
    first: dict[str, WantedRow] = {}
    for row in rows:
        first.setdefault("/".join(sorted(split_codes(row.sku))), row)
    return list(first.values())


def _twice(kind: JobKind, row: WantedRow, *, first: int) -> RowProblem:
    if kind is JobKind.CREATE:
        reason = f"The unit '{row.unit}' stands in line {first} already."
        return RowProblem(row.line, Fault.UNIT_TWICE, reason, "Give every pair a unit of its own.")
    reason = f"Listing {row.listing_id} stands in line {first} already."
    return RowProblem(row.line, Fault.LISTING_TWICE, reason, "Keep the row that is meant.")


def _create(cells: Cells) -> WantedRow:
    sku, size = cells.sku(), cells.text(Column.SIZE)
    variant_id = cells.id_of(Column.VARIANT_ID, Fault.VARIANT_ID_WRONG, "variant id")
    if not cells.problems:  # else what is missing may stand in the cell that cannot be read
        _check_target(cells, sku, size, variant_id)
    price, quantity = cells.price(needed=True), cells.quantity()
    cells.for_sale()
    return WantedRow(
        line=cells.raw.line,
        sku=sku,
        size=size,
        variant_id=variant_id,
        price=price,
        quantity=quantity,
        expires_at=cells.expires_at(),
        unit=cells.unit(quantity),
        inventory_type=cells.inventory_type(),
    )


def _check_target(cells: Cells, sku: str, size: str, variant_id: str) -> None:
    if not sku and not variant_id:
        reason = "A size without a style code." if size else "No style code and no variant id."
        cells.fail(Fault.TARGET_MISSING, reason, "Write the style code and the size, or the variant id.")
    elif not size and not variant_id:
        cells.fail(
            Fault.SIZE_MISSING, f"No size of {sku}.", f"`solegate sizes {sku}` shows every size in every system."
        )


def _change(cells: Cells) -> WantedRow:
    listing_id, price, expires_at = cells.listing_id(), cells.price(needed=False), cells.expires_at()
    if cells.rules.kind is JobKind.UPDATE and price is None and expires_at is None and not cells.problems:
        cells.fail(Fault.CHANGES_NOTHING, "The row changes nothing.", "Write a price, an expiry, or both.")
    return WantedRow(line=cells.raw.line, listing_id=listing_id, price=price, expires_at=expires_at)


def _bare(cells: Cells) -> WantedRow:
    return WantedRow(line=cells.raw.line, listing_id=cells.listing_id())


def _enrich(cells: Cells) -> WantedRow:
    sku = cells.sku()
    if not sku and not cells.problems:
        cells.fail(Fault.SKU_MISSING, "No style code.", "Use the one on the box label, such as DD1391-100.")
    return WantedRow(line=cells.raw.line, sku=sku)


_READERS: Mapping[JobKind, Callable[[Cells], WantedRow]] = MappingProxyType(
    {
        JobKind.CREATE: _create,
        JobKind.UPDATE: _change,
        JobKind.ACTIVATE: _change,
        JobKind.DEACTIVATE: _bare,
        JobKind.DELETE: _bare,
        JobKind.ENRICH: _enrich,
    }
)
