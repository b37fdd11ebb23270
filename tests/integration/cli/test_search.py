"""`solegate search`, as a process, against a practice market on a socket."""

from __future__ import annotations

import pytest

from support.cli import Cli, Market


def test_json_is_one_document(cli: Cli) -> None:
    result = cli.run("search", "dunk", "--page-size", "3", "--json")

    assert result.code == 0
    assert result.json["products"][0]["styleId"] == "DD1391-100"
    assert len(result.json["products"]) == 3
    assert result.json["hasNextPage"] is True
    assert result.err == ""


def test_filters_and_orders_say_how_far_was_looked(cli: Cli) -> None:
    result = cli.run(
        "search", "jordan", "--brand", "jordan", "--sort=-releaseDate", "--released-from", "2020-01-01",
        "--released-to", "2030-01-01", "--retail-min", "100", "--retail-max", "300", "--json",
    )  # fmt: skip

    found = result.json
    released = [each["releaseDate"] for each in found["products"]]
    assert released
    assert released == sorted(released, reverse=True)
    assert {each["brand"] for each in found["products"]} == {"Jordan"}
    assert all(100 <= float(each["retailPrice"]) <= 300 for each in found["products"])
    assert found["complete"] is True
    assert found["lookedAt"] >= found["matched"]


def test_a_pipe_gets_plain_text_as_wide_as_it_says(cli: Cli) -> None:
    result = cli.run("search", "dunk", COLUMNS="60")

    assert result.code == 0
    assert "\x1b" not in result.out + result.err
    assert "DD1391-100" in result.out
    assert "`--page 2` shows more" in result.out
    assert max(map(len, result.out.splitlines()[:-1])) <= 60


def test_nothing_found_is_an_answer(cli: Cli) -> None:
    result = cli.run("search", "zzzqqq")

    assert result.code == 0
    assert "Nothing found for 'zzzqqq'" in result.out


def test_a_reader_that_goes_away_ends_it_quietly(cli: Cli) -> None:
    with cli.start("search", "nike", "--page-size", "50") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def test_an_empty_query_costs_nothing(cli: Cli, market: Market) -> None:
    before = len(market.simulator.events())

    result = cli.run("search", "  ", "--json")

    assert (result.code, result.out) == (2, "")
    assert result.error["code"] == "invalid_input"
    assert len(market.simulator.events()) == before


@pytest.mark.parametrize("price", ["nan", "inf", "-1", "1e500", "many"])
def test_a_price_that_is_none_is_refused(new_cli: Cli, price: str) -> None:
    result = new_cli.run("search", "dunk", f"--retail-min={price}")

    assert result.code == 2
    assert f"'{price}' is no" in result.err
