"""Every request of the real client is one that StockX's document permits."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.calls import CALLS, OFFERED, TRADING_CARD, Ask, Known
from contract.deviations import OPEN_BODIES
from contract.document import Documented, Schema, breaches, documented, needs_document, operation_of, specification
from solegate.client.assembly import ClientConfig
from solegate.client.auth import MemoryTokenStore
from solegate.client.inputs import LISTING_CURRENCIES
from solegate.client.policy.call import OPERATIONS
from solegate.client.requests.ingestion import NewProduct
from solegate.client.requests.listings import ListingChange, NewListing
from solegate.client.service import StockXService
from solegate.client.transport import WireRequest
from solegate.clock import LoopClock
from solegate.domain.money import Money
from solegate.errors import InvalidInputError, StockXError
from solegate.testing import UNLIMITED, ScriptedTransport, run_virtual
from support.client import CANARY, CREDENTIALS, answer, tokens_of

pytestmark = needs_document

BASE = "https://api.test/v2"
CATEGORIES = {
    "sneakers": "IngestionSneakersShoesRequestInput",
    "shoes": "IngestionSneakersShoesRequestInput",
    "apparel": "IngestionApparelAccessoriesRequestInput",
    "accessories": "IngestionApparelAccessoriesRequestInput",
    "collectibles": "IngestionCollectiblesRequestInput",
    "electronics": "IngestionElectronicsRequestInput",
    "trading cards": "IngestionTradingCardsRequestInput",
}
DESCRIPTIVE = ("material", "weight", "dimensions", "partnerProductId", "productURL")
EVERY_FIELD: dict[str, object] = {**OFFERED, **TRADING_CARD, **dict.fromkeys(DESCRIPTIVE, "a text")}
TABLE = Path(__file__).parents[2] / "docs/reference/operations.md"
ONCE = settings(max_examples=60, derandomize=True, database=None, deadline=None)


@dataclass
class Witness:
    """A service whose transport keeps each request, and the method of the service that was asked for it."""

    script: ScriptedTransport = field(default_factory=lambda: ScriptedTransport([answer(404)]))

    def request(self, ask: Ask) -> WireRequest:
        """The one request that a call of the client makes."""

        async def story() -> None:
            clock = LoopClock()
            async with StockXService(
                ClientConfig(CREDENTIALS, api_url=BASE, limits=UNLIMITED),
                token_store=MemoryTokenStore(tokens_of(clock)),
                transport=self.script,
                clock=clock,
            ) as service:
                with suppress(StockXError):
                    await ask(service, Known())

        run_virtual(story())
        (request,) = self.script.requests
        return request


def strict(schema: Any) -> Any:
    """A schema in which no object has a field that is not named: a client has no business with those."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: strict(value) for key, value in schema.items()}
    return inner | ({"additionalProperties": False} if inner.get("properties") else {})


