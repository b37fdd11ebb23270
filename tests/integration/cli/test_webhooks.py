"""`solegate webhooks`: sources, what came in, and having it processed again."""

from __future__ import annotations

import json
import signal
import urllib.request
from datetime import UTC, datetime

from support.cli import Cli, wait_until
from support.webhooks import BODY, KICKSDB_SECRET, standard


def test_sources_are_added_listed_rotated_and_removed_and_their_secrets_shown_once(new_cli: Cli) -> None:
    assert "Nobody may send webhooks yet" in new_cli.run("webhooks", "sources", "list").out
    shop = new_cli.run("webhooks", "sources", "add", "shop", "--kind", "standard", "--json").json
    kicksdb = new_cli.run(
        "webhooks", "sources", "add", "kicksdb", "--kind", "kicksdb", "--json", typed=f"{KICKSDB_SECRET}\n"
    ).json
    rotated = new_cli.run("webhooks", "sources", "rotate", "shop", "--json").json
    listed = new_cli.run("webhooks", "sources", "list", "--json")
    removed = new_cli.run("webhooks", "sources", "remove", "kicksdb")

    assert shop["secret"].startswith("whsec_")
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != shop["secret"]
    assert kicksdb["secret"] == ""
    assert [(each["name"], len(each["secrets"])) for each in listed.json["sources"]] == [("kicksdb", 1), ("shop", 2)]
    assert "may send no webhooks any more" in removed.out
    for secret in (shop["secret"], rotated["secret"], KICKSDB_SECRET):
        assert secret not in listed.out
        assert secret.encode() not in b"".join(each.read_bytes() for each in new_cli.home.rglob("*") if each.is_file())


def test_what_cannot_be_a_source_is_refused_in_words(new_cli: Cli) -> None:
    add = ("webhooks", "sources", "add")
    refused = [
        new_cli.run(*add, "Shop!", "--kind", "standard"),
        new_cli.run(*add, "gh", "--kind", "hmac"),
        new_cli.run(*add, "gh", "--kind", "hmac", "--option", "header"),
        new_cli.run(*add, "kicksdb", "--kind", "kicksdb", typed="short\n"),
        new_cli.run("webhooks", "sources", "rotate", "nobody"),
        new_cli.run("webhooks", "show", "7"),
        new_cli.run("webhooks", "replay", "7"),
    ]

    assert [each.code for each in refused] == [2, 2, 2, 2, 3, 3, 3]
    assert "in its address" in refused[0].err
    assert "header=X-Signature" in refused[1].err
    assert "37 characters" in refused[3].err


def test_what_a_killed_server_took_in_is_listed_shown_followed_and_processed_once_by_the_next_one(new_cli: Cli) -> None:
    secret = new_cli.run("webhooks", "sources", "add", "shop", "--kind", "standard", "--json").json["secret"]
    with new_cli.start("serve", "--port", "0", "--no-worker") as server:
        assert server.stdout is not None
        url = server.stdout.readline().split("listens on ")[1].split(",")[0]
        headers = standard(at=datetime.now(UTC), secret=secret)
        request = urllib.request.Request(f"{url}/webhooks/shop", data=BODY, headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert json.load(answer) == {"status": "accepted"}
        server.kill()
        server.communicate(timeout=30)

    listed = new_cli.run("webhooks", "list", "--source", "shop", "--state", "received", "--json").json
    shown = new_cli.run("webhooks", "show", "1")
    followed = new_cli.run("webhooks", "tail", "--seconds", "0", "--json")
    replayed = new_cli.run("webhooks", "replay", "1", "--json").json

    assert [(each["id"], each["eventType"], each["subject"]) for each in listed["webhooks"]] == [(1, "order.sent", "")]
    assert "it waits to be processed" in shown.out
    assert '"id": "o-1"' in shown.out
    assert [json.loads(line)["id"] for line in followed.out.splitlines()] == [1]
    assert (replayed["state"], replayed["attempts"]) == ("received", 0)
    with new_cli.start("serve", "--port", "0") as server:
        wait_until(lambda: new_cli.query("SELECT state FROM inbox") == [("done",)])
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)
    assert new_cli.query("SELECT attempts FROM inbox") == [(1,)]
    assert new_cli.query("SELECT type FROM events") == [("webhook.received",)]
    assert "No such webhooks" in new_cli.run("webhooks", "list", "--state", "dead").out
