"""`solegate limits`: what is used and left, by whom, and how the day will go on."""

from __future__ import annotations

from support.cli import Cli


def test_who_used_the_day_is_told_in_words_and_as_json(cli: Cli) -> None:
    assert cli.run("search", "dunk").code == 0

    shown = cli.run("limits")
    assert shown.code == 0, shown.err
    assert "asked for directly" in shown.out
    assert "By 24:00 UTC about" in shown.out

    document = cli.run("limits", "--json").json
    assert document["usedBy"]["operation"] == {"Search": document["requestsUsed"]}
    assert document["forecast"]["expected"] >= document["requestsUsed"]


def test_another_day_is_told_alone_and_what_is_no_day_is_refused(cli: Cli) -> None:
    assert "2001-01-01: 0 requests and 0 batch items used." in cli.run("limits", "--day", "2001-01-01").out
    wrong = cli.run("limits", "--day", "yesterday")
    assert (wrong.code, "2026-01-31" in wrong.err) == (2, True)
