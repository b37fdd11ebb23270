"""What SQL says differently on SQLite and on PostgreSQL: amounts as numbers, and moments as calendar periods in UTC.

An `ExactAmount` is text on SQLite, which keeps it exact and leaves SQL unable to compare it: as text, 9 sorts after 10.
It always has four decimals, so without its point it is a whole number of ten-thousandths, which SQLite holds exactly up
to 9.2 * 10^14 in the main unit (64 bits); larger ones are all taken for that one. PostgreSQL reckons with NUMERIC.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, Numeric, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

UNITS = 10_000
"""Units of an amount: ten-thousandths of the currency's main unit."""
_MOST_UNITS = 2**63 - 1


class Period(StrEnum):
    """Calendar periods in UTC."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


_SQLITE = {Period.HOUR: "%Y-%m-%dT%H", Period.DAY: "%Y-%m-%d", Period.MONTH: "%Y-%m"}
_POSTGRES = {Period.HOUR: 'YYYY-MM-DD"T"HH24', Period.DAY: "YYYY-MM-DD", Period.MONTH: "YYYY-MM"}


class _Units(TypeDecorator[Decimal]):
    """A whole number as either database has it: SQLite's driver would turn a Decimal into a float."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:  # noqa: ANN401 - SQLAlchemy's shape
        return int(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, _dialect: Dialect) -> Decimal | None:  # noqa: ANN401
        return None if value is None else Decimal(value)


class InUnits(FunctionElement[Decimal]):
    """An amount as a whole number of `UNITS`, to be compared, sorted and summed."""

    type = _Units()
    inherit_cache = True
    name = "in_units"


class PeriodOf(FunctionElement[str]):
    """The calendar period in which a moment lies, as text that sorts: `2026-01-31T23`, `2026-01-31` or `2026-01`."""

    type = String()
    name = "period_of"
    # Its format is part of the statement, so that the same expression in SELECT and GROUP BY is the same to PostgreSQL.
    inherit_cache = False

    def __init__(self, moment: ColumnElement[datetime] | InstrumentedAttribute[Any], period: Period) -> None:
        super().__init__(moment)
        self.period = period


def units_of(amount: Decimal) -> Decimal:
    """An amount as a whole number of `UNITS`, at most what either database compares with."""
    units = min(max(amount * UNITS, Decimal(-_MOST_UNITS)), Decimal(_MOST_UNITS))
    return units.quantize(Decimal(1), ROUND_HALF_UP)


def amount_of(units: Decimal) -> Decimal:
    """An amount out of its units."""
    return units / UNITS


@compiles(InUnits)
def _units_in_numeric(element: InUnits, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - SQLAlchemy's shape
    return f"({compiler.process(element.clauses, **more)} * {UNITS})"


@compiles(InUnits, "sqlite")
def _units_in_text(element: InUnits, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    return f"CAST(replace({compiler.process(element.clauses, **more)}, '.', '') AS INTEGER)"


@compiles(PeriodOf)
def _period(element: PeriodOf, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    moment = compiler.process(element.clauses, **more)
    return f"to_char({moment} AT TIME ZONE 'UTC', '{_POSTGRES[element.period]}')"


@compiles(PeriodOf, "sqlite")
def _period_in_text(element: PeriodOf, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401
    moment = compiler.process(element.clauses, **more)
    return f"strftime('{_SQLITE[element.period]}', {moment})"
