"""What goes wrong is told in words, with an exit code, and leaves nothing half-written."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from solegate.cli.failures import ExitCode, describe
from solegate.errors import InvalidInputError, Outcome, ProductNotFoundError, SolegateError, StockXError
from solegate.settings import Settings
from support.cli import Cli, wait_until


def error_classes(base: type[SolegateError] = SolegateError) -> list[type[SolegateError]]:
    """Every error of the tree that the package itself defines in `errors`."""
    below = [found for each in base.__subclasses__() for found in error_classes(each)]
    return [base, *below] if base.__module__.startswith("solegate.errors") else below


def made(kind: type[SolegateError]) -> SolegateError:
    """An error of a class."""
    if issubclass(kind, StockXError):
        return kind("It failed.", operation="Search", retry_at=datetime(2026, 1, 1, tzinfo=UTC))
    return kind("DD1391-100") if kind is ProductNotFoundError else kind("It failed.")


@pytest.mark.parametrize("kind", error_classes())
def test_every_error_has_words_and_an_exit_code(kind: type[SolegateError]) -> None:
    failure = describe(made(kind))

    assert failure.code == kind.code
    assert failure.message
    if kind is not SolegateError:
        assert failure.exit_code is not ExitCode.UNEXPECTED
    if issubclass(kind, StockXError):
        assert "Try again after 2026-01-01 00:00:00 UTC." in failure.message


def test_an_unknown_effect_is_told() -> None:
    failure = describe(StockXError("It failed.", operation="Search", outcome=Outcome.UNKNOWN))

    assert "read back before repeating" in failure.message
    assert failure.details["outcome"] == "unknown"


def test_the_unforeseen_says_how_to_see_more() -> None:
    failure = describe(RuntimeError("oops"))

    assert failure.exit_code is ExitCode.UNEXPECTED
    assert "SOLEGATE_LOG_LEVEL=DEBUG" in failure.hint


def test_wrong_settings_are_named_without_their_values() -> None:
    with pytest.raises(ValidationError) as wrong:
        Settings(stockx_api_url="https://user:hunter2@api.test", port=-1)

    assert "SOLEGATE_PORT" in describe(wrong.value).message
    assert "hunter2" not in describe(wrong.value).message
    assert describe(InvalidInputError("x")).exit_code is describe(wrong.value).exit_code is ExitCode.BAD_INPUT


def test_help_and_wrong_usage(new_cli: Cli) -> None:
    commands, nothing = new_cli.run("--help"), new_cli.run("search", "--nope", "x")

    for name in ("demo", "doctor", "search", "enrich", "market", "auth", "simulator", "serve", "db", "Exit codes"):
        assert name in commands.out
    assert nothing.code == 2
    assert "No such option: --nope" in nothing.err
    assert "`solegate search --help`" in nothing.err
    assert list(new_cli.home.iterdir()) == []


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_do_no_harm(new_cli: Cli, closed: str) -> None:
    result = replace(new_cli, launcher=("sh", "-c", f'exec "$@" {closed}', "sh")).run("doctor")

    assert result.code == 3
    assert "Traceback" not in result.err


def test_what_a_terminal_cannot_show_is_replaced(cli: Cli) -> None:
    result = cli.run("search", "zzz\N{SNOWMAN}", PYTHONIOENCODING="latin-1:strict")

    assert result.code == 0
    assert "Nothing found for 'zzz?'" in result.out


def test_a_wrong_api_key(cli: Cli) -> None:
    result = cli.run("search", "dunk", "--json", SOLEGATE_STOCKX_API_KEY="wrong-api-key")

    assert (result.code, result.out) == (4, "")
    assert (result.error["code"], result.error["status"]) == ("permission_denied", 403)
    assert "wrong-api-key" not in result.err


def test_an_account_that_is_not_connected(new_cli: Cli) -> None:
    result = new_cli.run("enrich", "DD1391-100")

    assert result.code == 4
    assert "solegate auth login" in result.err
    assert new_cli.query("SELECT count(*) FROM products") == [(0,)]


def test_stockx_cannot_be_reached(cli: Cli) -> None:
    result = cli.run("search", "dunk", "--json", SOLEGATE_STOCKX_API_URL="http://127.0.0.1:1/v2")

    assert result.code == 5
    assert result.error["code"] == "connection_failed"
    assert result.error["outcome"] == "not_applied"


def test_the_days_quota_is_used_up(cli: Cli) -> None:
    result = cli.run("enrich", "DD1391-100", "HQ4276", SOLEGATE_REQUESTS_PER_DAY="3")

    assert result.code == 5
    assert "00:00 UTC" in result.err
    assert cli.query("SELECT count(*) FROM products") == [(0,)]


def test_a_database_that_is_none(cli: Cli) -> None:
    cli.database.write_bytes(b"no database" * 100)

    result = cli.run("db", "status", "--json")

    assert result.code == 6
    assert result.error["code"] == "database"
    assert "move it away" in result.error["hint"]
    assert cli.database.read_bytes() == b"no database" * 100


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(new_cli: Cli) -> None:
    new_cli.database.parent.mkdir(mode=0o500)

    result = new_cli.run("db", "upgrade")

    assert result.code == 6
    assert "you may write" in result.err
    assert list(new_cli.database.parent.iterdir()) == []


def test_the_database_is_upgraded_once(new_cli: Cli, database_url: str) -> None:
    new_cli = replace(new_cli, variables=new_cli.variables | {"SOLEGATE_DATABASE_URL": database_url})

    first, again = new_cli.run("db", "upgrade"), new_cli.run("db", "upgrade", "--json")

    assert first.code == again.code == 0
    assert "up to date" in first.out
    assert again.json["current"] is True
    assert again.json["revision"] == again.json["head"]


def test_wrong_settings_stop_everything(new_cli: Cli) -> None:
    result = new_cli.run("search", "dunk", SOLEGATE_CURRENCY="XXX", SOLEGATE_LOG_LEVEL="LOUD")

    assert result.code == 2
    assert "SOLEGATE_CURRENCY" in result.err
    assert "SOLEGATE_LOG_LEVEL" in result.err
    assert "Traceback" not in result.err
    assert not new_cli.database.exists()


def test_a_place_that_is_no_folder(new_cli: Cli) -> None:
    new_cli.database.parent.write_text("a file where a folder should be")

    result = new_cli.run("search", "dunk", "--json")

    assert (result.code, result.out) == (6, "")
    assert result.error["code"] == "database"
    assert new_cli.database.parent.read_text() == "a file where a folder should be"


def test_an_environment_file_that_is_no_text(new_cli: Cli) -> None:
    (new_cli.home / ".env").write_bytes(b"SOLEGATE_STOCKX_CLIENT_ID=gr\xfc\xdfe\n")

    result, doctor = new_cli.run("search", "dunk"), new_cli.run("doctor", "--json")

    assert result.code == 2
    assert ".env is not UTF-8" in result.err
    assert doctor.code == 3
    assert ".env is not UTF-8" in doctor.json["findings"][0]["summary"]


def test_ctrl_c_while_the_command_is_loaded_leaves_no_traceback(new_cli: Cli) -> None:
    (new_cli.home / "typer.py").write_text("raise KeyboardInterrupt")

    result = new_cli.run_cold("--version")

    assert (result.code, result.out, result.err) == (130, "", "")


def _has_open(pid: int, file: Path) -> bool:
    """Whether a process has a file open; another one may be closed while we look."""
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            if os.readlink(each) == str(file):  # noqa: PTH115 - a path, not an object of one
                return True
    return False


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells which files a process has open")
def test_ctrl_c_while_a_file_is_read_is_told(cli: Cli) -> None:
    csv = cli.home / "skus.csv"
    csv.write_text("sku\n" + "DD1391-100\n" * 2_000_000)
    with cli.start("enrich", "--csv", csv) as process:
        wait_until(lambda: _has_open(process.pid, csv))
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=20)

    assert (process.returncode, err) == (130, "Stopped: interrupted.\n")
