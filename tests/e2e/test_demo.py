"""`solegate demo`, as a newcomer sees it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal

from support.cli import Cli


def test_the_demo_in_a_pipe(new_cli: Cli) -> None:
    result = new_cli.run(
        "demo", "--skus", "4", SOLEGATE_STOCKX_API_URL="not even a url", HTTP_PROXY="http://127.0.0.1:9"
    )

    assert result.code == 0
    assert result.err == ""
    assert "\x1b" not in result.out
    assert "0 refused" in result.out
    assert "0 for the second run" in result.out
    assert "CREATED > SHIPPED" in result.out
    assert "real StockX permits 1/s" in result.out
    assert "auth login" in result.out
    assert list(new_cli.home.iterdir()) == []


def test_the_demo_for_machines_and_what_it_keeps(new_cli: Cli) -> None:
    folder = new_cli.home / "kept"

    result = new_cli.run("demo", "--skus", "3", "--keep", folder, "--json")
    again = new_cli.run("demo", "--keep", folder)

    assert result.code == 0
    assert result.json["requests"]["refused"] == 0
    assert result.json["requests"]["busiestSecond"] <= result.json["requests"]["limitPerSecond"]
    assert result.json["secondRun"]["requests"] == 0
    assert result.json["counts"] | {"fresh": 0, "failed": 0} == {
        "enriched": 3, "fresh": 0, "needs_review": 1, "not_found": 1, "failed": 0, "duplicate": 1,
    }  # fmt: skip
    sale = result.json["sale"]
    assert sale["statuses"][-1] == "COMPLETED"
    paid, expected = sale["paid"], sale["expectedPayout"]
    assert (Decimal(paid["amount"]), paid["currency"]) == (Decimal(expected["amount"]), expected["currency"])
    assert (folder / f"label-{sale['orderNumber']}.pdf").read_bytes().startswith(b"%PDF-")
    with closing(sqlite3.connect(folder / "solegate.db")) as database:
        assert database.execute("SELECT count(*) FROM products").fetchone() == (3,)
    assert (again.code, again.out) == (2, "")
    assert "not empty" in again.err
