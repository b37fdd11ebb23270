"""A job that lists pairs: each row ends with a listing that was seen as asked for, or with StockX's reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from solegate.client.policy.rate import OFFICIAL
from solegate.db.repositories.audit import AuditRepository
from solegate.domain.intents import IntentState
from solegate.domain.jobs import JobState, RowState
from solegate.simulator import Limits, Pace
from support.bulk import CALM, Yard, play, states


def test_every_pair_is_listed_once_at_its_price(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(250)
        await yard.drive()

        rows = await yard.rows()
        assert states(rows) == {RowState.DONE: 250}
        assert (await yard.job()).state is JobState.DONE
        listings = {each.id: each for each in yard.simulator.listings.all()}
        assert len({row.listing_id for row in rows}) == len(listings) == yard.live() == 250
        for row in rows:
            listing = listings[row.listing_id or ""]
            assert row.price is not None
            assert (listing.variant_id, listing.amount, listing.currency) == (row.variant_id, row.price.amount, "EUR")
        intents = (await yard.intents()).values()
        assert {each.state for each in intents} == {IntentState.CONFIRMED}
        assert len({(each.variant_id, each.expires_at) for each in intents}) == 250, "each ask carries its own tag"

    play(upgraded_url, story)


def test_under_the_official_limits_items_are_what_a_job_waits_for(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(1_200)
        await yard.drive()

        report = yard.simulator.report()
        assert states(await yard.rows()) == {RowState.DONE: 1_200}
        assert (report.refused, report.items_refused, report.double_asks) == (0, 0, {})
        assert report.busiest_items <= 500
        job = await yard.job()
        assert job.started_at is not None
        assert job.finished_at is not None
        seconds = (job.finished_at - job.started_at).total_seconds()
        assert seconds < 2 * 300 + 60, "two windows later the last 200 go out"
        assert report.total <= 1_200 / 100 * 12

    play(upgraded_url, story, limits=Limits.official(), profile=OFFICIAL)


def test_pairs_that_sell_at_once_and_asks_that_do_not_open_are_told_apart(upgraded_url: str) -> None:
    lively = Pace(settle_failure=0.1, buyers_per_day=5_000.0)

    async def story(yard: Yard) -> None:
        await yard.create_job(300)
        await yard.drive()

        rows = await yard.rows()
        counted = states(rows)
        assert counted[RowState.DONE] + counted[RowState.FAILED] == 300
        failed = [row for row in rows if row.state is RowState.FAILED]
        assert 10 < len(failed) < 60
        for row in failed:
            assert "could not" in row.reason or "not" in row.reason
            assert row.listing_id is not None
            assert row.listing_id in row.advice
        sold = [row for row in rows if row.reason.startswith("Sold already (order ")]
        assert sold
        intents = await yard.intents()
        assert all(intents[row.intent_id or ""].released_at is not None for row in sold), "those pairs are gone"
        assert yard.simulator.report().double_asks == {}

    play(upgraded_url, story, pace=lively)


def test_a_size_that_cannot_be_sold_fails_with_stockxs_sentence_and_nothing_else_does(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(30)
        (unsellable,) = yard.variants(1, sellable=False)
        rows = [replace(row, variant_id=unsellable) if row.number == 7 else row for row in await yard.rows()]
        job = replace(await yard.job(), id="other", key="other")
        await yard.store(job, [replace(row, job_id="other") for row in rows])
        await yard.drive("other")

        ended = {row.number: row for row in await yard.rows("other")}
        assert Counter(row.state for row in ended.values()) == {RowState.DONE: 29, RowState.FAILED: 1}
        listing = yard.simulator.listings.get(ended[7].listing_id or "")
        assert listing is not None
        assert ended[7].reason == listing.operations[-1].error

    play(upgraded_url, story)


def test_the_same_pairs_under_another_name_are_not_listed_again(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(20)
        await yard.drive()
        await yard.create_job(20, job_id="again")
        await yard.drive("again")

        rows = await yard.rows("again")
        first = await yard.rows()
        assert states(rows) == {RowState.FAILED: 20}
        assert rows[0].reason == f"This pair is already listed (listing {first[0].listing_id})."
        assert "`unit`" in rows[0].advice
        assert yard.live() == 20
        assert yard.simulator.report().count("CreateListings") == 1

    play(upgraded_url, story)


def test_a_batch_that_takes_long_is_looked_at_seldom(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(100)
        await yard.drive()

        assert states(await yard.rows()) == {RowState.DONE: 100}
        assert yard.simulator.report().count("GetListingCreateBatch") < 25

    play(upgraded_url, story, pace=replace(CALM, batch_items_per_second=0.1))


def test_the_trail_of_a_pair_tells_what_happened_to_its_chunk_and_to_no_other(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await yard.create_job(110)
        await yard.drive()

        last = (await yard.rows())[-1]
        async with yard.database.reading() as session:
            trail = await AuditRepository(session).of_intent(last.intent_id or "")
        assert [line.what for line in trail] == ["chunk SENT", "chunk ACCEPTED", "chunk WORKED", "chunk DONE"]
        assert {line.evidence["chunk"] for line in trail} == {2}

    play(upgraded_url, story)
