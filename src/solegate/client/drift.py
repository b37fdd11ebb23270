"""The drift radar: notices what StockX has added, counts it, logs it once, and keeps it for `solegate doctor`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
            self.kept[each.drift] = _together(known, each) if known else each


class DriftRadar:
    """Looks at every live answer of one account. A store that fails costs a log line, never a call."""

    def __init__(self, *, clock: Clock, metrics: Metrics, store: DriftStore | None = None) -> None:
        self._clock = clock
        self._metrics = metrics
        self._store: DriftStore = store if store is not None else MemoryDriftStore()
        self._seen: dict[Drift, Sighting] = {}
        self._unsaved: dict[Drift, Sighting] = {}
        self._plans: dict[type[Part], _Plan] = {}
        self._log = get_logger("stockx.drift")

    async def observe(self, operation: str, answer: Answer) -> None:
        """Note what is new in an answer."""
        found: set[tuple[DriftKind, str]] = set()
        self._look(answer, (type(answer).__name__,), found)
        self._note({Drift(operation, kind, where) for kind, where in found})
        if self._unsaved:
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

    def _look(self, part: Part, path: tuple[str, ...], found: set[tuple[DriftKind, str]]) -> None:
        """Collect what is new in a part and below it. It sees every live answer, so it goes only where news can be."""
        plan = self._plans.get(type(part))
        if plan is None:
            plan = self._plans[type(part)] = _plan_of(type(part))
        if part.__pydantic_extra__:
            found.update((DriftKind.FIELD, ".".join((*path, each[:_LONGEST_VALUE]))) for each in part.unknown_fields)
        values = part.__dict__
        for name, known in plan.open_fields:
            value = values[name]
            if value is not None and not isinstance(value, known):
                found.add((DriftKind.VALUE, f"{'.'.join((*path, name))}={str(value)[:_LONGEST_VALUE]}"))
        for name in plan.parts:
            value, below = values[name], (*path, name)
            for each in value if isinstance(value, tuple) else (value,):
                if each is not None:
                    self._look(each, below, found)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where in a model news can be: its fields of open sets (`Open[X]`), and those that hold parts of their own."""

    open_fields: tuple[tuple[str, type[StrEnum]], ...]
    parts: tuple[str, ...]


def _plan_of(kind: type[Part]) -> _Plan:
    fields = [(name, tuple(_classes_in(field.annotation))) for name, field in kind.model_fields.items()]
    return _Plan(
        tuple((name, each) for name, classes in fields for each in classes if issubclass(each, StrEnum)),
        tuple(name for name, classes in fields if any(issubclass(each, Part) for each in classes)),
    )


def _classes_in(annotation: object) -> Iterator[type]:
    """The classes in an annotation, however deep: `Open[X] | None` is a union within another."""
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for each in get_args(annotation):
        yield from _classes_in(each)


def _again(known: Sighting | None, drift: Drift, now: datetime) -> Sighting:
    return Sighting(drift, 1, now, now) if known is None else replace(known, count=known.count + 1, last_seen=now)


def _together(earlier: Sighting, later: Sighting | None) -> Sighting:
    if later is None:
        return earlier
    return replace(earlier, count=earlier.count + later.count, last_seen=later.last_seen)
