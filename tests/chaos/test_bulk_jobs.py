"""Seven places where it strikes a bulk job: every row ends, every pair is live at most once, the ledger is right."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

import pytest

from chaos.seeds import blocks, named
from solegate.domain.intents import IN_EFFECT, OPEN
from solegate.domain.jobs import FINISHED_ROWS, RowState
from solegate.simulator import Fault, FaultKind, Pace
from support.bulk import CALM, Yard, play
from support.ledger import Trouble
from support.postgres import sqlite_file_url

PAIRS, PER_CHUNK = 24, 10
MOST_LOOKS = 3
STRIKES = {
    Trouble.BEFORE_SEND: (FaultKind.STATUS, FaultKind.THROTTLE, FaultKind.EMPTY_504),
    Trouble.DURING_SEND: (FaultKind.DROP, FaultKind.RESET, FaultKind.HANG),
    Trouble.ANSWER_LOST: (FaultKind.DROP_AFTER, FaultKind.RESET_AFTER, FaultKind.HANG_AFTER, FaultKind.TRUNCATED),
    Trouble.ERROR_AFTER_COMMIT: (FaultKind.COMMIT_THEN_STATUS,),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("block", blocks(1), ids=named)
@pytest.mark.parametrize("trouble", Trouble)
def test_every_row_ends_and_no_pair_is_listed_twice(
    trouble: Trouble, block: range, tmp_path: Path, sqlite_template: Path
) -> None:
    for seed in block:
        file = tmp_path / f"{seed}.db"
        shutil.copyfile(sqlite_template, file)
        play(sqlite_file_url(file), _story(trouble, seed), seed=seed, pace=_pace(trouble), per_chunk=PER_CHUNK)


def _story(trouble: Trouble, seed: int) -> Callable[[Yard], Awaitable[None]]:
    dice = Random(f"{trouble}/{seed}")

    async def story(yard: Yard) -> None:
        for kind in STRIKES.get(trouble, ()):
            yard.simulator.inject(_fault(kind, dice))
        await yard.create_job(PAIRS, variants=dice.choice([2, 5, 20]))
        yard.database.dies = _killer(trouble, dice)
        await yard.drive(lease_seconds=dice.choice([30.0, 600.0]))

        yard.database.dies = lambda _before: False
        rows, intents = await yard.rows(), (await yard.intents()).values()
        done = [row for row in rows if row.state is RowState.DONE]
        repeat = f"CHAOS_FIRST={seed} CHAOS_SEEDS=1 make chaos ({trouble})"
        assert yard.simulator.report().double_asks == {}, repeat
        assert len(rows) == PAIRS, repeat
        assert {row.state for row in rows} <= FINISHED_ROWS, repeat
        assert len({row.listing_id for row in done}) == len(done) == yard.live(), repeat
        assert not [each for each in intents if each.state in OPEN], repeat
        assert sum(each.state in IN_EFFECT for each in intents) == len(done), repeat
        assert max(chunk.looks for chunk in await yard.chunks()) <= MOST_LOOKS, repeat
        if trouble is not Trouble.SETTLES_THEN_FAILS:
            assert len(done) == PAIRS, repeat

    return story


def _fault(kind: FaultKind, dice: Random) -> Fault:
    return Fault(
        kind=kind,
        operation="CreateListings",
        times=dice.randint(1, 2),
        after=dice.randint(0, 1),
        probability=dice.choice([0.5, 1.0]),
        status=dice.choice([500, 502, 503, 504]),
        delay=dice.choice([5.0, 120.0]) if kind in (FaultKind.HANG, FaultKind.HANG_AFTER) else 0.0,
    )


def _killer(trouble: Trouble, dice: Random) -> Callable[[bool], bool]:
    """Kills at commits: always before them, always after them, or now and then beside the story's own trouble."""
    chance = 0.25 if trouble in (Trouble.CRASH_BEFORE_COMMIT, Trouble.CRASH_AFTER_COMMIT) else 0.05

    def dies(before: bool) -> bool:
        if (trouble is Trouble.CRASH_BEFORE_COMMIT and not before) or (
            trouble is Trouble.CRASH_AFTER_COMMIT and before
        ):
            return False
        return dice.random() < chance

    return dies


def _pace(trouble: Trouble) -> Pace:
    return Pace(settle_failure=0.3, buyers_per_day=0.0) if trouble is Trouble.SETTLES_THEN_FAILS else CALM
