"""`solegate orders`: what was sold, when it has to leave, and its papers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.cli import Cli, Market, practice_market


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """A market whose time these tests move on."""
    with practice_market(tmp_path_factory.mktemp("orders")) as running:
        yield running


@pytest.fixture
def number(cli: Cli, market: Market) -> str:
    """A pair that was just sold; its label is there."""
    words = ("listings", "create", "DD1391-100", "--size", "US M 9", "--price", "150", "--yes", "--json")
    listing = cli.run(*words).json["listingId"]
    order = market.simulator.sell(listing)
    market.simulator.advance(3_600)
    return order


def test_a_sale_is_listed_shown_and_labelled(cli: Cli, number: str) -> None:
    listed = cli.run("orders", "list", "--json").json["orders"]
    assert (listed[0]["orderNumber"], listed[0]["group"]) == (number, "to_ship")

    shown = cli.run("orders", "show", number)
    assert "h left" in shown.out
    assert f"orders label {number}" in shown.out
    assert cli.run("orders", "show", number, "--json").json["payout"]["currency"] == "EUR"

    saved = cli.run("orders", "label", number)
    assert saved.code == 0
    assert (cli.home / f"{number}.pdf").read_bytes().startswith(b"%PDF-")
    assert list(cli.home.glob(".*.pdf*")) == []

    again = cli.run("orders", "label", number)
    assert (again.code, "exists" in again.err) == (2, True)
    assert cli.run("orders", "label", number, "--force", "--out", cli.home / f"{number}.pdf").code == 0


def test_a_label_that_does_not_exist_yet_is_told(cli: Cli, market: Market) -> None:
    words = ("listings", "create", "DD1391-100", "--size", "US M 9", "--price", "150", "--yes", "--json")
    order = market.simulator.sell(cli.run(*words).json["listingId"])

    result = cli.run("orders", "label", order)

    assert (result.code, result.out) == (3, "")
    assert "no label yet" in result.err
    assert list(cli.home.glob("*.pdf")) == []


def test_a_paid_order_ends_in_the_history(cli: Cli, market: Market, number: str) -> None:
    market.simulator.ship(number)
    market.simulator.advance(30 * 86_400)

    history = cli.run("orders", "list", "--history", "--json").json["orders"]

    assert number in {each["orderNumber"] for each in history}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("orders", "list", "--status", "COMPLETED"), "order status"),
        (("orders", "list", "--history", "--status", "CREATED"), "order status"),
        (("orders", "list", "--from", "2026-01-01"), "--history"),
        (("orders", "list", "--history", "--from", "yesterday"), "no day"),
        (("orders", "list", "--history", "--from", "2026-02-01", "--to", "2026-01-01"), "before it begins"),
        (("orders", "list", "--sort", "price"), "sort"),
    ],
)
def test_bad_input_costs_no_request(cli: Cli, market: Market, words: tuple[str, ...], told: str) -> None:
    before = market.simulator.report().total

    result = cli.run(*words)

    assert (result.code, result.out) == (2, "")
    assert told in result.err
    assert market.simulator.report().total == before


def test_an_unknown_order_has_no_label(cli: Cli) -> None:
    result = cli.run("orders", "label", "04-UNKNOWN000")

    assert result.code in {3, 5}
    assert list(cli.home.glob("*.pdf")) == []
