"""The process is killed at commits: before one, so that it is rolled back, or right after it. A new one goes on."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from solegate.domain.intents import IN_EFFECT
from solegate.domain.jobs import JobKind, RowState
from solegate.domain.money import Money
from solegate.simulator import Fault, FaultKind, Pace
from support.bulk import MortalDatabase, Yard, killer, play, states

FAULTS = [
    None,
    Fault(kind=FaultKind.DROP_AFTER, operation="CreateListings", probability=0.3),
    Fault(kind=FaultKind.DROP, operation="CreateListings", probability=0.3),
    Fault(kind=FaultKind.COMMIT_THEN_STATUS, operation="CreateListings", probability=0.3, status=502),
    Fault(kind=FaultKind.STATUS, operation="*", probability=0.1, status=503),
]


_ODD = Decimal(333)


async def ends_well(yard: Yard, pairs: int) -> None:
    """Every row has its result, every pair is live once, and the ledger says the same."""
    rows = await yard.rows()
    assert states(rows) == {RowState.DONE: pairs}
    assert yard.simulator.report().double_asks == {}
    assert yard.live() == pairs
    assert len({row.listing_id for row in rows}) == pairs
    assert {each.state for each in (await yard.intents()).values()} <= IN_EFFECT


def once_at(commit: int, *, before: bool) -> Callable[[MortalDatabase], Callable[[bool], bool]]:
    """Kills the process once, at one commit."""

    def dies(database: MortalDatabase) -> Callable[[bool], bool]:
        return lambda is_before: database.commits == commit and is_before is before and not _spent(database)

    return dies


def _spent(database: MortalDatabase) -> bool:
    """Whether it has died already: it dies once."""
    was, database.has_died = database.has_died, True
    return was


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("commit", range(2, 13))
def test_killed_at_any_one_commit_the_job_ends_as_if_nothing_had_been(
    upgraded_url: str, commit: int, before: bool
) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(150)
        yard.database.dies = once_at(commit, before=before)(yard.database)
        await yard.drive()

        assert yard.database.has_died, "the job has that many commits"
        await ends_well(yard, 150)

    play(upgraded_url, story)


@pytest.mark.parametrize("seed", range(5))
def test_killed_again_and_again_no_pair_is_listed_twice_and_none_is_lost(upgraded_url: str, seed: int) -> None:
    fault = FAULTS[seed % len(FAULTS)]

    async def story(yard: Yard) -> None:
        await yard.create_job(120, variants=20)
        if fault is not None:
            yard.simulator.inject(fault)
        yard.database.dies = killer(seed, 0.25)
        await yard.drive()

        yard.database.dies = lambda _before: False
        await ends_well(yard, 120)

    play(upgraded_url, story, seed=seed + 1)


@pytest.mark.parametrize("seed", range(4))
def test_rows_that_fail_keep_their_reason_through_crashes(upgraded_url: str, seed: int) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(120, variants=20)
        yard.database.dies = killer(seed, 0.2)
        await yard.drive()

        yard.database.dies = lambda _before: False
        rows = await yard.rows()
        assert states(rows)[RowState.DONE] == yard.live()
        assert all(row.reason and row.advice for row in rows if row.state is RowState.FAILED)
        assert len(yard.simulator.listings.all()) == 120
        assert yard.simulator.report().double_asks == {}

    play(upgraded_url, story, seed=seed + 1, pace=Pace(settle_failure=0.2, buyers_per_day=0.0))


@pytest.mark.parametrize("seed", range(4))
def test_prices_are_as_wanted_after_crashes(upgraded_url: str, seed: int) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(120, variants=20)
        await yard.drive()
        listed = [row.listing_id or "" for row in await yard.rows()]
        yard.simulator.inject(Fault(kind=FaultKind.DROP_AFTER, operation="UpdateListings", probability=0.5))
        await yard.change_job(JobKind.UPDATE, listed, price=Money(_ODD, "EUR"))
        yard.database.dies = killer(seed, 0.25)
        await yard.drive("changes")

        yard.database.dies = lambda _before: False
        assert states(await yard.rows("changes")) == {RowState.DONE: 120}
        assert {each.amount for each in yard.simulator.listings.all()} == {_ODD}

    play(upgraded_url, story, seed=seed + 1)
