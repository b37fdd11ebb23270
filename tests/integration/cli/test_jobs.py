"""`solegate jobs`: a file is checked, planned, worked off and reported; Ctrl-C ends the command and not the job."""

from __future__ import annotations

import csv
import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from solegate.simulator.world.sellable import is_sellable
from support.cli import SECONDS, Cli, Market, connected, wait_until

BROKEN = "sku,size,price\nDD1391-100,US M 9,0\nDD1391-100,,150\nDD1391-100,US M 9,1.5\n"


@pytest.fixture
def embedded(market: Market, tmp_path: Path) -> Cli:
    """The command with a connected account, on SQLite: what it says does not depend on the database."""
    return connected(market, tmp_path)


def sizes(market: Market, first: int, count: int) -> list[str]:
    """Sizes that can be sold; each test takes its own, as all of them share the market."""
    simulator = market.simulator
    every = [
        variant.id
        for product in simulator.catalog.products
        for variant in product.variants
        if is_sellable(simulator.config.seed, product, variant)
    ]
    return every[first : first + count]


def write(folder: Path, variants: list[str], name: str = "pairs.csv") -> Path:
    file = folder / name
    file.write_text("variant_id;price;shelf\n" + "".join(f"{each};150;A\n" for each in variants), encoding="utf-8-sig")
    return file


def live(market: Market, variants: list[str]) -> int:
    """Pairs of these sizes that a buyer can buy."""
    now = datetime.now(UTC)
    return sum(each.variant_id in variants and each.is_live(now) for each in market.simulator.listings.all())


