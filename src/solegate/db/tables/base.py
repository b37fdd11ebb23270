"""What every table shares: constraint names, exact money and aware UTC time."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any

from sqlalchemy import DateTime, Dialect, MetaData, Numeric, String
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints and indexes, so that a later migration can find them on either database."""

AMOUNT_UNIT = Decimal("0.0001")
"""StockX writes up to four decimals (FACTS 1.9)."""


class ExactAmount(TypeDecorator[Decimal]):
    """An amount as NUMERIC(20, 4); as text on SQLite, whose NUMERIC would turn it into a float.

    Compare and sum amounts in Python, not in SQL: as text, 9 sorts after 10.
    """

    impl = Numeric(20, 4)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type."""
        return dialect.type_descriptor(String(21) if dialect.name == "sqlite" else Numeric(20, 4))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:  # noqa: ANN401 - SQLAlchemy's shape
        """Round half-up to four decimals, as PostgreSQL does."""
        if value is None:
            return None
        exact = value.quantize(AMOUNT_UNIT, ROUND_HALF_UP)
        return str(exact) if dialect.name == "sqlite" else exact

    def process_result_value(self, value: Any, _dialect: Dialect) -> Decimal | None:  # noqa: ANN401
        """Read it back exactly."""
        return None if value is None else Decimal(value)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in time: only aware ones go in, UTC comes out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse a naive time: nobody knows which moment it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value.isoformat()}: give it a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Name the zone that SQLite leaves out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {Decimal: ExactAmount(), datetime: UtcDateTime()}  # noqa: RUF012 - SQLAlchemy's shape


OwnId = Annotated[int, mapped_column(primary_key=True)]
"""Our own id of a row, given by the database."""
