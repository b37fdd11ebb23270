"""`solegate market`: prices, payouts, and where they come from."""

from __future__ import annotations

from decimal import Decimal

from support.cli import Cli, Market


def test_a_style_code_shows_prices_and_payouts(cli: Cli) -> None:
    result = cli.run("market", "dd1391-100", "--currency", "USD", "--level", "5", "--json")

    assert result.code == 0
    assert (result.json["currency"], result.json["stale"]) == ("USD", False)
    priced = next(each for each in result.json["variants"] if each["payoutAtAsk"] and each["lowestAsk"])
    assert priced["size"].startswith("US M")
    fee = {line["kind"]: Decimal(line["amount"]["amount"]) for line in priced["payoutAtAsk"]["lines"]}
    ask = Decimal(priced["lowestAsk"]["amount"])
    assert -fee.get("transaction_fee", Decimal(-10)) in (round(ask * Decimal("0.07"), 2), Decimal(10))
    assert Decimal(priced["payoutAtAsk"]["total"]["amount"]) == ask + sum(fee.values())


def test_a_product_id_costs_one_request(cli: Cli, market: Market) -> None:
    product = market.simulator.catalog.by_style("HQ4276")
    assert product is not None
    before = market.simulator.report().total

    result = cli.run("market", product.id)

    assert result.code == 0
    assert market.simulator.report().total == before + 1
    assert "live, 0 s old" in result.out


def test_what_is_not_there_is_told(cli: Cli) -> None:
    unknown = cli.run("market", "ZZ0000-000", "--json")
    unclear = cli.run("market", "DD1391-999")

    assert (unknown.code, unknown.error["code"]) == (3, "product_not_found")
    assert unclear.code == 3
    assert "choose one of: DD1391-100" in unclear.err
    assert cli.query("SELECT count(*) FROM products") == [(0,)]


def test_a_narrow_terminal_loses_nothing(cli: Cli) -> None:
    market = cli.run("market", "DD1391-100", COLUMNS="40").out
    search = cli.run("search", "dunk", COLUMNS="40").out
    enriched = cli.run("enrich", "DD1391-100", "315122-111/CW2288-111-LONG-CODE-THAT-FILLS-A-LINE", COLUMNS="40").out

    for name in ("US M 9\n", "Ask", "Bid", "Sell faster", "Earn more", "Paid at ask", "Paid at bid"):
        assert name in market
    assert "Title" in search
    assert "DD1391-100" in search
    for words in ("DD1391-100\n", "CW2288-111-LONG-CODE-THAT-FILLS-A-LINE\n", "Nike Dunk Low", "Requests"):
        assert words in enriched
    for text in (market, search, enriched):
        assert max(map(len, text.splitlines()[2:-1])) <= 40
