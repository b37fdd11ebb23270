"""The intents of a chunk: written once, written over without undoing what a sync did, found by unit and listing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from solegate.db import Database
from solegate.db.repositories.job_intents import JobIntents
from solegate.domain.intents import Action, Intent, IntentState

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def intent(number: int = 1, **changes: Any) -> Intent:
    base = Intent(
        id=f"job:{number}",
        account="default",
        action=Action.CREATE,
        unit=f"pair {number}",
        job_id="job",
        row=number,
        state=IntentState.SENT,
        created_at=NOON,
        updated_at=NOON,
    )
    return replace(base, **changes)


async def add(database: Database, *intents: Intent) -> set[str]:
    async with database.transaction() as session:
        return await JobIntents(session).add(intents)


async def test_an_intent_in_whose_way_another_stands_is_not_written_and_the_others_are(database: Database) -> None:
    assert await add(database, intent(1)) == {"job:1"}
    assert await add(database, intent(2), intent(3, unit="pair 1")) == {"job:2"}

    async with database.reading() as session:
        intents = JobIntents(session)
        assert set(await intents.get(["job:1", "job:2", "job:3"])) == {"job:1", "job:2"}
        assert (await intents.holders("default", ["pair 1", "pair 9"]))["pair 1"].id == "job:1"


async def test_what_a_sync_gave_free_meanwhile_stays_free(database: Database) -> None:
    mine = intent(1, listing_id="listing")
    await add(database, mine)
    async with database.transaction() as session:
        await JobIntents(session).release("default", ["listing"], NOON + timedelta(hours=1))
    async with database.transaction() as session:
        await JobIntents(session).save([replace(mine, state=IntentState.ACCEPTED, batch_id="batch")])

    async with database.reading() as session:
        (kept,) = (await JobIntents(session).get(["job:1"])).values()
    assert (kept.state, kept.batch_id) == (IntentState.ACCEPTED, "batch")
    assert kept.released_at == NOON + timedelta(hours=1)


async def test_a_pair_that_came_to_nothing_is_given_free(database: Database) -> None:
    await add(database, intent(1))
    failed = intent(1, state=IntentState.FAILED, released_at=NOON)
    async with database.transaction() as session:
        await JobIntents(session).save([failed])

    assert await add(database, intent(2, unit="pair 1")) == {"job:2"}


async def test_others_are_those_of_other_jobs_and_of_nobody(database: Database) -> None:
    await add(database, intent(1), intent(2, job_id="other"), intent(3, job_id=None, variant_id="size"))

    async with database.reading() as session:
        units = [f"pair {number}" for number in (1, 2, 3)]
        found = await JobIntents(session).others("default", units, [IntentState.SENT], job_id="job")
    assert set(found) == {"pair 2", "pair 3"}


async def test_owners_and_known_batches_are_those_of_the_account(database: Database) -> None:
    await add(
        database, intent(1, listing_id="a", batch_id="x"), intent(2, account="other", listing_id="b", batch_id="y")
    )

    async with database.reading() as session:
        intents = JobIntents(session)
        assert await intents.owners("default", ["a", "b"]) == {"a": "job:1"}
        assert await intents.known_batches("default", {"x", "y"}) == {"x"}


async def test_what_is_planned_of_a_cancelled_job_is_given_up(database: Database) -> None:
    await add(database, intent(1, state=IntentState.PLANNED), intent(2))
    async with database.transaction() as session:
        await JobIntents(session).abandon("job", NOON)

    async with database.reading() as session:
        kept = await JobIntents(session).get(["job:1", "job:2"])
    assert kept["job:1"].state is IntentState.ABANDONED
    assert kept["job:1"].released_at == NOON
    assert kept["job:2"].state is IntentState.SENT
