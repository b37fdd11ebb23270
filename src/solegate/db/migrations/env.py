"""Alembic's entry: migrate over the connection that `Database.upgrade` opened, inside its transaction."""

from __future__ import annotations

from alembic import context

from solegate.db.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
