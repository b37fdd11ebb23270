"""`solegate guard`: the rails as they stand, and the switch that every other process sees."""

from __future__ import annotations

from support.cli import Cli


def test_rails_are_shown_as_they_are_set(cli: Cli) -> None:
    variables = {
        "SOLEGATE_PRICE_FLOOR": "EUR=20,USD=25",
        "SOLEGATE_LARGEST_PRICE_MOVE": "0.25",
        "SOLEGATE_DAILY_WRITES": "500",
    }

    shown = cli.run("guard", "show", **variables)
    told = cli.run("guard", "show", "--json", **variables).json

    assert shown.code == 0
    for text in ("EUR 20, USD 25", "SOLEGATE_PRICE_CEILING", "25 %", "500", "Nothing stops writes."):
        assert text in shown.out
    assert told == {
        "stopped": False,
        "stop": None,
        "inFlight": 0,
        "rails": {
            "floor": {"EUR": "20", "USD": "25"},
            "ceiling": {},
            "largestMove": "0.25",
            "dailyWrites": 500,
            "dailyValue": {},
        },
        "usedToday": {"writes": 0, "value": {}},
    }


def test_a_stop_is_seen_by_the_next_process_until_somebody_lets_writes_go_on(cli: Cli) -> None:
    assert cli.run("guard", "stop", "--reason", "wrong prices").code == 0

    shown = cli.run("guard", "show", "--json").json
    assert (shown["stopped"], shown["stop"]["actor"]) == (True, "command line")
    assert shown["stop"]["reason"] == "wrong prices"
    assert "wrong prices" in cli.run("guard", "show").out

    assert "Writes go on." in cli.run("guard", "go").out
    assert cli.run("guard", "show", "--json").json["stopped"] is False
    assert "were not stopped" in cli.run("guard", "go").out


def test_the_doctor_tells_of_a_stop_and_it_is_no_problem(cli: Cli) -> None:
    cli.run("guard", "stop", "--reason", "wrong prices")

    result = cli.run("doctor", "--json", SOLEGATE_REQUESTS_PER_SECOND="1")

    (found,) = (each for each in result.json["findings"] if each["check"] == "writes")
    assert (found["health"], result.code) == ("warning", 0)
    assert "wrong prices" in found["summary"]
    assert "solegate guard go" in found["fix"]
