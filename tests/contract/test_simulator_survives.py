"""Whatever anyone sends to the practice market, it answers, and never with a fault of its own.

Requests are generated from StockX's document, right and wrong ones (schemathesis), with ids and words that the market
knows mixed in so that they get past its first check; and then bodies that are anything at all.
"""

from __future__ import annotations

import asyncio
import copy
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contract.calls import OFFERED
from contract.deviations import OPEN_BODIES
from contract.document import Schema, breaches, documented, needs_document, raw
from solegate.client.policy.call import OPERATIONS
from solegate.simulator import Limits, Simulator, SimulatorConfig

pytestmark = needs_document

DAY = 86_400.0
CHECKED = settings(
    max_examples=25, derandomize=True, database=None, deadline=None,
    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
SELDOM_RIGHT = {"UpdateListings": 120}
"""Operations whose requests seldom are, one in twelve, and how many of them it takes to be sure that some are.

What is generated changes with the constants of whatever code a test process has loaded, derandomised or not.
"""
WORDS: Mapping[str, tuple[object, ...]] = {
    "amount": ("250", "250.00", "0", "-1", "1e3", "1e999999", "NaN", "Infinity", "9" * 40, "٢٥", "1_0", " 5 "),
    "currencyCode": ("EUR", "JPY", "eur", "XXX", ""),
    "inventoryType": ("STANDARD", "DIRECT", "FLEX"),
    "expiresAt": ("2035-01-01T00:00:00.000Z", "2035-01-01", "9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00+14:00",
                  "2020-01-01T00:00:00Z", "2035-01-01T00:00:00", "2035-W01-1"),
    "quantity": (1, 2, 0, -1, 1.5, 1e308, 10**30),
    "fromDate": ("2026-01-01", "2026-13-01", "0001-01-01", "9999-12-31", "2026-01-01T00:00:00Z"),
    "toDate": ("2026-12-31", "0001-01-01", "9999-12-31"),
    "listingStatuses": ("ACTIVE", "ACTIVE,INACTIVE", "DELETED", ",", "active"),
    "inventoryTypes": ("STANDARD", "STANDARD,FLEX,DIRECT", ","),
    "orderStatus": ("CREATED", "COMPLETED", "UNKNOWN"),
    "sortOrder": ("CREATEDAT", "SHIPBYDATE"),
    "status": ("QUEUED", "COMPLETED", "FAILED", "In Review"),
    "category": ("sneakers", "trading cards"),
    "pageNumber": (1, 2, 10**12),
}  # fmt: skip
"""What fields and parameters are called with besides what the document suggests."""


@dataclass
class Market:
    """A practice market with something in it, and a way to ask it."""

    simulator: Simulator
    headers: Mapping[str, str]
    words: dict[str, tuple[object, ...]]
    likely: dict[str, dict[str, object]] = field(default_factory=dict)
    """By part of a path, the word that goes before all others there."""

    def ask(self, *requests: tuple[str, str, Any, bytes | None]) -> list[httpx2.Response]:
        """The answers to requests: method, path, query, body."""

        async def story() -> list[httpx2.Response]:
            transport = httpx2.ASGITransport(app=self.simulator.app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://practice/v2") as client:
                return [
                    await client.request(method, path, params=query, content=body, headers=self.headers)
                    for method, path, query, body in requests
                ]

        return asyncio.run(story())

    def post(self, path: str, body: object) -> Any:
        """The answer to a write that goes well."""
        (answer,) = self.ask(("POST", path, None, json.dumps(body).encode()))
        assert answer.is_success, answer.text
        return answer.json()


def mixed(node: Any, words: Mapping[str, tuple[object, ...]], dice: random.Random) -> Any:
    """Generated values with our words in most places that have a name we know; the first word is the likeliest."""
    if isinstance(node, list):
        return [mixed(each, words, dice) for each in node]
    if not isinstance(node, dict):
        return node
    return {key: _word(words[key], dice) if key in words and dice.random() < 0.9 else mixed(value, words, dice)
            for key, value in node.items()}  # fmt: skip


def _word(words: tuple[object, ...], dice: random.Random) -> object:
    return words[0] if dice.random() < 0.85 else dice.choice(words)


def closed(document: Schema) -> Schema:
    """The document without the bodies that it leaves open, of which hardly one would mean anything."""
    document = copy.deepcopy(document)
    for name in OPEN_BODIES:
        operation = document["paths"][documented()[name].path][documented()[name].method.lower()]
        content = operation["requestBody"]["content"]["application/json"]
        content["schema"] = content["schema"]["anyOf"][0]
    return document


@pytest.fixture
def market() -> Market:
    simulator = Simulator(SimulatorConfig(products=40, limits=Limits.off()))
    token = simulator.issue_tokens().access_token
    headers = {"authorization": f"Bearer {token}", "x-api-key": "practice-key"}
    product = simulator.catalog.products[0]
    variant = product.variants[0]
    words = {"productId": (product.id,), "variantId": (variant.id, product.variants[-1].id), "query": (product.title,)}
    words["gtin"] = tuple(gtin.identifier for each in product.variants for gtin in each.gtins)[:2]
    market = Market(simulator, headers, {**WORDS, **words})
    fill(market, variant.id)
    return market


def fill(market: Market, variant_id: str) -> None:
    """Listings, batches and an order, whose ids join the words."""
    new = {"amount": "250", "variantId": variant_id, "currencyCode": "EUR"}
    made = [market.post("/selling/listings", {**new, "inventoryType": "DIRECT"}) for _ in range(4)]
    listings = tuple(each["listingId"] for each in made)
    draft = market.post("/selling/listings", {**new, "active": False})["listingId"]
    change = {"listingId": listings[1], "amount": "240"}
    batches = {
        "create": market.post("/selling/batch/create-listing", {"items": [{**new, "quantity": 3}]}),
        "update": market.post("/selling/batch/update-listing", {"items": [change]}),
        "delete": market.post("/selling/batch/delete-listing", {"items": [{"listingId": listings[2]}]}),
    }
    market.simulator.advance(60)
    order = market.simulator.sell(listings[-1])
    market.simulator.advance(3600)
    (detail,) = market.ask(("GET", f"/selling/orders/{order}", None, None))
    shipping_id = detail.json()["initiatedShipments"]["inbound"]["displayId"]
    products = [{"category": "sneakers", **OFFERED}]
    job = market.post("/catalog/ingestion", {"items": products})
    ids = {kind: each["batchId"] for kind, each in batches.items()}
    market.words |= {
        "listingId": listings,
        "operationId": tuple(each["operationId"] for each in made),
        "batchId": tuple(ids.values()),
        "productIds": market.words["productId"],
        "variantIds": (*market.words["variantId"], ",".join(map(str, market.words["variantId"]))),
        "batchIds": (ids["create"], ",".join(ids.values())),
        "orderNumber": (order,),
        "shippingId": (shipping_id,),
        "ingestionId": (job["ingestionId"],),
    }
    market.likely = {f"{kind}-listing": {"batchId": batch_id} for kind, batch_id in ids.items()}
    market.likely |= {"/activate": {"listingId": draft}, "/catalog/ingestion": {"items": products}}


def sound(answers: list[httpx2.Response]) -> bool:
    """Whether the market answered them itself, and in JSON wherever it refused."""
    return all(each.status_code < 500 and (each.is_success or each.json()) for each in answers)


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.parametrize("name", [each.name for each in OPERATIONS])
def test_any_request_is_answered(market, name, mode):
    operation = documented()[name]
    generator = schemathesis.openapi.from_dict(closed(raw()))[operation.path][operation.method]
    likely = {key: word for part, each in market.likely.items() if part in operation.path for key, word in each.items()}
    words = market.words | {key: (word, *market.words.get(key, ())) for key, word in likely.items()}
    seen = []

    @settings(CHECKED, max_examples=SELDOM_RIGHT.get(name, CHECKED.max_examples))
    @given(generator.as_strategy(generation_mode=mode), st.randoms(use_true_random=False))
    def answered(case: schemathesis.Case[Any], dice: random.Random) -> None:
        ids = {key: quote(str(value), "") for key, value in mixed(case.path_parameters, words, dice).items()}
        sent = mixed(case.as_transport_kwargs(base_url=""), words, dice)
        body = json.dumps(sent["json"]).encode() if "json" in sent else sent.get("data")
        query = mixed(dict(case.query), words, dice)
        content = body if isinstance(body, bytes) else None
        answers = market.ask((operation.method, operation.path.format(**ids), query, content))
        seen.extend(answers)
        assert sound(answers), answers[0].text
        schema = operation.answer
        assert all(not list(breaches(each.json(), schema)) for each in answers if schema and each.is_success)

    answered()
    assert any(each.is_success for each in seen) or mode is schemathesis.GenerationMode.NEGATIVE, "it got nowhere"
    assert goes_on(market)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([10**4000, "\ud800", -0.0]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from([*WORDS, "items"]), below, max_size=4),
    max_leaves=12,
)
MONSTERS = (b"[" * 5_000, b'{"amount":%s}' % (b"9" * 5_000), b'{"amount":"1","amount":NaN}', b"\xff\xfe{\x00}\x00")
BODIES = JSON.map(lambda value: json.dumps(value).encode()) | st.binary() | st.sampled_from(MONSTERS)


@pytest.mark.parametrize("name", [each.name for each in OPERATIONS if each.method != "GET"])
def test_any_body_is_answered(market, name):
    operation = documented()[name]
    path = operation.path.replace("{listingId}", str(market.words["listingId"][0]))

    @CHECKED
    @given(BODIES)
    def answered(body: bytes) -> None:
        assert sound(market.ask((operation.method, path, None, body)))

    answered()
    assert goes_on(market)


def goes_on(market: Market) -> bool:
    """Whether the market's days pass as before after all that it was sent."""
    for _ in range(3):
        market.simulator.advance(DAY)
    paths = ("/selling/listings", "/selling/orders/active", "/selling/orders/history")
    return sound(market.ask(*(("GET", path, {"pageSize": "100"}, None) for path in paths)))
