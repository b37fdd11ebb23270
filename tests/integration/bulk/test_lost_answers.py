"""Answers that get lost: what StockX took is found, what it did not take is sent again, nothing is there twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from solegate.domain.intents import IntentState
from solegate.domain.jobs import RowState
from solegate.domain.reconciliation import ReconcilePolicy
from solegate.services.bulk.desk import BulkPolicy
from solegate.simulator import Fault, FaultKind
from support.bulk import CALM, Yard, play, states

TAKEN = [
    Fault(kind=FaultKind.DROP_AFTER, operation="CreateListings", times=1),
    Fault(kind=FaultKind.RESET_AFTER, operation="CreateListings", times=1),
    Fault(kind=FaultKind.HANG_AFTER, operation="CreateListings", times=1, delay=120.0),
    Fault(kind=FaultKind.COMMIT_THEN_STATUS, operation="CreateListings", times=1, status=500),
    Fault(kind=FaultKind.COMMIT_THEN_STATUS, operation="CreateListings", times=1, status=504),
    Fault(kind=FaultKind.TRUNCATED, operation="CreateListings", times=1),
    Fault(kind=FaultKind.EMPTY_BODY, operation="CreateListings", times=1),
]
NOT_TAKEN = [
    Fault(kind=FaultKind.DROP, operation="CreateListings", times=1),
    Fault(kind=FaultKind.RESET, operation="CreateListings", times=1),
    Fault(kind=FaultKind.STATUS, operation="CreateListings", times=1, status=503),
    Fault(kind=FaultKind.EMPTY_504, operation="CreateListings", times=1),
    Fault(kind=FaultKind.HANG, operation="CreateListings", times=1, delay=120.0),
]
REFUSED = [
    Fault(kind=FaultKind.THROTTLE, operation="CreateListings", times=2, retry_after="3"),
    Fault(kind=FaultKind.BATCH_LIMIT, operation="CreateListings", times=1),
    Fault(kind=FaultKind.HTML_403, operation="CreateListings", times=1),
    Fault(kind=FaultKind.UNAUTHORIZED, operation="CreateListings", times=1),
]


def name(fault: Fault) -> str:
    return f"{fault.kind}-{fault.status}"


@pytest.mark.parametrize("fault", TAKEN, ids=name)
def test_a_batch_whose_answer_is_lost_is_found_by_its_tags(upgraded_url: str, fault: Fault) -> None:
    async def story(yard: Yard) -> None:
        yard.simulator.inject(fault)
        await yard.create_job(130)
        await yard.drive()

        assert states(await yard.rows()) == {RowState.DONE: 130}
        assert {each.attempts for each in (await yard.intents()).values()} == {1}
        assert yard.live() == 130
        assert yard.simulator.report().double_asks == {}
        assert yard.simulator.report().count("CreateListings") == 2

    play(upgraded_url, story)


@pytest.mark.parametrize("fault", NOT_TAKEN, ids=name)
def test_a_batch_that_never_arrived_is_sent_again_after_the_grace(upgraded_url: str, fault: Fault) -> None:
    grace = timedelta(minutes=10)

    async def story(yard: Yard) -> None:
        yard.simulator.inject(fault)
        await yard.create_job(130)
        began = yard.clock.now()
        await yard.drive()

        assert states(await yard.rows()) == {RowState.DONE: 130}
        assert yard.live() == 130
        assert yard.simulator.report().double_asks == {}
        assert yard.clock.now() - began >= grace, "not before"
        attempts = [each.attempts for each in (await yard.intents()).values()]
        assert (attempts.count(1), attempts.count(2)) == (30, 100)
        searches = [chunk for chunk in await yard.chunks() if chunk.number == 1]
        assert searches[0].looks <= 2, "three rounds decide"

    play(upgraded_url, story)


@pytest.mark.parametrize("fault", REFUSED, ids=name)
def test_a_batch_that_was_surely_refused_is_sent_again_without_a_search(upgraded_url: str, fault: Fault) -> None:
    async def story(yard: Yard) -> None:
        yard.simulator.inject(fault)
        await yard.create_job(100)
        await yard.drive()

        assert states(await yard.rows()) == {RowState.DONE: 100}
        assert yard.live() == 100
        assert (await yard.chunks())[0].number == 1
        assert len(await yard.chunks()) == 1, "it was not lost"

    play(upgraded_url, story)


def test_a_batch_found_before_it_is_worked_off_is_followed_to_its_end(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        yard.simulator.inject(TAKEN[0])
        await yard.create_job(100)
        await yard.drive()

        assert states(await yard.rows()) == {RowState.DONE: 100}
        assert yard.live() == 100

    play(upgraded_url, story, pace=replace(CALM, batch_items_per_second=0.5))


def test_a_batch_is_found_though_none_of_its_asks_opens(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        yard.simulator.inject(TAKEN[0])
        await yard.create_job(100)
        await yard.drive()

        rows = await yard.rows()
        assert states(rows) == {RowState.FAILED: 100}
        assert len(yard.simulator.listings.all()) == 100, "drafts show no tag, their batch does"
        assert all(row.listing_id for row in rows)

    play(upgraded_url, story, pace=replace(CALM, settle_failure=1.0))


def test_a_batch_that_shows_late_is_waited_for(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        yard.simulator.inject(TAKEN[0])
        await yard.create_job(50)
        await yard.drive()

        assert yard.simulator.report().count("CreateListings") == 1
        assert yard.live() == 50

    play(upgraded_url, story, pace=replace(CALM, batch_start_seconds=(400.0, 400.0)))


def test_a_batch_that_shows_after_the_grace_is_taken_back_where_it_is_seen(upgraded_url: str) -> None:
    """StockX would have to take longer than the grace: the one way to two asks of a pair, and not for long."""
    hasty = BulkPolicy(reconcile=ReconcilePolicy(first_look=timedelta(seconds=1), grace=timedelta(seconds=20)))

    async def story(yard: Yard) -> None:
        yard.simulator.inject(TAKEN[0])
        await yard.create_job(50)
        await yard.drive()
        await yard.clock.sleep(60)

        assert yard.simulator.report().count("CreateListings") == 2
        assert states(await yard.rows()) == {RowState.DONE: 50}
        assert yard.live() == 50
        assert yard.simulator.report().double_asks == {}

    play(upgraded_url, story, pace=replace(CALM, batch_start_seconds=(60.0, 60.0)), policy=hasty)


def test_a_request_that_was_delivered_twice_leaves_one_listing_of_each_pair(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        yard.simulator.inject(Fault(kind=FaultKind.DUPLICATE_DELIVERY, operation="CreateListings", times=1))
        await yard.create_job(60)
        await yard.drive()

        assert states(await yard.rows()) == {RowState.DONE: 60}
        await yard.clock.sleep(60)
        assert yard.simulator.report().double_asks == {}
        assert yard.live() == 60

    play(upgraded_url, story)


def test_an_unknown_intent_is_said_to_be_reconciled_where_its_listing_was_found(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        yard.simulator.inject(Fault(kind=FaultKind.DROP_AFTER, operation="CreateListings", times=1))
        await yard.create_job(10)
        await yard.step()
        assert {each.state for each in (await yard.intents()).values()} == {IntentState.UNKNOWN}
        assert states(await yard.rows()) == {RowState.SUBMITTED: 10}
        await yard.drive()
        assert {each.state for each in (await yard.intents()).values()} == {IntentState.CONFIRMED}

    play(upgraded_url, story)
