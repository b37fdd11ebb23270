"""One refresh among all processes that share a store (design 4.5). In virtual time."""

from __future__ import annotations

import asyncio

import pytest

from solegate.client.auth import AccessToken, TokenManager
from solegate.errors import AuthenticationError, UpstreamError
from solegate.testing import run_virtual
from support.account import Account, access
from support.client import FAILING, grant


async def ask(*processes: TokenManager, callers: int = 50) -> set[AccessToken]:
    return set(await asyncio.gather(*(each.token() for each in processes for _ in range(callers))))


def test_processes_that_share_a_store_renew_once() -> None:
    async def story() -> None:
        account = Account(expires_in=0)
        processes = [account.another_process() for _ in range(4)]
        assert await ask(*processes) == {AccessToken(access(2), 2)}
        assert account.calls == 1

    run_virtual(story())


def test_when_the_renewal_fails_each_process_tries_once_and_tells_its_callers() -> None:
    async def story() -> None:
        account = Account(FAILING, expires_in=0)
        callers = [each.token() for each in (account.another_process(), account.tokens) for _ in range(50)]
        failures = await asyncio.gather(*callers, return_exceptions=True)
        assert {type(each) for each in failures} == {UpstreamError}
        assert account.calls == 2

    run_virtual(story())


def test_a_token_that_another_process_just_renewed_is_not_renewed_again_however_short_its_life() -> None:
    async def story() -> None:
        account = Account(grant(expires_in=30), expires_in=0)
        other = account.another_process()
        await ask(account.tokens, other)
        await asyncio.sleep(20)
        await ask(account.tokens, other)
        assert account.calls == 1

    run_virtual(story())


def test_a_401_for_what_another_process_just_renewed_is_not_the_tokens_fault() -> None:
    async def story() -> None:
        account = Account()
        other = account.another_process()
        await ask(account.tokens, other)
        renewed = await asyncio.gather(account.tokens.rejected(1), other.rejected(1))
        assert [each.version for each in renewed] == [2, 2]
        with pytest.raises(AuthenticationError, match="just renewed"):
            await other.rejected(2)
        assert account.calls == 1

    run_virtual(story())
