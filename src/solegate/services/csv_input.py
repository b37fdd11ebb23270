"""SKUs from a CSV file, row by row; what is wrong is named with its line.

The file is UTF-8 (a byte order mark does no harm) with a header and `,` or `;` between cells; one column is named
`sku`, `style_id` or `styleId`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from solegate.domain.sku import checked_sku
from solegate.errors import InvalidInputError

_COLUMNS = ("sku", "style_id", "styleid")
_DELIMITERS = (",", ";")
_LONGEST_HEADER = 10_000


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
    if path.exists() and not path.is_file():
        raise InvalidInputError(f"{path} is no regular file; it is read twice, so a pipe or a folder cannot be used.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _rows(file, path)
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{path} is not a UTF-8 text file.", hint="Save it as CSV UTF-8.") from error


def _rows(file: TextIO, path: Path) -> Iterator[str]:
    delimiter, column = _header(file, path)
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    found = False
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                found = True
                yield _sku(row, column, f"{path}, line {reader.line_num + 1}")
    except csv.Error as error:
        raise InvalidInputError(f"{path}, line {reader.line_num + 1}: {error}.") from error
    if not found:
        raise InvalidInputError(f"{path} has a header but no SKU below it.")


def _header(file: TextIO, path: Path) -> tuple[str, int]:
    """The delimiter and the place of the SKU column."""
    line = file.readline(_LONGEST_HEADER)
    if not line.strip():
        raise InvalidInputError(f"{path} is empty.", hint="Its first line must name a column `sku`.")
    if "\0" in line:
        raise InvalidInputError(f"{path} is a binary file.", hint="Save it as CSV UTF-8.")
    for delimiter in _DELIMITERS:
        names = [name.strip().casefold() for name in next(csv.reader([line], delimiter=delimiter))]
        for wanted in _COLUMNS:
            if wanted in names:
                return delimiter, names.index(wanted)
    raise InvalidInputError(
        f"{path}, line 1: no column `sku` or `style_id` in the header.",
        hint="Name one column `sku` and separate columns with `,` or `;`.",
    )


def _sku(row: list[str], column: int, place: str) -> str:
    sku = row[column].strip() if column < len(row) else ""
    if not sku:
        raise InvalidInputError(f"{place}: no SKU.")
    try:
        return checked_sku(sku)
    except InvalidInputError as error:
        raise InvalidInputError(f"{place}: {error.message}", hint=error.hint) from None
