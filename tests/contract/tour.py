"""A tour of the practice market that sees each operation's answers, the good ones and the refusals.

An operation that is added needs a line of its own here: a test counts those that were seen to answer well.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from contract.document import Documented, documented, specification
from solegate.simulator import Fault, FaultKind, Limits, Pace, Simulator, SimulatorConfig
from solegate.simulator.world.models import Product

UNKNOWN = "00000000-0000-4000-8000-000000000000"
NEVER_FAILS = Pace(settle_failure=0.0, buyers_per_day=0.0)
Query = Mapping[str, str]
HOUR, DAY = 3_600.0, 86_400.0


@dataclass(frozen=True)
class Seen:
    """An answer of one operation."""

    operation: Documented
    answer: httpx2.Response


@dataclass
class Tour:
    """Asks the market, and keeps what it answers."""

    simulator: Simulator
    client: httpx2.AsyncClient
    seen: list[Seen] = field(default_factory=list)

    async def ask(self, name: str, body: object = None, query: Query | None = None, **ids: str) -> Any:
        """The JSON of an operation's answer, or the bytes of what is none."""
        await self.send(name, None if body is None else json.dumps(body).encode(), query, None, **ids)
        answer = self.seen[-1].answer
        return answer.json() if answer.headers["content-type"].startswith("application/json") else answer.content

    async def send(
        self,
        name: str,
        body: bytes | None = None,
        query: Query | None = None,
        headers: Query | None = None,
        **ids: str,
    ) -> None:
        """Ask, whatever the answer is."""
        operation = documented()[name]
        path = operation.path.format(**{each: ids.get(each, UNKNOWN) for each in operation.parameters("path")})
        answer = await self.client.request(operation.method, path, content=body, params=query, headers=headers)
        self.seen.append(Seen(operation, answer))


Part = Callable[[Tour], Awaitable[None]]


async def tour_of(parts: Sequence[Part]) -> list[Seen]:
    """Every answer that the parts of a tour see, one after another in one market."""
    simulator = Simulator(SimulatorConfig(products=60, limits=Limits.off(), access_token_seconds=400 * DAY))
    simulator.set_pace(NEVER_FAILS)
    token = simulator.issue_tokens().access_token
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=simulator.app),
        base_url="http://practice/v2",
        headers={"authorization": f"Bearer {token}", "x-api-key": "practice-key"},
    ) as client:
        tour = Tour(simulator, client)
        for part in parts:
            await part(tour)
    return tour.seen


async def catalog(tour: Tour) -> None:
    """Products of each chart and category, and the landmarks; all currencies; good and bad barcodes."""
    products = tour.simulator.catalog.products
    some = [*products[:10], *{(each.design.product_type, each.design.chart): each for each in products}.values()]
    for query in ("nike", "DD1391-100", "box", "zzqqxx", "supreme hoodie"):
        await tour.ask("Search", query={"query": query, "pageSize": "50"})
    await tour.ask("Search")
    for product in some:
        await _product(tour, product)
    first, second = some[:2]
    for code in (*specification()["components"]["schemas"]["CurrencyCode"]["enum"], "XXX"):
        await tour.ask("GetProductMarketData", query={"currencyCode": code}, productId=first.id)
    for gtin in ("123", "4006381333931"):
        await tour.ask("GetVariantsByGtin", gtin=gtin)
    for name in ("GetProduct", "GetVariants", "GetVariant", "GetVariantMarketData"):
        await tour.ask(name)
    for name in ("GetVariant", "GetVariantMarketData"):
        for variant_id in (UNKNOWN, second.variants[0].id, "10"):
            await tour.ask(name, productId=first.id, variantId=variant_id)
    await tour.ask("GetProductMarketData", productId="DD1391-100")


async def _product(tour: Tour, product: Product) -> None:
    ids = {"productId": product.id, "variantId": product.variants[-1].id}
    for name in ("GetProduct", "GetVariants", "GetVariant", "GetProductMarketData"):
        await tour.ask(name, None, None, **ids)
    await tour.ask("GetVariantMarketData", None, {"currencyCode": "JPY"}, **ids)
    for gtin in product.variants[0].gtins:
        await tour.ask("GetVariantsByGtin", gtin=gtin.identifier)


def offer(tour: Tour, **changes: object) -> dict[str, object]:
    """The body of a create."""
    variant = tour.simulator.catalog.products[0].variants[0]
    return {"variantId": variant.id, "amount": "250", "currencyCode": "JPY", **changes}


