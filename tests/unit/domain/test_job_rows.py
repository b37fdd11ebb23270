"""A row by itself: what it means, and every fault it can have, in words that help."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from solegate.domain.job_rows import Column, Fault, RawRow, WantedRow, as_units, column_of
from solegate.domain.jobs import JobKind
from solegate.domain.money import Money
from solegate.domain.row_cells import RowRules
from solegate.domain.row_checks import each_sku_once, of_another_type, read_row, repeated
from support.office import LISTING, SKU, VARIANT

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PAIR = {"sku": SKU, "size": "US M 9", "price": "150"}


def read(kind: JobKind = JobKind.CREATE, /, **cells: str):
    raw = RawRow(7, {Column(name): text for name, text in cells.items()})
    return read_row(raw, RowRules(kind, NOW, "EUR", ("EUR", "GBP", "JPY", "USD")))


def faults(kind: JobKind = JobKind.CREATE, /, **cells: str) -> list[Fault]:
    found = read(kind, **cells)
    assert not isinstance(found, WantedRow), found
    assert all(each.line == 7 and each.reason.endswith(".") and each.advice for each in found)
    return [each.fault for each in found]


def test_a_pair_by_style_code_and_size():
    row = read(**PAIR, currency="gbp", quantity="3", expires="30d", inventory_type="direct", active="Yes")

    assert row == WantedRow(
        line=7,
        sku=SKU,
        size="US M 9",
        price=Money(Decimal(150), "GBP"),
        quantity=3,
        expires_at=NOW + timedelta(days=30),
        inventory_type="DIRECT",
    )


def test_a_pair_by_variant_with_a_unit_in_the_own_currency():
    row = read(variant_id=VARIANT, price="150.00", unit="box 12")

    assert row == WantedRow(line=7, variant_id=VARIANT, price=Money(Decimal(150), "EUR"), unit="box 12")


def test_a_change_of_price_or_expiry():
    row = read(JobKind.UPDATE, listing_id=LISTING, price="145", expires="2027-01-31")

    assert row == WantedRow(
        line=7, listing_id=LISTING, price=Money(Decimal(145), "EUR"), expires_at=datetime(2027, 1, 31, tzinfo=UTC)
    )


def test_a_row_of_another_kind_reads_only_its_columns():
    assert read(JobKind.DELETE, listing_id=LISTING, price="no price", quantity="x") == WantedRow(
        line=7, listing_id=LISTING
    )
    assert read(JobKind.ENRICH, sku=SKU, price="no price") == WantedRow(line=7, sku=SKU)


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"price": "150"}, Fault.TARGET_MISSING),
        ({"size": "US M 9", "price": "150"}, Fault.TARGET_MISSING),
        ({"sku": SKU, "price": "150"}, Fault.SIZE_MISSING),
        (PAIR | {"sku": "/ -"}, Fault.SKU_WRONG),
        (PAIR | {"sku": "x" * 201}, Fault.SKU_WRONG),
        (PAIR | {"size": "US\x07M 9"}, Fault.CONTROL_CHARACTERS),
        ({"variant_id": "two words", "price": "150"}, Fault.VARIANT_ID_WRONG),
        ({"variant_id": "[a,b]", "price": "150"}, Fault.VARIANT_ID_WRONG),
        (PAIR | {"price": ""}, Fault.PRICE_MISSING),
        (PAIR | {"price": "€150"}, Fault.PRICE_HAS_CURRENCY),
        (PAIR | {"price": "150 EUR"}, Fault.PRICE_HAS_CURRENCY),
        (PAIR | {"price": "1,500"}, Fault.PRICE_HAS_SEPARATOR),
        (PAIR | {"price": "1.500.000"}, Fault.PRICE_HAS_SEPARATOR),
        (PAIR | {"price": "1 500"}, Fault.PRICE_HAS_SEPARATOR),
        (PAIR | {"price": "cheap"}, Fault.PRICE_UNREADABLE),
        (PAIR | {"price": "1e3"}, Fault.PRICE_UNREADABLE),
        (PAIR | {"price": "NaN"}, Fault.PRICE_UNREADABLE),
        (PAIR | {"price": "\u0661\u0665\u0660"}, Fault.PRICE_UNREADABLE),
        (PAIR | {"price": "-150"}, Fault.PRICE_NEGATIVE),
        (PAIR | {"price": "0"}, Fault.PRICE_ZERO),
        (PAIR | {"price": "-0.0"}, Fault.PRICE_ZERO),
        (PAIR | {"price": "149.99"}, Fault.PRICE_FRACTIONAL),
        (PAIR | {"price": "99999999"}, Fault.PRICE_ABSURD),
        (PAIR | {"price": "9" * 400}, Fault.PRICE_ABSURD),
        (PAIR | {"currency": "Euro"}, Fault.CURRENCY_WRONG),
        (PAIR | {"currency": "PLN"}, Fault.CURRENCY_NOT_LISTED),
        (PAIR | {"quantity": "many"}, Fault.QUANTITY_UNREADABLE),
        (PAIR | {"quantity": "1.5"}, Fault.QUANTITY_UNREADABLE),
        (PAIR | {"quantity": "0"}, Fault.QUANTITY_TOO_SMALL),
        (PAIR | {"quantity": "-3"}, Fault.QUANTITY_TOO_SMALL),
        (PAIR | {"quantity": "101"}, Fault.QUANTITY_TOO_LARGE),
        (PAIR | {"unit": "A1", "quantity": "2"}, Fault.UNIT_OF_SEVERAL),
        (PAIR | {"unit": "A" * 101}, Fault.UNIT_TOO_LONG),
        (PAIR | {"unit": "listing:1"}, Fault.UNIT_RESERVED),
        (PAIR | {"expires": "31.01.2027"}, Fault.EXPIRES_UNREADABLE),
        (PAIR | {"expires": "2026-11-24"}, Fault.EXPIRES_PAST),
        (PAIR | {"expires": "0d"}, Fault.EXPIRES_PAST),
        (PAIR | {"expires": "9999-12-31"}, Fault.EXPIRES_TOO_FAR),
        (PAIR | {"inventory_type": "express"}, Fault.INVENTORY_TYPE_UNKNOWN),
        (PAIR | {"inventory_type": "flex"}, Fault.INVENTORY_TYPE_NOT_LISTED),
        (PAIR | {"active": "maybe"}, Fault.ACTIVE_UNREADABLE),
        (PAIR | {"active": "no"}, Fault.DRAFT),
    ],
)
def test_a_fault_of_a_new_pair(cells, fault):
    assert faults(**cells) == [fault]


@pytest.mark.parametrize(
    ("kind", "cells", "fault"),
    [
        (JobKind.UPDATE, {"price": "150"}, Fault.LISTING_ID_MISSING),
        (JobKind.DELETE, {}, Fault.LISTING_ID_MISSING),
        (JobKind.DEACTIVATE, {"listing_id": "a b"}, Fault.LISTING_ID_WRONG),
        (JobKind.UPDATE, {"listing_id": LISTING}, Fault.CHANGES_NOTHING),
        (JobKind.UPDATE, {"listing_id": LISTING, "expires": "30d", "currency": "EUR"}, Fault.CURRENCY_ALONE),
        (JobKind.ACTIVATE, {"listing_id": LISTING, "price": "0"}, Fault.PRICE_ZERO),
        (JobKind.ENRICH, {}, Fault.SKU_MISSING),
        (JobKind.ENRICH, {"sku": "-"}, Fault.SKU_WRONG),
    ],
)
def test_a_fault_of_another_job(kind, cells, fault):
    assert faults(kind, **cells) == [fault]


def test_every_fault_of_a_row_is_told_not_only_the_first():
    assert faults(sku=SKU, price="-1", currency="PLN", quantity="0", expires="soon") == [
        Fault.SIZE_MISSING,
        Fault.CURRENCY_NOT_LISTED,
        Fault.PRICE_NEGATIVE,
        Fault.QUANTITY_TOO_SMALL,
        Fault.EXPIRES_UNREADABLE,
    ]


def test_a_price_in_yen_may_have_more_digits():
    assert isinstance(read(**PAIR | {"price": "48000000", "currency": "JPY"}), WantedRow)
    assert faults(**PAIR | {"price": "48000000"}) == [Fault.PRICE_ABSURD]


@pytest.mark.parametrize("name", ["sku", "SKU", "style", "Style ID", "style_id", "styleId", "STYLE-CODE"])
def test_column_names_are_taken_as_people_write_them(name):
    assert column_of(name) is Column.SKU


def test_what_is_no_column_is_none():
    assert [column_of(name) for name in ("colour", "", "sku2")] == [None, None, None]


def row(line: int, **fields) -> WantedRow:
    return WantedRow(line=line, **fields)


def test_the_same_unit_or_listing_twice_is_told_with_the_first_line():
    pairs = [row(2, unit="A"), row(3, unit="B"), row(4, unit="A"), row(5, unit=""), row(6, unit="")]
    listings = [row(2, listing_id="x"), row(3, listing_id="x")]

    ((again, problem),) = repeated(JobKind.CREATE, pairs)
    assert (again.line, problem.fault) == (4, Fault.UNIT_TWICE)
    assert "line 2" in problem.reason
    assert [each.line for each, _ in repeated(JobKind.DELETE, listings)] == [3]


def test_a_style_code_is_enriched_once_however_it_is_written():
    rows = [row(2, sku="dd1391 100"), row(3, sku="HQ4276"), row(4, sku="DD1391-100")]

    assert [each.line for each in each_sku_once(rows)] == [2, 3]


def test_a_job_has_one_inventory_type():
    rows = [row(2), row(3, inventory_type="DIRECT"), row(4)]

    assert [(each.line, problem.fault) for each, problem in of_another_type(rows)] == [(3, Fault.INVENTORY_TYPES_MIXED)]


def test_pairs_without_a_name_are_counted_by_size():
    rows = [row(2, variant_id="v", quantity=2), row(3, variant_id="w"), row(4, variant_id="v"), row(5, unit="A")]

    units = as_units(JobKind.CREATE, rows)

    assert [(each.line, each.unit, each.quantity) for each in units] == [
        (2, "v#1", 1), (2, "v#2", 1), (3, "w#1", 1), (4, "v#3", 1), (5, "A", 1),
    ]  # fmt: skip


def test_the_unit_of_a_change_is_its_listing():
    assert [each.unit for each in as_units(JobKind.UPDATE, [row(2, listing_id="x")])] == ["listing:x"]
    assert [each.unit for each in as_units(JobKind.ENRICH, [row(2, sku="x")])] == [""]
