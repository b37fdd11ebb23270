"""Stories of single writes under faults: processes that die or freeze, answers that are lost, operations that fail.

`story(fault, seed)` lists a few pairs, changes and deletes some, while one kind of fault strikes; whenever a process
dies, a new one goes on from the same database. It returns what the practice market knows in the end, which is the
truth: how many asks are live, and whether that is what the ledger says.
"""

from __future__ import annotations

import asyncio
import random
import shutil
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from solegate.client.requests import NewListing
from solegate.client.transport import HttpTransport
from solegate.clock import LoopClock
from solegate.db.repositories.events import EventFilter, EventRepository
from solegate.domain.events.values import Event, EventType
from solegate.domain.intents import IN_EFFECT, OPEN, Action, Intent, IntentState
from solegate.domain.money import Money
from solegate.services.ledger import Origin
from solegate.simulator import Fault, FaultKind, Limits, Pace, Simulator, SimulatorConfig
from solegate.simulator.world.sellable import is_sellable
from solegate.testing import SimulatorMount, run_virtual
from support.mortal import Crash, Fate, Process, process
from support.postgres import sqlite_file_url

Part = Callable[[Process], Awaitable[None]]


class Trouble(StrEnum):
    """Where it strikes (issue 4)."""

    BEFORE_SEND = "before send"
    DURING_SEND = "during send"
    ANSWER_LOST = "after commit with the answer lost"
    ERROR_AFTER_COMMIT = "5xx after commit"
    CRASH_BEFORE_COMMIT = "crash before the local commit"
    CRASH_AFTER_COMMIT = "crash after the local commit"
    SETTLES_THEN_FAILS = "slow settle then FAILED"


@dataclass(frozen=True)
class Told:
    """How a story ended.

    Attributes:
        doubles: live asks beyond the pairs there are.
        lost: writes that are not in effect although the ledger says so, or the other way round.
        unresolved: writes that are still open.
        rounds: most looks that an unknown write took.
        unknown: writes that were unknown for a while.
        processes: how many lived.
        failed: writes that came to nothing, with their reasons.
        requests: sent altogether.
        told_wrong: where the events are not those that the ledger saw come into effect.
    """

    doubles: int
    lost: tuple[str, ...]
    unresolved: int
    rounds: int
    unknown: int
    processes: int
    failed: tuple[str, ...]
    requests: int
    told_wrong: tuple[str, ...] = ()


def story(trouble: Trouble, seed: int, folder: Path, template: Path) -> Told:
    """Play one story in virtual time on a copy of a database with the newest schema."""
    file = folder / f"{trouble.name}-{seed}.db"
    shutil.copyfile(template, file)
    try:
        return story_on(sqlite_file_url(file), trouble, seed)
    finally:
        for each in folder.glob(f"{file.name}*"):
            each.unlink()


def story_on(url: str, trouble: Trouble, seed: int) -> Told:
    """Play one story in virtual time on a database that has the newest schema and nothing in it."""

    async def told() -> Told:
        return await _Story(trouble, seed, url).play()

    return run_virtual(told())


