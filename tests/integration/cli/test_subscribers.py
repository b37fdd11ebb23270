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


def test_a_subscriber_is_added_tried_out_and_given_a_new_secret(cli: Cli, receiver: Receiver) -> None:
    added = cli.run("subscribers", "add", receiver.url, "--name", "shop", "--event", "order.*", "--json", **LOCAL).json
    new = cli.run("subscribers", "rotate-secret", "shop", "--json").json["secret"]
    tried = cli.run("subscribers", "test", "shop", **LOCAL)
    shown = cli.run("subscribers", "show", added["id"]).out

    assert (added["types"], added["url"], added["state"]) == (["order.*"], receiver.url, "active")
    assert (tried.code, tried.out) == (0, "The receiver answered 204: it arrived.\n")
    (call,) = receiver.calls
    for secret in (added["secret"], new):
        assert Webhook(secret).verify(call.body, call.headers)["type"] == "ping"
        assert secret not in shown
    assert "State: active." in shown


def test_the_address_of_a_chat_is_not_shown(cli: Cli, receiver: Receiver) -> None:
    receiver.answer = answers(404)
    added = cli.run("subscribers", "add", f"{receiver.url}/B000/key", "--kind", "slack", "--name", "chat", **LOCAL)
    tried = cli.run("subscribers", "test", "chat", "--json", **LOCAL)
    listed = cli.run("subscribers", "list")

    assert receiver.calls[0].path == "/in/B000/key"
    assert receiver.calls[0].json["text"] == "Test: This is a test. Nothing happened."
    assert (tried.code, tried.json["error"]) == (3, "the receiver answered 404")
    assert "/…" in listed.out
    assert "B000" not in added.out + listed.out + tried.out


def test_a_private_address_is_refused_with_the_way_out(cli: Cli) -> None:
    refused = cli.run("subscribers", "add", "https://localhost/in")

    assert refused.code == 2
    assert "localhost must not be called: it is loopback." in refused.err
    assert "SOLEGATE_PRIVATE_TARGETS=true" in refused.err


def test_deliveries_say_so_when_there_are_none(cli: Cli) -> None:
    assert cli.run("deliveries", "list").out == "No such deliveries.\n"
    assert cli.run("deliveries", "redeliver", "shop", "--since", "24h").err == "Error: There is no subscriber 'shop'.\n"
