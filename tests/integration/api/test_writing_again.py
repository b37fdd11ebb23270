"""A write that is sent again with its key happens once: at the same moment, later, and after the process was killed."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx2

from solegate.clock import SystemClock
from solegate.db import Database, SecretBox
from solegate.db.repositories import SqlTokenStore
from solegate.testing import fresh_tokens
from support.cli import KEY, ROOT, Market
from support.postgres import POSTGRES_ONLY, sqlite_file_url
from support.writing import PANDA, Shop, Stage

_DIES = """
import functools, os, signal, sys
from solegate.cli.main import main
from solegate.services import idempotency
from solegate.services.idempotency import IdempotencyService
from solegate.services.ledger.sender import Sender

async def die(self, *_):
    os.kill(os.getpid(), signal.SIGKILL)

if os.environ["DIE"] == "before the answer is kept":
    IdempotencyService.keep = die
if os.environ["DIE"] == "before StockX's answer is written down":
    Sender._accepted = die
idempotency.IdempotencyPolicy = functools.partial(idempotency.IdempotencyPolicy, lease=3.0)
sys.exit(main(["serve", "--open", "--port", os.environ["PORT"]]))
"""
"""The server; it is killed where DIE says. A dead one's lease lapses after 3 s here, not after 15."""


def test_a_hundred_at_once_list_one_pair_and_get_equal_answers(stage: Stage):
    async def story(shop: Shop) -> None:
        refused = 0

        async def until_answered() -> httpx2.Response:
            nonlocal refused
            while (answer := await shop.create(key="k")).status_code == 409:
                refused += 1
                await asyncio.sleep(float(answer.headers["retry-after"]))
            return answer

        answers = await asyncio.gather(*(until_answered() for _ in range(100)))

        assert {each.status_code for each in answers} == {201}
        assert {each.content for each in answers} == {answers[0].content}
        assert {each.headers["location"] for each in answers} == {answers[0].headers["location"]}
        assert sum("idempotency-replayed" not in each.headers for each in answers) == 1
        assert shop.market() == {"ACTIVE": 1}
        assert shop.api.simulator.report().count("Create") == 1
        assert len((await shop.get("/api/v1/writes"))["items"]) == 1

    stage.play(story)


def test_another_body_with_the_key_is_refused_and_another_key_lists_another_pair(stage: Stage):
    async def story(shop: Shop) -> None:
        assert (await shop.create(key="k")).status_code == 201
        other = await shop.create(key="k", price="160")
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
        assert (await shop.create(key="l")).status_code == 201
        assert shop.market() == {"ACTIVE": 2}

    stage.play(story)


def test_a_pending_answer_is_given_again_and_says_where_to_look(stage: Stage):
    async def story(shop: Shop) -> None:
        first = await shop.create(key="k", wait=0)
        again = await shop.create(key="k", wait=30)
        assert (first.status_code, again.status_code) == (202, 202)
        assert again.headers["location"] == first.headers["location"]
        assert again.content == first.content

    stage.play(story)


def test_a_write_that_failed_fails_equally_when_it_is_sent_again(stage: Stage):
    async def story(shop: Shop) -> None:
        unknown = "00000000-0000-7000-8000-000000000000"
        first, again = [await shop.create(key="k", variantId=unknown) for _ in range(2)]
        assert (first.status_code, again.status_code) == (422, 422)
        assert again.json()["detail"] == first.json()["detail"]
        assert again.json()["hint"] == first.json()["hint"]
        assert shop.api.simulator.report().count("Create") == 1

    stage.play(story)


def test_what_a_stop_refused_is_done_once_writes_go_on(stage: Stage):
    async def story(shop: Shop) -> None:
        await shop.api.services.guard.stop(actor="Ann")
        assert (await shop.create(key="k")).status_code == 423
        await shop.api.services.guard.go(actor="Ann")
        assert (await shop.create(key="k")).status_code == 201
        assert shop.market() == {"ACTIVE": 1}

    stage.play(story)


@POSTGRES_ONLY
def test_a_hundred_at_once_in_two_processes_list_one_pair(market: Market, upgraded_url: str):
    before, body = market.simulator.report(), _pair(market, 14)
    asyncio.run(_log_in(market, upgraded_url))
    with (
        serving(market, upgraded_url) as (_, one),
        serving(market, upgraded_url) as (_, other),
        ThreadPoolExecutor(100) as callers,
    ):
        answers = list(callers.map(lambda url: _create_until_answered(url, body), [one, other] * 50))

    assert answers[0].status_code in {201, 202}  # a busy machine may not settle it within the wait
    assert {each.status_code for each in answers} == {answers[0].status_code}
    assert {each.content for each in answers} == {answers[0].content}
    originals = [each for each in answers if "idempotency-replayed" not in each.headers]
    assert len(originals) == 1, [(each.status_code, each.text[:200]) for each in originals]
    assert market.simulator.report().count("Create") == before.count("Create") + 1