class _Story:
    def __init__(self, trouble: Trouble, seed: int, url: str) -> None:
        self.trouble, self.url = trouble, url
        self.dice = random.Random(f"{trouble}/{seed}")
        self.clock = LoopClock()
        pace = Pace(buyers_per_day=0, settle_failure=0.0)
        if trouble is Trouble.SETTLES_THEN_FAILS:
            pace = Pace(buyers_per_day=0, settle_failure=0.5, settle_seconds=(20.0, self.dice.choice([60.0, 900.0])))
        config = SimulatorConfig(seed=seed, products=5, limits=Limits.off(), pace=pace, latency=(0.05, 0.3))
        self.simulator = Simulator(config, clock=self.clock)
        sizes = [
            variant.id
            for product in self.simulator.catalog.products
            for variant in product.variants
            if is_sellable(seed, product, variant)
        ]
        sizes = self.dice.sample(sizes, 2)
        self.pairs = {f"pair-{number}": self.dice.choice(sizes) for number in range(self.dice.randint(2, 4))}
        self.changes = {unit: self.dice.choice(["", "reprice", "delete"]) for unit in self.pairs}
        self.simulator.declare_units(Counter(self.pairs.values()))
        self.network = HttpTransport(mount=SimulatorMount(self.simulator.app))
        self.processes = 0

    async def play(self) -> Told:
        self._inject()
        await self._until_done(self._list)
        await self._until_done(self._change)
        return await self._told()

    async def _list(self, process: Process) -> None:
        for unit, variant in self.pairs.items():
            listing = NewListing(variant, Money(Decimal(150), "EUR"))
            await process.ledger.create(listing, Origin(actor="story", caller_key=f"list {unit}"), unit=unit)
        await process.work()

    async def _change(self, process: Process) -> None:
        by_unit = {each.unit: each for each in await process.ledger.find() if each.action is Action.CREATE}
        for unit, wish in self.changes.items():
            intent = by_unit[unit]
            if intent.state not in IN_EFFECT or intent.listing_id is None:
                continue
            origin = Origin(actor="story", caller_key=f"{wish} {unit}")
            if wish == "reprice":
                await process.ledger.reprice(intent.listing_id, origin, price=Money(Decimal(160), "EUR"))
            elif wish == "delete":
                await process.ledger.delete(intent.listing_id, origin)
        await process.work()

    async def _until_done(self, part: Part) -> None:
        """One process after the other, each on what the last one left, until one of them lives long enough."""
        deaths = self.dice.randint(1, 3)
        while True:
            self.processes += 1
            fate = self._fate() if deaths > 0 else Fate()
            deaths -= 1
            async with process(self.url, self.simulator, self.network, self.clock, fate, f"p{self.processes}") as alive:
                if fate.freezes:
                    await self._two_at_once(alive, part)
                    continue
                try:
                    await part(alive)
                except Crash:
                    continue
                if deaths < 0 or not fate.dead:
                    return

    async def _two_at_once(self, frozen: Process, part: Part) -> None:
        """A process freezes in front of a write; another takes over, and then the first one wakes."""
        first = asyncio.ensure_future(part(frozen))
        asleep = asyncio.ensure_future(frozen.fate.frozen.wait())
        await asyncio.wait((first, asleep), return_when=asyncio.FIRST_COMPLETED)
        asleep.cancel()
        if first.done():
            return
        self.processes += 1
        async with process(self.url, self.simulator, self.network, self.clock, Fate(), f"p{self.processes}") as other:
            second = asyncio.ensure_future(part(other))
            await self.clock.sleep(self.dice.uniform(1.0, 1_500.0))
            frozen.fate.thawed.set()
            await asyncio.gather(first, second)

    def _fate(self) -> Fate:
        dice, trouble = self.dice, self.trouble
        write, commit = dice.randint(1, 7), dice.randint(1, 40)
        match trouble:
            case Trouble.BEFORE_SEND:
                return Fate(before_write=write, freezes=dice.random() < 0.5)
            case Trouble.DURING_SEND:
                return Fate(during_write=write) if dice.random() < 0.5 else Fate()
            case Trouble.ANSWER_LOST:
                return Fate(after_write=write) if dice.random() < 0.3 else Fate()
            case Trouble.CRASH_BEFORE_COMMIT:
                return Fate(before_commit=commit)
            case Trouble.CRASH_AFTER_COMMIT:
                return Fate(after_commit=commit)
            case _:
                return Fate(after_commit=commit) if dice.random() < 0.2 else Fate()

    def _inject(self) -> None:
        """What goes wrong at StockX: the story's own faults on writes, and now and then a read that fails or lies."""
        dice = self.dice
        kinds = {
            Trouble.DURING_SEND: [FaultKind.DROP, FaultKind.RESET, FaultKind.HANG],
            Trouble.ANSWER_LOST: [
                FaultKind.DROP_AFTER, FaultKind.RESET_AFTER, FaultKind.HANG_AFTER, FaultKind.DROP_DURING,
                FaultKind.TRUNCATED, FaultKind.EMPTY_BODY, FaultKind.GARBAGE,
            ],
            Trouble.ERROR_AFTER_COMMIT: [FaultKind.COMMIT_THEN_STATUS],
        }.get(self.trouble, [])  # fmt: skip
        for operation in ("Create", "ActivateListing", "Update", "DeleteListing"):
            if kinds:
                kind = dice.choice(kinds)
                self.simulator.inject(
                    Fault(
                        kind=kind,
                        operation=operation,
                        times=dice.randint(1, 4),
                        after=dice.randint(0, 2),
                        probability=dice.choice([0.4, 0.8, 1.0]),
                        status=dice.choice([500, 502, 503, 504]),
                        delay=dice.choice([5.0, 60.0]) if kind in (FaultKind.HANG, FaultKind.HANG_AFTER) else 0.0,
                    )
                )
        for operation in ("FindById", "GetAllListings"):
            for kind in (FaultKind.STALE_READ, FaultKind.STATUS, FaultKind.EMPTY_504):
                self.simulator.inject(Fault(kind=kind, operation=operation, probability=0.08, status=503))
        self.simulator.inject(Fault(kind=FaultKind.VANISHED, operation="FindById", probability=0.08))

    async def _told(self) -> Told:
        async with process(self.url, self.simulator, self.network, self.clock, Fate(), "reader") as reader:
            intents = await reader.ledger.find(limit=1000)
            trails = {each.id: await reader.ledger.trail(each.id) for each in intents}
            async with reader.database.reading() as session:
                events = await EventRepository(session, "default").after(0, EventFilter(), limit=1000)
        report = self.simulator.report()
        rounds = [_rounds([entry.result for entry in trail]) for trail in trails.values()]
        return Told(
            doubles=sum(report.double_asks.values()),
            lost=tuple(self._lost(intents)),
            unresolved=sum(each.state in OPEN for each in intents),
            rounds=max(rounds, default=0),
            unknown=sum(each > 0 for each in rounds),
            processes=self.processes,
            failed=tuple(f"{each.action}: {each.reason}" for each in intents if each.state is IntentState.FAILED),
            requests=report.total,
            told_wrong=tuple(_told_wrong(intents, events)),
        )

    def _lost(self, intents: tuple[Intent, ...]) -> list[str]:
        """Where the ledger and the market do not say the same."""
        creates = {each.unit: each for each in intents if each.action is Action.CREATE}
        lost = [f"{unit} was never listed" for unit in self.pairs if unit not in creates]
        for unit, create in creates.items():
            later = {each.action: each for each in intents if each.listing_id == create.listing_id}
            expected = self._expected(create, later)
            found = self.simulator.listings.get(create.listing_id) if create.listing_id else None
            seen = (found.status, found.amount) if found else ("", Decimal(0))
            if (seen[0] == "ACTIVE") != (expected is not None) or expected not in (None, seen[1]):
                lost.append(f"{unit}: {create.state} {create.reason} {later}, and the market shows {seen}")
        may_fail = self.trouble is Trouble.SETTLES_THEN_FAILS
        return lost + [
            f"{each.id} {each.action}: {each.state} {each.reason}"
            for each in intents
            if each.state not in IN_EFFECT and not may_fail
        ]

    def _expected(self, create: Intent, later: dict[Action, Intent]) -> Decimal | None:
        """The price a pair is for sale at; `None` where it is not."""
        if create.state not in IN_EFFECT:
            return None
        delete, update = later.get(Action.DELETE), later.get(Action.UPDATE)
        if delete is not None and delete.state in IN_EFFECT:
            return None
        return Decimal(160) if update is not None and update.state in IN_EFFECT else Decimal(150)


def _rounds(states: list[str]) -> int:
    """Most looks in a row that a write was unknown for: one for each line in that state after the first."""
    most = current = 0
    for state in states:
        current = current + 1 if state == IntentState.UNKNOWN else 0
        most = max(most, current)
    return most


_TELLS = {
    Action.CREATE: EventType.LISTING_ACTIVATED,
    Action.UPDATE: EventType.LISTING_PRICE_MOVED,
    Action.DELETE: EventType.LISTING_DEACTIVATED,
}


def _told_wrong(intents: Sequence[Intent], events: Sequence[Event]) -> list[str]:
    """Events that are missing, or too many: each write that came into effect is told once."""
    done = Counter((_TELLS[each.action], each.listing_id or "") for each in intents if each.state in IN_EFFECT)
    told = Counter((each.type, each.subject) for each in events)
    return [f"missing: {each}" for each in (done - told)] + [f"too many: {each}" for each in (told - done)]
