"""The commands that the demo suggests next, one after the other, over a market in a process of its own."""

from __future__ import annotations

import json
import signal

from support.cli import ROOT, Cli, press_allow, read_url


def test_from_an_empty_machine_to_prices(new_cli: Cli) -> None:
    with new_cli.start("simulator", "--port", "0", "--limits", "off", "--json") as market:
        assert market.stdout is not None
        document = ""
        for line in market.stdout:
            document += line
            if line == "}\n":
                break
        practice = json.loads(document)["environment"]
        cli = Cli(new_cli.home, practice | {"SOLEGATE_REQUESTS_PER_SECOND": "200", "SOLEGATE_SECRET_KEY": ""})
        assert cli.run("--version").out.startswith("solegate 0.")
        database = practice["SOLEGATE_DATABASE_URL"]

        with cli.start("auth", "login", "--no-browser", SOLEGATE_DATABASE_URL=database) as login:
            redirect = press_allow(read_url(login))
            login.communicate(f"{redirect}\n", timeout=30)
        assert login.returncode == 0

        csv = ROOT / "examples" / "skus.csv"
        for words in (("search", "dunk low"), ("enrich", "--csv", csv), ("market", "DD1391-100"), ("doctor",)):
            assert cli.run(*words, "--json", SOLEGATE_DATABASE_URL=database).code == 0, words

        market.send_signal(signal.SIGINT)
        assert market.wait(20) == 0
    assert (new_cli.home / "xdg" / "solegate" / "practice.db").exists()
