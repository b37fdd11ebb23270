"""Tables from CSV files, row by row; what is wrong is named with its line.

A file is UTF-8 (a byte order mark does no harm) with a header, and `,`, `;` or a tab between cells.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from solegate.domain.job_rows import Column, column_of
from solegate.domain.sku import checked_sku
from solegate.errors import InvalidInputError

_DELIMITERS = (",", ";", "\t")
_LONGEST_HEADER = 10_000


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a table."""

    delimiter: str
    names: tuple[str, ...]


def count_skus(path: Path) -> int:
    """Read the whole file once, so that nothing is begun with a file that cannot be finished; the number of SKUs.

    Raises:
        InvalidInputError: as `read_skus`.
    """
    return sum(1 for _ in read_skus(path))


def read_skus(path: Path) -> Iterator[str]:
    """The SKUs of a file, in its order; empty rows are skipped and duplicates kept.

    Raises:
        InvalidInputError: the file cannot be read, is empty or no text, its header names no SKU, or a row is wrong.
    """
    with opened(path) as file:
        header = read_header(file, str(path), _names_sku, "`sku` or `style_id`")
        names = [place for place, name in enumerate(header.names) if column_of(name) is Column.SKU]
        column = min(names, key=lambda place: header.names[place].casefold() != Column.SKU)  # `sku` before `style_id`
        found = False
        for line, row in read_rows(file, str(path), header):
            found = True
            yield _sku(row, column, f"{path}, line {line}")
        if not found:
            raise InvalidInputError(f"{path} has a header but no SKU below it.")


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """A file as text, for as long as the block lasts.

    Raises:
        InvalidInputError: it cannot be read, or is no text; also from within the block.
    """
    if path.exists() and not path.is_file():
        raise InvalidInputError(f"{path} is no regular file; it is read twice, so a pipe or a folder cannot be used.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{path} is not a UTF-8 text file.", hint="Save it as CSV UTF-8.") from error


def read_header(file: TextIO, place: str, accepts: Callable[[Sequence[str]], bool], wanted: str) -> Header:
    """The first line, split by the delimiter that gives a header which is accepted.

    Args:
        file: at its start; afterwards at the first row.
        place: what to call it in errors.
        accepts: whether these are the names of a table that can be used.
        wanted: which columns that takes, in words.

    Raises:
        InvalidInputError: there is no such header.
    """
    first = wanted.split(maxsplit=1)[0]
    line = file.readline(_LONGEST_HEADER)
    if not line.strip():
        raise InvalidInputError(f"{place} is empty.", hint=f"Its first line must name a column {first}.")
    if "\0" in line:
        raise InvalidInputError(f"{place} is a binary file.", hint="Save it as CSV UTF-8.")
    for delimiter in _DELIMITERS:
        names = tuple(name.strip() for name in next(csv.reader([line], delimiter=delimiter)))
        if accepts(names):
            return Header(delimiter, names)
    raise InvalidInputError(
        f"{place}, line 1: no column {wanted} in the header.",
        hint=f"Name one column {first} and separate columns with `,`, `;` or a tab.",
    )


def read_rows(file: TextIO, place: str, header: Header) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header, each with the number of its last line; empty ones are skipped.

    Raises:
        InvalidInputError: a row cannot be read.
    """
    reader = csv.reader(file, delimiter=header.delimiter, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num + 1, row
    except csv.Error as error:
        raise InvalidInputError(f"{place}, line {reader.line_num + 1}: {error}.") from error


def _names_sku(names: Sequence[str]) -> bool:
    return Column.SKU in map(column_of, names)


def _sku(row: list[str], column: int, place: str) -> str:
    sku = row[column].strip() if column < len(row) else ""
    if not sku:
        raise InvalidInputError(f"{place}: no SKU.")
    try:
        return checked_sku(sku)
    except InvalidInputError as error:
        raise InvalidInputError(f"{place}: {error.message}", hint=error.hint) from None
