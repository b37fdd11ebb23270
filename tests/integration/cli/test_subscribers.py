"""`solegate subscribers` and `solegate deliveries`, with a real receiver."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook

from support.cli import Cli
from support.receiver import Receiver, answers, receiving

LOCAL = {"SOLEGATE_PRIVATE_TARGETS": "true"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that listens in a thread while commands run."""
    found: list[Receiver] = []
    listening, done = threading.Event(), threading.Event()

    async def serve() -> None:
        async with receiving() as mine:
            found.append(mine)
            listening.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert listening.wait(10)
    yield found[0]
    done.set()
    thread.join(10)


def test_a_subscriber_is_added_tried_out_paused_and_removed(cli: Cli, receiver: Receiver) -> None:
    assert "Nobody is told anything yet" in cli.run("subscribers", "list").out
    added = cli.run("subscribers", "add", receiver.url, "--name", "shop", "--event", "order.*", "--json", **LOCAL).json
    assert (added["types"], added["url"], added["state"]) == (["order.*"], receiver.url, "active")

    assert cli.run("subscribers", "test", "shop", **LOCAL).out == "The receiver answered 204: it arrived.\n"
    (call,) = receiver.calls
    assert Webhook(added["secret"]).verify(call.body, call.headers)["type"] == "ping"

    receiver.answer = answers(401)
    refused = cli.run("subscribers", "test", "shop", "--json", **LOCAL)
    assert refused.code == 3
    assert refused.json == {"delivered": False, "status": 401, "error": "the receiver answered 401"}

    assert "is sent nothing until" in cli.run("subscribers", "pause", "shop").out
    shown = cli.run("subscribers", "show", "shop").out
    assert "State: paused: a person paused it." in shown
    assert added["secret"] not in shown
    assert cli.run("subscribers", "resume", added["id"], "--json").json["state"] == "active"
    assert cli.run("subscribers", "remove", "shop").out == f"shop ({added['id']}) is removed.\n"
    missing = cli.run("subscribers", "show", "shop")
    assert (missing.code, missing.err) == (3, "Error: There is no subscriber 'shop'.\n")


def test_a_new_secret_is_shown_once(cli: Cli, receiver: Receiver) -> None:
    old = cli.run("subscribers", "add", receiver.url, "--name", "shop", "--json", **LOCAL).json["secret"]
    new = cli.run("subscribers", "rotate-secret", "shop", "--json").json["secret"]
    cli.run("subscribers", "test", "shop", **LOCAL)

    assert new != old
    for secret in (old, new):
        Webhook(secret).verify(receiver.calls[0].body, receiver.calls[0].headers)
    listed = cli.run("subscribers", "list").out + cli.run("subscribers", "list", "--json").out
    assert old not in listed
    assert new not in listed


def test_a_private_address_is_refused_with_the_way_out(cli: Cli) -> None:
    refused = cli.run("subscribers", "add", "https://localhost/in")

    assert refused.code == 2
    assert "localhost must not be called: it is loopback." in refused.err
    assert "SOLEGATE_PRIVATE_TARGETS=true" in refused.err


def test_the_address_of_a_chat_is_not_shown(cli: Cli, receiver: Receiver) -> None:
    added = cli.run("subscribers", "add", f"{receiver.url}/B000/key", "--kind", "slack", "--name", "chat", **LOCAL)
    cli.run("subscribers", "test", "chat", **LOCAL)
    shown = added.out + cli.run("subscribers", "list").out + cli.run("subscribers", "show", "chat", "--json").out

    assert receiver.calls[0].path == "/in/B000/key"
    assert receiver.calls[0].json["text"] == "Test: This is a test. Nothing happened."
    assert "B000" not in shown
    assert cli.run("subscribers", "rotate-secret", "chat").code == 2


def test_deliveries_say_so_when_there_are_none(cli: Cli) -> None:
    assert cli.run("deliveries", "list").out == "No such deliveries.\n"
    assert cli.run("deliveries", "list", "--json").json == {"deliveries": [], "more": False}
    assert cli.run("deliveries", "redeliver", "shop").code == 2
    assert cli.run("deliveries", "redeliver", "shop", "evt_1").code == 3
    assert cli.run("deliveries", "show", "shop", "evt_1").code == 3
