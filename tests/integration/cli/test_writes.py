"""`solegate writes`: what the ledger holds, and seeing it to its end, on a practice market over a socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from solegate.simulator import Fault, FaultKind
from support.cli import QUIET, Cli, Market

CREATE = ("listings", "create", "DD1391-100", "--size", "US M 9", "--price", "150", "--yes", "--json")


@pytest.fixture(autouse=True)
def _no_faults(market: Market) -> Iterator[None]:
    market.simulator.set_pace(QUIET)
    yield
    market.simulator.clear_faults()


def test_a_write_is_listed_and_shown_with_all_that_happened_to_it(cli: Cli) -> None:
    made = cli.run(*CREATE, "--unit", "shelf 7").json
    assert (made["knowledge"], made["state"], made["unit"]) == ("applied", "CONFIRMED", "shelf 7")

    again = cli.run(*CREATE, "--unit", "shelf 7")
    assert (again.code, again.error["code"]) == (2, "already_listed")
    assert made["listingId"] in again.error["message"]

    listed = cli.run("writes", "list", "--json").json["writes"]
    assert [each["intentId"] for each in listed] == [made["intentId"]]
    assert cli.run("writes", "list", "--open", "--json").json["writes"] == []
    shown = cli.run("writes", "show", made["intentId"], "--json").json
    assert [each["what"] for each in shown["trail"]][:3] == ["planned", "SENT", "ACCEPTED"]
    assert shown["trail"][0]["actor"] == "command line"
    text = cli.run("writes", "show", made["intentId"])
    assert "shelf 7" in text.out
    assert "CONFIRMED" in text.out
    assert cli.run("writes", "show", "none").code == 3
    assert cli.run("writes", "list", "--state", "lost").code == 2


def test_what_a_command_left_open_is_seen_to_its_end(cli: Cli, market: Market) -> None:
    market.simulator.inject(Fault(kind=FaultKind.TRUNCATED, operation="Create", times=1))
    left = cli.run(*CREATE, "--no-wait")
    assert left.code == 0
    assert (left.json["knowledge"], left.json["status"]) == ("unknown", "PENDING")
    refused = cli.run("writes", "cancel", left.json["intentId"], "--json")
    assert refused.error["code"] == "unit_busy"

    followed = cli.run("writes", "reconcile", "--json")

    assert followed.code == 0, followed.err
    assert [each["knowledge"] for each in followed.json["writes"]] == ["applied"]
    assert followed.json["writes"][0]["intentId"] == left.json["intentId"]
    assert "No write is open" in cli.run("writes", "reconcile").out
