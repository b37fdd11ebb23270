"""Scenarios: read with good complaints, played at their times, taken back when they end."""

from __future__ import annotations

from decimal import Decimal

import pytest

from solegate.simulator import (
    Limits,
    Pace,
    ScenarioError,
    Simulator,
    SimulatorConfig,
    load_scenario,
    parse_scenario,
    shipped_scenarios,
)
from solegate.simulator.scenario import parse_duration
from solegate.simulator.state.records import NewListing
from unit.simulator.helpers import START, HandClock, caller, unlimited

SEARCH = "/catalog/search?query=nike"


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), ("1d", 86_400), ("1.5h", 5400), ("0s", 0)]
)
def test_durations(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "10", 10, "10x", "-1m", "1m30s", "m", None])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="a duration such as"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: [", "line 1: this is no YAML"),
        ("- 1", "line 1: Input should be a dictionary"),
        ("description: x", "line 1: name: Field required"),
        ("name: x\nfoo: 1", "line 2: foo: Unexpected keyword argument"),
        ("name: x\nlimits: {per_second: 0}", "line 2: limits: per_second must be at least 1"),
        ("name: x\nevents:\n- at: 5\n  fault: {kind: drop}", "line 3: event 1.at: a duration such as"),
        ("name: x\nevents:\n- at: 5m\n", "line 3: event 1: one of fault, limits"),
        ("name: x\nevents:\n- {at: 1m, sell: any}\n- {at: 5m, for: 1m, sell: any}", "line 4: event 2: `for` goes with"),
        ("name: x\nevents:\n- at: 5m\n  fault:\n    kind: boom\n", "line 5: event 1.fault.kind: Input should be"),
        ("name: x\nevents:\n- {at: 5m, sell: any, expire_tokens: true}", "line 3: event 1: one of"),
    ],
)
def test_a_bad_file_says_where_and_why(text, complaint):
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("event", "complaint"),
    [
        ("fault: {kind: drop, operation: Nope}", "event 1: unknown operation 'Nope'"),
        ("price: {style: NOPE-1, factor: 2}", "event 1: no product of the catalog has the style 'NOPE-1'"),
        ("sell: {style: NOPE-1}", "event 1: no product of the catalog has the style 'NOPE-1'"),
    ],
)
def test_what_does_not_exist_is_refused_before_anything_happens(event, complaint):
    simulator = unlimited()
    with pytest.raises(ScenarioError, match=complaint):
        simulator.play(parse_scenario(f"name: x\nevents:\n- at: 1m\n  {event}"))
    assert len(simulator.agenda) == 0


@pytest.mark.parametrize("name", ["calm-day", "drop-day", "bad-day"])
def test_the_shipped_scenarios_can_be_played_to_their_end(name):
    scenario = load_scenario(name)
    simulator = Simulator(SimulatorConfig(products=60), clock=HandClock(), scenario=scenario)
    simulator.advance(2 * 86_400)
    happened = [event for event in simulator.events() if event.kind == "scenario"]
    assert sum(event.operation in ("begins", "happens") for event in happened) == len(scenario.events)
    assert sum(event.operation == "ends" for event in happened) == sum(e.lasts is not None for e in scenario.events)


def test_the_shipped_scenarios_are_three():
    assert shipped_scenarios() == ("bad-day", "calm-day", "drop-day")


def test_a_name_that_is_neither_shipped_nor_a_file():
    with pytest.raises(ScenarioError, match="nope: no such file, and none of the shipped scenarios bad-day"):
        load_scenario("nope")


async def test_a_fault_begins_and_ends():
    clock = HandClock()
    simulator = unlimited(clock)
    simulator.play(parse_scenario("name: x\nevents:\n- {at: 10m, for: 5m, fault: {kind: empty_504}}"))
    statuses = []
    async with caller(simulator) as client:
        for _ in range(4):
            statuses.append((await client.get(SEARCH)).status_code)
            clock.elapsed += 300
    assert statuses == [200, 200, 504, 200]


