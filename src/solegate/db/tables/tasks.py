"""What is to be done in the background, who does it now, and which workers live (design 4.7)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base

_FREE = "lease_until IS NULL AND due_at IS NOT NULL"
_HELD = "lease_until IS NOT NULL"


class TaskRow(Base):
    """One thing that is advanced step by step, or done again every `every` seconds.

    `id` is its kind and subject (`job:ID`, `sync:orders`), so nothing is queued twice. Whoever holds the lease does
    the next step; `fence` counts the leases, so that a holder who woke too late is told apart. While it is held,
    `due_at` is empty but for what was asked for meanwhile.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        Index("ix_tasks_due", "account", "lane", "due_at", sqlite_where=text(_FREE), postgresql_where=text(_FREE)),
        Index(
            "ix_tasks_held", "account", "lane", "lease_until", sqlite_where=text(_HELD), postgresql_where=text(_HELD)
        ),
    )

    account: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    lane: Mapped[int]
    due_at: Mapped[datetime | None]
    every: Mapped[float | None]
    owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    fence: Mapped[int]
    steps: Mapped[int]
    failures: Mapped[int]
    last_error: Mapped[str]
    updated_at: Mapped[datetime]


class WorkerRow(Base):
    """A process that does background work, and when it was last heard of."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    place: Mapped[str]
    pid: Mapped[int]
    engine: Mapped[str]
    started_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime]
    draining: Mapped[bool]
