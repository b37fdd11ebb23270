"""When a login is over, or the login server fails: a clear end and no storm (design 4.5). In virtual time."""

from __future__ import annotations

import asyncio

import pytest

from solegate.client.auth import AccessToken
from solegate.client.policy.outcome import Failed, FailureKind, Received
from solegate.domain.accounts import AccountState
from solegate.errors import AuthenticationError, ReauthenticationRequiredError, StockXError, UpstreamError
from solegate.testing import run_virtual
from support.account import Account, access
from support.client import CANARY, CREDENTIALS, INVALID_CLIENT, INVALID_GRANT, answer, grant, tokens_of


def test_a_401_of_a_token_that_was_just_renewed_starts_no_storm() -> None:
    async def story() -> None:
        account = Account()
        await account.tokens.rejected(1)
        for _ in range(50):
            with pytest.raises(AuthenticationError):
                await account.tokens.rejected(2)
        assert account.calls == 1
        await asyncio.sleep(61.0)
        assert (await account.tokens.rejected(2)).version == 3

    run_virtual(story())


@pytest.mark.parametrize("expires_in", [30, 600])
def test_short_lived_tokens_start_no_storm(expires_in: int) -> None:
    async def story() -> None:
        account = Account(grant(expires_in=expires_in), expires_in=0)
        for _ in range(200):
            await account.tokens.token()
            await asyncio.sleep(0.1)
        assert account.calls <= 2

    run_virtual(story())


class TestAnInvalidGrant:
    def test_ends_in_needs_reauth_after_one_call_for_500_callers(self) -> None:
        async def story() -> None:
            account = Account(INVALID_GRANT, expires_in=0)
            results = await asyncio.gather(*(account.tokens.token() for _ in range(500)), return_exceptions=True)
            assert {type(result) for result in results} == {ReauthenticationRequiredError}
            assert account.calls == 1
            assert (await account.stored()).state is AccountState.NEEDS_REAUTH
            assert account.needs_reauth() == 1
            assert account.refreshes("rejected") == 1

        run_virtual(story())

    def test_sends_nothing_ever_after(self) -> None:
        async def story() -> None:
            account = Account(INVALID_GRANT, expires_in=0)
            for _ in range(20):
                for ask in (account.tokens.token, lambda: account.tokens.rejected(1), account.another_process().token):
                    with pytest.raises(ReauthenticationRequiredError, match="solegate auth login"):
                        await ask()
                await asyncio.sleep(3_600.0)
            assert account.calls == 1

        run_virtual(story())

    def test_is_forgiven_when_another_process_has_stored_a_newer_token(self) -> None:
        async def story() -> None:
            account = Account(INVALID_GRANT, expires_in=0)
            waiting = asyncio.ensure_future(account.tokens.token())
            await asyncio.sleep(0.1)
            newer = tokens_of(account.clock, version=2)
            assert await account.store.save(newer, expected_version=1)
            assert await waiting == AccessToken(access(2), 2)
            assert (await account.stored()).state is AccountState.CONNECTED

        run_virtual(story())

    def test_is_healed_by_a_login(self) -> None:
        async def story() -> None:
            account = Account(INVALID_GRANT, grant(9, refresh_token="new"), expires_in=0)
            with pytest.raises(ReauthenticationRequiredError):
                await account.tokens.token()
            await account.tokens.connect("code", code_verifier="v")
            assert (await account.tokens.token()).value == access(9)
            assert account.needs_reauth() == 0
            record = await account.stored()
            assert (record.version, record.refresh_token, record.state) == (3, "new", AccountState.CONNECTED)

        run_virtual(story())


@pytest.mark.parametrize(
    "trouble",
    [
        answer(500), answer(503, b""), answer(504, b""), answer(429, b"Too Many Requests"), answer(200, b"<html>"),
        Failed(FailureKind.TIMEOUT, sent=True), Failed(FailureKind.CONNECT, sent=False), answer(200, {}),
    ],
)  # fmt: skip
def test_a_failing_login_server_keeps_the_account_connected(trouble: Received | Failed) -> None:
    async def story() -> None:
        account = Account(trouble, grant(), expires_in=0)
        results = await asyncio.gather(*(account.tokens.token() for _ in range(20)), return_exceptions=True)
        assert {type(result) for result in results} == {UpstreamError}
        assert "stays connected" in str(results[0])
        assert (account.calls, account.refreshes("failed")) == (1, 1)
        assert (await account.stored()).state is AccountState.CONNECTED
        assert (await account.tokens.token()).version == 2

    run_virtual(story())


class TestAWrongApplication:
    def test_is_an_error_of_its_own_and_asked_about_once(self) -> None:
        async def story() -> None:
            account = Account(INVALID_CLIENT, expires_in=0)
            for _ in range(20):
                with pytest.raises(AuthenticationError, match="client secret") as caught:
                    await account.tokens.token()
                assert not isinstance(caught.value, ReauthenticationRequiredError)
            assert account.calls == 1
            assert (await account.stored()).state is AccountState.CONNECTED

        run_virtual(story())

    def test_is_forgotten_after_a_login_that_worked(self) -> None:
        async def story() -> None:
            account = Account(INVALID_CLIENT, grant(2, refresh_token="r"), grant(3), expires_in=0)
            with pytest.raises(AuthenticationError):
                await account.tokens.token()
            await account.tokens.connect("code")
            await asyncio.sleep(43_200)
            assert (await account.tokens.token()).value == access(3)

        run_virtual(story())


def test_an_account_that_was_never_connected_asks_for_a_login() -> None:
    async def story() -> None:
        account = Account(connected=False)
        with pytest.raises(ReauthenticationRequiredError, match="not connected"):
            await account.tokens.token()
        assert account.calls == 0
        assert await account.tokens.status() is None

    run_virtual(story())


def test_every_caller_gets_an_error_of_its_own() -> None:
    async def story() -> None:
        account = Account(answer(503), expires_in=0)
        results = await asyncio.gather(*(account.tokens.token() for _ in range(5)), return_exceptions=True)
        assert len({id(result) for result in results}) == 5

    run_virtual(story())


def test_secrets_are_shown_nowhere() -> None:
    async def story() -> None:
        account = Account(INVALID_GRANT, expires_in=0)
        record = tokens_of(account.clock)
        with pytest.raises(StockXError) as caught:
            await account.tokens.token()
        shown = [repr(record), str(record), repr(caught.value), str(caught.value), repr(CREDENTIALS),
                 repr(account.login.requests), repr(AccessToken(access(1), 1))]  # fmt: skip
        assert CANARY not in " ".join(shown)

    run_virtual(story())
