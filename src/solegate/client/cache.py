"""The cache in front of StockX's reads (guide section 6, design 4.4).

- Single-flight: one load per key, however many readers; a reader that goes away does not fail the others. The load
  even goes on without any reader: a request given up halfway would hold its slot of the limit until its timeout.
- Stale-while-revalidate: an answer a little past its freshness is served at once and refreshed behind.
- Stale-if-error: when StockX cannot be reached, an older answer is served, marked stale with its age.
- Bounded: the least recently used entry goes first. Answers are immutable and shared, never copied deeply.

This is the first tier, in memory. A loader may answer from the second one (`shared_cache.py`) instead of asking StockX:
what it brings is as old as its provenance says.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar, cast

from solegate.client.models.base import Answer, Source
from solegate.client.policy.freshness import (
    Freshness,
    FreshnessPolicy,
    excusable,
    fresh_for,
    judge,
    judge_missing,
)
from solegate.clock import Clock
from solegate.domain.cached import CacheKey
from solegate.errors import DeadlineExceededError, NotFoundError, QuotaExhaustedError, StockXError
from solegate.metrics import Metrics

__all__ = [
    "CacheKey",
    "CacheStore",
    "Entry",
    "KnownMissingError",
    "MarketDataCache",
    "MemoryCacheStore",
]

AnswerT = TypeVar("AnswerT", bound=Answer)
Loader = Callable[[], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A remembered answer, or a remembered 404, and when it came (monotonic seconds)."""

    value: Answer | NotFoundError
    stored_at: float


class KnownMissingError(Exception):
    """Raised by a loader in place of a `NotFoundError` that StockX gave another process some seconds ago."""

    def __init__(self, error: NotFoundError, *, age: float) -> None:
        super().__init__(str(error))
        self.error = error
        self.age = age


class CacheStore(Protocol):
    """What holds the entries."""

    def get(self, key: CacheKey) -> Entry | None:
        """Look an entry up."""
        ...

    def put(self, key: CacheKey, entry: Entry) -> None:
        """Remember an entry."""
        ...

    def drop(self, matches: Callable[[CacheKey], bool]) -> None:
        """Forget every entry whose key matches."""
        ...

    def __len__(self) -> int: ...