def test_killed_between_effect_and_answer_the_repetition_finds_the_effect(market: Market, tmp_path: Path):
    """A real process, a real socket, SIGKILL: the same write, one listing."""
    before, body, database = market.simulator.report(), _pair(market, 12), _database(market, tmp_path)
    intent_id, state = _killed(market, database, body, "before the answer is kept")
    assert state == "CONFIRMED"

    with serving(market, sqlite_file_url(database)) as (_, url):
        started = time.monotonic()
        answer = _create_until_answered(url, body)
        taken_over = time.monotonic() - started
        assert answer.status_code == 201, answer.text
        assert (answer.json()["id"], answer.json()["knowledge"]) == (intent_id, "applied")
        assert "idempotency-replayed" not in answer.headers
        again = _create_until_answered(url, body)
        assert (again.content, again.headers["idempotency-replayed"]) == (answer.content, "true")

    assert market.simulator.report().count("Create") == before.count("Create") + 1
    assert taken_over < 30  # the lease of the dead process is 3 s; the rest is for a busy machine


def test_killed_before_the_effect_is_written_down_the_repetition_sends_nothing(market: Market, tmp_path: Path):
    before, body, database = market.simulator.report(), _pair(market, 13), _database(market, tmp_path)
    intent_id, state = _killed(market, database, body, "before StockX's answer is written down")
    assert state == "SENT"

    with serving(market, sqlite_file_url(database)) as (_, url):
        answer = _create_until_answered(url, body, wait=1)
        assert answer.status_code == 202, answer.text
        assert answer.json()["id"] == intent_id
        assert answer.json()["knowledge"] in {"pending", "unknown"}

    assert market.simulator.report().count("Create") == before.count("Create") + 1


@contextmanager
def serving(market: Market, database_url: str, *, die: str = "") -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The server as a process of its own, on a port of its own."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    own = {
        "PYTHONPATH": str(ROOT / "src"),
        "SOLEGATE_DATABASE_URL": database_url,
        "SOLEGATE_SECRET_KEY": KEY,
        "NO_PROXY": "127.0.0.1",
        "PORT": str(port),
        "DIE": die,
    }
    with subprocess.Popen(
        [sys.executable, "-c", _DIES],
        env=os.environ | market.variables | own,
        cwd=ROOT / "tests",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url)
            yield process, url
        finally:
            process.kill()


def _database(market: Market, folder: Path) -> Path:
    """A database whose account is logged in."""
    return Path(shutil.copy(market.database, folder / "solegate.db"))


async def _log_in(market: Market, database_url: str) -> None:
    async with Database(database_url) as database:
        tokens = fresh_tokens(market.simulator, SystemClock())
        assert await SqlTokenStore(database, SecretBox([KEY])).save(tokens, expected_version=None)


def _pair(market: Market, number: int) -> dict[str, Any]:
    """A new listing, as a body; each test has a size of its own."""
    product = market.simulator.catalog.by_style(PANDA)
    assert product is not None
    return {"variantId": product.variants[number].id, "price": "150", "currency": "EUR"}


def _killed(market: Market, database: Path, body: dict[str, Any], where: str) -> tuple[str, str]:
    """Let the server die while it lists a pair; the write it leaves behind, and its state."""
    with serving(market, sqlite_file_url(database), die=where) as (process, url):
        assert _create(url, body) is None
        assert process.wait(10) == -signal.SIGKILL
    with closing(sqlite3.connect(database)) as connection:
        ((intent_id, state),) = connection.execute("SELECT id, state FROM intents").fetchall()
    return intent_id, state


def _create_until_answered(url: str, body: dict[str, Any], *, wait: float = 10) -> httpx2.Response:
    """Ask again for as long as the first request seems to be worked on."""
    answer = _create(url, body, wait=wait)
    while answer is not None and answer.status_code == 409:
        time.sleep(float(answer.headers["retry-after"]))
        answer = _create(url, body, wait=wait)
    assert answer is not None
    return answer


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            if httpx2.get(f"{url}/healthz", trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server does not start")


def _create(url: str, body: dict[str, Any], *, wait: float = 10) -> httpx2.Response | None:
    """The answer, or `None` when the connection ended without one."""
    try:
        return httpx2.post(
            f"{url}/api/v1/listings?wait={wait}",
            json=body,
            headers={"Idempotency-Key": "k"},
            timeout=60,
            trust_env=False,
        )
    except httpx2.TransportError:
        return None
