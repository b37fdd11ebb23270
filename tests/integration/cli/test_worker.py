"""`solegate worker` and `solegate serve` do the background work, and tell how it stands."""

from __future__ import annotations

import signal
import sqlite3
import time
from contextlib import suppress
from typing import Any

from support.cli import Cli, wait_until


def standing_of(cli: Cli) -> Any:
    result = cli.run("worker", "status", "--json")
    assert result.code == 0, result.err
    return result.json


def wait_for(cli: Cli, sql: str, number: int) -> None:
    """Wait until a count in the database is what is expected."""
    wait_until(lambda: _count(cli, sql) == number, seconds=40)


def _count(cli: Cli, sql: str) -> int:
    with suppress(sqlite3.OperationalError):  # no table yet
        return int(cli.query(sql)[0][0])
    return 0


SYNCED = "SELECT count(*) FROM tasks WHERE kind = 'sync' AND due_at IS NOT NULL AND steps > 0 AND failures = 0"
FAILING = "SELECT count(*) FROM tasks WHERE kind = 'sync' AND failures > 0"


def test_a_worker_does_the_recurring_work_and_ends_on_a_polite_stop(cli: Cli) -> None:
    with cli.start("worker") as process:
        assert process.stdout is not None
        assert "works on" in process.stdout.readline()
        wait_for(cli, SYNCED, 3)
        standing, shown = standing_of(cli), cli.run("worker", "status").out
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (0, "")
    assert [each["state"] for each in standing["workers"]] == ["alive"]
    orders = next(each for each in standing["tasks"] if each["id"] == "sync:orders-active")
    assert (orders["lane"], orders["everySeconds"], orders["failures"], orders["steps"] > 0) == ("orders", 120, 0, True)
    assert standing["requestsPerDay"] == 776
    assert "alive" in shown
    assert "776 requests a day" in shown
    assert "No worker lives: start one with `solegate worker`." in cli.run("worker", "status").out


def test_the_api_does_the_background_work_itself_on_sqlite(cli: Cli) -> None:
    with cli.start("serve", "--port", "0") as process:
        wait_for(cli, SYNCED, 3)
        workers = cli.query("SELECT engine FROM workers")
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (0, "The API is closed.\n")
    assert workers == [("local",)]
    assert cli.query("SELECT count(*) FROM workers") == [(0,)]


def test_the_api_leaves_the_background_work_to_workers_when_told_to(cli: Cli) -> None:
    with cli.start("serve", "--port", "0", "--no-worker") as process:
        assert process.stdout is not None
        assert "listens" in process.stdout.readline()
        assert "solegate worker" in process.stdout.readline()
        time.sleep(1.5)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    assert cli.query("SELECT count(*) FROM tasks") == [(0,)]


def test_what_fails_is_shown_with_its_reason(new_cli: Cli) -> None:
    with new_cli.start("worker") as process:
        wait_for(new_cli, FAILING, 3)
        shown = new_cli.run("worker", "status").out
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=30)

    assert "sync:orders-active" in shown
    assert "failing" in shown
    assert process.returncode == 0
    assert err.count("task=sync:orders-active") == 1, "a task that keeps failing is told of once"


def test_an_interval_of_zero_switches_a_recurring_task_off(cli: Cli) -> None:
    with cli.start("worker", SOLEGATE_LISTINGS_SYNC_INTERVAL="0", SOLEGATE_MARKET_REFRESH_INTERVAL="0") as process:
        wait_for(cli, SYNCED, 2)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    assert cli.query("SELECT count(*) FROM tasks WHERE id IN ('sync:listings', 'market')") == [(0,)]


def test_the_durable_engine_is_refused_on_sqlite(new_cli: Cli) -> None:
    result = new_cli.run("worker", "--engine", "dbos")

    assert result.code == 2
    assert "needs PostgreSQL" in result.err


def test_a_lane_that_is_none_is_refused(new_cli: Cli) -> None:
    assert new_cli.run("worker", "--lane", "nothing").code == 2


def test_a_broken_database_is_told_in_words(new_cli: Cli) -> None:
    result = new_cli.run("worker", SOLEGATE_DATABASE_URL="postgresql+asyncpg://nobody@127.0.0.1:1/nothing")

    assert result.code == 6
    assert "Traceback" not in result.err
    assert "127.0.0.1" in result.err
