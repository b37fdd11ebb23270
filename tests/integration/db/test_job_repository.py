"""Jobs are stored once per key, whole or not at all, and read back in pages, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from solegate.db import Database
from solegate.db.repositories.jobs import JobRepository
from solegate.domain.jobs import Chunk, ChunkState, Job, JobItem, JobKind, JobState, RowState
from solegate.domain.money import Money

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
JOB = Job(
    id="job-1",
    account="default",
    kind=JobKind.CREATE,
    key="key-1",
    name="pairs.csv",
    options={"inventory_type": "STANDARD"},
    total=250,
    created_at=NOON,
)


def items(count: int, job_id: str = "job-1") -> Iterator[JobItem]:
    return (
        JobItem(
            job_id=job_id,
            number=number,
            line=number + 1,
            chunk=(number - 1) // 100 + 1,
            unit=f"variant#{number}",
            variant_id="variant",
            price=Money(Decimal(200 + number), "EUR"),
            updated_at=NOON,
        )
        for number in range(1, count + 1)
    )


def chunks(count: int, job_id: str = "job-1") -> Iterator[Chunk]:
    return (Chunk(job_id=job_id, number=number, size=100) for number in range(1, count + 1))


async def create(database: Database, job: Job = JOB) -> bool:
    async with database.transaction() as session:
        return await JobRepository(session).create(job, items(250, job.id), chunks(3, job.id))


async def test_a_job_is_read_back_as_it_was_written(database: Database) -> None:
    assert await create(database)

    async with database.reading() as session:
        jobs = JobRepository(session)
        assert await jobs.get("job-1") == await jobs.find_by_key("default", "key-1") == JOB
        assert await jobs.get("job-2") is None
        assert await jobs.chunks("job-1") == tuple(chunks(3))
        assert (await jobs.items("job-1", limit=1000)) == tuple(items(250))
        assert (await jobs.progress("job-1")).rows == {RowState.READY: 250}


async def test_a_key_starts_one_job_only(database: Database) -> None:
    assert await create(database)
    assert not await create(database, replace(JOB, id="job-2"))
    assert await create(database, replace(JOB, id="job-3", account="other"))

    async with database.reading() as session:
        assert await JobRepository(session).items("job-2") == ()


async def test_pages_show_every_row_once(database: Database) -> None:
    await create(database)
    seen: list[int] = []
    async with database.reading() as session:
        while page := await JobRepository(session).items("job-1", after=seen[-1] if seen else 0, limit=90):
            seen += [item.number for item in page]

    assert seen == list(range(1, 251))


async def test_jobs_are_listed_newest_first(database: Database) -> None:
    made = [replace(JOB, id=f"job-{n}", key=f"{n}", created_at=NOON + timedelta(hours=n // 2)) for n in range(5)]
    for job in made:
        await create(database, job)

    async with database.reading() as session:
        jobs = JobRepository(session)
        first = await jobs.page("default", limit=2)
        rest = await jobs.page("default", before=first[-1])
        assert [job.id for job in (*first, *rest)] == ["job-4", "job-3", "job-2", "job-1", "job-0"]
        assert await jobs.page("default", states=[JobState.DONE]) == ()


async def test_a_state_changes_only_from_the_expected_one(database: Database) -> None:
    await create(database)
    async with database.transaction() as session:
        jobs = JobRepository(session)
        assert await jobs.change("job-1", JobState.PAUSED, expected=[JobState.RUNNING], note="by hand")
        assert not await jobs.change("job-1", JobState.DONE, expected=[JobState.RUNNING])
        (chunk, *_) = await jobs.working_chunks("job-1")
        sent = replace(chunk, state=ChunkState.SENT, sent_at=NOON)
        assert await jobs.move_chunk(sent, was=chunk)
        assert not await jobs.move_chunk(sent, was=chunk)
        assert await jobs.working_chunks("job-1") == (sent, Chunk(job_id="job-1", number=2, size=100))
        paused = await jobs.get("job-1", lock=True)
        assert paused is not None
        assert (paused.state, paused.note) == (JobState.PAUSED, "by hand")


async def test_results_are_saved_and_what_was_asked_for_stays(database: Database) -> None:
    await create(database)
    (row,) = tuple(items(1))
    done = replace(row, state=RowState.DONE, listing_id="listing", intent_id="intent", unit="another", reason="sold")
    async with database.transaction() as session:
        await JobRepository(session).save_items([done])

    async with database.reading() as session:
        (kept,) = await JobRepository(session).items("job-1", limit=1)
        assert kept == replace(done, unit=row.unit)


async def test_what_was_not_sent_is_given_up_and_what_was_sent_is_kept(database: Database) -> None:
    await create(database)
    async with database.transaction() as session:
        jobs = JobRepository(session)
        (chunk, *_) = await jobs.working_chunks("job-1")
        await jobs.move_chunk(replace(chunk, state=ChunkState.SENT), was=chunk)
        await jobs.save_items([replace(item, state=RowState.SUBMITTED) for item in await jobs.items_of(chunk)])
        assert await jobs.skip_unsent("job-1", NOON, "cancelled") == 150

        progress = await jobs.progress("job-1")
        assert progress.rows == {RowState.SUBMITTED: 100, RowState.SKIPPED: 150}
        assert progress.chunks == {ChunkState.SENT: 1, ChunkState.DONE: 2}
        assert progress.ended == 150


async def test_rows_move_to_a_new_chunk_at_the_end(database: Database) -> None:
    await create(database)
    async with database.transaction() as session:
        jobs = JobRepository(session)
        rows = (await jobs.items("job-1", limit=3))[1:]
        added = await jobs.add_chunk("job-1", rows, reason="not there")

        assert (added.number, added.size) == (4, 2)
        assert await jobs.items_of(added) == tuple(replace(row, chunk=4) for row in rows)
