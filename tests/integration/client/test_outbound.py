"""Calling addresses that somebody named, on real sockets: what is judged is what is connected to."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
import trustme

from solegate.client.outbound import Outbound, Resolver
from solegate.clock import SystemClock
from solegate.domain.deliveries.schedule import Attempt
from solegate.errors import AddressRefusedError
from support.receiver import Answer, receiving


@asynccontextmanager
async def outbound(**options: object) -> AsyncIterator[Outbound]:
    sender = Outbound(clock=SystemClock(), **options)  # type: ignore[arg-type]
    try:
        yield sender
    finally:
        await sender.aclose()


def names(**known: Sequence[str]) -> Resolver:
    """A resolver that knows a few names of `.example`."""

    async def resolver(host: str, _port: int) -> Sequence[str]:
        try:
            return known[host.removesuffix(".example")]
        except KeyError:
            raise socket.gaierror(-2, "unknown") from None

    return resolver


async def test_a_name_is_called_at_the_address_that_was_judged():
    async with receiving() as receiver, outbound(private=True, resolver=names(shop=("127.0.0.1",))) as sender:
        attempt = await sender.post(f"http://shop.example:{receiver.port}/in?x=1", {"webhook-id": "1"}, b"{}")

    (call,) = receiver.calls
    assert attempt == Attempt(204)
    assert (call.headers["host"], call.path, call.body) == (f"shop.example:{receiver.port}", "/in?x=1", b"{}")


@pytest.mark.parametrize(("name", "trusted"), [("shop.example", True), ("other.example", False)])
async def test_the_certificate_must_be_the_names_own(name, trusted):
    authority = trustme.CA()
    tls = ssl.create_default_context()
    authority.configure_trust(tls)
    resolver = names(shop=("127.0.0.1",))
    async with (
        receiving(authority=authority, name=name) as receiver,
        outbound(private=True, resolver=resolver, tls=tls) as sender,
    ):
        attempt = await sender.post(f"https://shop.example:{receiver.port}/in", {}, b"{}")

    assert (attempt.status == 204) is trusted
    assert len(receiver.calls) == trusted


async def test_a_certificate_of_nobody_known_is_refused():
    async with (
        receiving(authority=trustme.CA(), name="shop.example") as receiver,
        outbound(private=True, resolver=names(shop=("127.0.0.1",))) as sender,
    ):
        attempt = await sender.post(f"https://shop.example:{receiver.port}/in", {}, b"{}")

    assert (attempt.status, receiver.calls) == (None, [])
    assert "certificate" in attempt.error.lower()


async def test_a_name_that_turns_private_after_it_was_checked_is_not_called():
    turns = iter([("93.184.215.14",), ("127.0.0.1",), ("93.184.215.14", "127.0.0.1")])

    async def resolver(_host: str, _port: int) -> Sequence[str]:
        return next(turns)

    async with receiving() as receiver, outbound(resolver=resolver) as sender:
        await sender.check(f"https://shop.example:{receiver.port}/in")
        attempts = [await sender.post(f"https://shop.example:{receiver.port}/in", {}, b"{}") for _ in range(2)]

    assert receiver.calls == []
    assert [each.error for each in attempts] == ["shop.example must not be called: it is loopback."] * 2


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "0",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::]",
    ],
)
async def test_every_way_to_write_this_machine_is_seen_through(host):
    async with receiving() as receiver, outbound() as sender:
        url = f"https://{host}:{receiver.port}/in"
        with pytest.raises(AddressRefusedError):
            await sender.check(url)
        attempt = await sender.post(url, {}, b"{}")

    assert (attempt.status, receiver.calls) == (None, [])


async def test_a_name_that_does_not_resolve_is_no_address():
    async with outbound(resolver=names()) as sender:
        with pytest.raises(AddressRefusedError, match=r"shop\.example does not resolve"):
            await sender.check("https://shop.example/in")
        attempt = await sender.post("https://shop.example/in", {}, b"{}")

    assert (attempt.status, "does not resolve" in attempt.error) == (None, True)


async def test_no_redirection_is_followed():
    async with receiving() as elsewhere, receiving() as receiver, outbound(private=True) as sender:
        receiver.answer = lambda _: Answer(307, {"location": elsewhere.url})
        attempt = await sender.post(receiver.url, {}, b"{}")

    assert (attempt.status, elsewhere.calls) == (307, [])


async def test_no_proxy_is_used(monkeypatch):
    async with receiving() as proxy, receiving() as receiver:
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        async with outbound(private=True) as sender:
            attempt = await sender.post(receiver.url, {}, b"{}")

    assert (attempt.status, proxy.calls, len(receiver.calls)) == (204, [], 1)


async def test_a_silent_receiver_is_left_after_the_timeout():
    async with receiving() as receiver, outbound(private=True, timeout=0.2) as sender:
        receiver.answer = lambda _: Answer(silent=True)
        attempt = await sender.post(receiver.url, {}, b"{}")

    assert attempt == Attempt(None, "no answer within 0.2 s")


async def test_an_endless_answer_is_not_read():
    async with receiving() as receiver, outbound(private=True, timeout=5.0) as sender:
        receiver.answer = lambda _: Answer(200, body=b"x" * 50_000_000)
        attempt = await sender.post(receiver.url, {}, b"{}")

    assert attempt == Attempt(200)


async def test_what_the_receiver_says_about_later_is_kept():
    async with receiving() as receiver, outbound(private=True) as sender:
        receiver.answer = lambda _: Answer(429, {"retry-after": "7"})
        attempt = await sender.post(receiver.url, {}, b"{}")

    assert attempt == Attempt(429, "the receiver answered 429", 7.0)


async def test_a_broken_or_refused_connection_is_told_without_the_address():
    async with receiving() as receiver, outbound(private=True) as sender:
        receiver.answer = lambda _: Answer(hang_up=True)
        broken = await sender.post(receiver.url, {}, b"{}")
        port = receiver.port
    async with outbound(private=True) as sender:
        refused = await sender.post(f"http://127.0.0.1:{port}/secret-path", {}, b"{}")

    assert (broken.status, refused.status) == (None, None)
    assert broken.error
    assert refused.error
    assert "secret-path" not in refused.error


async def test_another_address_of_the_name_is_tried_where_one_cannot_be_connected_to():
    async with (
        receiving() as receiver,
        outbound(private=True, resolver=names(shop=("127.0.0.9", "127.0.0.1"))) as sender,
    ):
        attempt = await sender.post(f"http://shop.example:{receiver.port}/in", {}, b"{}")

    assert (attempt.status, len(receiver.calls)) == (204, 1)
