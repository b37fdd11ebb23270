"""The rows of a bulk job as values: as they were written, as they are meant, and what is wrong with them.

A row comes as text cells, whatever its source (a CSV file, a JSON body, Python values), and is read by
`row_checks.read_row` into a `WantedRow` or into every `RowProblem` it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from solegate.domain.intents import unit_of_listing
from solegate.domain.jobs import JobKind
from solegate.domain.money import Money

_SHOWN = 100
"""Most characters of a cell that a report repeats."""


class Column(StrEnum):
    """What a cell of a row says."""

    SKU = "sku"
    SIZE = "size"
    VARIANT_ID = "variant_id"
    LISTING_ID = "listing_id"
    PRICE = "price"
    CURRENCY = "currency"
    QUANTITY = "quantity"
    EXPIRES = "expires"
    UNIT = "unit"
    INVENTORY_TYPE = "inventory_type"
    ACTIVE = "active"


_OTHER_NAMES: Mapping[str, Column] = MappingProxyType(
    {
        **dict.fromkeys(("style", "styleid", "stylecode"), Column.SKU),
        **dict.fromkeys(("skusize", "variantvalue"), Column.SIZE),
        **dict.fromkeys(("variant", "stockxvariantid"), Column.VARIANT_ID),
        **dict.fromkeys(("listing", "stockxlistingid"), Column.LISTING_ID),
        **dict.fromkeys(("amount", "ask", "askprice"), Column.PRICE),
        **dict.fromkeys(("currencycode",), Column.CURRENCY),
        **dict.fromkeys(("qty", "count"), Column.QUANTITY),
        **dict.fromkeys(("expiresat", "expiry", "expiration"), Column.EXPIRES),
        **dict.fromkeys(("unitid", "pair", "reference", "ref"), Column.UNIT),
        **dict.fromkeys(("isactive",), Column.ACTIVE),
    }
)
_NAMES: Mapping[str, Column] = MappingProxyType(
    {**_OTHER_NAMES, **{each.value.replace("_", ""): each for each in Column}}
)

COLUMNS: Mapping[JobKind, frozenset[Column]] = MappingProxyType(
    {
        JobKind.CREATE: frozenset(Column) - {Column.LISTING_ID},
        JobKind.UPDATE: frozenset({Column.LISTING_ID, Column.PRICE, Column.CURRENCY, Column.EXPIRES}),
        JobKind.ACTIVATE: frozenset({Column.LISTING_ID, Column.PRICE, Column.CURRENCY, Column.EXPIRES}),
        JobKind.DEACTIVATE: frozenset({Column.LISTING_ID}),
        JobKind.DELETE: frozenset({Column.LISTING_ID}),
        JobKind.ENRICH: frozenset({Column.SKU}),
    }
)
"""Which columns a job of a kind reads; it ignores the others."""
NEEDED: Mapping[JobKind, frozenset[Column]] = MappingProxyType(
    {kind: frozenset({Column.LISTING_ID}) for kind in JobKind}
    | {JobKind.CREATE: frozenset({Column.SKU, Column.VARIANT_ID}), JobKind.ENRICH: frozenset({Column.SKU})}
)
"""Of which columns a job of a kind needs at least one to know what a row is about."""


def column_of(name: str) -> Column | None:
    """The column a person or program means by a name: `Style ID`, `styleId` and `sku` are one."""
    return _NAMES.get(re.sub(r"[\W_]", "", name.casefold()))


class Fault(StrEnum):
    """What can be wrong with a row: stable and machine-readable."""

    TOO_MANY_CELLS = "too_many_cells"
    UNREADABLE = "unreadable"
    NOT_PLAIN = "not_plain"
    COLUMN_TWICE = "column_twice"
    CONTROL_CHARACTERS = "control_characters"
    TARGET_MISSING = "target_missing"
    SIZE_MISSING = "size_missing"
    SKU_MISSING = "sku_missing"
    SKU_WRONG = "sku_wrong"
    VARIANT_ID_WRONG = "variant_id_wrong"
    LISTING_ID_MISSING = "listing_id_missing"
    LISTING_ID_WRONG = "listing_id_wrong"
    CHANGES_NOTHING = "changes_nothing"
    PRICE_MISSING = "price_missing"
    PRICE_HAS_CURRENCY = "price_has_currency"
    PRICE_HAS_SEPARATOR = "price_has_separator"
    PRICE_UNREADABLE = "price_unreadable"
    PRICE_NEGATIVE = "price_negative"
    PRICE_ZERO = "price_zero"
    PRICE_FRACTIONAL = "price_fractional"
    PRICE_ABSURD = "price_absurd"
    CURRENCY_WRONG = "currency_wrong"
    CURRENCY_NOT_LISTED = "currency_not_listed"
    CURRENCY_ALONE = "currency_alone"
    QUANTITY_UNREADABLE = "quantity_unreadable"
    QUANTITY_TOO_SMALL = "quantity_too_small"
    QUANTITY_TOO_LARGE = "quantity_too_large"
    UNIT_OF_SEVERAL = "unit_of_several"
    UNIT_TOO_LONG = "unit_too_long"
    UNIT_RESERVED = "unit_reserved"
    EXPIRES_UNREADABLE = "expires_unreadable"
    EXPIRES_PAST = "expires_past"
    EXPIRES_TOO_FAR = "expires_too_far"
    INVENTORY_TYPE_UNKNOWN = "inventory_type_unknown"
    INVENTORY_TYPE_NOT_LISTED = "inventory_type_not_listed"
    ACTIVE_UNREADABLE = "active_unreadable"
    DRAFT = "draft"
    UNIT_TWICE = "unit_twice"
    LISTING_TWICE = "listing_twice"
    UNIT_LISTED = "unit_listed"
    CHANGE_UNDER_WAY = "change_under_way"
    LISTING_SOLD = "listing_sold"
    LISTING_GONE = "listing_gone"
    INVENTORY_TYPES_MIXED = "inventory_types_mixed"
    GUARD_RAIL = "guard_rail"
    SKU_UNKNOWN = "sku_unknown"
    SKU_AMBIGUOUS = "sku_ambiguous"
    SIZE_UNKNOWN = "size_unknown"
    SIZE_AMBIGUOUS = "size_ambiguous"
    VARIANT_OF_OTHER_SIZE = "variant_of_other_size"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row cannot be done, and what its writer can do about it. `line` is that of the file, or the row's place."""

    line: int
    fault: Fault
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it was written; `problems` is what its source already found wrong with it."""

    line: int
    cells: Mapping[Column, str] = field(default_factory=dict)
    problems: tuple[RowProblem, ...] = ()

    def text(self, column: Column) -> str:
        """A cell without surrounding spaces; empty when it is missing."""
        return self.cells.get(column, "").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRow:
    """A row that can be understood.

    Attributes:
        line: of the file, or its place among the given rows.
        sku, size: what is to be listed, as it was written; for people once `variant_id` is known.
        variant_id: StockX's id of the size; empty until SKU and size were looked up.
        listing_id: which listing is changed.
        price: what a buyer shall pay.
        expires_at: when the ask shall end.
        unit: which pair it is; empty when the writer does not tell his pairs apart.
        quantity: how many equal pairs.
        inventory_type: STANDARD or DIRECT.
    """

    line: int
    sku: str = ""
    size: str = ""
    variant_id: str = ""
    listing_id: str = ""
    price: Money | None = None
    expires_at: datetime | None = None
    unit: str = ""
    quantity: int = 1
    inventory_type: str = "STANDARD"


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be done, as far as it can be understood, and why."""

    row: WantedRow
    problems: tuple[RowProblem, ...]


