"""`solegate events` and `solegate watches`: empty at first, then what happened, as a table and as lines of JSON."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

from support.cli import Cli


def test_watches_are_added_listed_and_removed(cli: Cli) -> None:
    made = cli.run("watches", "add", "p1", "--below", "140", "--note", "buy again", "--json").json
    assert (made["direction"], made["amount"], made["side"]) == ("below", "140", None)
    shown = cli.run("watches", "list")
    for text in (made["id"], "EUR 140", "not yet", "buy again"):
        assert text in shown.out
    assert cli.run("watches", "remove", made["id"]).code == 0
    assert "No price is watched" in cli.run("watches", "list").out


def test_a_watch_needs_one_threshold_that_is_an_amount(cli: Cli) -> None:
    for wrong in (["--below", "1", "--above", "2"], ["--below", "x"]):
        refused = cli.run("watches", "add", "p1", *wrong)
        assert (refused.code, refused.out) == (2, "")


def test_what_happened_is_listed_and_followed(cli: Cli) -> None:
    assert "Nothing of this kind has happened" in cli.run("events", "list").out
    told = {"sku": "DD1391-100", "size": "9", "price": "150", "currency": "EUR", "status": "CREATED"}
    at = "2026-01-05 12:00:00.000000"
    with closing(sqlite3.connect(cli.database)) as file, file:
        file.execute("INSERT INTO event_counters VALUES ('default', 3)")
        for number in (1, 2, 3):
            row = ("default", number, f"evt_{number}", "order.created", f"o-{number}", at, at, json.dumps(told))
            file.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    listed = cli.run("events", "list", "--type", "order.created")
    assert listed.out.index("o-3") < listed.out.index("o-1")
    assert "DD1391-100 9 150 EUR" in listed.out
    lines = cli.run("events", "tail", "--json", "--after", "1", "--seconds", "0").out.splitlines()
    assert [json.loads(each)["subject"] for each in lines] == ["o-2", "o-3"]
    assert cli.run("events", "tail", "--last", "1", "--seconds", "0").out.startswith("3  2026-01-05 12:00:00")
