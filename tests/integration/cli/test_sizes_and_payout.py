"""`solegate sizes` and `solegate payout`."""

from __future__ import annotations

import pytest

from support.cli import Cli


def test_every_size_in_the_systems_asked_for(cli: Cli) -> None:
    result = cli.run("sizes", "DD1391-100", "--system", "eu", "--system", "UK", "--json")
    text = cli.run("sizes", "DD1391-100", "--system", "eu")

    nine = next(each for each in result.json["sizes"] if each["size"] == "US M 9")
    assert (nine["systems"]["EU"], nine["systems"]["UK"]) == ("42.5", "8")
    assert "42.5" in text.out
    assert "Variant" in text.out


def test_a_system_nobody_uses_is_told_with_those_there_are(cli: Cli) -> None:
    result = cli.run("sizes", "DD1391-100", "--system", "BR")

    assert (result.code, result.out) == (3, "")
    assert "EU" in result.err


def test_a_payout_needs_neither_account_nor_network(new_cli: Cli) -> None:
    result = new_cli.run("payout", "221", "--level", "3", "--shipping", "8", "--json")

    assert result.code == 0
    assert result.json["payout"] == {"amount": "188.69", "currency": "EUR"}
    assert result.json["estimate"] is True
    assert list(new_cli.home.iterdir()) == []


def test_a_payout_line_by_line(new_cli: Cli) -> None:
    result = new_cli.run("payout", "48.94", "--level", "2")

    assert "minimum transaction fee" in result.out
    assert "8.5 %" in result.out
    assert "estimate" in result.out


def test_the_price_for_a_payout_is_found(new_cli: Cli) -> None:
    result = new_cli.run("payout", "188.69", "--level", "3", "--shipping", "8", "--reverse", "--json")

    assert result.json["price"] == {"amount": "221", "currency": "EUR"}


@pytest.mark.parametrize(
    "words", [("nothing",), ("0",), ("NaN",), ("1e30",), ("100", "--currency", "euros"), ("100", "--shipping", "-1")]
)
def test_bad_input_is_refused(new_cli: Cli, words: tuple[str, ...]) -> None:
    result = new_cli.run("payout", *words)

    assert (result.code, result.out) == (2, "")
