"""The cache's second tier, which all processes share and which is there after a restart (design 4.4).

It stands between the first tier (`cache.py`) and StockX, as that one's loader: it is asked on a miss only.

- Single-flight among processes: the one with the lease on a key asks StockX, and renews the lease while it waits for
  its turn; the others look again after short pauses, and one takes over when the lease is given back or lapses.
- Answers are kept as they came and understood anew, so that a newer version reads what an older one kept.
- Own writes forget here too, before the next look: an answer that was being loaded at that moment is not kept, by
  whichever process. What other processes hold in memory stays until it is no longer fresh.
- When the store fails, reads go on without it; that and its recovery are logged once.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Protocol, TypeVar

from pydantic import ValidationError

from solegate.client.cache import KnownMissingError
from solegate.client.models.base import Answer, Provenance, Source
from solegate.client.policy.call import Reply
from solegate.client.policy.freshness import (
    LOAD_LEASE,
    LOAD_RENEW,
    STORE_REST,
    Freshness,
    FreshnessPolicy,
    excusable,
    fresh_for,
    judge,
    judge_missing,
    load_pause,
    missing_for,
)
from solegate.clock import Clock
from solegate.domain.cached import CacheKey, KeptAnswer, Look
from solegate.errors import DatabaseError, NotFoundError, StockXError
from solegate.log import get_logger
from solegate.metrics import Metrics

AnswerT = TypeVar("AnswerT", bound=Answer)
T = TypeVar("T")


class SharedCacheStore(Protocol):
    """Keeps answers for every process. Implementation: `db.SqlSharedCache`."""

    async def look(self, key: CacheKey) -> Look:
        """What is kept under a key, and whether somebody is loading it."""
        ...

    async def claim(self, key: CacheKey, *, lease: str, seconds: float, fresh: float, negative: float) -> bool:
        """Take the sole right to load an answer, unless somebody has it or there is one fresh enough."""
        ...

    async def renew(self, key: CacheKey, *, lease: str, seconds: float) -> None:
        """Keep the right for some seconds more."""
        ...

    async def put(self, key: CacheKey, *, lease: str, status: int, body: bytes, request_id: str) -> bool:
        """Keep an answer, which ends the lease; not when the lease was lost."""
        ...

    async def release(self, key: CacheKey, *, lease: str) -> None:
        """Give the right back without an answer."""
        ...

    async def forget(self, account: str, ids: Collection[str] | None) -> None:
        """Forget an account's answers about these ids (`None`: all), and those being loaded."""
        ...


