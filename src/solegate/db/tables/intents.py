"""The intent ledger, its audit trail, and the switch that stops every write (design 4.6)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base, OwnId

_PLANNED = text("state = 'PLANNED'")
_IN_FLIGHT = text("state IN ('SENT', 'ACCEPTED', 'UNKNOWN')")
_HELD = text("action = 'create' AND released_at IS NULL")
_KEYED = text("caller_key IS NOT NULL")
_LOOSE = text("action = 'create' AND job_id IS NULL AND state IN ('SENT', 'UNKNOWN')")
_OPEN = text("state IN ('PLANNED', 'SENT', 'ACCEPTED', 'UNKNOWN')")


class IntentRow(Base):
    """A `domain.intents.Intent`. A pair is listed by one intent at a time, and one write on a unit is in flight.

    A draft shows no ask and so no tag (FACTS 1.7): of one size at most one single create may be without a listing id.
    """

    __tablename__ = "intents"
    __table_args__ = (
        Index("uq_intents_planned", "account", "unit", unique=True, sqlite_where=_PLANNED, postgresql_where=_PLANNED),
        Index(
            "uq_intents_in_flight", "account", "unit", unique=True, sqlite_where=_IN_FLIGHT, postgresql_where=_IN_FLIGHT
        ),
        Index("uq_intents_held", "account", "unit", unique=True, sqlite_where=_HELD, postgresql_where=_HELD),
        Index(
            "uq_intents_caller_key", "account", "caller_key", unique=True, sqlite_where=_KEYED, postgresql_where=_KEYED
        ),
        Index("uq_intents_loose", "account", "variant_id", unique=True, sqlite_where=_LOOSE, postgresql_where=_LOOSE),
        Index("ix_intents_open", "account", "state", "sent_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_intents_job", "job_id", "row"),
        Index("ix_intents_sent", "account", "sent_at"),
        Index("ix_intents_listing", "account", "listing_id"),
        Index("ix_intents_made", "account", "created_at"),
        Index("ix_intents_variant", "account", "variant_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str]
    action: Mapped[str]
    unit: Mapped[str]
    variant_id: Mapped[str]
    listing_id: Mapped[str | None]
    amount: Mapped[Decimal | None]
    currency: Mapped[str | None]
    active: Mapped[bool | None]
    expires_at: Mapped[datetime | None]
    inventory_type: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    attempts: Mapped[int]
    sent_at: Mapped[datetime | None]
    send_before: Mapped[datetime | None]
    operation_id: Mapped[str | None]
    batch_id: Mapped[str | None]
    looks: Mapped[int]
    job_id: Mapped[str | None]
    row: Mapped[int | None]
    caller_key: Mapped[str | None]
    actor: Mapped[str]
    cause: Mapped[str]
    reason: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    released_at: Mapped[datetime | None]


class AuditRow(Base):
    """One change of an intent: who or which rule, why, on what evidence, with which result."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_account_at", "account", "at"),)

    id: Mapped[OwnId]
    at: Mapped[datetime]
    account: Mapped[str]
    intent_id: Mapped[str | None] = mapped_column(index=True)
    listing_id: Mapped[str | None] = mapped_column(index=True)
    job_id: Mapped[str | None] = mapped_column(index=True)
    actor: Mapped[str]
    what: Mapped[str]
    why: Mapped[str]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    result: Mapped[str]


class StopRow(Base):
    """The kill switch of an account: while the row is there, nothing is written to StockX."""

    __tablename__ = "write_stops"

    account: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    reason: Mapped[str]
