"""The real `solegate` command in a process of its own, and a practice market on a socket for it to talk to."""

from __future__ import annotations

import asyncio
import html
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
from cryptography.fernet import Fernet

from solegate.clock import SystemClock
from solegate.db.engine import Database
from solegate.db.repositories import SqlTokenStore
from solegate.db.secrets import SecretBox
from solegate.domain.accounts import TokenRecord
from solegate.simulator import Limits, Pace, ServerHandle, Simulator, SimulatorConfig, running_server
from solegate.testing import fresh_tokens
from support.postgres import sqlite_file_url
from support.warm_start import WarmStarts

ROOT = Path(__file__).parents[2]
KEY = Fernet.generate_key().decode()
QUIET = Pace(
    buyers_per_day=0.0,
    settle_failure=0.0,
    settle_seconds=(0.1, 0.6),
    batch_start_seconds=(0.1, 0.3),
    batch_items_per_second=40.0,
)
"""Nothing happens by itself or by chance, and nothing takes long: tests share the market, in any order."""
SECONDS = 50
"""Longest a command may take before a test fails."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON document it has to be."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The error document on standard error."""
        return json.loads(self.err)["error"]


@cache
def _warm() -> WarmStarts:
    """What starts the commands of this test process."""
    return WarmStarts(ROOT / "src", seconds=SECONDS)


class Process(subprocess.Popen[str]):
    """A command that a failing test does not leave running, and does not wait for."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill it when the block failed, then wait for its end."""
        if kind is not None:
            self.kill()
        super().__exit__(kind, error, trace)


@dataclass(frozen=True, slots=True)
class Cli:
    """The command with a home, an environment and a database of its own."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict)
    launcher: tuple[str, ...] = ()

    @property
    def database(self) -> Path:
        """Where its SQLite database is, or will be."""
        return self.home / "data" / "solegate.db"

    @property
    def database_url(self) -> str:
        """The URL of its database."""
        return self.variables.get("SOLEGATE_DATABASE_URL", sqlite_file_url(self.database))

    def run(self, *words: str | Path, typed: str = "", **variables: str) -> Result:
        """Run a command to its end; `variables` are added to its environment."""
        if not self.launcher and not any(name.startswith("PYTHON") for name in variables):
            environment = self._environment(variables)
            ended = _warm().run([*map(str, words)], folder=self.home, environment=environment, typed=typed)
            return Result(ended.code, ended.out, ended.err)
        return self.run_cold(*words, typed=typed, **variables)

    def run_cold(self, *words: str | Path, typed: str = "", **variables: str) -> Result:
        """Run a command to its end, from nothing: everything is imported anew."""
        with self.start(*words, stdin=subprocess.PIPE, **variables) as process:
            out, err = process.communicate(typed, timeout=SECONDS)
        return Result(process.returncode, out, err)

    def start(self, *words: str | Path, stdin: int = subprocess.PIPE, **variables: str) -> Process:
        """Start a command and leave it running until the `with` block ends; `stdin` is where its input comes from."""
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            # Tests that were started in the background ignore Ctrl-C, and the command would inherit that.
            signal.signal(signal.SIGINT, signal.default_int_handler)
        return Process(
            [*self.launcher, sys.executable, "-m", "solegate", *map(str, words)],
            cwd=self.home,
            env=self._environment(variables),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask its database, past the product."""
        with closing(sqlite3.connect(self.database)) as file:
            return file.execute(sql).fetchall()

    def _environment(self, variables: dict[str, str]) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        own = {
            "HOME": str(self.home),
            "XDG_DATA_HOME": str(self.home / "xdg"),
            "PYTHONPATH": str(ROOT / "src"),
            "NO_PROXY": "127.0.0.1",
            "SOLEGATE_DATABASE_URL": self.database_url,
            "SOLEGATE_SECRET_KEY": KEY,
        }
        return kept | own | self.variables | variables


@dataclass(frozen=True, slots=True)
class Market:
    """A practice market that runs beside the test, and a database whose account is logged in there."""

    simulator: Simulator
    server: ServerHandle
    tokens: TokenRecord
    database: Path

    @property
    def variables(self) -> dict[str, str]:
        """The environment that makes the command use it."""
        config = self.simulator.config
        return {
            "SOLEGATE_STOCKX_API_URL": self.server.api_url,
            "SOLEGATE_STOCKX_AUTH_URL": self.server.auth_url,
            "SOLEGATE_STOCKX_CLIENT_ID": config.client_id,
            "SOLEGATE_STOCKX_CLIENT_SECRET": config.client_secret,
            "SOLEGATE_STOCKX_API_KEY": config.api_key,
            "SOLEGATE_REQUESTS_PER_SECOND": "200",
        }


@contextmanager
def practice_market(folder: Path, limits: Limits | None = None) -> Iterator[Market]:
    """A practice market on a free port, served by a thread."""
    simulator = Simulator(SimulatorConfig(limits=limits or Limits.off(), pace=QUIET))
    listening = threading.Event()
    servers: list[ServerHandle] = []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with running_server(simulator) as server:
            servers.append(server)
            listening.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert listening.wait(10), "the practice market does not start"
    try:
        tokens, database = fresh_tokens(simulator, SystemClock()), folder / "connected.db"
        asyncio.run(log_in(sqlite_file_url(database), tokens))
        yield Market(simulator, servers[0], tokens, database)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


async def log_in(database_url: str, tokens: TokenRecord) -> None:
    """Store tokens in a database, as a login would."""
    async with Database(database_url) as database:
        await database.upgrade()
        assert await SqlTokenStore(database, SecretBox([KEY])).save(tokens, expected_version=None)


def connected(market: Market, home: Path, **variables: str) -> Cli:
    """A command whose account is logged in at the market; its database is a SQLite file."""
    cli = Cli(home, market.variables | variables)
    cli.database.parent.mkdir()
    shutil.copy(market.database, cli.database)
    return cli


def press_allow(authorize_url: str) -> str:
    """Do what a person does in the browser; returns where the browser is sent."""
    with urllib.request.urlopen(authorize_url, timeout=10) as page:
        text = page.read().decode()
    fields = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', text)}
    fields["decision"] = "allow"
    action = re.search(r'action="([^"]+)"', text)
    assert action is not None
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        opener.open(urljoin(authorize_url, action[1]), urlencode(fields).encode(), timeout=10)
    except urllib.error.HTTPError as answer:
        with answer:
            return str(answer.headers["location"])
    raise AssertionError("the login page did not send the browser back")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_request: object, **_more: object) -> None:
        return None


def wait_until(happened: Callable[[], bool], seconds: float = 20) -> None:
    """Look often until something has happened."""
    ends = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.01)


def read_url(process: subprocess.Popen[str]) -> str:
    """The next line of standard error that is an address; lines right behind it may be lost to `communicate`."""
    assert process.stderr is not None
    return next(line.strip() for line in process.stderr if line.startswith("http"))


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """A practice market without limits, shared by the tests of one worker."""
    with practice_market(tmp_path_factory.mktemp("market")) as running:
        yield running


@pytest.fixture
def new_cli(market: Market, tmp_path: Path) -> Cli:
    """The command as it is just after its configuration: no database, no login."""
    return Cli(tmp_path, market.variables)


@pytest.fixture
def cli(market: Market, tmp_path: Path) -> Cli:
    """The command with a connected account, on SQLite: below the command line everything runs on PostgreSQL too."""
    return connected(market, tmp_path)
