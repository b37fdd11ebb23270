"""A bulk job from its start to its report: once per file, never a pair twice, and all its owner can do with it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from solegate.db.repositories.write_pages import AuditFilter
from solegate.domain.jobs import JobItem, JobKind, JobState, RowState
from solegate.errors import InvalidInputError, WritesStoppedError
from solegate.services.bulk.plan import JobOptions
from solegate.services.bulk.report import ReportFormat, write_report
from solegate.services.bulk.rows import rows_of_text
from support.api import JumpClock
from support.office import LISTING, SKU, Office, office

CREATE = JobKind.CREATE


@pytest.fixture
async def shop(tmp_path: Path, upgraded_url: str) -> AsyncIterator[Office]:
    async with office(tmp_path, clock=JumpClock(ticking=True), database_url=upgraded_url) as opened:
        yield opened


@pytest.fixture
async def pairs(shop: Office) -> list[dict[str, object]]:
    """Three pairs of sizes that can be sold."""
    return [{"variantId": variant, "price": 150 + place} for place, variant in enumerate(shop.sellable(3))]


async def states(shop: Office, job_id: str) -> dict[RowState, int]:
    progress = await shop.jobs.progress(job_id)
    return {state: count for state, count in progress.rows.items() if count}


async def test_a_job_lists_every_pair_and_says_so(shop: Office, pairs) -> None:
    started = await shop.jobs.start(CREATE, pairs, name="three.csv", actor="anna")
    before = await shop.jobs.progress(started.job.id)
    await shop.work(started.job.id)
    after = await shop.jobs.wait(started.job.id)

    assert started.is_new
    assert (before.job.name, before.job.actor, before.job.state) == ("three.csv", "anna", JobState.RUNNING)
    assert (before.ended, before.seconds_left is not None, before.is_over) == (0, True, False)
    assert (after.ended, after.failed, after.is_over, after.seconds_left) == (3, 0, True, 0.0)
    assert sorted(shop.live_variants()) == sorted(str(pair["variantId"]) for pair in pairs)


async def test_the_same_file_twice_is_one_job(shop: Office, pairs) -> None:
    first = await shop.jobs.start(CREATE, pairs, name="monday.csv")
    again = await shop.jobs.start(CREATE, pairs, name="tuesday.csv")
    await shop.work(first.job.id)
    afterwards = await shop.jobs.start(CREATE, pairs)

    assert [again.job.id, afterwards.job.id] == [first.job.id] * 2
    assert (first.is_new, again.is_new, afterwards.is_new) == (True, False, False)
    assert len(await shop.jobs.list()) == 1
    assert len(shop.live_variants()) == 3


async def test_a_pair_that_is_listed_or_about_to_be_is_not_listed_by_another_job(shop: Office, pairs) -> None:
    first = await shop.jobs.start(CREATE, pairs)
    waiting = await shop.jobs.draft(CREATE, pairs[:1])
    await shop.work(first.job.id)
    listed = await shop.jobs.draft(CREATE, pairs, again=True)

    (problem,) = waiting.checked.problems
    assert problem.reason == f"A pair of this size is already listed (job {first.job.id})."
    assert problem.advice == "Name this pair in a column `unit`."
    rows = await shop.jobs.rows(first.job.id)
    assert [each.reason for each in listed.checked.problems] == [
        f"A pair of this size is already listed (listing {row.listing_id})." for row in rows
    ]
    with pytest.raises(InvalidInputError, match="3 rows cannot be done"):
        await shop.jobs.start_draft(listed, actor="test")


async def test_a_second_pair_of_a_size_is_listed_under_its_own_name(shop: Office, pairs) -> None:
    await shop.jobs.start(CREATE, pairs)

    second = await shop.jobs.start(CREATE, [pairs[0] | {"unit": "box 2"}])

    assert [row.unit for row in await shop.jobs.rows(second.job.id)] == ["box 2"]
    with pytest.raises(InvalidInputError, match=r"'box 2' is already listed \(job "):
        await shop.jobs.start(CREATE, [pairs[0] | {"unit": "box 2", "price": 170}])


async def test_what_was_listed_since_the_draft_is_found_when_the_job_is_started(shop: Office, pairs) -> None:
    draft = await shop.jobs.draft(CREATE, pairs, key="mine")
    await shop.jobs.start(CREATE, pairs[:1])

    with pytest.raises(InvalidInputError, match="1 row cannot be done, so nothing was stored"):
        await shop.jobs.start_draft(draft, actor="test")
    assert len(await shop.jobs.list()) == 1


async def test_a_key_belongs_to_one_set_of_rows(shop: Office, pairs) -> None:
    first = await shop.jobs.start(CREATE, pairs, key="order 7")

    assert (await shop.jobs.start(CREATE, pairs, key="order 7")).job.id == first.job.id
    with pytest.raises(InvalidInputError, match="The key 'order 7' belongs to job"):
        await shop.jobs.start(CREATE, pairs[:2], key="order 7")
    with pytest.raises(InvalidInputError, match="A key has 1 to 200 characters"):
        await shop.jobs.start(CREATE, pairs, key="k" * 201)


async def test_a_paused_job_waits_and_a_resumed_one_goes_on(shop: Office, pairs) -> None:
    job = (await shop.jobs.start(CREATE, pairs)).job
    await shop.jobs.pause(job.id)
    await shop.work(job.id)
    paused = await shop.jobs.wait(job.id)

    assert (paused.has_stopped, paused.is_over, paused.seconds_left) == (True, False, None)
    assert await states(shop, job.id) == {RowState.READY: 3}
    await shop.jobs.resume(job.id)
    await shop.work(job.id)
    assert await states(shop, job.id) == {RowState.DONE: 3}


async def test_the_audit_trail_tells_who_started_and_steered_a_job(shop: Office, pairs) -> None:
    job = (await shop.jobs.start(CREATE, pairs, name="three.csv", actor="anna")).job
    await shop.jobs.pause(job.id, actor="ben")
    await shop.jobs.pause(job.id, actor="carl")
    await shop.jobs.cancel(job.id, actor="dora")

    lines = (await shop.services.writes.audit(AuditFilter(job_id=job.id), limit=10)).rows
    assert [(each.what, each.actor, each.why) for each in lines] == [
        ("job CANCELLED", "dora", "three.csv"),
        ("job PAUSED", "ben", "three.csv"),
        ("job started", "anna", "three.csv"),
    ]
    assert lines[-1].evidence == {"kind": "create", "rows": 3, "refused": 0}


async def test_a_cancelled_job_sends_nothing_more(shop: Office, pairs) -> None:
    job = (await shop.jobs.start(CREATE, pairs)).job
    await shop.jobs.cancel(job.id)
    await shop.work(job.id)

    progress = await shop.jobs.progress(job.id)
    assert (progress.is_over, progress.rows[RowState.SKIPPED]) == (True, 3)
    assert shop.live_variants() == []
    with pytest.raises(InvalidInputError, match="it has ended"):
        await shop.jobs.resume(job.id)
    fresh = await shop.jobs.start(CREATE, pairs, key="once more")
    assert fresh.is_new, "the pairs of a cancelled job are free"


async def test_what_failed_is_repeated_once(shop: Office) -> None:
    rows = [{"listingId": LISTING, "price": 150, "expires": "30d"}]
    job = (await shop.jobs.start(JobKind.UPDATE, rows, name="prices.csv")).job
    await shop.work(job.id)
    assert await states(shop, job.id) == {RowState.FAILED: 1}

    retry = await shop.jobs.retry_failed(job.id, actor="anna")
    again = await shop.jobs.retry_failed(job.id, actor="anna")

    assert (retry.is_new, again.is_new, again.job.id) == (True, False, retry.job.id)
    assert (retry.job.parent_id, retry.job.total, retry.job.name) == (job.id, 1, "Retry of prices.csv")
    (was,), (row,) = await shop.jobs.rows(job.id), await shop.jobs.rows(retry.job.id)
    assert (row.line, row.listing_id, row.price, row.expires_at) == (1, LISTING, was.price, was.expires_at)
    assert row.state is RowState.READY


async def test_a_pair_of_which_a_draft_was_left_is_not_listed_again(shop: Office) -> None:
    (dead,) = shop.sellable(1, sellable=False)
    job = (await shop.jobs.start(CREATE, [{"variantId": dead, "price": 99}])).job
    await shop.work(job.id)
    (row,) = await shop.jobs.rows(job.id)

    assert (row.state, row.listing_id is not None) == (RowState.FAILED, True)
    with pytest.raises(InvalidInputError, match=f"left one that is not for sale .listing {row.listing_id}"):
        await shop.jobs.retry_failed(job.id, actor="anna")


async def test_nothing_failed_is_nothing_to_repeat(shop: Office, pairs) -> None:
    job = (await shop.jobs.start(CREATE, pairs)).job

    with pytest.raises(InvalidInputError, match="No row of job"):
        await shop.jobs.retry_failed(job.id, actor="anna")


async def test_what_a_job_put_up_for_sale_is_taken_back(shop: Office, pairs) -> None:
    job = (await shop.jobs.start(CREATE, pairs)).job
    with pytest.raises(InvalidInputError, match="is not over"):
        await shop.jobs.undo(job.id, actor="anna")
    await shop.work(job.id)

    undo = await shop.jobs.undo(job.id, actor="anna")
    again = await shop.jobs.undo(job.id, actor="anna")
    await shop.work(undo.job.id)

    assert (undo.job.kind, undo.job.parent_id, again.job.id) == (JobKind.DEACTIVATE, job.id, undo.job.id)
    assert await states(shop, undo.job.id) == {RowState.DONE: 3}
    assert shop.live_variants() == []
    with pytest.raises(InvalidInputError, match="kind deactivate puts nothing up for sale"):
        await shop.jobs.undo(undo.job.id, actor="anna")


async def test_every_kind_of_job_works_on_what_was_listed(shop: Office, pairs) -> None:
    job = (await shop.jobs.start(CREATE, pairs)).job
    await shop.work(job.id)
    listings = [row.listing_id for row in await shop.jobs.rows(job.id)]

    for kind, more in (
        (JobKind.UPDATE, {"price": 140}),
        (JobKind.DEACTIVATE, {}),
        (JobKind.ACTIVATE, {"price": 145}),
        (JobKind.DELETE, {}),
    ):
        change = (await shop.jobs.start(kind, [{"listingId": each} | more for each in listings])).job
        await shop.work(change.id)
        assert await states(shop, change.id) == {RowState.DONE: 3}, kind
    assert shop.live_variants() == []


async def test_an_enrichment_is_a_job_too(shop: Office) -> None:
    rows = [{"sku": SKU}, {"style": "HQ4276"}, {"sku": SKU.lower()}, {"sku": "NOSUCH-000"}]
    job = (await shop.jobs.start(JobKind.ENRICH, rows)).job
    await shop.work(job.id)

    assert job.total == 3, "a style code that comes twice is done once"
    assert await states(shop, job.id) == {RowState.DONE: 2, RowState.FAILED: 1}
    assert await shop.services.catalog.find_by_sku(SKU) is not None


async def test_writes_that_are_stopped_start_no_job(shop: Office, pairs) -> None:
    await shop.services.guard.stop(actor="anna", reason="stocktaking")

    with pytest.raises(WritesStoppedError, match="stocktaking"):
        await shop.jobs.start(CREATE, pairs)
    assert (await shop.jobs.start(JobKind.ENRICH, [{"sku": SKU}])).is_new


async def test_the_report_has_every_row_in_both_forms_and_can_be_started_again(shop: Office, pairs) -> None:
    options = JobOptions(skip_invalid=True)
    job = (await shop.jobs.start(CREATE, [*pairs, {"sku": "=cmd()", "size": "9", "price": 0}], options=options)).job
    await shop.work(job.id)

    async def report(form: ReportFormat) -> str:
        return "".join([piece async for piece in write_report(shop.jobs.each_row(job.id), form)])

    text = await report(ReportFormat.CSV)
    rows, documents = list(csv.DictReader(io.StringIO(text))), json.loads(await report(ReportFormat.JSON))
    assert [row["state"] for row in rows] == [row["state"] for row in documents] == ["DONE"] * 3 + ["FAILED"]
    assert [(row["line"], row["price"], row["currency"]) for row in rows[:3]] == [
        ("1", "150", "EUR"), ("2", "151", "EUR"), ("3", "152", "EUR"),
    ]  # fmt: skip
    assert all(row["listing_id"] and row["intent"] for row in rows[:3])
    assert (rows[3]["sku"], documents[3]["sku"]) == ("'=cmd()", "=cmd()"), "no formula for a spreadsheet"
    assert documents[3]["reason"] == "The price is zero."
    repeated = await shop.jobs.draft(JobKind.DEACTIVATE, rows_of_text(text, JobKind.DEACTIVATE))
    assert [row.listing_id for row in repeated.checked.rows] == [row["listing_id"] for row in rows[:3]]


async def test_an_empty_report_is_still_a_document(shop: Office) -> None:
    async def nothing() -> AsyncIterator[JobItem]:
        for item in list[JobItem]():
            yield item

    assert json.loads("".join([piece async for piece in write_report(nothing(), ReportFormat.JSON)])) == []


async def test_jobs_are_listed_newest_first_in_pages(shop: Office, pairs) -> None:
    ids = [(await shop.jobs.start(CREATE, [pair])).job.id for pair in pairs]
    await shop.jobs.pause(ids[0])

    page = await shop.jobs.list(limit=2)
    rest = await shop.jobs.list(before=page[-1].id)
    assert {each.id for each in (*page, *rest)} == set(ids)
    assert [each.id for each in await shop.jobs.list(states=[JobState.PAUSED])] == [ids[0]]


@pytest.mark.parametrize("ask", ["get", "progress", "rows", "pause", "resume", "cancel"])
async def test_a_job_that_is_not_there_is_told(shop: Office, ask: str) -> None:
    with pytest.raises(InvalidInputError, match="There is no job 'nothing'"):
        await getattr(shop.jobs, ask)("nothing")
