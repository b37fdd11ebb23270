"""Pause, cancel, kill switch, guard rails, refused rows: what is out is followed, and nothing else is sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from solegate.db.repositories.jobs import JobRepository
from solegate.domain.guard_rails import GuardRails
from solegate.domain.intents import IntentState
from solegate.domain.jobs import ChunkState, JobState, RowState
from solegate.domain.leases import Lease
from solegate.services.guard import WriteGuard
from solegate.simulator import Fault, FaultKind
from support.bulk import Yard, play, states


async def set_state(yard: Yard, state: JobState, *expected: JobState) -> None:
    async with yard.database.transaction() as session:
        assert await JobRepository(session).change("job", state, expected=expected)


def test_a_paused_job_follows_what_is_out_and_goes_on_when_it_is_resumed(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(200)
        await yard.step()
        await set_state(yard, JobState.PAUSED, JobState.RUNNING)
        await yard.drive()
        assert states(await yard.rows()) == {RowState.DONE: 100, RowState.READY: 100}
        await set_state(yard, JobState.RUNNING, JobState.PAUSED)
        await yard.drive()
        assert states(await yard.rows()) == {RowState.DONE: 200}

    play(upgraded_url, story)


def test_a_cancelled_job_follows_what_is_out_and_skips_the_rest(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(300)
        await yard.step()
        await set_state(yard, JobState.CANCELLED, JobState.RUNNING)
        await yard.drive()

        rows = await yard.rows()
        assert states(rows) == {RowState.DONE: 100, RowState.SKIPPED: 200}
        assert yard.live() == 100
        job = await yard.job()
        assert (job.state, job.finished_at is not None) == (JobState.CANCELLED, True)

    play(upgraded_url, story)


def test_pairs_of_a_cancelled_job_that_were_planned_and_not_sent_are_free_again(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        yard.simulator.inject(Fault(kind=FaultKind.THROTTLE, operation="CreateListings", retry_after="900"))
        await yard.create_job(40)
        while (await yard.job()).started_at is None:
            await yard.step()
        yard.simulator.clear_faults()
        await set_state(yard, JobState.CANCELLED, JobState.RUNNING)
        await yard.drive()

        assert states(await yard.rows()) == {RowState.SKIPPED: 40}
        assert {each.state for each in (await yard.intents()).values()} == {IntentState.ABANDONED}
        await yard.clock.sleep(900)
        await yard.create_job(40, job_id="next")
        await yard.drive("next")
        assert states(await yard.rows("next")) == {RowState.DONE: 40}

    play(upgraded_url, story)


def test_nothing_is_sent_while_writes_are_stopped(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        guard = WriteGuard(yard.database, account="default", rails=GuardRails())
        await guard.stop(actor="me", reason="a typo in the prices")
        await yard.create_job(20)
        progress = await yard.step()
        assert progress.next_due is not None
        assert (await yard.job()).note.endswith("a typo in the prices")
        assert yard.simulator.report().count("CreateListings") == 0
        await guard.go(actor="me")
        await yard.drive()
        assert states(await yard.rows()) == {RowState.DONE: 20}
        assert (await yard.job()).note == ""

    play(upgraded_url, story)


def test_rows_against_a_guard_rail_fail_alone(upgraded_url: str) -> None:
    rails = GuardRails(ceiling={"EUR": Decimal(200)})

    async def story(yard: Yard) -> None:
        await yard.create_job(90)
        await yard.drive()

        rows = await yard.rows()
        too_dear = [row for row in rows if row.price is not None and row.price.amount > 200]
        assert too_dear
        assert {row.number for row in rows if row.state is RowState.FAILED} == {row.number for row in too_dear}
        assert "above the ceiling" in too_dear[0].reason
        assert "Lower the price" in too_dear[0].advice
        assert yard.live() == 90 - len(too_dear)

    play(upgraded_url, story, rails=rails)


def test_one_wrong_row_does_not_cost_the_others_their_batch(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(100)
        rows = [
            replace(row, job_id="other", variant_id="00000000-0000-4000-8000-000000000000", unit="?")
            if row.number == 42
            else replace(row, job_id="other")
            for row in await yard.rows()
        ]
        await yard.store(replace(await yard.job(), id="other", key="other"), rows)
        await yard.drive("other")

        ended = {row.number: row for row in await yard.rows("other")}
        assert states(ended.values()) == {RowState.DONE: 99, RowState.FAILED: 1}
        assert "Variant not found" in ended[42].reason
        assert yard.live() == 99
        assert yard.simulator.report().count("CreateListings") <= 15

    play(upgraded_url, story)


def test_a_refusal_that_is_about_the_account_pauses_the_job(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        yard.simulator.inject(Fault(kind=FaultKind.NOT_READY, operation="CreateListings"))
        await yard.create_job(500)
        await yard.drive()

        job = await yard.job()
        assert job.state is JobState.PAUSED
        assert job.note.startswith("StockX refuses every batch: ")
        assert states(await yard.rows()) == {RowState.READY: 500}
        assert yard.simulator.report().count("CreateListings") == 3
        yard.simulator.clear_faults()
        await set_state(yard, JobState.RUNNING, JobState.PAUSED)
        await yard.drive()
        assert states(await yard.rows()) == {RowState.DONE: 500}

    play(upgraded_url, story)


def test_a_chunk_that_stockx_cannot_be_asked_about_holds_up_no_other(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(300)
        yard.simulator.inject(Fault(kind=FaultKind.STATUS, operation="GetListingCreateBatch", times=9, status=500))
        await yard.drive()

        assert states(await yard.rows()) == {RowState.DONE: 300}
        assert yard.live() == 300

    play(upgraded_url, story)


def test_a_lease_that_is_over_sends_nothing(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(10)
        over = Lease("late", 1, yard.clock.now() - timedelta(seconds=1), yard.clock.monotonic() - 1)
        await yard.new_steps().advance("job", over)

        assert yard.simulator.report().count("CreateListings") == 0
        assert {each.state for each in await yard.chunks()} == {ChunkState.READY}

    play(upgraded_url, story)


def test_a_lease_lost_between_the_commit_and_the_last_byte_holds_the_batch_back(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(10)
        lease = yard.lease()

        def lose(is_before: bool) -> bool:
            if not is_before:
                lease.lose()
            return False

        yard.database.dies = lose
        await yard.new_steps().advance("job", lease)

        assert yard.simulator.report().count("CreateListings") == 0
        assert {each.state for each in (await yard.intents()).values()} <= {IntentState.PLANNED}
        await yard.drive()
        assert states(await yard.rows()) == {RowState.DONE: 10}
        assert yard.live() == 10

    play(upgraded_url, story)


def test_two_workers_that_both_believe_to_hold_the_job_do_nothing_twice(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(400)

        async def work() -> None:
            await yard.drive()

        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(work())

        assert states(await yard.rows()) == {RowState.DONE: 400}
        assert yard.live() == 400
        assert yard.simulator.report().double_asks == {}
        assert yard.simulator.report().count("CreateListings") == 4

    play(upgraded_url, story)
