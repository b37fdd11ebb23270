"""Where a job's rows come from: files, CSV text, JSON objects and Python values give the same rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest

from solegate.domain.job_rows import Column, Fault
from solegate.domain.jobs import JobKind
from solegate.domain.money import Money
from solegate.errors import InvalidInputError
from solegate.services.bulk.rows import rows_of_file, rows_of_text, rows_of_values

CREATE = JobKind.CREATE


def cells(source) -> list[dict[str, str]]:
    return [dict(row.cells) for row in source.read()]


@pytest.mark.parametrize(
    "text",
    [
        "sku,size,price\nDD1391-100,US M 9,150\n",
        "\ufeffStyle ID;Size;Price\r\nDD1391-100;US M 9;150\r\n",
        'styleId\tsize\tamount\n"DD1391-100"\tUS M 9\t150',
        "price,size,SKU\n\n150,US M 9,DD1391-100\n,,\n",
    ],
)
def test_a_file_however_it_was_saved(text: str, tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(text, encoding="utf-8", newline="")

    for source in (rows_of_file(path, CREATE), rows_of_text(text, CREATE)):
        assert cells(source) == [{"sku": "DD1391-100", "size": "US M 9", "price": "150"}]
        assert cells(source) == cells(source), "a source can be read again"
        assert source.warnings == ()
    assert rows_of_file(path, CREATE).name == "pairs.csv"


def test_rows_carry_the_line_of_the_file() -> None:
    source = rows_of_text('sku,size,price\nA1,9,1\n\n"B\n2",9,1\nC3,9,1\n', CREATE)

    assert [row.line for row in source.read()] == [2, 5, 6]


def test_values_of_python_and_json_are_what_a_file_would_hold() -> None:
    rows = [
        {"styleId": "A1", "size": 9.5, "price": Money(Decimal("150.00"), "GBP"), "active": True},
        {"sku": "B2", "size": 42, "price": Decimal("1E+2"), "expires": date(2027, 1, 31), "unit": None},
        {"sku": "C3", "price": 149.99, "expires": datetime(2027, 1, 31, 8, tzinfo=UTC), "quantity": 3},
    ]

    assert cells(rows_of_values(rows, CREATE)) == [
        {"sku": "A1", "size": "9.5", "price": "150.00", "currency": "GBP", "active": "yes"},
        {"sku": "B2", "size": "42", "price": "100", "expires": "2027-01-31"},
        {"sku": "C3", "price": "149.99", "expires": "2027-01-31T08:00:00+00:00", "quantity": "3"},
    ]
    assert [row.line for row in rows_of_values(rows, CREATE).read()] == [1, 2, 3]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"sku": ["A1"]}, Fault.NOT_PLAIN),
        ("A1", Fault.NOT_PLAIN),
        (None, Fault.NOT_PLAIN),
        ({"sku": "A1", "styleId": "B2"}, Fault.COLUMN_TWICE),
    ],
)
def test_values_that_no_file_could_hold_are_told(row, fault: Fault) -> None:
    (raw,) = rows_of_values([row], CREATE).read()

    assert [each.fault for each in raw.problems] == [fault]


def test_the_same_value_under_two_names_is_one() -> None:
    assert cells(rows_of_values([{"sku": "A1", "styleId": "A1"}], CREATE)) == [{"sku": "A1"}]


def test_columns_nobody_reads_are_named() -> None:
    text = rows_of_text("listing_id,price,shelf,size\nx,1,A,9\n", JobKind.UPDATE)
    values = rows_of_values([{"sku": "A1"}, {"sku": "B2", "colour": "red"}], CREATE)

    assert text.warnings == ("Columns `shelf`, `size` are not read by a job of kind update.",)
    assert values.warnings == ("Column `colour` is not read by a job of kind create.",)


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (CREATE, "", "is empty"),
        (CREATE, "price\n150\n", "line 1: no column `sku` or `variant_id`"),
        (JobKind.DELETE, "sku\nA1\n", "line 1: no column `listing_id`"),
        (CREATE, "sku,style_id,price\nA,B,1\n", "`sku` and `style_id` both name the column sku"),
        (CREATE, "sku\0\n", "binary"),
    ],
)
def test_a_header_that_does_not_say_what_the_rows_are_about(kind: JobKind, text: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        rows_of_text(text, kind)


def test_rows_with_too_many_cells_are_told_and_short_ones_are_filled() -> None:
    first, second, third = rows_of_text("sku,size,price,unit\nA1,9,1,500,x\nB2,9\nC3,9,1,,\n", CREATE).read()

    assert [each.fault for each in first.problems] == [Fault.TOO_MANY_CELLS]
    assert (dict(second.cells), second.problems) == ({Column.SKU: "B2", Column.SIZE: "9"}, ())
    assert third.problems == ()


def test_behind_a_row_that_cannot_be_read_nothing_is_trusted() -> None:
    first, broken = rows_of_text('sku,size\nA1,9\n"B2,9\nC3,9\n', CREATE).read()

    assert (first.line, first.problems) == (2, ())
    assert (broken.line, [each.fault for each in broken.problems]) == (4, [Fault.UNREADABLE])


def test_a_file_is_streamed(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("sku,size\n" + "A1,9\n" * 100_000 + '"never closed\n')

    assert [row.line for row in islice(rows_of_file(path, CREATE).read(), 3)] == [2, 3, 4]