class MemoryCacheStore:
    """Entries in memory; the least recently used one makes room."""

    def __init__(self, max_entries: int = 10_000) -> None:
        self._max_entries = max_entries
        self._entries: OrderedDict[CacheKey, Entry] = OrderedDict()

    def get(self, key: CacheKey) -> Entry | None:
        """See `CacheStore.get`."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def put(self, key: CacheKey, entry: Entry) -> None:
        """See `CacheStore.put`."""
        self._entries[key] = entry
        self._entries.move_to_end(key)
        if len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)

    def drop(self, matches: Callable[[CacheKey], bool]) -> None:
        """See `CacheStore.drop`."""
        for key in [key for key in self._entries if matches(key)]:
            del self._entries[key]

    def __len__(self) -> int:
        return len(self._entries)


class MarketDataCache:
    """Reads through to StockX: `read` gives an answer and says in its provenance where it came from.

    `on_forget` is told the ids of what is forgotten, or `None` when that is everything.
    """

    def __init__(
        self,
        store: CacheStore | None = None,
        *,
        clock: Clock,
        metrics: Metrics,
        on_forget: Callable[[frozenset[str] | None], None] | None = None,
    ) -> None:
        self._store: CacheStore = store if store is not None else MemoryCacheStore()
        self._on_forget = on_forget
        self._clock = clock
        self._metrics = metrics
        self._flights: dict[CacheKey, asyncio.Task[Answer]] = {}
        self._running: set[asyncio.Task[Answer]] = set()

    async def read(
        self,
        key: CacheKey,
        load: Callable[[], Awaitable[AnswerT]],
        policy: FreshnessPolicy,
        *,
        max_age: float | None = None,
    ) -> AnswerT:
        """Give a remembered answer if it is good enough, else load it.

        Args:
            key: what is read.
            load: asks StockX, or the second tier; runs once for everybody who waits for this key.
            policy: how long the answer counts as fresh, and what may be done afterwards.
            max_age: the caller's own idea of fresh, in seconds; 0 always asks StockX.

        Raises:
            StockXError: StockX gave no answer, and nothing remembered may stand in for it.
        """
        entry = self._store.get(key)
        now = self._clock.monotonic()
        verdict = self._judge(entry, now, policy, max_age)
        if entry is not None and verdict is Freshness.FRESH:
            return cast("AnswerT", self._serve(key, entry, now, "hit", Source.CACHE))
        if entry is not None and verdict is Freshness.REVALIDATE:
            if key not in self._flights:
                self._fly(key, load).add_done_callback(_retrieve)
            return cast("AnswerT", self._serve(key, entry, now, "stale", Source.STALE))
        try:
            return cast("AnswerT", await self._load(key, load, fresh_for(policy, max_age)))
        except StockXError as error:
            if entry is None or verdict is not Freshness.ONLY_ON_ERROR or not excusable(error):
                raise
            return cast("AnswerT", self._serve(key, entry, self._clock.monotonic(), "stale_error", Source.STALE))

    def invalidate(self, *ids: str) -> None:
        """Forget everything remembered about these product or variant ids."""
        gone = frozenset(ids)
        self._forget(lambda key: not gone.isdisjoint(key.ids), gone)

    def clear(self) -> None:
        """Forget everything."""
        self._forget(lambda _key: True, None)

    def __len__(self) -> int:
        return len(self._store)

    def _forget(self, matches: Callable[[CacheKey], bool], ids: frozenset[str] | None) -> None:
        """Drop entries, and disown the loads under way: what they bring was asked for before this moment."""
        self._store.drop(matches)
        for key in [key for key in self._flights if matches(key)]:
            del self._flights[key]
        self._metrics.cache_entries.set(len(self._store))
        if self._on_forget is not None:
            self._on_forget(ids)

    async def aclose(self) -> None:
        """End the loads under way."""
        flights = list(self._running)
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)

    @staticmethod
    def _judge(entry: Entry | None, now: float, policy: FreshnessPolicy, max_age: float | None) -> Freshness:
        if entry is None:
            return Freshness.EXPIRED
        age = now - entry.stored_at
        missing = isinstance(entry.value, NotFoundError)
        return judge_missing(age, policy, max_age) if missing else judge(age, policy, max_age)

    def _serve(self, key: CacheKey, entry: Entry, now: float, result: str, source: Source) -> Answer:
        if isinstance(entry.value, NotFoundError):
            self._metrics.cache_results.labels(key.operation, "negative").inc()
            raise entry.value.anew()
        self._metrics.cache_results.labels(key.operation, result).inc()
        provenance = entry.value.provenance
        return entry.value.with_provenance(replace(provenance, source=source, age=now - entry.stored_at, attempts=0))

    async def _load(self, key: CacheKey, load: Loader, fresh: float) -> Answer:
        """Wait for the load under way, or start one.

        Neither a failure that was the starter's own is taken over, nor an answer of the second tier that is fresh for
        the starter and older than this reader takes (`fresh`, seconds).
        """
        while True:
            flight = self._flights.get(key)
            self._metrics.cache_results.labels(key.operation, "joined" if flight else "miss").inc()
            try:
                answer = await asyncio.shield(flight or self._fly(key, load))
                if flight is None or answer.provenance.source is not Source.CACHE or answer.provenance.age < fresh:
                    return answer
            except StockXError as error:
                if flight is None or not isinstance(error, DeadlineExceededError | QuotaExhaustedError):
                    raise error.anew() from error

    def _fly(self, key: CacheKey, load: Loader) -> asyncio.Task[Answer]:
        flight = asyncio.get_running_loop().create_task(self._fetch(key, load))
        self._flights[key] = flight
        self._running.add(flight)
        flight.add_done_callback(lambda done: self._land(key, done))
        return flight

    def _land(self, key: CacheKey, flight: asyncio.Task[Answer]) -> None:
        self._running.discard(flight)
        if self._flights.get(key) is flight:
            del self._flights[key]

    async def _fetch(self, key: CacheKey, load: Loader) -> Answer:
        try:
            answer = await load()
        except NotFoundError as error:
            self._remember(key, error.anew(), age=0.0)
            raise
        except KnownMissingError as known:
            self._remember(key, known.error, age=known.age)
            raise known.error.anew() from None
        self._remember(key, answer, age=answer.provenance.age)
        return answer

    def _remember(self, key: CacheKey, value: Answer | NotFoundError, *, age: float) -> None:
        """Keep what this flight brought, unless it was disowned meanwhile."""
        if self._flights.get(key) is not asyncio.current_task():
            return
        self._store.put(key, Entry(value, self._clock.monotonic() - age))
        self._metrics.cache_entries.set(len(self._store))


def _retrieve(flight: asyncio.Task[Answer]) -> None:
    """Look at a refresh's failure behind a served answer: the next reader loads again and sees it."""
    if not flight.cancelled():
        flight.exception()
