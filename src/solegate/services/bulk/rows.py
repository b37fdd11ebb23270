"""Where a job's rows come from: a CSV file, uploaded CSV text, JSON objects or Python values, all as text cells.

Column names are taken as people write them (`style`, `Style ID`, `styleId`); what no column is known for is named in a
warning and not read.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TextIO

from solegate.domain.job_rows import COLUMNS, NEEDED, Column, Fault, RawRow, RowProblem, column_of
from solegate.domain.jobs import JobKind
from solegate.domain.money import Money
from solegate.errors import InvalidInputError
from solegate.services.csv_input import Header, opened, read_header, read_rows

Values = Mapping[str, object]
"""A row as a JSON object or as Python values: text, numbers, times, `Money`, yes or no."""


@dataclass(frozen=True, slots=True)
class RowSource:
    """Rows that can be read, more than once.

    Attributes:
        read: gives them from the start.
        name: of the file, if there is one.
        warnings: what is not read of them, for people.
    """

    read: Callable[[], Iterator[RawRow]]
    name: str = ""
    warnings: tuple[str, ...] = ()


def rows_of_file(path: Path, kind: JobKind) -> RowSource:
    """The rows of a CSV file; it is streamed, never held as a whole.

    Raises:
        InvalidInputError: it cannot be read, or its header does not say what the rows are about.
    """

    def read() -> Iterator[RawRow]:
        with opened(path) as file:
            yield from _below(file, str(path), _header(file, str(path), kind))

    with opened(path) as file:
        header = _header(file, str(path), kind)
    return RowSource(read, path.name, _unread(header.names, kind))


def rows_of_text(text: str, kind: JobKind, name: str = "") -> RowSource:
    """The rows of CSV text.

    Raises:
        InvalidInputError: its header does not say what the rows are about.
    """
    place, plain = name or "The CSV text", text.removeprefix("\ufeff")

    def read() -> Iterator[RawRow]:
        file = io.StringIO(plain, newline="")
        return _below(file, place, _header(file, place, kind))

    header = _header(io.StringIO(plain, newline=""), place, kind)
    return RowSource(read, name, _unread(header.names, kind))


def rows_of_values(rows: Iterable[Values], kind: JobKind, name: str = "") -> RowSource:
    """The rows given as values; a row's line is its place, from 1."""
    kept = list(rows)
    names = dict.fromkeys(str(each) for row in kept for each in _names(row))
    raw = [_of_values(line, row) for line, row in enumerate(kept, start=1)]
    return RowSource(partial(iter, raw), name, _unread(tuple(names), kind))


def _header(file: TextIO, place: str, kind: JobKind) -> Header:
    needed = sorted(NEEDED[kind])
    header = read_header(
        file,
        place,
        lambda names: not NEEDED[kind].isdisjoint({column_of(name) for name in names}),
        " or ".join(f"`{each}`" for each in needed),
    )
    known = [column for column in map(column_of, header.names) if column in COLUMNS[kind]]
    for column in known:
        if known.count(column) > 1:
            same = " and ".join(f"`{name}`" for name in header.names if column_of(name) is column)
            raise InvalidInputError(f"{place}, line 1: {same} both name the column {column}.", hint="Rename one.")
    return header


def _unread(names: Sequence[str], kind: JobKind) -> tuple[str, ...]:
    """A warning that names the columns nobody reads."""
    unread = [f"`{name}`" for name in names if name and column_of(name) not in COLUMNS[kind]]
    if not unread:
        return ()
    what, verb = ("Column", "is") if len(unread) == 1 else ("Columns", "are")
    return (f"{what} {', '.join(unread)} {verb} not read by a job of kind {kind}.",)


def _below(file: TextIO, place: str, header: Header) -> Iterator[RawRow]:
    """The rows below a header; behind one that cannot be read nothing can be trusted, so it is the last."""
    columns = [column_of(name) for name in header.names]
    rows, line = read_rows(file, place, header), 1
    while True:
        try:
            line, cells = next(rows)
        except StopIteration:
            return
        except InvalidInputError as error:
            reason = error.message.removeprefix(f"{place}, line ")
            number, _, what = reason.partition(": ")
            line = int(number) if number.isdigit() else line + 1
            yield _broken(line, Fault.UNREADABLE, f"The row cannot be read: {what or reason}", "Close every quote.")
            return
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            reason = f"The row has {len(cells)} cells and the header {len(columns)}."
            yield _broken(line, Fault.TOO_MANY_CELLS, reason, 'Put a cell with a delimiter in it in quotes: "1,500".')
        else:
            yield RawRow(line, {column: cell for column, cell in zip(columns, cells, strict=False) if column})


def _of_values(line: int, row: object) -> RawRow:
    if not isinstance(row, Mapping):
        return _broken(line, Fault.NOT_PLAIN, "The row is no object with named values.", 'Write {"sku": ..., ...}.')
    cells: dict[Column, str] = {}
    for name, value in row.items():
        column = column_of(str(name))
        if column is None or value is None:
            continue
        if isinstance(value, Money):
            cells.setdefault(Column.CURRENCY, value.currency)
            value = value.amount  # noqa: PLW2901 - the amount is what its column holds
        text = _text(value)
        if text is None:
            reason = f"The value of {name} is neither text nor a number, a time, yes or no."
            return _broken(line, Fault.NOT_PLAIN, reason, "Write a plain value.")
        if cells.get(column, text) != text:
            reason = f"Two values of the row both name its {column}."
            return _broken(line, Fault.COLUMN_TWICE, reason, "Keep one.")
        cells[column] = text
    return RawRow(line, cells)


def _names(row: object) -> Iterable[object]:
    return row if isinstance(row, Mapping) else ()


def _text(value: object) -> str | None:
    """A value as it would stand in a file; `None` for what no file could hold."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str | int) else None


def _broken(line: int, fault: Fault, reason: str, advice: str) -> RawRow:
    return RawRow(line, problems=(RowProblem(line, fault, reason, advice),))
