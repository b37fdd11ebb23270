"""A login: the code becomes tokens, or a clear reason why not."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from solegate.client.auth import MemoryTokenStore, TokenManager
from solegate.client.policy.outcome import Failed, FailureKind, Received
from solegate.clock import LoopClock
from solegate.domain.accounts import AccountState
from solegate.errors import AuthenticationError, StockXError, UpstreamError
from solegate.metrics import Metrics
from solegate.testing import ScriptedTransport, run_virtual
from support.client import CANARY, CREDENTIALS, INVALID_CLIENT, INVALID_GRANT, answer, grant


def manager(login: ScriptedTransport, store: MemoryTokenStore) -> TokenManager:
    return TokenManager(
        CREDENTIALS, account="default", owner="here", auth_url="http://login.test", store=store, transport=login,
        clock=LoopClock(), metrics=Metrics(),
    )  # fmt: skip


def test_a_code_becomes_stored_tokens() -> None:
    async def story() -> None:
        login, store = ScriptedTransport([grant(1, refresh_token="r1")]), MemoryTokenStore()
        tokens = manager(login, store)
        record = await tokens.connect("the code", code_verifier="the verifier")
        assert await store.load("default") == record
        assert (record.version, record.refresh_token, record.state) == (1, "r1", AccountState.CONNECTED)
        assert (await tokens.token()).value == f"{CANARY}-access-1"
        form = parse_qs((login.requests[0].body or b"").decode())
        assert form["grant_type"] == ["authorization_code"]
        assert form["code"] == ["the code"]
        assert form["code_verifier"] == ["the verifier"]
        assert form["redirect_uri"] == [CREDENTIALS.redirect_uri]
        assert len(login.requests) == 1

    run_virtual(story())


def test_a_second_login_replaces_the_first() -> None:
    async def story() -> None:
        login = ScriptedTransport([grant(1, refresh_token="r1"), grant(2, refresh_token="r2")])
        store = MemoryTokenStore()
        tokens = manager(login, store)
        await tokens.connect("a")
        assert (await tokens.connect("b")).version == 2
        assert (await tokens.token()).value == f"{CANARY}-access-2"

    run_virtual(story())


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (INVALID_GRANT, AuthenticationError), (INVALID_CLIENT, AuthenticationError),
        (answer(400, b""), UpstreamError), (answer(403, b"<html>"), UpstreamError),
        (answer(500), UpstreamError), (answer(200, b"<html>"), UpstreamError),
        (Failed(FailureKind.CONNECT, sent=False), UpstreamError),
    ],
)  # fmt: skip
def test_a_login_that_fails_stores_nothing_and_says_what_to_do(
    trouble: Received | Failed, error: type[StockXError]
) -> None:
    async def story() -> None:
        store = MemoryTokenStore()
        with pytest.raises(error) as caught:
            await manager(ScriptedTransport([trouble]), store).connect("code")
        assert caught.value.hint in str(caught.value)
        assert CANARY not in str(caught.value)
        assert await store.load("default") is None

    run_virtual(story())


def test_the_store_compares_versions() -> None:
    async def story() -> None:
        login, store = ScriptedTransport([grant(1, refresh_token="r1")]), MemoryTokenStore()
        record = await manager(login, store).connect("code")
        assert not await store.save(record, expected_version=None)
        assert not await store.save(record, expected_version=7)
        assert await store.save(record, expected_version=1)
        assert await store.load("other") is None

    run_virtual(story())