def resolved(schema: Schema) -> Schema:
    """A schema with what it refers to in its place."""
    if isinstance(schema, list):
        return [resolved(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return resolved(specification()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return {key: resolved(value) for key, value in schema.items()}


def body_schema(operation: Documented) -> Schema | None:
    """What the body of a request is held against, as strictly as can be."""
    body = operation.body
    if body is not None and operation.name in OPEN_BODIES:
        assert {} in body["anyOf"], "no longer a deviation"
        body = body["anyOf"][0]
    return None if body is None else strict(resolved(body))


def typed(text: str, schema: Schema) -> object:
    """A query parameter as what the document says it is."""
    match resolved(schema).get("type"):
        case "integer":
            return int(text)
        case "boolean":
            return {"true": True, "false": False}[text]
        case _:
            return text


def calls() -> list[Any]:
    return [pytest.param(name, ask, id=f"{name}-{at}") for name, asks in CALLS.items() for at, ask in enumerate(asks)]


@pytest.mark.parametrize(("name", "ask"), calls())
def test_a_request_is_as_the_document_has_it(name, ask):
    request = Witness().request(ask)

    parts = urlsplit(request.url.removeprefix(BASE))
    operation = operation_of(request.method, parts.path)
    assert operation.name == name
    query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    known = operation.parameters("query")
    assert set(query) <= set(known)
    assert {each for each, about in known.items() if about.get("required")} <= set(query)
    for parameter, text in query.items():
        assert list(breaches(typed(text, known[parameter]["schema"]), known[parameter]["schema"])) == []
        assert not re.search(r"[\[\]\"']", text)
    schema = body_schema(operation)
    if schema is None:
        assert request.body is None
    else:
        assert request.headers["content-type"] == "application/json"
        assert list(breaches(json.loads(request.body or b""), schema)) == []


@pytest.mark.parametrize(("name", "ask"), calls())
def test_a_request_carries_the_key_and_the_token_and_neither_in_its_address(name, ask):
    request = Witness().request(ask)

    assert request.headers["x-api-key"] == CREDENTIALS.api_key
    assert request.headers["authorization"].startswith("Bearer ")
    assert CANARY not in unquote(request.url)


def test_together_the_calls_use_every_query_parameter_of_the_document_but_the_deprecated_one():
    used = set()
    for name, ask in ((name, ask) for name, asks in CALLS.items() for ask in asks):
        query = urlsplit(Witness().request(ask).url).query
        used |= {(name, parameter) for parameter, _ in parse_qsl(query, keep_blank_values=True)}

    every = {(name, parameter) for name, each in documented().items() for parameter in each.parameters("query")}
    assert every - used == {("GetVariantMarketData", "country")}  # deprecated, and without effect (FACTS 1.10)


def test_the_client_speaks_the_32_operations_of_the_document_and_no_other():
    ours = {(each.name, each.method, each.template) for each in OPERATIONS}

    assert ours == {(each.name, each.method, each.path) for each in documented().values()}
    assert len(ours) == len(OPERATIONS) == 32


def table() -> dict[str, list[str]]:
    """The rows of the generated table of operations, by operationId: method, request and whether it is practised."""
    rows = (re.findall(r"[^|]+", line) for line in TABLE.read_text().splitlines() if line.startswith("| `"))
    cells = ([cell.strip(" `") for cell in row] for row in rows)
    return {row[1]: [row[0], row[2], row[4]] for row in cells}


def test_the_table_of_operations_has_those_of_the_document():
    wanted = {name: f"{each.method} {each.path}" for name, each in documented().items()}

    assert {name: request for name, (_, request, _) in table().items()} == wanted
    assert "speaks 32 of 32 operations; the practice market answers 32 of 32" in TABLE.read_text()
    assert {practised for _, _, practised in table().values()} == {"yes"}


@pytest.mark.parametrize("name", CALLS)
def test_the_method_in_the_table_of_operations_is_the_one_that_makes_the_call(name):
    asked = []

    class Spy:
        def __init__(self, service: StockXService) -> None:
            self._service = service

        def __getattr__(self, method: str) -> Any:
            asked.append(method)
            return getattr(self._service, method)

    Witness().request(lambda service, known: CALLS[name][0](Spy(service), known))  # type: ignore[arg-type]

    assert asked == [table()[name][0]]


prices = st.builds(Money, st.decimals(allow_nan=False, allow_infinity=False), st.sampled_from(LISTING_CURRENCIES))
times = st.datetimes(datetime(2026, 1, 1), datetime(2036, 1, 1), timezones=st.timezones())  # noqa: DTZ001 - theirs to add
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@ONCE
@given(
    st.integers(1, 10**11).map(lambda units: Money(Decimal(units), "JPY")) | prices,
    times,
    st.booleans(),
    st.integers(1, 100),
)
def test_whatever_listing_the_client_accepts_is_one_for_the_document(price, expires_at, active, quantity):
    try:
        listing = NewListing("v1", price, active, expires_at, quantity=quantity)
        change = ListingChange("l1", price, expires_at, active)
    except InvalidInputError:
        return
    for name, body in (
        ("CreateListingInput", listing.wire()),
        ("CreateBatchListingRequestItem", listing.batch_wire()),
        ("UpdateListingInput", change.wire()),
        ("UpdateBatchListingRequestItem", change.batch_wire()),
    ):
        assert list(breaches(body, strict(specification()["components"]["schemas"][name]))) == []
        assert re.fullmatch(r"[1-9][0-9]*", str(body["amount"]))
        assert ISO.fullmatch(str(body["expiresAt"]))
        assert datetime.fromisoformat(str(body["expiresAt"])).tzinfo == UTC


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize(
    "extra", [None, *OFFERED, "material", "weight", "dimensions", "partnerProductId", "productURL"]
)
def test_whatever_product_the_client_accepts_is_one_for_the_document(category, extra):
    schema = specification()["components"]["schemas"][CATEGORIES[category]]
    fields = {each: EVERY_FIELD[each] for each in schema["required"] if each != "category"}
    NewProduct(category, fields)  # the least that the document wants is enough
    if extra is not None:
        fields[extra] = EVERY_FIELD[extra]
    try:
        product = NewProduct(category, fields)
    except InvalidInputError:
        assert extra not in schema["properties"]
    else:
        assert list(breaches(product.wire(), schema)) == []


@pytest.mark.parametrize("code", [{"code": "Y0133892", "name": "upc"}, {"code": 7, "name": "mpn"}])
def test_a_product_code_is_of_a_kind_that_stockx_knows(code):
    with pytest.raises(InvalidInputError):
        NewProduct("electronics", {**TRADING_CARD, "productCode": code})
