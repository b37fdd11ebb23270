"""The last-byte gate on real sockets: a write whose sender lost its lease never becomes whole at StockX."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from decimal import Decimal

import pytest

from solegate import CallOptions
from solegate.client.requests import NewListing
from solegate.domain.money import Money
from solegate.errors import LeaseLostError, Outcome
from solegate.simulator import Fault, FaultKind
from solegate.simulator.world.sellable import is_sellable
from solegate.testing import PracticeMarket

WIRES = pytest.mark.parametrize(
    ("tls", "http2"), [(True, True), (True, False), (False, False)], ids=["h2", "tls", "plain"]
)


class Gate:
    """Says what it is told, one answer after the other, and counts how often it was asked."""

    def __init__(self, answers: Iterable[bool]) -> None:
        self._answers: Iterator[bool] = iter(answers)
        self.asked = 0

    def __call__(self) -> bool:
        self.asked += 1
        return next(self._answers)


def new_listing(market: PracticeMarket) -> NewListing:
    seed = market.simulator.config.seed
    for product in market.simulator.catalog.products:
        for variant in product.variants:
            if is_sellable(seed, product, variant):
                return NewListing(variant.id, Money(Decimal(150), "EUR"), active=False)
    raise AssertionError("nothing can be sold")


@WIRES
@pytest.mark.parametrize("answers", [[False], [True, False]], ids=["before its headers", "between headers and body"])
async def test_a_create_that_is_held_back_does_nothing_and_the_client_works_on(socket_market, tls, http2, answers):
    async with socket_market(tls=tls, http2=http2) as market:
        listing, gate = new_listing(market), Gate(answers)
        with pytest.raises(LeaseLostError, match="held back") as caught:
            await market.service.create_listing(listing, options=CallOptions(gate=gate))
        assert not market.simulator.listings.all()
        await market.service.create_listing(listing, options=CallOptions(gate=lambda: True))
        assert len(market.simulator.listings.all()) == 1

    assert caught.value.outcome is Outcome.NOT_APPLIED
    assert caught.value.attempts == 0
    assert gate.asked == len(answers)


@WIRES
async def test_a_write_without_a_body_is_asked_for_before_its_headers_which_are_all_of_it(socket_market, tls, http2):
    async with socket_market(tls=tls, http2=http2) as market:
        made = await market.service.create_listing(new_listing(market))
        remove: Callable[..., Awaitable[object]] = market.service.delete_listing
        with pytest.raises(LeaseLostError):
            await remove(made.listing_id, options=CallOptions(gate=Gate([False])))
        assert market.simulator.report().count("DeleteListing") == 0
        only_once = Gate([True])
        await remove(made.listing_id, options=CallOptions(gate=only_once))
        assert market.simulator.report().count("DeleteListing") == 1

    assert only_once.asked == 1


@WIRES
async def test_a_repeated_write_is_asked_for_each_time_and_what_was_sent_before_stays_unknown(
    socket_market, tls, http2
):
    async with socket_market(tls=tls, http2=http2) as market:
        made = await market.service.create_listing(new_listing(market))
        market.simulator.inject(Fault(kind=FaultKind.DROP_AFTER, operation="DeleteListing", times=1))
        with pytest.raises(LeaseLostError) as caught:
            await market.service.delete_listing(made.listing_id, options=CallOptions(gate=Gate([True, False, False])))

    assert caught.value.outcome is Outcome.UNKNOWN


async def test_a_shut_gate_is_neither_an_attempt_nor_a_failure_of_stockx(socket_market):
    async with socket_market() as market:
        for _ in range(20):
            with pytest.raises(LeaseLostError):
                await market.service.create_listing(new_listing(market), options=CallOptions(gate=lambda: False))
        await market.service.create_listing(new_listing(market))  # no open circuit is in the way
