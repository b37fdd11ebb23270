"""`solegate orders payouts` and `solegate prices`: what was paid and what things cost before."""

from __future__ import annotations

from support.cli import Cli, Market


def test_prices_that_were_read_are_kept_and_shown(cli: Cli, market: Market) -> None:
    product = market.simulator.catalog.by_style("HQ4276")
    assert product is not None
    before = cli.run("prices", product.id)
    cli.run("market", product.id)
    sent = market.simulator.report().total

    days = cli.run("prices", product.id, "--json")
    readings = cli.run("prices", product.id, "--interval", "raw", "--variant", product.variants[0].id)
    unknown = cli.run("prices", product.id, "--currency", "euro")

    assert (before.code, "No prices of it in EUR were read." in before.out) == (0, True)
    assert (days.json["interval"], len(days.json["items"])) == ("day", min(30, len(product.variants)))
    assert {each["readings"] for each in days.json["items"]} == {1}
    assert "1 row." in readings.out
    assert unknown.code == 2
    assert market.simulator.report().total == sent


def test_without_orders_there_are_no_payouts(cli: Cli) -> None:
    empty = cli.run("orders", "payouts", "--state", "paid")
    assert (empty.code, empty.out.strip()) == (0, "No orders. `solegate sync run orders` brings them here.")
    assert cli.run("orders", "payouts", "--since", "90d", "--json").json == {"sums": []}
    assert cli.run("orders", "payouts", "--since", "monday").code == 2
