"""`solegate keys`, and the key that the first start makes."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.error
import urllib.request

from support.cli import Cli


def told(process: subprocess.Popen[str]) -> dict[str, str]:
    """The document that a server shows when it listens."""
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if line == "}\n":
            break
    return dict(json.loads(text))


def status_of(url: str, key: str | None) -> int:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"{url}/api/v1/keys", headers=headers), timeout=20
        ) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def test_the_first_start_makes_one_key_even_of_two_at_once(new_cli: Cli) -> None:
    serve = ("serve", "--port", "0", "--no-worker", "--json")
    with new_cli.start(*serve) as one, new_cli.start(*serve) as other:
        starts = [told(one), told(other)]
        (key,) = (start["apiKey"] for start in starts if "apiKey" in start)
        answers = [(status_of(start["url"], key), status_of(start["url"], None)) for start in starts]
        said = ""
        for process in (one, other):
            process.send_signal(signal.SIGTERM)
            said += "".join(process.communicate(timeout=30))
    listed = new_cli.run("keys", "list", "--json")

    assert answers == [(200, 401), (200, 401)]
    assert key not in said
    assert [(each["name"], each["scope"], each["account"]) for each in listed.json["keys"]] == [
        ("first key", "admin", None)
    ]
    secret = key.split("_", 2)[2].encode()
    assert not [path for path in new_cli.home.rglob("*") if path.is_file() and secret in path.read_bytes()]


def test_a_key_is_made_listed_and_revoked(new_cli: Cli) -> None:
    assert "There is no API key yet" in new_cli.run("keys", "list").out

    made = new_cli.run("keys", "create", "price bot", "--expires", "90d", "--per-minute", "60")
    key = made.out.strip()
    shown = new_cli.run("keys", "list")
    revoked = new_cli.run("keys", "revoke", key.split("_")[1], "--json").json

    assert (made.code, key.startswith("sg_")) == (0, True)
    assert "shown this once" in made.err
    assert "price bot" in shown.out
    assert key.split("_", 2)[2] not in shown.out + shown.err
    assert (revoked["state"], revoked["scope"], revoked["perMinute"], revoked["createdBy"]) == (
        "revoked", "read", 60, "command line",
    )  # fmt: skip


def test_what_cannot_be_says_so(new_cli: Cli) -> None:
    unknown = new_cli.run("keys", "revoke", "nobody", "--json")
    nowhere = new_cli.run("keys", "create", "x", "--account", "nowhere", "--json")
    over = new_cli.run("keys", "create", "x", "--expires", "2020-01-01", "--json")
    wide = new_cli.run("serve", "--open", "--host", "0.0.0.0", "--port", "0", "--json")
    wide_too = new_cli.run("serve", "--host", "0.0.0.0", "--port", "0", "--json", SOLEGATE_OPEN_ON_LOOPBACK="true")

    assert (unknown.code, unknown.error["code"]) == (3, "no_such_record")
    assert (nowhere.code, nowhere.error["code"]) == (3, "no_such_account")
    assert (over.code, over.error["code"]) == (2, "invalid_input")
    assert (wide.code, wide_too.code, wide.out + wide_too.out) == (2, 2, "")
    assert "loopback" in wide.error["message"]