def test_a_file_from_its_plan_to_its_report_and_back(embedded: Cli, market: Market, tmp_path: Path) -> None:
    variants = sizes(market, 0, 120)
    file = write(tmp_path, variants)
    before = live(market, variants)  # by tests of other modules, on the same market

    planned = embedded.run("jobs", "create", file, "--dry-run")
    done = embedded.run("jobs", "create", file, "--yes", "--json")
    again = embedded.run("jobs", "create", write(tmp_path, variants, "again.csv"), "--yes")
    job = done.json["id"]
    reported = embedded.run("jobs", "report", job, "--file", tmp_path / "report.csv")
    undone = embedded.run("jobs", "undo", job, "--json")

    assert planned.code == 0, planned.err
    assert "pairs.csv: 120 pairs to list." in planned.out
    assert "2, 120 items" in planned.out
    assert "EUR 18,000" in planned.out
    assert "`shelf` is not read" in planned.err
    assert (done.code, done.json["state"], done.json["rows"]["DONE"]) == (0, "DONE", 120), done.err
    assert (again.code, f"These rows are job {job} already" in again.err) == (0, True)
    assert reported.code == 0
    rows = list(csv.DictReader((tmp_path / "report.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["state"] for row in rows] == ["DONE"] * 120
    assert (undone.code, undone.json["kind"], undone.json["rows"]["DONE"]) == (0, "deactivate", 120), undone.err
    assert live(market, variants) == before


def test_a_broken_file_is_told_line_by_line_and_costs_nothing(embedded: Cli, market: Market, tmp_path: Path) -> None:
    file = tmp_path / "broken.csv"
    file.write_text(BROKEN)
    before = market.simulator.report().total

    told = embedded.run("jobs", "create", file, "--yes")
    as_json = embedded.run("jobs", "create", file, "--yes", "--json")

    assert (told.code, as_json.code) == (2, 2)
    for line in ("2   The price is zero.", "3   No size of DD1391-100.", "4   The price 1.5 is not whole."):
        assert line in told.out
    assert "3 rows cannot be done. Nothing was changed." in told.err
    assert "Nothing was looked up yet" in told.err
    assert [each["code"] for each in as_json.json["problems"]] == ["price_zero", "size_missing", "price_fractional"]
    assert as_json.error["exitCode"] == 2
    assert market.simulator.report().total == before


def test_what_can_be_done_is_done_and_the_rest_makes_the_result_incomplete(
    embedded: Cli, market: Market, tmp_path: Path
) -> None:
    (variant,) = sizes(market, 120, 1)
    file = tmp_path / "mixed.csv"
    file.write_text(f"variant_id,sku,price\n{variant},,150\n,,150\n")

    asked = embedded.run("jobs", "create", file, "--skip-invalid")
    done = embedded.run("jobs", "create", file, "--yes", "--skip-invalid")
    job = embedded.run("jobs", "list", "--json").json[0]
    report = embedded.run("jobs", "report", job["id"], "--json").json
    shown = embedded.run("jobs", "show", job["id"])

    assert (asked.code, "nobody is there to ask" in asked.err) == (2, True)
    assert done.code == 3, done.err
    assert "No style code and no variant id." in done.out
    assert (job["rows"]["DONE"], job["rows"]["FAILED"], job["name"]) == (1, 1, "mixed.csv")
    assert [(row["line"], row["state"]) for row in report] == [(2, "DONE"), (3, "FAILED")]
    assert "2 rows: 1 done, 1 failed" in shown.out


@pytest.mark.parametrize(("answer", "code", "jobs"), [(b"y\n", 0, 1), (b"n\n", 130, 0)])
def test_only_a_yes_starts_it(embedded: Cli, tmp_path: Path, answer: bytes, code: int, jobs: int) -> None:
    file = tmp_path / "skus.csv"
    file.write_text("sku\nDD1391-100\n")
    keyboard, terminal = os.openpty()
    try:
        with embedded.start("jobs", "enrich", file, "--no-wait", stdin=terminal) as process:
            os.write(keyboard, answer)
            out, told = process.communicate(timeout=SECONDS)
    finally:
        os.close(keyboard)
        os.close(terminal)

    assert process.returncode == code, told
    assert "skus.csv: 1 style code to look up." in out
    assert len(embedded.run("jobs", "list", "--json").json) == jobs


def test_ctrl_c_keeps_the_job_and_watching_it_again_ends_it(cli: Cli, market: Market, tmp_path: Path) -> None:
    variants = sizes(market, 200, 250)
    file, before = write(tmp_path, variants), live(market, variants)

    with cli.start("jobs", "create", file, "--yes", SOLEGATE_REQUESTS_PER_SECOND="1") as process:
        wait_until(lambda: live(market, variants) > before)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=SECONDS)
    (job,) = cli.run("jobs", "list", "--json").json
    watched = cli.run("jobs", "watch", job["id"])

    assert process.returncode == 130, told
    assert f"Job {job['id']} is kept." in told
    assert f"solegate jobs watch {job['id']}" in told
    assert (job["state"], job["ended"] < 250) == ("RUNNING", True)
    assert watched.code == 0, watched.err
    assert "250 rows: 250 done" in watched.out
    assert live(market, variants) == before + 250, "none twice, none missing"


def test_the_plug_is_pulled_and_the_same_file_goes_on_at_once(embedded: Cli, market: Market, tmp_path: Path) -> None:
    variants = sizes(market, 500, 250)
    file = write(tmp_path, variants)

    with embedded.start("jobs", "create", file, "--yes", SOLEGATE_REQUESTS_PER_SECOND="1") as process:
        wait_until(lambda: live(market, variants) > 0)
        process.kill()
        process.communicate()
    started = time.monotonic()
    with embedded.start("jobs", "create", file, "--yes") as again:
        wait_until(lambda: bool(embedded.query("SELECT 1 FROM tasks WHERE kind = 'job' AND steps > 2")))
        until_work = time.monotonic() - started
        out, told = again.communicate(timeout=SECONDS)

    assert again.returncode == 0, told
    assert "250 rows: 250 done" in out
    assert live(market, variants) == 250, "none twice, none missing"
    assert until_work < 20, "it does not wait for the dead one's lease"


def test_a_job_is_steered_while_nobody_works_on_it(embedded: Cli, market: Market, tmp_path: Path) -> None:
    file = write(tmp_path, sizes(market, 130, 2))
    started = embedded.run("jobs", "create", file, "--yes", "--no-wait", "--name", "autumn", "--key", "mine", "--json")
    job = started.json["id"]

    paused = embedded.run("jobs", "pause", job)
    watched = embedded.run("jobs", "watch", job)
    resumed = embedded.run("jobs", "resume", job, "--json")
    cancelled = embedded.run("jobs", "cancel", job)
    late = embedded.run("jobs", "resume", job, "--json")

    assert (started.code, started.json["name"], started.json["isNew"]) == (0, "autumn", True)
    assert (paused.code, "is PAUSED" in paused.out) == (0, True)
    assert (watched.code, f"solegate jobs resume {job}" in watched.out) == (3, True)
    assert resumed.json["state"] == "RUNNING"
    assert "2 rows: 2 skipped" in cancelled.out
    assert (late.code, late.error["code"]) == (2, "invalid_input")
    assert embedded.run("jobs", "show", "nothing").code == 3


def test_a_command_only_follows_while_a_worker_lives(cli: Cli, market: Market, tmp_path: Path) -> None:
    variants = sizes(market, 140, 3)
    file, before = write(tmp_path, variants), live(market, variants)
    with cli.start("worker") as worker:
        assert worker.stdout is not None
        assert "works on" in worker.stdout.readline()
        done = cli.run("jobs", "create", file, "--yes", "--json")
        steps = cli.query("SELECT steps FROM tasks WHERE kind = 'job'")
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=SECONDS)

    assert (done.code, done.json["rows"]["DONE"]) == (0, 3), done.err
    assert steps[0][0] > 0
    assert live(market, variants) == before + 3
