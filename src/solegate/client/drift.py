"""The drift radar: notices what StockX has added, counts it, logs it once, and keeps it for `solegate doctor`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol, get_args

from solegate.client.models.base import Answer, Part
from solegate.clock import Clock
from solegate.domain.drift import Drift, DriftKind, Sighting, error_drift
from solegate.errors import SolegateError
from solegate.log import get_logger
from solegate.metrics import Metrics

MOST_KEPT = 1_000
"""Distinct things remembered; whoever adds more than that is not adding fields."""
_LONGEST_VALUE = 40


class DriftStore(Protocol):
    """Keeps sightings over restarts. Implementations: `MemoryDriftStore`, `db.SqlDriftStore`."""

    async def record(self, sightings: Sequence[Sighting]) -> None:
        """Add these sightings to what is kept: counts add up, the first and the last time are widened."""
        ...


class MemoryDriftStore:
    """A store that forgets with the process."""

    def __init__(self) -> None:
        self.kept: dict[Drift, Sighting] = {}

    async def record(self, sightings: Sequence[Sighting]) -> None:
        """See `DriftStore.record`."""
        for each in sightings:
            known = self.kept.get(each.drift)
            first, count = (known.first_seen, known.count) if known else (each.first_seen, 0)
            self.kept[each.drift] = replace(each, count=count + each.count, first_seen=first)


class DriftRadar:
    """Looks at every live answer of one account. A store that fails costs a log line, never a call."""

    def __init__(self, *, clock: Clock, metrics: Metrics, store: DriftStore | None = None) -> None:
        self._clock = clock
        self._metrics = metrics
        self._store: DriftStore = store if store is not None else MemoryDriftStore()
        self._seen: dict[Drift, Sighting] = {}
        self._unsaved: dict[Drift, Sighting] = {}
        self._open_fields: dict[type[Part], tuple[tuple[str, type[StrEnum]], ...]] = {}
        self._log = get_logger("stockx.drift")

    async def observe(self, operation: str, answer: Answer) -> None:
        """Note what is new in an answer."""
        found = {Drift(operation, kind, where) for kind, where in self._look(answer, type(answer).__name__)}
        self._note(found)
        await self._save_new()

    def observe_error(self, operation: str, body: bytes) -> None:
        """Note an error body of a shape nobody has seen; it is saved with the next answer or at the end."""
        found = error_drift(operation, body)
        if found is not None:
            self._note({found})

    def sightings(self) -> tuple[Sighting, ...]:
        """What this process has seen, in the order of first sight."""
        return tuple(self._seen.values())

    async def aclose(self) -> None:
        """Save the counts that are not saved yet."""
        await self._save(list(self._unsaved.values()))

    def _note(self, found: set[Drift]) -> None:
        now = self._clock.now()
        for drift in sorted(found, key=lambda each: (each.kind, each.where)):
            known = self._seen.get(drift)
            if known is None and len(self._seen) >= MOST_KEPT:
                continue
            self._metrics.drift.labels(drift.operation, drift.kind.value).inc()
            if known is None:
                self._log.warning("stockx.drift", operation=drift.operation, kind=drift.kind.value, where=drift.where)
            self._seen[drift] = _again(known, drift, now)
            self._unsaved[drift] = _again(self._unsaved.get(drift), drift, now)

    async def _save_new(self) -> None:
        """Save what was seen for the first time; counts of the rest wait for the end."""
        new = [each for drift, each in self._unsaved.items() if each.count == self._seen[drift].count]
        if new:
            await self._save(new)

    async def _save(self, sightings: list[Sighting]) -> None:
        """Save, taking them out first: what is seen meanwhile counts anew, and nobody saves the same twice."""
        if not sightings:
            return
        for each in sightings:
            del self._unsaved[each.drift]
        try:
            await self._store.record(sightings)
        except BaseException as error:
            for each in sightings:
                self._unsaved[each.drift] = _together(each, self._unsaved.get(each.drift))
            if not isinstance(error, Exception):  # cancelled, or the process ends
                raise
            code = error.code if isinstance(error, SolegateError) else type(error).__name__
            self._log.warning("stockx.drift.not_saved", error=code)

    def _look(self, part: Part, path: str) -> Iterator[tuple[DriftKind, str]]:
        for name in part.unknown_fields:
            yield DriftKind.FIELD, f"{path}.{name[:_LONGEST_VALUE]}"
        for name, known in self._fields_of(type(part)):
            value = getattr(part, name)
            if value is not None and not isinstance(value, known):
                yield DriftKind.VALUE, f"{path}.{name}={str(value)[:_LONGEST_VALUE]}"
        for name, value in part.__dict__.items():
            if isinstance(value, Part):
                yield from self._look(value, f"{path}.{name}")
            elif isinstance(value, tuple):
                for each in value:
                    if isinstance(each, Part):
                        yield from self._look(each, f"{path}.{name}")

    def _fields_of(self, kind: type[Part]) -> tuple[tuple[str, type[StrEnum]], ...]:
        """The fields of a model whose set of values looks closed and is not: `X | str`."""
        known = self._open_fields.get(kind)
        if known is None:
            known = self._open_fields[kind] = tuple(
                (name, each) for name, field in kind.model_fields.items() for each in _enums_in(field.annotation)
            )
        return known


def _enums_in(annotation: object) -> Iterator[type[StrEnum]]:
    """The enums in a union, however deep: `Open[X] | None` is one within another."""
    for each in get_args(annotation):
        if isinstance(each, type) and issubclass(each, StrEnum):
            yield each
        else:
            yield from _enums_in(each)


def _again(known: Sighting | None, drift: Drift, now: datetime) -> Sighting:
    return Sighting(drift, 1, now, now) if known is None else replace(known, count=known.count + 1, last_seen=now)


def _together(earlier: Sighting, later: Sighting | None) -> Sighting:
    if later is None:
        return earlier
    return replace(earlier, count=earlier.count + later.count, last_seen=later.last_seen)
