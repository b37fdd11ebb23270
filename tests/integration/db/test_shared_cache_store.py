"""The rows of the cache's second tier: bounded, and written by the one who has the lease (design 4.4)."""

from __future__ import annotations

import asyncio

from solegate.client.cache import CacheKey
from solegate.client.policy.freshness import LOAD_LEASE
from support.tiers import KEY, START, Town, play


class TestTheStore:
    def test_it_is_bounded_by_number_and_age(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            store = town.bounded(20)

            async def keep(number: int) -> None:
                key = CacheKey("default", "GetProduct", (str(number),))
                assert await store.claim(key, lease="a", seconds=LOAD_LEASE, fresh=300, negative=60)
                assert await store.put(key, lease="a", status=200, body=b"{}", request_id="")
                await asyncio.sleep(1)

            for number in range(51):
                await keep(number)
            assert await town.rows() == 20
            assert (await store.look(CacheKey("default", "GetProduct", ("50",)))).kept is not None
            await store.claim(KEY, lease="dead", seconds=LOAD_LEASE, fresh=300, negative=60)
            await asyncio.sleep(4 * 86_400)
            for number in range(51, 61):
                await keep(number)
            assert await town.rows() == 10

        play(upgraded_url, story)

    def test_a_lost_lease_keeps_nothing(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            store = town.store
            assert await store.claim(KEY, lease="slow", seconds=1, fresh=300, negative=60)
            assert not await store.claim(KEY, lease="early", seconds=1, fresh=300, negative=60)
            await asyncio.sleep(2)
            assert await store.claim(KEY, lease="quick", seconds=9, fresh=300, negative=60)
            await store.renew(KEY, lease="slow", seconds=100)
            await store.release(KEY, lease="slow")
            assert not await store.put(KEY, lease="slow", status=200, body=b"slow", request_id="")
            assert await store.put(KEY, lease="quick", status=200, body=b"quick", request_id="r")
            look = await store.look(KEY)
            assert look.kept is not None
            assert (look.kept.body, look.kept.fetched_at.replace(microsecond=0), look.loading) == (
                b"quick", START.replace(second=2), False,
            )  # fmt: skip

        play(upgraded_url, story)
