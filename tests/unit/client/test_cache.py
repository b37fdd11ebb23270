"""The cache: one load for everybody, one place per account, bounded memory (design 4.4). In virtual time."""

from __future__ import annotations

import asyncio
import tracemalloc

import pytest

from solegate.client.cache import CacheKey, Entry, MemoryCacheStore
from solegate.client.models.base import Source
from solegate.client.models.catalog import Product
from solegate.errors import (
    UpstreamError,
)
from support.shelf import FETCHED, Shelf, play


def test_100_cold_readers_make_one_load() -> None:
    async def story(shelf: Shelf) -> None:
        answers = await asyncio.gather(*(shelf.seen() for _ in range(100)))
        assert set(answers) == {("v1", Source.LIVE, 0.0)}
        assert shelf.loads == 1
        assert (shelf.count("miss"), shelf.count("joined")) == (1, 99)

    play(story)


def test_a_fresh_answer_is_served_with_its_age() -> None:
    async def story(shelf: Shelf) -> None:
        await shelf.read()
        await asyncio.sleep(299.5)
        assert await shelf.seen() == ("v1", Source.CACHE, 299.5)
        served = (await shelf.read()).provenance
        assert (served.fetched_at, served.attempts, served.request_id, served.stale) == (FETCHED, 0, "r", False)
        assert (shelf.loads, shelf.count("hit")) == (1, 2)

    play(story)


def test_a_leader_that_goes_away_does_not_fail_the_followers() -> None:
    async def story(shelf: Shelf) -> None:
        leader, *followers = [asyncio.ensure_future(shelf.seen()) for _ in range(10)]
        await asyncio.sleep(0.5)
        leader.cancel()
        assert set(await asyncio.gather(*followers)) == {("v1", Source.LIVE, 0.0)}
        assert shelf.loads == 1

    play(story)


def test_when_all_readers_go_away_the_answer_is_kept_for_the_next() -> None:
    async def story(shelf: Shelf) -> None:
        readers = [asyncio.ensure_future(shelf.read()) for _ in range(10)]
        await asyncio.sleep(0.5)
        for reader in readers:
            reader.cancel()
        await asyncio.sleep(1.0)
        assert await shelf.seen() == ("v1", Source.CACHE, 0.5)
        assert shelf.loads == 1

    play(story)


def test_when_all_readers_go_away_a_failure_disturbs_nobody() -> None:
    async def story(shelf: Shelf) -> None:
        shelf.trouble = UpstreamError("x", operation="GetProduct")
        reader = asyncio.ensure_future(shelf.read())
        await asyncio.sleep(0.5)
        reader.cancel()
        await asyncio.sleep(1.0)
        shelf.trouble = None
        assert (await shelf.seen())[0] == "v2"

    play(story)


def test_a_failure_reaches_all_who_wait_and_the_next_reader_loads_again() -> None:
    async def story(shelf: Shelf) -> None:
        shelf.trouble = UpstreamError("x", operation="GetProduct", status=500)
        results = await asyncio.gather(*(shelf.read() for _ in range(10)), return_exceptions=True)
        assert {type(result) for result in results} == {UpstreamError}
        assert len({id(result) for result in results}) == 10
        assert shelf.loads == 1
        shelf.trouble = None
        assert await shelf.seen() == ("v2", Source.LIVE, 0.0)

    play(story)


@pytest.mark.parametrize(
    "other",
    [
        CacheKey("second", "GetProduct", ("p1",)), CacheKey("default", "GetVariants", ("p1",)),
        CacheKey("default", "GetProduct", ("p2",)), CacheKey("default", "GetProduct", ("p1",), "EUR"),
    ],
)  # fmt: skip
def test_account_operation_ids_and_currency_are_kept_apart(other: CacheKey) -> None:
    async def story(shelf: Shelf) -> None:
        await asyncio.gather(shelf.read(), shelf.read(other))
        assert shelf.loads == 2

    play(story)


class TestInvalidation:
    def test_forgets_every_answer_about_an_id_and_nothing_else(self) -> None:
        async def story(shelf: Shelf) -> None:
            about = [CacheKey("default", "GetProduct", ids) for ids in [("p1",), ("p1", "v1"), ("p2", "v2"), ("p3",)]]
            await asyncio.gather(*(shelf.read(key) for key in about))
            shelf.cache.invalidate("p1", "v2", "unknown")
            assert len(shelf.cache) == 1
            assert (await shelf.seen(about[3]))[1] is Source.CACHE
            assert (await shelf.seen(about[0]))[1] is Source.LIVE

        play(story)

    def test_disowns_what_was_asked_for_before(self) -> None:
        async def story(shelf: Shelf) -> None:
            before = asyncio.ensure_future(shelf.seen())
            await asyncio.sleep(0.5)
            shelf.cache.invalidate("p1")
            after = asyncio.ensure_future(shelf.seen())
            assert (await before)[0] == "v1"
            assert (await after)[0] == "v2"
            assert await shelf.seen() == ("v2", Source.CACHE, 0.0)

        play(story)

    def test_of_everything_empties_the_cache(self) -> None:
        async def story(shelf: Shelf) -> None:
            await shelf.read()
            shelf.cache.clear()
            assert len(shelf.cache) == 0
            assert shelf.metrics.registry.get_sample_value("stockx_cache_entries") == 0

        play(story)


def test_the_least_recently_used_answer_makes_room() -> None:
    async def story(shelf: Shelf) -> None:
        keys = [CacheKey("default", "GetProduct", (str(number),)) for number in range(4)]
        for key in keys[:3]:
            await shelf.read(key)
        await shelf.read(keys[0])
        await shelf.read(keys[3])
        assert [(await shelf.seen(key))[1] for key in (keys[0], keys[2], keys[3])] == [Source.CACHE] * 3
        assert (await shelf.seen(keys[1]))[1] is Source.LIVE
        assert shelf.metrics.registry.get_sample_value("stockx_cache_entries") == 3

    play(story, max_entries=3)


def test_a_million_keys_do_not_fill_the_memory() -> None:
    store, entry = MemoryCacheStore(1_000), Entry(Product(product_id="p"), 0.0)

    def put(start: int, stop: int) -> None:
        for number in range(start, stop):
            store.put(CacheKey("a", "o", (str(number),)), entry)

    put(0, 980_000)
    tracemalloc.start()
    put(980_000, 990_000)
    early, _ = tracemalloc.get_traced_memory()
    put(990_000, 1_000_000)
    late, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(store) == 1_000
    assert late < early * 1.2 + 50_000


def test_closing_ends_the_loads_under_way() -> None:
    async def story(shelf: Shelf) -> None:
        reader = asyncio.ensure_future(shelf.read())
        await asyncio.sleep(0.5)
        shelf.cache.invalidate("p1")
        second = asyncio.ensure_future(shelf.read())
        await asyncio.sleep(0.1)
        await shelf.cache.aclose()
        await asyncio.wait([reader, second])
        assert reader.cancelled()
        assert second.cancelled()
        assert len(shelf.cache) == 0
        assert asyncio.get_running_loop().time() == 0.6

    play(story)


def test_answers_are_shared_and_cannot_be_changed() -> None:
    async def story(shelf: Shelf) -> None:
        one, two = await shelf.read(), await shelf.read()
        assert one.product_attributes is two.product_attributes
        with pytest.raises(ValueError, match="frozen"):
            one.title = "mine"  # type: ignore[misc]

    play(story)