async def listed(tour: Tour, **changes: object) -> str:
    """The id of a listing whose operations have settled."""
    made = await tour.ask("Create", offer(tour, **changes))
    tour.simulator.advance(60)
    return str(made["listingId"])


async def listings(tour: Tour) -> None:
    """A listing's whole life, and everything that is refused on the way."""
    fresh = (await tour.ask("Create", offer(tour)))["listingId"]
    await tour.ask("FindById", listingId=fresh)
    one, draft = await listed(tour), await listed(tour, active=False)
    price = {"amount": "260", "currencyCode": "JPY"}
    for name in ("Update", "DeactivateListing", "ActivateListing", "DeactivateListing", "DeleteListing"):
        body = {"Update": price, "ActivateListing": {}}.get(name)
        operation = await tour.ask(name, body, listingId=one)
        for seconds in (0, 60):
            tour.simulator.advance(seconds)
            await tour.ask("FindOperationById", listingId=one, operationId=operation["operationId"])
            await tour.ask("FindById", listingId=one)
    cursor = (await tour.ask("GetListingOperations", query={"pageSize": "2"}, listingId=one))["nextCursor"]
    await tour.ask("GetListingOperations", query={"pageSize": "2", "cursor": cursor}, listingId=one)
    await tour.ask("FindOperationById", listingId=one)
    await tour.ask("GetAllListings")
    for query in (
        {"pageSize": "1"},
        {"listingStatuses": "ACTIVE,INACTIVE"},
        {"productIds": UNKNOWN},
        {"isExpired": "true"},
    ):
        await tour.ask("GetAllListings", query=query)
    for bad in ({"pageSize": "101"}, {"pageNumber": "0"}, {"listingStatuses": "DELETED"}, {"fromDate": "soon"}):
        await tour.ask("GetAllListings", query=bad)
    for wrong in (offer(tour, amount="0"), offer(tour, currencyCode="VND"), offer(tour, variantId=UNKNOWN), {}):
        await tour.ask("Create", wrong)
    for name in ("Update", "ActivateListing"):
        await tour.ask(name, {"amount": "cheap"}, listingId=draft)
        await tour.ask(name, {"amount": "260"})
    for name in ("DeleteListing", "DeactivateListing", "FindById", "GetListingOperations", "FindOperationById"):
        await tour.ask(name)
    for name in ("DeleteListing", "DeactivateListing"):
        await tour.ask(name, listingId=one)
    await tour.ask("GetListingOperations", query={"cursor": "nowhere"}, listingId=draft)


async def batches(tour: Tour) -> None:
    """Batches of each kind, fresh and worked off, with items that succeed and items that fail."""
    one = await listed(tour)
    for kind, items in (
        ("Create", [offer(tour, quantity=3)]),
        ("Update", [{"listingId": one, "amount": "240"}, {"listingId": UNKNOWN, "active": True}]),
        ("Delete", [{"listingId": one}, {"listingId": UNKNOWN}]),
    ):
        batch = await tour.ask(f"{kind}Listings", {"items": items})
        for seconds in (0.0, 0.3, HOUR):
            tour.simulator.advance(seconds)
            await tour.ask(f"GetListing{kind}Batch", batchId=batch["batchId"])
            await tour.ask(f"GetListing{kind}BatchItems", batchId=batch["batchId"])
        await tour.ask("GetAllListings", query={"batchIds": batch["batchId"]})
        await tour.ask(f"GetListing{kind}BatchItems", query={"status": "COMPLETED"}, batchId=batch["batchId"])
        await tour.ask(f"GetListing{kind}BatchItems", query={"status": "DONE"}, batchId=batch["batchId"])
        await tour.ask(f"{kind}Listings", {"items": []})
        for name in (f"GetListing{kind}Batch", f"GetListing{kind}BatchItems"):
            await tour.ask(name)


async def refusals(tour: Tour) -> None:
    """What every operation answers when the request does not get as far as its work."""
    for name in documented():
        await tour.send(name, headers={"x-api-key": "wrong"})
        await tour.send(name, headers={"authorization": ""})
        for status in (429, 500, 503, 504):
            tour.simulator.inject(Fault(kind=FaultKind.STATUS, status=status, operation=name, times=1))
            await tour.send(name)
    tour.simulator.expire_access_tokens()
    for name in documented():
        await tour.send(name)


def well(seen: Iterable[Seen]) -> set[str]:
    """The operations that were seen to answer as the document says they do when all goes well."""
    return {each.operation.name for each in seen if each.answer.status_code == each.operation.success}
