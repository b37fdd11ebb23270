"""`solegate simulator --scenario`: what will happen is said first, and a file that is none is bad input."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from support.cli import Cli


def test_the_course_of_events_is_told_at_the_start(cli: Cli) -> None:
    with cli.start("simulator", "--port", "0", "--scenario", "bad-day") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(10)]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)

    assert lines[1].startswith("Scenario: Bad day.")
    assert "      5m  fault brownout on *\n" in lines
    assert "      2h  every login ends\n" in lines


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name: x\nevents:\n- {at: soon, sell: any}\n", "line 3: event 1.at: a duration such as 90s, 10m, 2h or 1d"),
        ("name: x\nevents:\n- {at: 1m, sell: {style: NOPE-1}}\n", "event 1: no product of the catalog has the style"),
        ("name: [", "line 1: this is no YAML"),
    ],
)
def test_a_bad_file_is_bad_input(cli: Cli, tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "day.yaml"
    path.write_text(text)
    done = cli.run("simulator", "--port", "0", "--scenario", str(path))
    assert done.code == 2
    assert reason in done.err
    assert "Traceback" not in done.err


def test_a_name_of_nothing_lists_what_is_shipped(cli: Cli) -> None:
    done = cli.run("simulator", "--port", "0", "--scenario", "stormy-day")
    assert done.code == 2
    assert "bad-day, calm-day, drop-day" in done.err