async def test_tokens_expire_and_logins_end():
    clock = HandClock()
    simulator = unlimited(clock)
    simulator.play(parse_scenario("name: x\nevents:\n- {at: 1m, expire_tokens: true}\n- {at: 2m, revoke_tokens: true}"))
    async with caller(simulator) as client:
        assert (await client.get(SEARCH)).status_code == 200
        clock.elapsed = 60
        assert (await client.get(SEARCH)).status_code == 401
        clock.elapsed = 119
        async with caller(simulator) as renewed:
            assert (await renewed.get(SEARCH)).status_code == 200
            clock.elapsed = 120
            assert (await renewed.get(SEARCH)).status_code == 401


def test_limits_and_pace_change_and_come_back():
    simulator = unlimited(pace=Pace(buyers_per_day=1))
    simulator.play(
        parse_scenario(
            "name: x\nevents:\n"
            "- {at: 1m, for: 1m, limits: {per_second: 3}}\n"
            "- {at: 1m, for: 1m, pace: {settle_seconds: [9, 9]}}"
        )
    )
    simulator.advance(60)
    assert simulator.report().limits.per_second == 3
    assert simulator.listings.pace == Pace(settle_seconds=(9, 9))
    simulator.advance(60)
    assert simulator.report().limits.per_second is None
    assert simulator.listings.pace == Pace(buyers_per_day=1)


async def test_a_hype_multiplies_the_price_and_ends():
    simulator, calm = unlimited(), unlimited()
    style = simulator.catalog.sample_style_ids(1)[0]
    product = simulator.catalog.by_style(style)
    assert product is not None
    simulator.play(parse_scenario(f"name: x\nevents:\n- {{at: 1m, for: 1h, price: {{style: {style}, factor: 3}}}}"))
    path = f"/catalog/products/{product.id}/market-data"
    for seconds, factor in ((0, 1), (60, 3), (3600, 1)):
        simulator.advance(seconds)
        calm.advance(seconds)
        async with caller(simulator) as hyped, caller(calm) as usual:
            one, other = (await hyped.get(path)).json(), (await usual.get(path)).json()
        bids = [
            (int(a["highestBidAmount"]), int(b["highestBidAmount"]))
            for a, b in zip(one, other, strict=True)
            if a["highestBidAmount"]
        ]
        assert all(abs(a - factor * b) <= factor for a, b in bids)


def test_a_buyer_takes_the_lowest_live_ask():
    simulator = unlimited(pace=Pace(settle_failure=0, buyers_per_day=0))
    product = simulator.catalog.products[0]
    new = [
        simulator.listings.create(NewListing(variant_id=product.variants[0].id, amount=Decimal(amount)), START)
        for amount in (300, 200, 250)
    ]
    simulator.play(parse_scenario("name: x\nevents:\n- {at: 1m, sell: any}\n- {at: 2m, sell: any}"))
    simulator.advance(60)
    assert [each.status for each in new] == ["ACTIVE", "MATCHED", "ACTIVE"]
    simulator.advance(60)
    assert [each.status for each in new] == ["ACTIVE", "MATCHED", "MATCHED"]


def test_nobody_can_buy_what_is_not_for_sale():
    simulator = unlimited()
    simulator.play(parse_scenario("name: x\nevents:\n- {at: 1m, sell: any}"))
    simulator.advance(60)
    assert "nothing to sell" in [event.operation for event in simulator.events()]


def test_seed_limits_and_latency_replace_the_configuration():
    scenario = parse_scenario("name: x\nseed: 9\nlimits: guide\nlatency: [0.1, 0.2]\npace: {locale: de}")
    config = scenario.configured(SimulatorConfig(seed=1, products=50))
    assert (config.seed, config.limits, config.latency, config.products) == (9, Limits.guide(), (0.1, 0.2), 50)
    assert config.pace.locale == "de"


def test_the_overview_tells_what_happens_when():
    scenario = parse_scenario(
        "name: x\nevents:\n- {at: 2h, revoke_tokens: true}\n- {at: 90s, for: 5m, fault: {kind: drop}}"
    )
    assert [line.strip() for line in scenario.overview()] == ["90s  fault drop on *, for 5m", "2h  every login ends"]
