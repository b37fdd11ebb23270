"""The intent ledger, bulk jobs, tasks, and kept answers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from solegate.db.tables.base import ExactAmount, UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _create_intents()
    _index_intents()
    _create_audit()
    _create_jobs()
    _create_job_parts()
    _create_tasks()


def downgrade() -> None:
    for table in (
        "idempotency_keys", "workers", "tasks", "job_items", "job_chunks", "jobs", "write_stops", "audit", "intents",
    ):  # fmt: skip
        op.drop_table(table)


def _where(condition: str) -> dict[str, Any]:
    """A partial index, on either database."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _create_intents() -> None:
    op.create_table(
        "intents",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("variant_id", sa.String, nullable=False),
        sa.Column("listing_id", sa.String),
        sa.Column("amount", ExactAmount),
        sa.Column("currency", sa.String),
        sa.Column("active", sa.Boolean),
        sa.Column("expires_at", UtcDateTime),
        sa.Column("inventory_type", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("sent_at", UtcDateTime),
        sa.Column("send_before", UtcDateTime),
        sa.Column("operation_id", sa.String),
        sa.Column("batch_id", sa.String),
        sa.Column("looks", sa.Integer, nullable=False),
        sa.Column("job_id", sa.String),
        sa.Column("row", sa.Integer),
        sa.Column("caller_key", sa.String),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("cause", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("released_at", UtcDateTime),
    )


def _index_intents() -> None:
    op.create_index("ix_intents_job", "intents", ["job_id", "row"])
    op.create_index("ix_intents_listing", "intents", ["account", "listing_id"])
    op.create_index("ix_intents_made", "intents", ["account", "created_at"])
    op.create_index(
        "ix_intents_open",
        "intents",
        ["account", "state", "sent_at"],
        **_where("state IN ('PLANNED', 'SENT', 'ACCEPTED', 'UNKNOWN')"),
    )
    op.create_index("ix_intents_sent", "intents", ["account", "sent_at"])
    op.create_index("ix_intents_variant", "intents", ["account", "variant_id"])
    op.create_index(
        "uq_intents_caller_key", "intents", ["account", "caller_key"], unique=True, **_where("caller_key IS NOT NULL")
    )
    op.create_index(
        "uq_intents_held",
        "intents",
        ["account", "unit"],
        unique=True,
        **_where("action = 'create' AND released_at IS NULL"),
    )
    op.create_index(
        "uq_intents_in_flight",
        "intents",
        ["account", "unit"],
        unique=True,
        **_where("state IN ('SENT', 'ACCEPTED', 'UNKNOWN')"),
    )
    op.create_index(
        "uq_intents_loose",
        "intents",
        ["account", "variant_id"],
        unique=True,
        **_where("action = 'create' AND job_id IS NULL AND state IN ('SENT', 'UNKNOWN')"),
    )
    op.create_index("uq_intents_planned", "intents", ["account", "unit"], unique=True, **_where("state = 'PLANNED'"))


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("intent_id", sa.String),
        sa.Column("listing_id", sa.String),
        sa.Column("job_id", sa.String),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("why", sa.String, nullable=False),
        sa.Column("evidence", sa.JSON, nullable=False),
        sa.Column("result", sa.String, nullable=False),
    )
    op.create_index("ix_audit_account_at", "audit", ["account", "at"])
    op.create_index("ix_audit_intent_id", "audit", ["intent_id"])
    op.create_index("ix_audit_job_id", "audit", ["job_id"])
    op.create_index("ix_audit_listing_id", "audit", ["listing_id"])
    op.create_table(
        "write_stops",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
    )


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("parent_id", sa.String),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("started_at", UtcDateTime),
        sa.Column("finished_at", UtcDateTime),
        sa.Column("note", sa.String, nullable=False),
        sa.UniqueConstraint("account", "key", name="uq_jobs_account_key"),
    )
    op.create_index("ix_jobs_account_created", "jobs", ["account", "created_at"])


def _create_job_parts() -> None:
    op.create_table(
        "job_chunks",
        sa.Column(
            "job_id",
            sa.String,
            sa.ForeignKey("jobs.id", name="fk_job_chunks_job_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("batch_id", sa.String),
        sa.Column("sent_at", UtcDateTime),
        sa.Column("next_at", UtcDateTime),
        sa.Column("looks", sa.Integer, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
    )
    op.create_table(
        "job_items",
        sa.Column(
            "job_id",
            sa.String,
            sa.ForeignKey("jobs.id", name="fk_job_items_job_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("chunk", sa.Integer),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("sku", sa.String),
        sa.Column("size", sa.String),
        sa.Column("variant_id", sa.String),
        sa.Column("listing_id", sa.String),
        sa.Column("amount", ExactAmount),
        sa.Column("currency", sa.String),
        sa.Column("expires_at", UtcDateTime),
        sa.Column("intent_id", sa.String),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("advice", sa.String, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_job_items_chunk", "job_items", ["job_id", "chunk"])
    op.create_index("ix_job_items_state", "job_items", ["job_id", "state"])


def _create_tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("lane", sa.Integer, nullable=False),
        sa.Column("due_at", UtcDateTime),
        sa.Column("every", sa.Double),
        sa.Column("owner", sa.String),
        sa.Column("lease_until", UtcDateTime),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_error", sa.String, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
    )
    free = "lease_until IS NULL AND due_at IS NOT NULL"
    op.create_index("ix_tasks_due", "tasks", ["account", "lane", "due_at"], **_where(free))
    op.create_index("ix_tasks_held", "tasks", ["account", "lane", "lease_until"], **_where("lease_until IS NOT NULL"))
    op.create_table(
        "workers",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("host", sa.String, nullable=False),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("engine", sa.String, nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("heartbeat_at", UtcDateTime, nullable=False),
        sa.Column("draining", sa.Boolean, nullable=False),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("scope", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("lease_until", UtcDateTime, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("headers", sa.JSON, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_idempotency_keys_expires", "idempotency_keys", ["expires_at"])
