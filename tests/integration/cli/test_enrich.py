"""`solegate enrich`: from SKUs and files into the database."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import pytest

from solegate.simulator import Limits
from support.cli import Cli, Market, connected, practice_market, wait_until

NOT_HALF = """
SELECT p.stockx_id FROM products p WHERE
    NOT EXISTS (SELECT 1 FROM variants v WHERE v.product_id = p.id)
    OR NOT EXISTS (SELECT 1 FROM market_snapshots s WHERE s.product_id = p.stockx_id)
"""
"""Products without sizes or prices: one would be a product half written."""


def test_every_sku_has_its_result(cli: Cli, market: Market) -> None:
    result = cli.run("enrich", "DD1391-100", "cw2288-111", "ZZ0000-000", "DD1391-999", "dd1391 100", "--json")

    assert result.code == 3
    statuses = {each["sku"]: each["status"] for each in result.json["results"]}
    assert statuses == {
        "DD1391-100": "enriched",
        "cw2288-111": "enriched",
        "ZZ0000-000": "not_found",
        "DD1391-999": "needs_review",
        "dd1391 100": "duplicate",
    }
    assert result.json["requests"] == 10
    assert cli.query("SELECT count(*) FROM products") == [(2,)]
    assert cli.query(NOT_HALF) == []


def test_a_file_runs_twice_and_costs_nothing_the_second_time(cli: Cli, market: Market) -> None:
    codes = market.simulator.catalog.sample_style_ids(4)
    csv = cli.home / "my skus.csv"
    csv.write_text("note;styleId\n" + "\n".join(f"x;{code}" for code in codes), encoding="utf-8-sig")

    first = cli.run("enrich", "--csv", csv, "--currency", "usd")
    before = market.simulator.report().total
    second = cli.run("enrich", "--csv", csv, "--currency", "usd", "--json")

    assert first.code == second.code == 0
    assert "4 SKUs: 4 enriched; 16 requests." in first.out
    assert "\x1b" not in first.out + first.err
    assert second.json["counts"]["fresh"] == 4
    assert market.simulator.report().total == before
    assert cli.query("SELECT DISTINCT currency FROM market_snapshots") == [("USD",)]


def test_a_long_file_shows_what_needs_a_person_and_writes_down_the_rest(cli: Cli, market: Market) -> None:
    csv, lines = cli.home / "skus.csv", cli.home / "results.jsonl"
    unknown = [f"ZZ{number:04}-000" for number in range(203)]
    csv.write_text("\n".join(("sku", "DD1391-100", *unknown)))

    result = cli.run("enrich", "--csv", csv, "--results", lines, "--concurrency", "16", "--json")

    assert result.code == 3
    assert (result.json["counts"]["enriched"], result.json["counts"]["not_found"]) == (1, 203)
    assert (len(result.json["results"]), result.json["omitted"]) == (200, 3)
    assert {each["status"] for each in result.json["results"]} == {"not_found"}
    written = [json.loads(line) for line in lines.read_text().splitlines()]
    assert {each["sku"] for each in written} == {"DD1391-100", *unknown}


def test_results_never_go_into_the_list_itself(cli: Cli, market: Market) -> None:
    csv = cli.home / "skus.csv"
    csv.write_text("sku\nDD1391-100\n")
    before = market.simulator.report().total

    result = cli.run("enrich", "--csv", csv, "--results", csv)
    nowhere = cli.run("enrich", "--csv", csv, "--results", cli.home / "no folder" / "results.jsonl")

    assert (result.code, nowhere.code) == (2, 6)
    assert csv.read_text() == "sku\nDD1391-100\n"
    assert market.simulator.report().total == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"code,price\nDD1391-100,3\n", "no column `sku`", id="wrong header"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "not a UTF-8 text file", id="binary"),
        pytest.param(None, "No such file", id="missing"),
        pytest.param(b'sku\nDD1391-100\n"open', "line 3", id="broken in the middle"),
    ],
)
def test_a_wrong_file_is_refused_before_anything_is_sent(
    cli: Cli, market: Market, content: bytes | None, says: str
) -> None:
    csv = cli.home / "skus.csv"
    if content is not None:
        csv.write_bytes(content)
    before = market.simulator.report().total

    result = cli.run("enrich", "--csv", csv)

    assert result.code == 2
    assert says in result.err
    assert "Traceback" not in result.err
    assert result.out == ""
    assert market.simulator.report().total == before
    assert cli.query("SELECT count(*) FROM products") == [(0,)]


def test_ctrl_c_keeps_whole_products_and_the_next_run_goes_on(tmp_path: Path) -> None:
    with practice_market(tmp_path, Limits(per_second=20)) as market:
        cli = connected(market, tmp_path, SOLEGATE_REQUESTS_PER_SECOND="20")
        books, codes = market.simulator.report, market.simulator.catalog.sample_style_ids(8)
        with cli.start("enrich", *codes) as process:
            wait_until(lambda: books().count("GetVariants", 200) >= 5)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)

        assert (process.returncode, out) == (130, "")
        assert "Traceback" not in err
        stored = len(cli.query("SELECT id FROM products"))
        told = re.search(r"(\d+) SKUs? stored and complete; run it again to go on", err)
        assert told is not None
        assert 0 < int(told[1]) <= stored < 8
        assert cli.query(NOT_HALF) == []

        before = books().total
        result = cli.run("enrich", *codes, "--json")

        assert result.code == 0
        assert result.json["counts"]["fresh"] == stored
        assert 0 < books().total - before <= 4 * (8 - stored), "what the first run was told is remembered"
        assert books().refused == 0
