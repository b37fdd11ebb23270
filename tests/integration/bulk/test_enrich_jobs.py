"""A job that enriches SKUs: one in each step, each with its result, gone on with after a kill."""

from __future__ import annotations

from solegate.domain.jobs import Job, JobItem, JobKind, JobState, RowState
from solegate.simulator import Fault, FaultKind
from support.bulk import Yard, killer, play, states

UNKNOWN_SKU = "ZZ9999-999"


async def stored(yard: Yard, skus: list[str]) -> None:
    now = yard.clock.now()
    rows = [
        JobItem(job_id="job", number=number, line=number + 1, unit=sku, sku=sku, updated_at=now)
        for number, sku in enumerate(skus, start=1)
    ]
    job = Job(id="job", account="default", kind=JobKind.ENRICH, key="job", total=len(rows), created_at=now)
    await yard.store(job, rows, in_chunks=False)


def test_each_sku_has_its_result(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        skus = list(yard.simulator.catalog.sample_style_ids(4))
        await stored(yard, [*skus, UNKNOWN_SKU, skus[0]])
        await yard.drive()

        rows = await yard.rows()
        assert states(rows) == {RowState.DONE: 5, RowState.FAILED: 1}
        assert (await yard.job()).state is JobState.DONE
        assert UNKNOWN_SKU in rows[4].reason
        assert rows[4].advice
        assert rows[5].reason == "up to date already"

    play(upgraded_url, story)


def test_a_kill_costs_no_sku(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await stored(yard, list(yard.simulator.catalog.sample_style_ids(8)))
        yard.database.dies = killer(3, 0.3)
        await yard.drive()

        yard.database.dies = lambda _before: False
        assert states(await yard.rows()) == {RowState.DONE: 8}

    play(upgraded_url, story)


def test_a_row_is_not_to_blame_for_an_outage(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await stored(yard, list(yard.simulator.catalog.sample_style_ids(3)))
        yard.simulator.inject(Fault(kind=FaultKind.STATUS, status=503, times=40))
        await yard.drive()

        assert states(await yard.rows()) == {RowState.DONE: 3}
        assert (await yard.job()).note == ""

    play(upgraded_url, story)
