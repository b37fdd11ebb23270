"""The intent ledger on either database: what may not be at the same time cannot be, and every step leaves its line."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from solegate.db import Database
from solegate.db.repositories.audit import AuditRepository
from solegate.db.repositories.intent_reads import IntentQuery
from solegate.db.repositories.intents import IntentRepository
from solegate.domain.intents import Action, Intent, IntentState, Move, unit_of_listing
from solegate.domain.money import Money
from solegate.errors import AlreadyListedError, UnitBusyError

T0 = datetime(2026, 1, 2, tzinfo=UTC)
PLANNED, SENT, ACCEPTED = IntentState.PLANNED, IntentState.SENT, IntentState.ACCEPTED
UNKNOWN, FAILED, CONFIRMED = IntentState.UNKNOWN, IntentState.FAILED, IntentState.CONFIRMED


def create(number: int, unit: str = "", **changes: object) -> Intent:
    intent = Intent(
        id=f"i{number}",
        account="default",
        action=Action.CREATE,
        unit=unit or f"pair-{number}",
        variant_id=f"v{number}",
        price=Money(Decimal(150), "EUR"),
        actor="tests",
        created_at=T0,
        updated_at=T0,
    )
    return replace(intent, **changes)  # type: ignore[arg-type]


def reprice(number: int, listing_id: str = "l1", **changes: object) -> Intent:
    unit = unit_of_listing(listing_id)
    return replace(create(number, unit), action=Action.UPDATE, listing_id=listing_id, **changes)  # type: ignore[arg-type]


async def add(database: Database, *intents: Intent) -> None:
    intents_of = IntentRepository(database)
    async with database.transaction() as session:
        for intent in intents:
            await intents_of.add(session, intent)


async def move(database: Database, intent_id: str, *states: IntentState, **changes: object) -> None:
    repository = IntentRepository(database)
    async with database.transaction() as session:
        for old, new in itertools.pairwise(states):
            await repository.move(session, intent_id, new, old, changes)


async def test_an_intent_comes_back_as_it_was_written(database: Database) -> None:
    wanted = create(1, expires_at=T0 + timedelta(days=365), caller_key="k", job_id="j", row=7)
    async with database.transaction() as session:
        added = await IntentRepository(database).add(session, wanted)
    async with database.reading() as session:
        assert await IntentRepository(database).get(session, "i1") == added
    assert replace(added, created_at=T0, updated_at=T0) == wanted
    assert added.created_at > T0


async def test_a_pair_is_held_by_one_create_until_it_came_to_nothing(database: Database) -> None:
    await add(database, create(1, "pair"))
    with pytest.raises(AlreadyListedError, match="intent i1, PLANNED"):
        await add(database, create(2, "pair"))
    await move(database, "i1", PLANNED, FAILED)
    await add(database, create(2, "pair"))


async def test_a_create_that_left_a_draft_holds_its_pair_until_that_is_gone(database: Database) -> None:
    await add(database, create(1, "pair"))
    await move(database, "i1", PLANNED, SENT, ACCEPTED, FAILED, listing_id="l1")
    with pytest.raises(AlreadyListedError, match="listing l1"):
        await add(database, create(2, "pair"))
    async with database.transaction() as session:
        released = await IntentRepository(database).release(session, "default", "l1", "deleted")
        assert released is not None
        assert released.released_at
    await add(database, create(2, "pair"))
    async with database.transaction() as session:
        assert await IntentRepository(database).release(session, "default", "l1", "deleted") is None


async def test_the_same_caller_key_gives_the_first_intent_again(database: Database) -> None:
    await add(database, create(1, caller_key="order-7"))
    async with database.transaction() as session:
        again = await IntentRepository(database).add(session, create(2, caller_key="order-7"))
    assert again.id == "i1"


async def test_of_one_unit_one_write_is_planned_and_one_in_flight(database: Database) -> None:
    await add(database, reprice(1))
    with pytest.raises(UnitBusyError):
        await add(database, reprice(2))
    await move(database, "i1", PLANNED, SENT)
    await add(database, reprice(2))
    with pytest.raises(UnitBusyError):
        await move(database, "i2", PLANNED, SENT)
    await move(database, "i1", SENT, UNKNOWN, FAILED)
    await move(database, "i2", PLANNED, SENT)


@pytest.mark.parametrize("state", [SENT, UNKNOWN])
async def test_of_one_size_one_single_create_is_without_a_listing_id(database: Database, state: IntentState) -> None:
    await add(database, create(1), create(2, variant_id="v1"), create(3, variant_id="v1", job_id="j"))
    states = (PLANNED, SENT) if state is SENT else (PLANNED, SENT, UNKNOWN)
    await move(database, "i1", *states)
    with pytest.raises(UnitBusyError):
        await move(database, "i2", PLANNED, SENT)
    await move(database, "i3", PLANNED, SENT)  # a batch shows its tags
    await move(database, "i1", state, ACCEPTED, listing_id="l1")
    await move(database, "i2", PLANNED, SENT)


async def test_a_refused_move_leaves_the_transaction_usable_and_moves_nothing(database: Database) -> None:
    await add(database, reprice(1))
    await move(database, "i1", PLANNED, SENT)
    await add(database, reprice(2), create(3))
    repository = IntentRepository(database)
    both = [Move(intent_id=each, expected=PLANNED, new=SENT) for each in ("i3", "i2")]
    async with database.transaction() as session:
        with pytest.raises(UnitBusyError):
            await repository.move_all(session, both)
        await repository.move(session, "i3", SENT, PLANNED, {"attempts": 5})
    async with database.reading() as session:
        states = [(await repository.get(session, each)) for each in ("i2", "i3")]
    assert [each and (each.state, each.attempts) for each in states] == [(PLANNED, 0), (SENT, 5)]


async def test_of_a_hundred_movers_at_once_one_moves(database: Database) -> None:
    await add(database, create(1))

    async def mover() -> bool:
        try:
            await move(database, "i1", PLANNED, SENT)
        except UnitBusyError:
            return False
        return True

    assert sum(await asyncio.gather(*(mover() for _ in range(100)))) == 1


async def test_a_look_counts_once_however_many_look(database: Database) -> None:
    await add(database, create(1))
    await move(database, "i1", PLANNED, SENT, UNKNOWN)
    repository = IntentRepository(database)

    async def look() -> bool:
        async with database.transaction() as session:
            try:
                await repository.move(session, "i1", UNKNOWN, UNKNOWN, {"looks": 1}, looks=0)
            except UnitBusyError:
                return False
            return True

    assert sum(await asyncio.gather(*(look() for _ in range(5)))) == 1


async def test_every_step_has_its_line_in_the_audit_trail(database: Database) -> None:
    await add(database, create(1, cause="new in stock"))
    repository = IntentRepository(database)
    async with database.transaction() as session:
        await repository.move(session, "i1", SENT, PLANNED, {"attempts": 1}, why="its turn")
        await repository.move(
            session, "i1", FAILED, SENT, {"reason": "no"}, why="rejected", evidence={"status": 400}, actor="rule"
        )
    async with database.reading() as session:
        trail = await AuditRepository(session).of_intent("i1")
    assert [(each.what, each.why, each.actor, each.result) for each in trail] == [
        ("planned", "new in stock", "tests", "PLANNED"),
        ("SENT", "its turn", "tests", "SENT"),
        ("FAILED", "rejected", "rule", "FAILED"),
    ]
    assert trail[0].evidence["price"] == "EUR 150"
    assert trail[2].evidence == {"status": 400}


@pytest.mark.parametrize(
    ("old", "new"), [(PLANNED, CONFIRMED), (FAILED, SENT), (CONFIRMED, PLANNED), (UNKNOWN, SENT), (ACCEPTED, SENT)]
)
def test_an_illegal_move_cannot_even_be_written_down(old: IntentState, new: IntentState) -> None:
    with pytest.raises(ValueError, match="never"):
        Move(intent_id="i1", expected=old, new=new)


async def test_due_are_the_unknown_those_sent_in_vain_and_those_nobody_touched(database: Database) -> None:
    await add(database, *(create(number) for number in range(1, 6)), create(6, job_id="j"))
    now = datetime.now(UTC)
    await move(database, "i1", PLANNED, SENT, UNKNOWN)
    await move(database, "i2", PLANNED, SENT, send_before=now - timedelta(seconds=1))
    await move(database, "i3", PLANNED, SENT, send_before=now + timedelta(seconds=60))
    await move(database, "i4", PLANNED, SENT, ACCEPTED)
    await move(database, "i6", PLANNED, SENT, UNKNOWN)
    repository = IntentRepository(database)
    async with database.reading() as session:
        due = await repository.due(session, "default", stale=now - timedelta(hours=1))
        assert {each.id for each in due} == {"i1", "i2"}
        due = await repository.due(session, "default", stale=now + timedelta(hours=1))
        assert {each.id for each in due} == {"i1", "i2", "i3", "i4", "i5"}


async def test_pages_show_what_is_asked_for(database: Database) -> None:
    await add(database, *(create(number, job_id="j", row=number) for number in range(1, 8)), create(9, account="other"))
    await move(database, "i2", PLANNED, SENT, ACCEPTED, listing_id="l2")
    repository = IntentRepository(database)
    async with database.reading() as session:

        async def ids(**query: object) -> list[str]:
            found = await repository.page(session, IntentQuery(account="default", **query), limit=4)  # type: ignore[arg-type]
            return [each.id for each in found]

        assert len(await ids()) == 4
        assert await ids(states=(ACCEPTED,)) == ["i2"]
        assert await ids(listing_id="l2") == ["i2"]
        assert await ids(variant_id="v3", job_id="j") == ["i3"]
        assert await repository.owned_listings(session, "default", ["l1", "l2"]) == {"l2"}
        assert await repository.held_units(session, "default", "v3") == {"pair-3"}


async def test_in_the_way_are_writes_of_the_unit_and_loose_creates_of_the_size(database: Database) -> None:
    await add(database, create(1), create(2, variant_id="v1"), create(3, variant_id="v1", job_id="j"), create(4))
    await move(database, "i1", PLANNED, SENT)
    await move(database, "i3", PLANNED, SENT)
    await move(database, "i4", PLANNED, SENT)
    repository = IntentRepository(database)
    async with database.reading() as session:
        second = await repository.get(session, "i2")
        assert second
        assert [each.id for each in await repository.in_the_way(session, second)] == ["i1"]
