"""The database as a whole: open it, upgrade it, read and write in transactions.

Everything that differs between SQLite and PostgreSQL stands in this file, in `sqlite.py` and in `postgres.py`; tables,
repositories and migrations are written once for both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, make_url, text
from sqlalchemy.dialects import postgresql as postgresql_sql
from sqlalchemy.dialects import sqlite as sqlite_sql
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from solegate.clock import Clock
from solegate.db import postgres, sqlite
from solegate.db.problems import explain, location
from solegate.db.turns import OneEach, SingleWriter
from solegate.errors import DatabaseError

_MIGRATIONS = Path(__file__).parent / "migrations"
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
_UPGRADE_LOCK = 0x501E6A7E
"""PostgreSQL advisory lock that lets one process at a time upgrade."""


class Database:
    """An opened database; use it as an async context manager or call `close`.

    Nothing is opened or created before the first use. Whatever goes wrong with the database itself is raised as
    `DatabaseError`; the transaction it happened in was rolled back.

    Args:
        url: SQLAlchemy URL of a SQLite file or a PostgreSQL database.
        echo: log every statement, without its parameters.
        clock: what `now` tells; unless given, the server's own clock on PostgreSQL and the machine's on SQLite.
        pool: connections to a PostgreSQL server that are kept open; under load there are up to three times as many.
    """

    def __init__(self, url: str, *, echo: bool = False, clock: Clock | None = None, pool: int = 5) -> None:
        self._url = _parse(url)
        self._clock = clock
        self.location = location(self._url)
        server = self._url.get_backend_name() == "postgresql"
        options = postgres.engine_options(pool) if server else {}
        self._engine = create_async_engine(self._url, echo=echo, hide_parameters=True, **options)
        self._writer = self._engine.execution_options(begin="IMMEDIATE")
        self._turn: SingleWriter | OneEach = OneEach()
        if server:
            postgres.prepare(self._engine)
        else:
            sqlite.prepare(self._engine, Path(self._url.database or ""))
            self._turn = SingleWriter()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Write: all of it is committed at the end, or nothing when an error leaves the block.

        On SQLite it holds the write lock from its start, so what it reads cannot change before it writes.

        Raises:
            DatabaseError: the database cannot be opened or written.
            RuntimeError: this task is already in a transaction of this database.
        """
        async with self._turn, self._session(self._writer) as session:
            yield session
            await session.commit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Read: one consistent view on SQLite; nothing written in it is kept.

        Raises:
            DatabaseError: the database cannot be opened or read.
        """
        async with self._session(self._engine) as session:
            yield session

    async def now(self, session: AsyncSession) -> datetime:
        """The time that leases and deadlines are compared by: one clock for every process (design 4.6)."""
        if self._clock is not None:
            return self._clock.now()
        if self._url.get_backend_name() == "sqlite":
            return datetime.now(UTC)
        moment: datetime = (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
        return moment.astimezone(UTC)

    async def exclusive(self, session: AsyncSession, name: str) -> None:
        """Let one transaction at a time go on from here, in any process; it ends with the transaction.

        On SQLite a transaction is alone anyway.
        """
        if self._url.get_backend_name() == "postgresql":
            await session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})

    async def upgrade(self) -> None:
        """Bring the schema to the newest revision, in one transaction; safe to call at every start.

        Raises:
            DatabaseError: it cannot be written, or a newer Solegate wrote it.
        """
        async with self.transaction() as session:
            connection = await session.connection()
            try:
                await connection.run_sync(_upgrade)
            except CommandError as error:
                raise DatabaseError(
                    f"The database {self.location} cannot be upgraded: {error}.",
                    hint="It was written by a newer Solegate; update Solegate, or use another database.",
                ) from error

    async def revision(self) -> str | None:
        """The schema's revision; `None` before the first upgrade."""
        async with self.reading() as session:
            connection = await session.connection()
            return await connection.run_sync(lambda each: MigrationContext.configure(each).get_current_revision())

    async def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            DatabaseError: there is none.
        """
        async with self.reading() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection; the object is of no further use."""
        await self._engine.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def _session(self, engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
        try:
            async with AsyncSession(engine, expire_on_commit=False, autoflush=False) as session:
                await self._connect(session)
                yield session
        except (DBAPIError, PoolTimeoutError) as error:
            raise explain(error, self.location) from error

    async def _connect(self, session: AsyncSession) -> None:
        """Open the connection now, where a refused file, host or option can be told from the caller's own errors."""
        try:
            await session.connection()
        except (OSError, TypeError, ValueError) as error:
            raise explain(error, self.location) from error


def head_revision() -> str | None:
    """The newest schema revision that this version of Solegate knows."""
    return ScriptDirectory.from_config(_alembic_config()).get_current_head()


def insert_into(session: AsyncSession, table: type[Any]) -> sqlite_sql.Insert | postgresql_sql.Insert:
    """An INSERT that can say what to do on a conflict (`on_conflict_do_nothing`, `on_conflict_do_update`)."""
    dialect = session.get_bind().dialect.name
    return postgresql_sql.insert(table) if dialect == "postgresql" else sqlite_sql.insert(table)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        parsed = parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise DatabaseError("The database URL cannot be read.", hint=_URL_HINT) from None
    if parsed.drivername not in _DRIVERS.values():
        raise DatabaseError(f"No support for {parsed.drivername} databases.", hint=_URL_HINT)
    if backend == "sqlite" and (not parsed.database or ":memory:" in parsed.database):
        raise DatabaseError("The SQLite database needs a file.", hint=_URL_HINT)
    return parsed


_URL_HINT = (
    "Set SOLEGATE_DATABASE_URL to sqlite+aiosqlite:///PATH or postgresql+asyncpg://USER:PASSWORD@HOST/NAME, "
    "or leave it empty for a file in your data folder."
)


def _alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
    command.upgrade(_alembic_config(connection), "head")
