"""`solegate listings`: what is for sale, and changing it, on a practice market over a socket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from solegate.simulator import Pace
from support.cli import Cli, Market

CREATE = ("listings", "create", "DD1391-100", "--size", "US M 9", "--price", "150")
CERTAIN = Pace(settle_failure=0.0, buyers_per_day=0.0)


@pytest.fixture(autouse=True)
def _certain(market: Market) -> Iterator[None]:
    """Every ask opens and nobody buys it, unless a test says otherwise."""
    before = market.simulator.config.pace
    market.simulator.set_pace(CERTAIN)
    yield
    market.simulator.set_pace(before)


def create(cli: Cli, *more: str) -> str:
    """List a pair; its listing id."""
    result = cli.run(*CREATE, "--yes", "--json", *more)
    assert result.code == 0, result.err
    return str(result.json["listingId"])


def test_a_pair_is_listed_found_changed_and_deleted(cli: Cli) -> None:
    listing = create(cli)

    found = cli.run("listings", "list", "--status", "active", "--json").json["listings"]
    assert (found[0]["listingId"], found[0]["styleId"], found[0]["size"]) == (listing, "DD1391-100", "9")
    assert found[0]["price"] == {"amount": "150", "currency": "EUR"}

    assert cli.run("listings", "update", listing, "--price", "145", "--yes").code == 0
    shown = cli.run("listings", "show", listing)
    assert "EUR 145" in shown.out
    assert "UPDATE SUCCEEDED" in shown.out

    assert cli.run("listings", "deactivate", listing, "--yes").code == 0
    assert cli.run("listings", "show", listing, "--json").json["status"] == "INACTIVE"
    assert cli.run("listings", "activate", listing, "--yes").code == 0
    assert cli.run("listings", "delete", listing, "--yes").code == 0
    assert cli.run("listings", "show", listing, "--json").json["status"] == "DELETED"


def test_a_draft_is_not_for_sale(cli: Cli) -> None:
    listing = create(cli, "--inactive", "--expires", "30d", "--currency", "usd")

    shown = cli.run("listings", "show", listing, "--json").json

    assert (shown["status"], shown["price"]["currency"]) == ("INACTIVE", "USD")


def test_a_pair_that_is_listed_and_not_put_up_for_sale_is_told_in_stockx_words(cli: Cli, market: Market) -> None:
    market.simulator.set_pace(replace(CERTAIN, settle_failure=1.0))

    result = cli.run(*CREATE, "--yes", "--json")

    assert result.code == 3
    assert (result.json["type"], result.json["status"]) == ("ACTIVATE", "FAILED")
    assert "cannot be sold" in result.error["message"]
    assert cli.run("listings", "show", result.json["listingId"], "--json").json["status"] == "INACTIVE"


def test_a_write_that_is_not_waited_for_is_pending(cli: Cli) -> None:
    result = cli.run(*CREATE, "--yes", "--no-wait", "--json")

    assert (result.code, result.json["status"]) == (0, "PENDING")


def test_a_dry_run_shows_the_request_and_sends_nothing(cli: Cli, market: Market) -> None:
    before = market.simulator.report().count("Create")

    text, document = cli.run(*CREATE, "--dry-run"), cli.run(*CREATE, "--dry-run", "--json")

    assert (text.code, document.code) == (0, 0)
    assert "POST /selling/listings" in text.out
    assert document.json["body"]["amount"] == "150"
    assert market.simulator.report().count("Create") == before


def test_without_a_terminal_and_without_yes_nothing_is_sent(cli: Cli, market: Market) -> None:
    before = market.simulator.report().count("Create")

    result = cli.run(*CREATE)

    assert (result.code, result.out) == (2, "")
    assert "--yes" in result.err
    assert market.simulator.report().count("Create") == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("listings", "create", "DD1391-100", "--price", "150"), "--size"),
        (("listings", "create", "DD1391-100", "--size", "99", "--price", "150", "--yes"), "no size"),
        (("listings", "create", "DD1391-100", "--size", "9", "--price", "150.50", "--yes"), "whole amount"),
        (("listings", "create", "DD1391-100", "--size", "9", "--price", "cheap", "--yes"), "no price"),
        (("listings", "create", "DD1391-100", "--size", "9", "--price", "150", "--currency", "PLN", "--yes"), "PLN"),
        (
            ("listings", "create", "DD1391-100", "--size", "9", "--price", "9", "--expires", "2020-01-01", "--yes"),
            "past",
        ),
        (("listings", "list", "--status", "FOR SALE"), "listing status"),
        (("listings", "update", "some-listing", "--yes"), "needs a price"),
    ],
)
def test_bad_input_costs_no_write(cli: Cli, market: Market, words: tuple[str, ...], told: str) -> None:
    before = market.simulator.report().count("Create")

    result = cli.run(*words)

    assert (result.code, result.out) == (2, "")
    assert told in result.err
    assert market.simulator.report().count("Create") == before


def test_an_unknown_listing_is_not_found(cli: Cli) -> None:
    result = cli.run("listings", "show", "00000000-0000-4000-8000-000000000000", "--json")

    assert result.code == 3
    assert result.error["code"] == "not_found"


def test_nothing_listed_says_what_to_do(cli: Cli, market: Market) -> None:
    listed = {each.product_id for each in market.simulator.listings.all()}
    free = next(each for each in market.simulator.catalog.products if each.style_id and each.id not in listed)

    result = cli.run("listings", "list", "--sku", str(free.style_id))

    assert result.code == 0
    assert "listings create" in result.out
