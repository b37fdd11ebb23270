"""The event log: requests, the market and the scenario in one order, the same bytes for the same run."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal

from solegate.client.options import CallOptions
from solegate.client.requests import NewListing
from solegate.clock import LoopClock
from solegate.domain.money import Money
from solegate.errors import StockXError
from solegate.simulator import Limits, Simulator, SimulatorConfig, parse_scenario
from solegate.simulator.state.events import EventLog
from solegate.testing import practice_client, run_virtual
from unit.simulator.helpers import START, caller, unlimited

ONCE = CallOptions(max_attempts=1)
"""The client's pauses before another attempt are random on purpose; here each call is one request."""

SCENARIO = parse_scenario(
    """
name: a bit of everything
latency: [0.05, 0.4]
events:
  - {at: 2s, for: 60s, fault: {kind: status, status: 503, probability: 0.3}}
  - {at: 10s, for: 60s, fault: {kind: delay, delay: 2, probability: 0.5}}
  - {at: 30s, expire_tokens: true}
  - {at: 2h, sell: any}
"""
)


def one_run(seed: int) -> bytes:
    """A real client lists and reads while the scenario is played; the log of it."""

    async def story() -> bytes:
        clock = LoopClock()
        config = SimulatorConfig(seed=seed, limits=Limits.off(), products=40)
        simulator = Simulator(config, clock=clock, scenario=SCENARIO)
        async with practice_client(simulator=simulator, clock=clock) as market:
            product = simulator.catalog.products[0]
            for number, variant in enumerate(product.variants[:6]):
                with suppress(StockXError):
                    await market.service.create_listing(
                        NewListing(variant.id, Money(Decimal(200 + number), "USD")), options=ONCE
                    )
                with suppress(StockXError):
                    await market.service.get_variant_market_data(product.id, variant.id, options=ONCE)
                await clock.sleep(7)
            simulator.advance(3 * 3600)
            return simulator.dump_events()

    return run_virtual(story())


def test_the_same_seed_scenario_and_calls_give_the_same_bytes():
    first = one_run(7)
    assert first == one_run(7)
    assert first != one_run(8)


def test_requests_market_and_scenario_stand_in_one_log_numbered_in_order():
    events = [json.loads(line) for line in one_run(7).splitlines()]
    assert {event["kind"] for event in events} == {"request", "market", "scenario"}
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert {event["status"] for event in events if event["kind"] == "request"} >= {201, 503}
    assert {"operation SUCCEEDED", "begins", "ends", "listing MATCHED"} <= {event["operation"] for event in events}


def test_a_note_has_its_own_time_and_is_no_request():
    log = EventLog()
    log.note(START, "order RECEIVED", "04-1")
    (event,) = log.events()
    assert (event.at, event.operation, event.detail, event.kind) == (START, "order RECEIVED", "04-1", "market")
    assert log.counts.total() == 0


async def test_the_log_can_be_fetched_as_lines():
    simulator = unlimited()
    async with caller(simulator) as client:
        await client.get("/catalog/search?query=nike")
        lines = await client.get("http://practice/_sim/events.jsonl")
    assert lines.content == simulator.dump_events()
    assert json.loads(lines.content)["operation"] == "Search"
