"""Listing a pair through the ledger: a draft, then for sale, read back; the pair is held for as long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from solegate.client.requests import NewListing
from solegate.domain.intents import IntentState, Knowledge
from solegate.domain.money import Money
from solegate.domain.tags import carries_tag, tag_of
from solegate.errors import AlreadyListedError, InvalidInputError
from solegate.services.ledger import Origin
from solegate.simulator import Fault, FaultKind
from support.ledger_shop import ME, QUIET, Play, Shop, eur

CONFIRMED, FAILED, UNKNOWN = IntentState.CONFIRMED, IntentState.FAILED, IntentState.UNKNOWN


def test_a_pair_is_listed_as_a_draft_put_up_for_sale_and_read_back(play: Play) -> None:
    async def story(shop: Shop) -> None:
        intent = await shop.create()
        listing = shop.listing(intent)
        assert (intent.state, intent.knowledge, intent.attempts) == (CONFIRMED, Knowledge.APPLIED, 1)
        assert (listing.status, Money(listing.amount, listing.currency)) == ("ACTIVE", eur(150))
        assert [each.type for each in listing.operations] == ["CREATE", "ACTIVATE"]
        assert (shop.requests("Create"), shop.requests("ActivateListing")) == (1, 1)
        assert shop.counted("create") == {"SENT": 1, "ACCEPTED": 1, "CONFIRMED": 1}
        assert shop.requests() <= 5  # at one request a second each look in vain costs a second
        assert listing.ask
        assert carries_tag(listing.ask.expires_at, tag_of(intent.id))
        assert listing.ask.expires_at - shop.process.clock.now() > timedelta(days=364)

    play(story)


def test_a_wanted_expiry_is_kept_exactly(play: Play) -> None:
    async def story(shop: Shop) -> None:
        until = shop.process.clock.now() + timedelta(days=30)
        listing = shop.listing(await shop.create(expires_at=until))
        assert listing.ask
        assert listing.ask.expires_at == until

    play(story)


def test_a_draft_stays_a_draft(play: Play) -> None:
    async def story(shop: Shop) -> None:
        intent = await shop.create(active=False)
        assert (intent.state, shop.listing(intent).status) == (CONFIRMED, "INACTIVE")
        assert shop.requests("ActivateListing") == 0

    play(story)


def test_a_named_pair_is_listed_once_until_its_listing_is_deleted(play: Play) -> None:
    async def story(shop: Shop) -> None:
        first = await shop.create(unit="shelf 7")
        with pytest.raises(AlreadyListedError, match=str(first.listing_id)):
            await shop.create(unit="shelf 7")
        assert first.listing_id
        await shop.settled(await shop.ledger.delete(first.listing_id, ME))
        again = await shop.create(unit="shelf 7")
        assert again.state is CONFIRMED
        assert again.listing_id != first.listing_id

    play(story)


@pytest.mark.parametrize("unit", ["", "  ", " shelf", "x" * 201, "listing:1"])
def test_a_name_that_is_none_is_refused(play: Play, unit: str) -> None:
    async def story(shop: Shop) -> None:
        with pytest.raises(InvalidInputError, match="name of a pair"):
            await shop.create(unit=unit)
        assert await shop.ledger.find() == ()

    play(story)


def test_unnamed_pairs_of_a_size_are_counted(play: Play) -> None:
    async def story(shop: Shop) -> None:
        units = [(await shop.create()).unit for _ in range(3)]
        assert units == [f"{shop.variant()}#{number}" for number in (1, 2, 3)]
        assert shop.simulator.report().listings == {"ACTIVE": 3}

    play(story)


def test_the_same_caller_key_lists_one_pair_however_often_it_is_used(play: Play) -> None:
    async def story(shop: Shop) -> None:
        listing, key = NewListing(shop.variant(), eur(150)), Origin(actor="tests", caller_key="order-7")
        intents = [await shop.ledger.create(listing, key) for _ in range(3)]
        await shop.settled(intents[0])
        intents.append(await shop.ledger.create(listing, key))
        assert len({each.id for each in intents}) == 1
        assert shop.simulator.report().listings == {"ACTIVE": 1}
        with pytest.raises(InvalidInputError, match="another write"):
            await shop.ledger.create(replace(listing, price=eur(151)), key)

    play(story)


def test_an_activation_that_fails_keeps_the_draft_and_the_pair_until_it_is_deleted(play: Play) -> None:
    async def story(shop: Shop) -> None:
        failed = await shop.create(unit="shelf 7")
        assert (failed.state, failed.knowledge) == (FAILED, Knowledge.NOT_APPLIED)
        assert failed.reason == "StockX failed the ACTIVATE: This item cannot be sold"
        assert failed.released_at is None
        assert shop.listing(failed).status == "INACTIVE"
        with pytest.raises(AlreadyListedError):
            await shop.ledger.create(NewListing(shop.variant(), eur(150)), ME, unit="shelf 7")
        assert failed.listing_id
        deleted = await shop.settled(await shop.ledger.delete(failed.listing_id, ME))
        assert deleted.state is CONFIRMED
        assert (await shop.ledger.get(failed.id)).released_at is not None

    play(story, pace=replace(QUIET, settle_failure=1.0))


def test_what_stockx_refuses_fails_with_its_words_and_frees_the_pair(play: Play) -> None:
    async def story(shop: Shop) -> None:
        shop.simulator.inject(Fault(kind=FaultKind.NOT_READY, operation="Create", times=1))
        refused = await shop.create(unit="shelf 7")
        assert refused.state is FAILED
        assert "billing and shipping" in refused.reason
        assert refused.released_at is not None
        assert (await shop.create(unit="shelf 7")).state is CONFIRMED

    play(story)


@pytest.mark.parametrize("kind", [FaultKind.THROTTLE, FaultKind.UNAUTHORIZED, FaultKind.BATCH_LIMIT])
def test_what_surely_did_not_arrive_is_sent_later(play: Play, kind: FaultKind) -> None:
    async def story(shop: Shop) -> None:
        shop.simulator.inject(Fault(kind=kind, operation="Create", times=4))
        intent = await shop.create(wait=300.0)
        assert (intent.state, intent.attempts) == (CONFIRMED, 1)
        assert shop.simulator.report().listings == {"ACTIVE": 1}

    play(story)


@pytest.mark.parametrize(
    "kind", [FaultKind.DROP_AFTER, FaultKind.EMPTY_BODY, FaultKind.COMMIT_THEN_STATUS, FaultKind.TRUNCATED]
)
def test_a_lost_answer_is_told_as_unknown_and_the_draft_found_at_the_first_look(play: Play, kind: FaultKind) -> None:
    async def story(shop: Shop) -> None:
        shop.simulator.inject(Fault(kind=kind, operation="Create", times=1))
        intent = await shop.create(wait=1.0)
        assert (intent.state, intent.knowledge) == (UNKNOWN, Knowledge.UNKNOWN)
        intent = await shop.settled(intent, wait=30.0)
        assert (intent.state, intent.attempts) == (CONFIRMED, 1)
        assert shop.simulator.report().listings == {"ACTIVE": 1}
        trail = [each.what for each in await shop.ledger.trail(intent.id)]
        assert trail[:4] == ["planned", "SENT", "UNKNOWN", "ACCEPTED"]
        assert shop.counted("create") == {"SENT": 1, "UNKNOWN": 1, "ACCEPTED": 1, "CONFIRMED": 1}

    play(story)


def test_what_never_arrived_is_sent_again_after_the_grace_and_not_before(play: Play) -> None:
    async def story(shop: Shop) -> None:
        shop.simulator.inject(Fault(kind=FaultKind.DROP, operation="Create", times=1))
        began = shop.process.clock.monotonic()
        intent = await shop.create(wait=3_600.0)
        assert (intent.state, intent.attempts) == (CONFIRMED, 2)
        assert 600.0 < shop.process.clock.monotonic() - began < 640.0
        assert shop.simulator.report().listings == {"ACTIVE": 1}

    play(story)


def test_a_second_create_of_the_size_waits_while_one_is_unknown(play: Play) -> None:
    async def story(shop: Shop) -> None:
        shop.simulator.inject(Fault(kind=FaultKind.DROP, operation="Create", times=1))
        first = await shop.create(wait=1.0)
        second = await shop.create(wait=300.0)
        assert (first.state, second.state) == (UNKNOWN, IntentState.PLANNED)
        assert [each.state for each in (await shop.settled(first, 900.0), await shop.settled(second, 900.0))] == [
            CONFIRMED,
            CONFIRMED,
        ]
        assert shop.simulator.report().listings == {"ACTIVE": 2}

    play(story)


def test_a_listing_that_is_not_shown_once_however_late_is_not_given_up(play: Play) -> None:
    async def story(shop: Shop) -> None:
        intent = await shop.create(wait=700.0, unit="shelf 7")
        assert intent.state is IntentState.ACCEPTED
        shop.simulator.inject(Fault(kind=FaultKind.VANISHED, operation="FindById", times=1))
        intent = await shop.settled(intent, wait=3_600.0)
        assert (intent.state, intent.looks, intent.released_at) == (CONFIRMED, 1, None)

    play(story, pace=replace(QUIET, settle_seconds=(900.0, 1_000.0)))


def test_a_listing_that_a_batch_makes_meanwhile_is_not_taken_for_the_draft(play: Play) -> None:
    async def story(shop: Shop) -> None:
        shop.simulator.inject(Fault(kind=FaultKind.DROP, operation="Create", times=1))
        intent = await shop.create(wait=1.0)
        await shop.process.stockx.create_listings([NewListing(shop.variant(), eur(150), active=False)])
        intent = await shop.settled(intent, wait=900.0)
        assert (intent.state, intent.attempts) == (CONFIRMED, 2)
        assert shop.simulator.report().listings == {"ACTIVE": 1, "INACTIVE": 1}

    play(story)


def test_somebody_elses_listing_of_the_size_is_left_alone(play: Play) -> None:
    async def story(shop: Shop) -> None:
        phone = await shop.process.stockx.create_listing(NewListing(shop.variant(), eur(150)))
        shop.simulator.inject(Fault(kind=FaultKind.DROP_AFTER, operation="Create", times=1))
        intent = await shop.create(wait=60.0)
        assert intent.state is CONFIRMED
        assert intent.listing_id != phone.listing_id
        assert shop.simulator.report().listings == {"ACTIVE": 2}

    play(story)
