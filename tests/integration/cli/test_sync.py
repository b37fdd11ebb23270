"""`solegate sync`, `orders due`, `listings check`: the mirror from the command line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.cli import Cli, Market, practice_market


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    """A market whose time these tests move on."""
    with practice_market(tmp_path_factory.mktemp("sync")) as running:
        yield running


@pytest.fixture
def listing(cli: Cli) -> str:
    words = ("listings", "create", "DD1391-100", "--size", "US M 9", "--price", "150", "--yes", "--json")
    return str(cli.run(*words).json["listingId"])


def test_nothing_was_synced_yet(cli: Cli) -> None:
    status = cli.run("sync", "status")
    assert status.code == 0
    assert "never" in status.out
    assert "solegate sync run orders" in status.out
    assert "never read in full" in cli.run("orders", "due").out
    assert "never read in full" in cli.run("listings", "check").out


def test_a_sale_is_due_after_a_sync(cli: Cli, market: Market, listing: str) -> None:
    order = market.simulator.sell(listing)
    market.simulator.advance(3_600)

    synced = cli.run("sync", "run", "orders", "--json")
    assert synced.code == 0
    active, history = synced.json["syncs"]
    assert (active["name"], history["name"]) == ("orders-active", "orders-history")
    assert active["rows"] >= 1
    assert active["requests"] == 1 + active["rows"]

    due = cli.run("orders", "due", "--json").json
    (row,) = [each for each in due["orders"] if each["orderNumber"] == order]
    assert row["urgency"] == "later"
    assert row["hoursLeft"] > 24
    assert (row["listingId"], row["waitsForLabel"]) == (listing, False)
    assert order in cli.run("orders", "due", "--within", "30d").out
    assert order not in cli.run("orders", "due", "--within", "1h").out

    status = cli.run("sync", "status", "--json").json["syncs"]
    by_name = {each["name"]: each for each in status}
    assert set(by_name) == {"orders-active", "orders-history", "listings", "market"}
    assert by_name["orders-active"]["ageSeconds"] is not None
    assert by_name["orders-active"]["cost"]["requests"] == 1
    assert by_name["market"]["ageSeconds"] is None


def test_a_listing_that_was_deleted_elsewhere_is_found(cli: Cli, market: Market, listing: str) -> None:
    assert "new or changed" in cli.run("sync", "run", "listings").out
    deleted = market.simulator.listings.get(listing)
    assert deleted is not None
    market.simulator.listings.write(deleted, "DELETE", deleted.busy_until)
    market.simulator.advance(600)

    assert cli.run("sync", "run", "listings").code == 0
    found = cli.run("listings", "check", "--json")

    assert found.code == 3
    assert [(each["listingId"], each["finding"]) for each in found.json["listings"]] == [(listing, "deleted")]
    assert listing in cli.run("listings", "check").out


def test_a_market_that_was_just_read_is_not_read_again(cli: Cli, listing: str) -> None:
    assert listing  # to find its size, the product was enriched, and its market read
    cli.run("sync", "run", "listings")

    ran = cli.run("sync", "run", "market")

    assert "market: 0 rows, 0 new or changed, 0 requests." in ran.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("sync", "run", "everything"), "one of orders, listings, market"),
        (("orders", "due", "--within", "soon"), "no time"),
    ],
)
def test_what_cannot_be_is_refused(cli: Cli, words: tuple[str, ...], says: str) -> None:
    refused = cli.run(*words)

    assert refused.code == 2
    assert says in refused.err
