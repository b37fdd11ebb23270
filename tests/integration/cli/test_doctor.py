"""`solegate doctor`: it finds what is wrong, says how to mend it, and leaves everything as it is."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from solegate.db.engine import Database
from solegate.db.repositories import SqlDriftStore
from solegate.domain.drift import Drift, DriftKind, Sighting
from support.cli import Cli, Market, Result


def findings(result: Result) -> dict[str, tuple[str, str]]:
    """Health and fix by check."""
    return {each["check"]: (each["health"], each["fix"] or "") for each in result.json["findings"]}


def test_nothing_is_wrong(cli: Cli, market: Market) -> None:
    before = market.simulator.report()

    result = cli.run("doctor", "--json", SOLEGATE_REQUESTS_PER_SECOND="1")

    assert result.code == 0
    assert result.json["sound"] is True
    assert {health for health, _fix in findings(result).values()} == {"ok"}
    assert market.simulator.report().count("Search") == before.count("Search") + 1


def test_a_new_installation_lacks_a_login_and_stays_as_it_is(new_cli: Cli) -> None:
    result = new_cli.run("doctor", "--json", SOLEGATE_SECRET_KEY="")

    assert result.code == 3
    assert findings(result)["account"] == ("problem", "Run `solegate auth login`.")
    assert findings(result)["database"][0] == "ok"
    assert list(new_cli.home.iterdir()) == []


def test_every_problem_has_its_fix(cli: Cli) -> None:
    cli.database.write_bytes(b"this is no database, but a text that is long enough to be looked at" * 20)

    result = cli.run(
        "doctor",
        SOLEGATE_STOCKX_API_URL="http://127.0.0.1:1/v2",
        SOLEGATE_STOCKX_CLIENT_ID="",
        SOLEGATE_SECRET_KEY="short",
    )

    assert result.code == 3
    assert "5 problems found." in result.out
    for fix in ("SOLEGATE_STOCKX_CLIENT_ID", "SOLEGATE_STOCKX_API_URL", "SOLEGATE_SECRET_KEY", "move it away"):
        assert fix in result.out
    assert "\x1b" not in result.out
    assert "Traceback" not in result.err


def test_a_wrong_api_key_is_found(cli: Cli) -> None:
    result = cli.run("doctor", "--json", SOLEGATE_STOCKX_API_KEY="wrong-api-key")

    assert result.code == 3
    assert findings(result)["access"][0] == "problem"
    assert "wrong-api-key" not in result.out + result.err


def test_wrong_settings_are_a_finding(new_cli: Cli) -> None:
    result = new_cli.run("doctor", "--json", SOLEGATE_PORT="many")

    assert result.code == 3
    assert "SOLEGATE_PORT" in result.json["findings"][0]["summary"]


def test_a_database_that_cannot_even_be_looked_for_is_a_finding(new_cli: Cli) -> None:
    url = f"sqlite+aiosqlite:///{new_cli.home / ('x' * 300)}.db"

    result = new_cli.run("doctor", "--json", SOLEGATE_DATABASE_URL=url)
    keyless = new_cli.run("doctor", "--json", SOLEGATE_DATABASE_URL=url, SOLEGATE_SECRET_KEY="")

    for each in (result, keyless):
        assert each.code == 3
        assert findings(each)["database"][0] == "problem"
        assert "SOLEGATE_DATABASE_URL" in findings(each)["database"][1]


async def note_drift(database_url: str) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    async with Database(database_url) as opened:
        await opened.upgrade()
        drift = Drift("FindById", DriftKind.VALUE, "Listing.status=FROZEN")
        await SqlDriftStore(opened).record([Sighting(drift, 3, now, now)])
        await SqlDriftStore(opened).record([Sighting(drift, 2, now, now)])


def test_what_stockx_has_added_is_told_as_a_warning(cli: Cli) -> None:
    asyncio.run(note_drift(cli.database_url))

    result = cli.run("doctor", "--json")

    (drift,) = (each for each in result.json["findings"] if each["check"] == "drift")
    assert drift["health"] == "warning"
    assert "Listing.status=FROZEN in FindById: unknown value, seen 5 times" in drift["summary"]
