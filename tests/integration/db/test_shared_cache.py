"""The cache's second tier: shared by processes, there after a restart, on a database of either kind (design 4.4)."""

from __future__ import annotations

import asyncio

import pytest

from solegate.client.cache import CacheKey
from solegate.client.models.base import Source
from solegate.client.policy.freshness import LOAD_LEASE
from solegate.errors import NotFoundError, RequestRejectedError, UpstreamError
from support.tiers import KEY, Process, Town, play

DOWN = UpstreamError("x", operation="GetProduct", status=503)
MISSING = NotFoundError("GetProduct found nothing.", operation="GetProduct", status=404)


async def ask(*processes: Process, readers: int = 25) -> list[tuple[str, Source, float]]:
    return await asyncio.gather(*(each.seen() for each in processes for _ in range(readers)))


def now() -> float:
    return asyncio.get_running_loop().time()


class TestOneLoadForAll:
    def test_a_hundred_cold_readers_of_four_processes_make_one_call(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            answers = await ask(*(town.start() for _ in range(4)))

            assert {name for name, _, _ in answers} == {"v1"}
            assert town.upstream.calls == 1
            assert now() < 2

        play(upgraded_url, story)

    def test_a_load_that_waits_long_for_its_turn_keeps_its_lease(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            town.upstream.latency = 10 * LOAD_LEASE

            await ask(*(town.start() for _ in range(3)))

            assert town.upstream.calls == 1

        play(upgraded_url, story)

    def test_the_lease_of_a_process_that_died_lapses_and_one_other_takes_over(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            assert await town.store.claim(KEY, lease="dead", seconds=LOAD_LEASE, fresh=300, negative=60)

            await ask(*(town.start() for _ in range(3)))

            assert town.upstream.calls == 1
            assert LOAD_LEASE <= now() < LOAD_LEASE + 2.5

        play(upgraded_url, story)

    def test_a_process_that_is_closed_gives_its_lease_back_at_once(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            closing, other = town.start(), town.start()
            reader = asyncio.ensure_future(closing.read())
            await asyncio.sleep(0.5)
            await closing.aclose()
            with pytest.raises(asyncio.CancelledError):
                await reader

            assert (await other.seen())[0] == "v2"
            assert now() < 2

        play(upgraded_url, story)

    def test_a_failure_is_told_to_its_readers_and_the_next_process_asks_for_itself(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            town.upstream.trouble = DOWN
            readers = [each.seen() for each in (town.start(), town.start()) for _ in range(10)]

            failures = await asyncio.gather(*readers, return_exceptions=True)

            assert {type(each) for each in failures} == {UpstreamError}
            assert town.upstream.calls == 2
            town.upstream.trouble = None
            assert (await town.start().seen())[0] == "v3"

        play(upgraded_url, story)


class TestAge:
    def test_an_answer_survives_a_restart_and_keeps_its_age(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            await town.start().read()
            await asyncio.sleep(200)

            restarted = town.start()
            assert await restarted.seen() == ("v1", Source.CACHE, 200.0)
            served = await restarted.read()
            assert served.unknown_fields == {"mood"}
            assert (served.provenance.attempts, served.provenance.request_id) == (0, "r")
            assert (restarted.count("shared"), restarted.count("hit")) == (1, 1)
            await asyncio.sleep(99.5)
            assert await restarted.seen() == ("v1", Source.CACHE, 299.5)
            await asyncio.sleep(1)
            assert (await restarted.seen())[:2] == ("v1", Source.STALE)

        play(upgraded_url, story)

    def test_of_the_processes_that_refresh_behind_one_asks(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            processes = [town.start() for _ in range(4)]
            await ask(*processes)
            await asyncio.sleep(301)

            stale = await ask(*processes)
            await asyncio.sleep(3)

            assert {source for _, source, _ in stale} == {Source.STALE}
            assert {name for name, _, _ in await ask(*processes)} == {"v2"}
            assert town.upstream.calls == 2

        play(upgraded_url, story)

    def test_a_reader_with_an_idea_of_its_own_gets_nothing_older(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            await town.start().read()
            await asyncio.sleep(100)

            assert (await town.start().seen(max_age=200))[0] == "v1"
            assert (await town.start().seen(max_age=60))[:2] == ("v2", Source.LIVE)
            assert (await town.start().seen(max_age=0))[:2] == ("v3", Source.LIVE)
            assert (await town.start().seen())[0] == "v3"

        play(upgraded_url, story)

    def test_a_strict_reader_does_not_take_what_a_loose_one_was_given(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            await town.start().read()
            await asyncio.sleep(100)
            process = town.start()

            loose, strict = await asyncio.gather(process.seen(), process.seen(max_age=10))

            assert (loose[0], strict[:2]) == ("v1", ("v2", Source.LIVE))

        play(upgraded_url, story)

    def test_when_stockx_cannot_be_reached_a_restarted_process_still_has_the_old_answer(
        self, upgraded_url: str
    ) -> None:
        async def story(town: Town) -> None:
            await town.start().read()
            town.upstream.trouble = DOWN
            await asyncio.sleep(50_000)

            restarted = town.start()
            assert (await restarted.seen())[:2] == ("v1", Source.STALE)
            assert restarted.count("stale_error") == 1
            town.upstream.trouble = RequestRejectedError("no", operation="GetProduct")
            with pytest.raises(RequestRejectedError):
                await town.start().read()
            town.upstream.trouble = DOWN
            await asyncio.sleep(50_000)
            with pytest.raises(UpstreamError):
                await town.start().read()

        play(upgraded_url, story)

    def test_what_does_not_exist_is_known_to_all_for_a_minute(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            town.upstream.trouble = MISSING
            with pytest.raises(NotFoundError):
                await town.start().read()
            await asyncio.sleep(40)

            other = town.start()
            with pytest.raises(NotFoundError, match="found nothing") as told:
                await other.read()
            assert (told.value.status, town.upstream.calls) == (404, 1)
            await asyncio.sleep(25)
            town.upstream.trouble = None
            assert (await other.seen())[0] == "v2"

        play(upgraded_url, story)


class TestForgetting:
    def test_an_own_write_is_forgotten_for_every_cold_process(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            about = [CacheKey("default", "GetProduct", ids) for ids in [("p1",), ("p1", "v1"), ("p2", "v2"), ("p3",)]]
            writer = town.start()
            await asyncio.gather(*(writer.read(key) for key in about), writer.read(CacheKey("second", "x", ("p1",))))
            assert town.upstream.calls == 5

            writer.cache.invalidate("p1", "v2", "unknown")

            assert (await writer.seen(about[0]))[1] is Source.LIVE
            cold = town.start()
            sources = [(await cold.seen(key))[1] for key in about]
            assert sources == [Source.CACHE, Source.LIVE, Source.LIVE, Source.CACHE]

        play(upgraded_url, story)

    def test_an_answer_that_was_asked_for_before_the_write_is_not_kept(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            reader, writer = town.start(), town.start()
            before = asyncio.ensure_future(reader.seen())
            await asyncio.sleep(0.5)
            writer.cache.invalidate("p1")

            after = await writer.seen()

            assert (await before)[0] == "v1"
            assert after[:2] == ("v2", Source.LIVE)
            assert (await town.start().seen())[0] == "v2"

        play(upgraded_url, story)

    def test_everything_can_be_forgotten_and_is_before_the_end(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            process = town.start()
            await process.read()
            process.cache.clear()
            await process.aclose()

            assert (await town.start().seen())[:2] == ("v2", Source.LIVE)

        play(upgraded_url, story)

    def test_what_an_own_write_changes_is_not_served_while_it_cannot_be_forgotten(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            process = town.start()
            await process.read()
            await town.break_down()
            process.cache.invalidate("p1")
            await asyncio.sleep(0)
            assert (await process.seen())[0] == "v2"

            await town.mend()
            process.cache._store.drop(lambda _key: True)
            assert (await process.seen())[0] == "v3", "the store rests, and what it keeps is not trusted"
            await asyncio.sleep(10)
            assert (await town.start().seen())[0] == "v1"
            process.cache._store.drop(lambda _key: True)
            assert (await process.seen())[:2] == ("v4", Source.LIVE)

        play(upgraded_url, story)


class TestTrouble:
    def test_a_database_that_fails_is_done_without_and_told_once(
        self, upgraded_url: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def story(town: Town) -> None:
            caplog.set_level("INFO")
            await town.break_down()
            process = town.start()
            keys = [CacheKey("default", "GetProduct", (f"p{number}",)) for number in range(10)]
            assert {(await process.seen(key))[1] for key in keys} == {Source.LIVE}
            assert town.upstream.calls == 10

            await town.mend()
            await asyncio.sleep(10)
            await process.read(CacheKey("default", "GetProduct", ("p11",)))
            assert (await town.start().seen(CacheKey("default", "GetProduct", ("p11",))))[1] is Source.CACHE

        play(upgraded_url, story)
        told = [record.msg["event"] for record in caplog.records if isinstance(record.msg, dict)]
        assert [event for event in told if "cache" in event] == [
            "stockx.cache.shared_fails",
            "stockx.cache.shared_works_again",
        ]

    def test_what_cannot_be_understood_is_asked_for_again(self, upgraded_url: str) -> None:
        async def story(town: Town) -> None:
            await town.store.claim(KEY, lease="old", seconds=LOAD_LEASE, fresh=300, negative=60)
            assert await town.store.put(KEY, lease="old", status=200, body=b'{"title": 7}', request_id="")

            assert (await town.start().seen())[:2] == ("v1", Source.LIVE)
            assert (await town.start().seen())[:2] == ("v1", Source.CACHE)

        play(upgraded_url, story)
