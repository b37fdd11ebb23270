"""`solegate find`: what was enriched is found again, without a request, unless freshness is wanted."""

from __future__ import annotations

from support.cli import Cli, Market


def test_from_an_empty_catalog_to_products_in_order(cli: Cli, market: Market) -> None:
    nothing = cli.run("find", "dunk")
    cli.run("enrich", "DD1391-100", "HQ4276")
    sent = market.simulator.report().total

    everything = cli.run("find", "--sort", "lowestAsk", "--facet", "brand")
    by_code = cli.run("find", "dd1391 100", "--json")
    in_size = cli.run("find", "--size", "US M 9", "--in-stock", "--json")
    reindexed = cli.run("db", "reindex", "--json")
    asked = market.simulator.report().total - sent
    fresh = cli.run("find", "dunk", "--max-age", "0")

    assert (nothing.code, "`solegate enrich` brings products in" in nothing.out) == (0, True)
    assert (everything.code, everything.err) == (0, "")
    assert "DD1391-100" in everything.out
    assert "HQ4276" in everything.out
    assert "brand: " in everything.out
    assert "2 products." in everything.out
    assert [each["styleId"] for each in by_code.json["items"]] == ["DD1391-100"]
    assert all(each["market"]["lowestAsk"] for each in in_size.json["items"])
    assert reindexed.json == {"products": 2}
    assert asked == 0
    assert "1 request to StockX: 1 market read anew" in fresh.out


def test_what_cannot_be_searched_for_is_told(cli: Cli) -> None:
    for words, why in (
        (["--ask-min", "x"], "number"),
        (["--ask-min", "9", "--ask-max", "3"], "swap them"),
        (["!"], "no letter"),
    ):
        result = cli.run("find", *words)
        assert (result.code, why in result.err) == (2, True), result.err