def as_far_as_known(raw: RawRow) -> WantedRow:
    """What a row that cannot be read is about, for a report; long texts are cut."""
    sku, size, variant_id, listing_id, unit = (
        raw.text(each)[:_SHOWN] for each in (Column.SKU, Column.SIZE, Column.VARIANT_ID, Column.LISTING_ID, Column.UNIT)
    )
    return WantedRow(line=raw.line, sku=sku, size=size, variant_id=variant_id, listing_id=listing_id, unit=unit)


def as_units(kind: JobKind, rows: Iterable[WantedRow]) -> list[WantedRow]:
    """One row for every pair or listing, each with the unit it is about.

    A pair without a name is the n-th of its size in this job, `VARIANT#n`: so the same rows in another job mean the
    same pairs, and do not list them twice (design 4.6).
    """
    if kind is not JobKind.CREATE:
        return [replace(each, unit=unit_of_listing(each.listing_id) if each.listing_id else "") for each in rows]
    counted: dict[str, int] = {}
    single: list[WantedRow] = []
    for row in rows:
        if row.unit:
            single.append(replace(row, quantity=1))
            continue
        for _ in range(row.quantity):
            counted[row.variant_id] = counted.get(row.variant_id, 0) + 1
            unit = f"{row.variant_id}#{counted[row.variant_id]}"
            single.append(replace(row, unit=unit, quantity=1))
    return single
