"""Every answer of the simulator is valid against StockX's own document, but for the deviations that are listed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx2
import pytest

from contract.calls import CALLS
from contract.deviations import ANY, DEVIATIONS
from contract.document import breaches, documented, needs_document, specification
from contract.tour import Seen, batches, catalog, listings, refusals, tour_of, well
from contract.tour_sales import ingestion, orders
from solegate.simulator import Fault, FaultKind, Limits, Simulator, SimulatorConfig

pytestmark = needs_document

Deviation = tuple[int, str]
ERROR = {"$ref": "#/components/schemas/PublicApiError"}


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    return asyncio.run(tour_of([catalog, listings, batches, orders, ingestion, refusals]))


def deviations(each: Seen) -> Iterator[Deviation]:
    """Where an answer is not what the document has: its status, and what else is known about it."""
    status, answer = each.answer.status_code, each.answer
    if status not in each.operation.statuses:
        yield status, "status"
    if answer.is_success and each.operation.answer is None:
        if answer.headers["content-type"] != "application/pdf" or not answer.content.startswith(b"%PDF-"):
            yield status, "no PDF"
    elif not answer.headers.get("content-type", "").startswith("application/json"):
        yield status, "no JSON"
    else:
        schema = (each.operation.answer if answer.is_success else None) or ERROR
        for where, rule in breaches(answer.json(), schema):
            yield status, f"{where} {rule}".strip()


def listed(name: str) -> set[Deviation]:
    """The deviations of an operation that the list has, with those that every operation has."""
    return {(status, what) for operation, status, what in DEVIATIONS if operation in {name, ANY}}


def test_every_operation_of_the_document_is_seen_to_answer_well(seen):
    assert well(seen) == set(documented())


@pytest.mark.parametrize("name", CALLS)
def test_answers_deviate_from_the_document_where_it_is_listed_and_nowhere_else(seen, name):
    found = {deviation for each in seen if each.operation.name == name for deviation in deviations(each)}

    assert found - listed(name) == set(), "not listed"
    assert listed(name) - found == set(), "no longer a deviation"


def test_each_deviation_has_its_reason_and_belongs_to_an_operation():
    assert {name for name, _, _ in DEVIATIONS} <= {ANY, *documented()}
    assert all(len(reason) > 20 for reason in DEVIATIONS.values())


def test_paths_and_methods_are_those_of_the_document():
    ours = {(each.name, each.method, each.path) for each in Simulator(SimulatorConfig(products=0)).operations}

    assert ours == {(each.name, each.method, each.path) for each in documented().values()}
    assert len(ours) == 32


def test_every_currency_of_the_document_has_market_data(seen):
    codes = specification()["components"]["schemas"]["CurrencyCode"]["enum"]
    answers = [each.answer for each in seen if each.operation.name == "GetProductMarketData"]
    assert len(codes) == 30
    assert set(codes) <= {row["currencyCode"] for each in answers if each.is_success for row in each.json()}


async def test_schema_drift_is_outside_the_document():
    simulator = Simulator(SimulatorConfig(products=0, limits=Limits.off()))
    simulator.inject(Fault(kind=FaultKind.SCHEMA_DRIFT, times=1))
    headers = {"authorization": f"Bearer {simulator.issue_tokens().access_token}", "x-api-key": "practice-key"}
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=simulator.app), base_url="http://practice/v2", headers=headers
    ) as client:
        answer = await client.get("/catalog/search?query=nike")

    assert set(deviations(Seen(documented()["Search"], answer))) != set()
