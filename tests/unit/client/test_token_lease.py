"""One refresh among all processes that share a store (design 4.5). In virtual time."""

from __future__ import annotations

import asyncio

import pytest

from solegate.client.auth import AccessToken, MemoryTokenStore, TokenManager
from solegate.clock import LoopClock
from solegate.domain.accounts import TokenRecord
from solegate.errors import AuthenticationError, UpstreamError
from solegate.testing import run_virtual
from support.account import Account, access
from support.client import FAILING, grant, tokens_of


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


class SlowStore(MemoryTokenStore):
    """Takes ten seconds, the first time, to show what was there when it was asked; counts how often it was."""

    looks = 0

    async def load(self, account: str) -> TokenRecord | None:
        self.looks += 1
        record = await super().load(account)
        if self.looks == 1:
            await asyncio.sleep(10.0)
        return record


def test_however_many_callers_come_first_the_store_is_asked_once() -> None:
    async def story() -> None:
        store = SlowStore(tokens_of(LoopClock()))
        assert await ask(Account(store=store).tokens) == {AccessToken(access(1), 1)}
        assert store.looks == 1

    run_virtual(story())


def test_a_look_at_the_store_that_took_too_long_does_not_bring_an_old_token_back() -> None:
    async def story() -> None:
        account = Account(grant(2, refresh_token="r2"), store=SlowStore(tokens_of(LoopClock())))
        waiting = asyncio.ensure_future(account.tokens.token())
        await asyncio.sleep(1.0)
        assert (await account.tokens.connect("the code")).version == 2
        assert (await waiting).version == 2
        assert (await account.tokens.token()).version == 2

    run_virtual(story())
