"""One refresh for everybody, stored before it is used (design 4.5). In virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from solegate.client.auth import AccessToken, MemoryTokenStore
from solegate.clock import LoopClock
from solegate.domain.accounts import TokenRecord
from solegate.testing import run_virtual
from support.account import Account, access
from support.client import CANARY, CREDENTIALS, answer, grant, tokens_of


def test_a_good_token_is_handed_out_without_asking_anybody() -> None:
    async def story() -> None:
        account = Account()
        assert await account.tokens.token() == AccessToken(access(1), 1)
        assert account.calls == 0

    run_virtual(story())


@pytest.mark.parametrize("expires_in", [-3_600.0, 0.0, 119.0])
def test_500_callers_of_an_expired_token_make_one_request(expires_in: float) -> None:
    async def story() -> None:
        account = Account(expires_in=expires_in)
        tokens = await asyncio.gather(*(account.tokens.token() for _ in range(500)))
        assert set(tokens) == {AccessToken(access(2), 2)}
        assert account.calls == 1
        assert account.refreshes("ok") == 1

    run_virtual(story())


def test_a_refresh_asks_as_documented() -> None:
    async def story() -> None:
        account = Account(expires_in=0)
        await account.tokens.token()
        request = account.login.requests[0]
        assert (request.method, request.url) == ("POST", "http://login.test/oauth/token")
        assert request.headers["content-type"] == "application/x-www-form-urlencoded"
        assert parse_qs((request.body or b"").decode()) == {
            "grant_type": ["refresh_token"], "client_id": ["client-id"], "audience": ["gateway.stockx.com"],
            "client_secret": [CREDENTIALS.client_secret], "refresh_token": [f"{CANARY}-refresh-1"],
        }  # fmt: skip

    run_virtual(story())


def test_an_advisory_refresh_blocks_nobody() -> None:
    async def story() -> None:
        account = Account(expires_in=600)
        early = await asyncio.gather(*(account.tokens.token() for _ in range(50)))
        assert {token.version for token in early} == {1}
        assert asyncio.get_running_loop().time() == 0.0
        await asyncio.sleep(1.0)
        assert (await account.tokens.token()).version == 2
        assert account.calls == 1

    run_virtual(story())


def test_a_failed_advisory_refresh_disturbs_nobody() -> None:
    async def story() -> None:
        account = Account(answer(503), grant(), expires_in=600)
        assert (await account.tokens.token()).version == 1
        await asyncio.sleep(1.0)
        assert (await account.tokens.token()).version == 1
        await asyncio.sleep(1.0)
        assert (await account.tokens.token()).version == 2
        assert (account.refreshes("failed"), account.refreshes("ok")) == (1, 1)

    run_virtual(story())


def test_a_401_refreshes_once_however_many_report_it() -> None:
    async def story() -> None:
        account = Account()
        tokens = await asyncio.gather(*(account.tokens.rejected(1) for _ in range(500)))
        assert {token.version for token in tokens} == {2}
        assert account.calls == 1

    run_virtual(story())


def test_a_late_401_of_an_old_token_refreshes_nothing() -> None:
    async def story() -> None:
        account = Account()
        await account.tokens.rejected(1)
        assert (await account.tokens.rejected(1)).version == 2
        assert account.calls == 1

    run_virtual(story())


def test_what_another_process_stored_is_used() -> None:
    async def story() -> None:
        account = Account(expires_in=3_600)
        await account.tokens.token()
        other = account.another_process()
        await other.rejected(1)
        assert (await account.tokens.rejected(1)).version == 2
        await asyncio.sleep(43_000)
        await account.store.save(tokens_of(account.clock, version=3), expected_version=2)
        assert (await account.tokens.rejected(2)).version == 3
        assert account.calls == 1

    run_virtual(story())


def test_another_process_token_that_is_expired_itself_is_renewed() -> None:
    async def story() -> None:
        account = Account(grant(5), expires_in=0)
        tokens = account.tokens
        await account.store.save(tokens_of(account.clock, version=2, expires_in=43_200), expected_version=1)
        assert (await tokens.token()).version == 2
        await account.store.save(tokens_of(account.clock, version=3, expires_in=50_000), expected_version=2)
        await asyncio.sleep(60_000)
        assert await tokens.token() == AccessToken(access(5), 4)
        assert account.calls == 1
        assert b"refresh-3" in (account.login.requests[0].body or b"")

    run_virtual(story())


class SlowStore(MemoryTokenStore):
    """Takes a second to save, and tells what was stored when."""

    async def save(self, record: TokenRecord, *, expected_version: int | None) -> bool:
        await asyncio.sleep(1.0)
        return await super().save(record, expected_version=expected_version)


def test_a_rotated_refresh_token_is_stored_before_the_new_token_is_used() -> None:
    async def story() -> None:
        clock = LoopClock()
        account = Account(grant(refresh_token="rotated"), store=SlowStore(tokens_of(clock, expires_in=0)))
        waiting = asyncio.ensure_future(account.tokens.token())
        await asyncio.sleep(1.0)  # the answer came after 0.5 s and is being stored
        assert not waiting.done()
        token = await waiting
        assert (await account.stored()).refresh_token == "rotated"
        assert (await account.stored()).version == token.version == 2

    run_virtual(story())


def test_without_rotation_the_old_refresh_token_stays() -> None:
    async def story() -> None:
        account = Account(expires_in=0)
        await account.tokens.token()
        assert (await account.stored()).refresh_token == f"{CANARY}-refresh-1"

    run_virtual(story())


def test_when_another_process_was_faster_its_token_is_used() -> None:
    async def story() -> None:
        account = Account(expires_in=0)
        waiting = asyncio.ensure_future(account.tokens.token())
        await asyncio.sleep(0.1)
        faster = replace(tokens_of(account.clock, version=2), access_token="the faster one")
        await account.store.save(faster, expected_version=1)
        assert (await waiting).value == "the faster one"
        assert await account.stored() == faster

    run_virtual(story())


def test_a_caller_that_goes_away_does_not_stop_the_refresh() -> None:
    async def story() -> None:
        account = Account(expires_in=0)
        callers = [asyncio.ensure_future(account.tokens.token()) for _ in range(3)]
        await asyncio.sleep(0.1)
        for caller in callers[:2]:
            caller.cancel()
        assert (await callers[2]).version == 2
        assert account.calls == 1

    run_virtual(story())


def test_closing_lets_a_refresh_finish_so_that_no_refresh_token_is_lost() -> None:
    async def story() -> None:
        account = Account(grant(refresh_token="rotated"), expires_in=0)
        caller = asyncio.ensure_future(account.tokens.token())
        await asyncio.sleep(0.1)
        caller.cancel()
        await account.tokens.aclose()
        assert (await account.stored()).refresh_token == "rotated"

    run_virtual(story())