class SharedCache:
    """The second tier of one account; `owner` is who this process is to the others."""

    def __init__(self, store: SharedCacheStore, *, account: str, owner: str, clock: Clock, metrics: Metrics) -> None:
        self._store = store
        self._account = account
        self._leases = (f"{owner}/{number}" for number in itertools.count(1))
        self._clock = clock
        self._metrics = metrics
        self._to_forget: list[frozenset[str] | None] = []
        self._forgetting = asyncio.Lock()
        self._tasks: set[asyncio.Task[bool]] = set()
        self._rests_until: float | None = None
        """Monotonic time before which the store, that has failed, is not asked again."""
        self._log = get_logger("stockx.cache")

    async def read(
        self,
        key: CacheKey,
        ask: Callable[[], Awaitable[tuple[AnswerT, Reply]]],
        parse: Callable[[bytes], AnswerT],
        policy: FreshnessPolicy,
        *,
        max_age: float | None = None,
    ) -> AnswerT:
        """Give an answer that is kept and fresh enough, else ask StockX, in one process at a time.

        Args:
            key: what is read.
            ask: asks StockX; gives its answer as a model and as it came.
            parse: makes the model of what is kept.
            policy: how long an answer counts as fresh.
            max_age: the caller's own idea of fresh, in seconds; 0 always asks StockX.

        Raises:
            KnownMissingError: StockX told some process a moment ago that there is no such thing.
            StockXError: StockX gave no answer, and nothing kept may stand in for it.
        """
        if not await self._forgotten():
            return (await ask())[0]
        found = await self._find_or_claim(key, parse, policy, max_age)
        if isinstance(found, Answer):
            self._metrics.cache_results.labels(key.operation, "shared").inc()
            return found
        try:
            return await self._load(key, ask, lease=found)
        except StockXError as error:
            old = await self._last_resort(key, parse, policy) if excusable(error) else None
            if old is None:
                raise
            self._metrics.cache_results.labels(key.operation, "stale_error").inc()
            return old

    def forget(self, ids: frozenset[str] | None) -> None:
        """Forget what is kept about these ids, or everything; it is done before anything is looked up again."""
        self._to_forget.append(ids)
        task = asyncio.get_running_loop().create_task(self._forgotten())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Let what is to be forgotten be forgotten."""
        await asyncio.gather(*self._tasks)

    async def _find_or_claim(
        self, key: CacheKey, parse: Callable[[bytes], AnswerT], policy: FreshnessPolicy, max_age: float | None
    ) -> AnswerT | str | None:
        """A fresh answer, or the name of the lease to load one under, or `None`: load it without."""
        insists = max_age is not None and max_age <= 0
        for looks in itertools.count():
            look = Look() if insists else await self._attempt(partial(self._store.look, key))
            if look is None:
                return None
            if look.kept is not None and self._is_fresh(look.kept, key, policy, max_age):
                if (answer := _revive(look.kept, parse, Source.CACHE)) is not None:
                    return answer
                insists = True
            if not look.loading:
                lease = next(self._leases)
                claimed = await self._attempt(partial(self._claim, key, lease, policy, 0.0 if insists else max_age))
                if claimed:
                    return lease
                if claimed is None or insists:
                    return None
            await self._clock.sleep(load_pause(looks))
        raise AssertionError("counting never ends")

    async def _claim(self, key: CacheKey, lease: str, policy: FreshnessPolicy, max_age: float | None) -> bool:
        fresh, negative = fresh_for(policy, max_age), missing_for(policy, max_age)
        return await self._store.claim(key, lease=lease, seconds=LOAD_LEASE, fresh=fresh, negative=negative)

    async def _load(
        self, key: CacheKey, ask: Callable[[], Awaitable[tuple[AnswerT, Reply]]], *, lease: str | None
    ) -> AnswerT:
        """Ask StockX, and keep what it says if there is a lease; the lease is renewed meanwhile and ended after."""
        if lease is None:
            return (await ask())[0]
        asking = asyncio.ensure_future(ask())
        outcome: tuple[int, bytes, str] | None = None
        try:
            while not (await asyncio.wait({asking}, timeout=LOAD_RENEW))[0]:
                await self._attempt(partial(self._renew, key, lease))
            answer, reply = asking.result()
            outcome = (200, reply.body, reply.request_id)
        except NotFoundError as error:
            outcome = (404, error.message.encode(), error.request_id)
            raise
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            await self._attempt(partial(self._end, key, lease, outcome))
        return answer

    async def _renew(self, key: CacheKey, lease: str) -> bool:
        await self._store.renew(key, lease=lease, seconds=LOAD_LEASE)
        return True

    async def _end(self, key: CacheKey, lease: str, outcome: tuple[int, bytes, str] | None) -> bool:
        if outcome is None:
            await self._store.release(key, lease=lease)
            return False
        status, body, request_id = outcome
        return await self._store.put(key, lease=lease, status=status, body=body, request_id=request_id)

    @staticmethod
    def _is_fresh(kept: KeptAnswer, key: CacheKey, policy: FreshnessPolicy, max_age: float | None) -> bool:
        """Whether what is kept is fresh; a fresh 404 is raised."""
        if not kept.missing:
            return judge(kept.age, policy, max_age) is Freshness.FRESH
        if judge_missing(kept.age, policy, max_age) is Freshness.FRESH:
            error = NotFoundError(kept.body.decode(), operation=key.operation, status=404, request_id=kept.request_id)
            raise KnownMissingError(error, age=kept.age)
        return False

    async def _last_resort(
        self, key: CacheKey, parse: Callable[[bytes], AnswerT], policy: FreshnessPolicy
    ) -> AnswerT | None:
        """What is kept, however stale, if it is not too old even for that."""
        look = await self._attempt(partial(self._store.look, key))
        kept = look.kept if look is not None else None
        if kept is None or kept.missing or judge(kept.age, policy) is Freshness.EXPIRED:
            return None
        return _revive(kept, parse, Source.STALE)

    async def _forgotten(self) -> bool:
        """Do what is to be forgotten; `False` while the store fails: what it keeps cannot be trusted."""
        async with self._forgetting:
            while self._to_forget:
                ids = self._to_forget[0]
                if await self._attempt(partial(self._forget, ids)) is None:
                    return False
                self._to_forget.pop(0)
        return True

    async def _forget(self, ids: frozenset[str] | None) -> bool:
        await self._store.forget(self._account, ids)
        return True

    async def _attempt(self, work: Callable[[], Awaitable[T]]) -> T | None:
        """What the store says; `None` while it fails, or rests after a failure."""
        failed_before = self._rests_until is not None
        if self._rests_until is not None and self._clock.monotonic() < self._rests_until:
            return None
        try:
            result = await work()
        except DatabaseError as error:
            if not failed_before:
                self._log.warning("stockx.cache.shared_fails", reason=error.message)
            self._rests_until = self._clock.monotonic() + STORE_REST
            return None
        if failed_before:
            self._log.info("stockx.cache.shared_works_again")
        self._rests_until = None
        return result


def _revive(kept: KeptAnswer, parse: Callable[[bytes], AnswerT], source: Source) -> AnswerT | None:
    """The model of a kept answer; `None` when this version cannot understand it."""
    try:
        answer = parse(kept.body)
    except ValidationError:
        return None
    return answer.with_provenance(Provenance(source, kept.fetched_at, kept.age, 0, kept.request_id))
