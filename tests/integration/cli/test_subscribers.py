"""`solegate subscribers` and `solegate deliveries`, with a real receiver."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from standardwebhooks import Webhook

from support.cli import Cli
from support.receiver import Receiver, receiving

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


def test_a_subscriber_is_added_and_tried_out(cli: Cli, receiver: Receiver) -> None:
    added = cli.run("subscribers", "add", f"{receiver.url}?key=hidden", "--name", "shop", "--json", **LOCAL)
    secret = added.json["secret"]
    tried = cli.run("subscribers", "test", "shop", **LOCAL)
    listed = cli.run("subscribers", "list")

    assert (tried.code, tried.out) == (0, "The receiver answered 204: it arrived.\n")
    (call,) = receiver.calls
    assert call.path == "/in?key=hidden"
    assert Webhook(secret).verify(call.body, call.headers)["type"] == "ping"
    assert receiver.url in listed.out
    assert secret not in listed.out
    assert "hidden" not in added.out + listed.out


def test_a_private_address_is_refused_with_the_way_out(cli: Cli) -> None:
    refused = cli.run("subscribers", "add", "https://localhost/in")

    assert refused.code == 2
    assert "localhost must not be called: it is loopback." in refused.err
    assert "SOLEGATE_PRIVATE_TARGETS=true" in refused.err


def test_nothing_is_sent_again_to_nobody(cli: Cli) -> None:
    assert cli.run("deliveries", "redeliver", "shop", "--since", "24h").err == "Error: There is no subscriber 'shop'.\n"
