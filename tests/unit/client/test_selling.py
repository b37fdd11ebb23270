"""Listings, batches, orders, ingestion: what each method asks, and what it makes of the answer. A scripted StockX."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from solegate import BatchKind, BatchRef, CallOptions, ListingChange, ListingFilter, NewListing
from solegate.client.assembly import ClientConfig
from solegate.client.auth import MemoryTokenStore
from solegate.client.models import Source
from solegate.client.policy.call import Lane, Reply
from solegate.client.policy.outcome import Received
from solegate.client.requests import ActiveOrderFilter, NewProduct, OrderHistoryFilter
from solegate.client.service import StockXService
from solegate.client.transport import WireRequest
from solegate.clock import LoopClock
from solegate.domain.batches import BatchItemStatus
from solegate.domain.money import Money
from solegate.errors import InvalidInputError, Outcome, UnexpectedResponseError
from solegate.testing import UNLIMITED, ScriptedTransport, run_virtual
from support.client import CREDENTIALS, Wire, answer, tokens_of

Ask = Callable[[StockXService], Awaitable[Any]]

EUR_150 = Money(Decimal(150), "EUR")
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
PENDING = {"listingId": "l1", "operationId": "o1", "operationType": "UPDATE", "operationStatus": "PENDING"}
OPERATION = answer(200, PENDING)
LISTING = answer(200, {"listingId": "l1", "status": "ACTIVE", "createdAt": "2026-01-05T10:00:00Z"})
PAGE = {"count": 0, "pageSize": 100, "pageNumber": 1, "hasNextPage": False}
LISTINGS, ORDERS = answer(200, PAGE | {"listings": []}), answer(200, PAGE | {"orders": []})
ORDER = answer(200, {
    "orderNumber": "n1", "status": "CREATED", "product": {"productId": "p1"}, "variant": {"variantId": "v1"},
})  # fmt: skip
PDF = Received(200, {"content-type": "application/pdf"}, b"%PDF-1.7 label")
PRODUCT = NewProduct("electronics", {
    "productTitle": "Console", "brand": "Sony", "productImages": ["https://x/1"], "variants": ["one"],
    "retailPrice": "499", "releaseDate": "2020-11-12", "countryOfOrigin": "CN",
})  # fmt: skip


def batch(status: str = "QUEUED", done: int = 0, total: int = 100) -> Received:
    counts = {"queued": total - done, "completed": done}
    return answer(200, {"batchId": "b1", "status": status, "totalItems": total, "itemStatuses": counts})


def service(*script: Any) -> tuple[StockXService, Wire]:
    wire, clock = Wire(ScriptedTransport(list(script))), LoopClock()
    config = ClientConfig(CREDENTIALS, api_url="http://api.test/v2", auth_url="http://login.test", limits=UNLIMITED)
    return StockXService(config, token_store=MemoryTokenStore(tokens_of(clock)), transport=wire, clock=clock), wire


def body_of(request: WireRequest) -> Any:
    return None if request.body is None else json.loads(request.body)


METHODS: list[tuple[str, Ask, Received, str, str, Any]] = [
    ("create", lambda x: x.create_listing(NewListing("v1", EUR_150)), OPERATION, "POST", "/selling/listings",
     {"amount": "150", "variantId": "v1", "currencyCode": "EUR", "active": True, "inventoryType": "STANDARD"}),
    ("get", lambda x: x.get_listing("l1"), LISTING, "GET", "/selling/listings/l1", None),
    ("list", lambda x: x.get_all_listings(ListingFilter(variant_ids=("v1", "v2")), 2, 50), LISTINGS, "GET",
     "/selling/listings?pageNumber=2&pageSize=50&variantIds=v1%2Cv2", None),
    ("update", lambda x: x.update_listing("l1", EUR_150), OPERATION, "PATCH", "/selling/listings/l1",
     {"amount": "150", "currencyCode": "EUR"}),
    ("activate", lambda x: x.activate_listing("l1"), OPERATION, "PUT", "/selling/listings/l1/activate", {}),
    ("activate at", lambda x: x.activate_listing("l1", EUR_150), OPERATION, "PUT", "/selling/listings/l1/activate",
     {"amount": "150", "currencyCode": "EUR"}),
    ("deactivate", lambda x: x.deactivate_listing("l1"), OPERATION, "PUT", "/selling/listings/l1/deactivate", None),
    ("delete", lambda x: x.delete_listing("l1"), OPERATION, "DELETE", "/selling/listings/l1", None),
    ("operations", lambda x: x.get_listing_operations("l1", "c=", 20), answer(200, {"nextCursor": None}), "GET",
     "/selling/listings/l1/operations?pageSize=20&cursor=c%3D", None),
    ("operation", lambda x: x.get_listing_operation("l1", "o1"), OPERATION, "GET",
     "/selling/listings/l1/operations/o1", None),
    ("batch create", lambda x: x.create_listings([NewListing("v1", EUR_150, quantity=3)]), batch(), "POST",
     "/selling/batch/create-listing", {"items": [{
         "amount": "150", "variantId": "v1", "currencyCode": "EUR", "active": True, "inventoryType": "STANDARD",
         "quantity": 3}]}),
    ("batch update", lambda x: x.update_listings([ListingChange("l1", active=True)]), batch(), "POST",
     "/selling/batch/update-listing", {"items": [{"listingId": "l1", "active": True}]}),
    ("batch delete", lambda x: x.delete_listings(["l1", "l2"]), batch(), "POST", "/selling/batch/delete-listing",
     {"items": [{"listingId": "l1"}, {"listingId": "l2"}]}),
    *((f"{kind} batch", lambda x, kind=kind: x.get_batch(BatchRef(kind, "b1")), batch(), "GET",
       f"/selling/batch/{kind}-listing/b1", None) for kind in BatchKind),
    *((f"{kind} items",
       lambda x, kind=kind: x.get_batch_items(BatchRef(kind, "b1"), BatchItemStatus.FAILED), answer(200, {"items": []}),
       "GET", f"/selling/batch/{kind}-listing/b1/items?status=FAILED", None) for kind in BatchKind),
    ("active orders", lambda x: x.get_active_orders(ActiveOrderFilter(order_status="CREATED")), ORDERS, "GET",
     "/selling/orders/active?pageNumber=1&pageSize=100&orderStatus=CREATED", None),
    ("history", lambda x: x.get_historical_orders(OrderHistoryFilter(order_status="RETURNED"), 3, 10), ORDERS, "GET",
     "/selling/orders/history?pageNumber=3&pageSize=10&orderStatus=RETURNED", None),
    ("order", lambda x: x.get_order_details("04-KS7SCGSDFT"), ORDER, "GET", "/selling/orders/04-KS7SCGSDFT", None),
    ("document", lambda x: x.get_shipping_document("n1", "S-1"), PDF, "GET",
     "/selling/orders/n1/shipping-document/S-1", None),
    ("documents", lambda x: x.get_shipping_documents("n1"), answer(200, {}), "GET",
     "/selling/orders/n1/shipping-document", None),
    ("ingest", lambda x: x.create_catalog_ingestion([PRODUCT]), answer(201, {"ingestionId": "g1"}), "POST",
     "/catalog/ingestion", {"items": [PRODUCT.wire()]}),
    ("ingestion", lambda x: x.get_catalog_ingestion("g1"), answer(200, {"items": []}), "GET",
     "/catalog/ingestion/g1", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ask", "reply", "method", "target", "body"), [m[1:] for m in METHODS], ids=[m[0] for m in METHODS]
)
def test_each_method_asks_its_operation_every_time(
    ask: Ask, reply: Received, method: str, target: str, body: Any
) -> None:
    async def story() -> None:
        stockx, wire = service(reply)
        answers = [await ask(stockx), await ask(stockx)]
        assert [(each.method, each.url) for each in wire.api.requests] == [(method, f"http://api.test/v2{target}")] * 2
        assert [body_of(each) for each in wire.api.requests] == [body] * 2
        assert {each.provenance.source for each in answers} == {Source.LIVE}, "neither writes nor orders are remembered"
        await stockx.aclose()

    run_virtual(story())


@pytest.mark.parametrize(
    "ask",
    [
        lambda x: x.create_listing(NewListing("v1", EUR_150, quantity=2)),
        lambda x: x.create_listing(NewListing("v1", EUR_150, expires_at=LONG_AGO)),
        lambda x: x.create_listings([NewListing("v1", EUR_150, expires_at=LONG_AGO)]),
        lambda x: x.create_listings([]),
        lambda x: x.create_listings([NewListing("v1", EUR_150, quantity=60)] * 2),
        lambda x: x.update_listings([ListingChange("l1", active=True)] * 101),
        lambda x: x.update_listings([ListingChange("l1", expires_at=LONG_AGO)]),
        lambda x: x.delete_listings([str(number) for number in range(101)]),
        lambda x: x.delete_listings([""]),
        lambda x: x.update_listing("l1"),
        lambda x: x.update_listing("l1", expires_at=LONG_AGO),
        lambda x: x.get_listing("../orders"[:2]),
        lambda x: x.get_all_listings(page=0),
        lambda x: x.get_all_listings(page_size=101),
        lambda x: x.get_active_orders(page_size=0),
        lambda x: x.get_shipping_document("n1", None),
        lambda x: x.create_catalog_ingestion([]),
    ],
)
def test_bad_input_costs_no_request(ask: Ask) -> None:
    async def story() -> None:
        stockx, wire = service(OPERATION)
        with pytest.raises(InvalidInputError):
            await ask(stockx)
        assert wire.api.requests == wire.login.requests == []
        await stockx.aclose()

    run_virtual(story())


def test_a_long_list_goes_out_in_batches_of_a_hundred_listings_each_handed_out_at_once() -> None:
    async def story() -> None:
        stockx, wire = service(batch())
        wanted = [
            NewListing(f"v{number}", EUR_150, quantity=quantity) for number, quantity in enumerate([40] * 5 + [1])
        ]
        sent = [(each.kind, len(wire.api.requests)) async for each in stockx.create_listings_in_batches(wanted)]
        assert sent == [(BatchKind.CREATE, 1), (BatchKind.CREATE, 2), (BatchKind.CREATE, 3)]
        items = [item["variantId"] for request in wire.api.requests for item in body_of(request)["items"]]
        assert items == [each.variant_id for each in wanted]
        deleted = [each async for each in stockx.delete_listings_in_batches([f"l{number}" for number in range(201)])]
        assert [len(body_of(request)["items"]) for request in wire.api.requests[3:]] == [100, 100, 1]
        assert {each.kind for each in deleted} == {BatchKind.DELETE}
        await stockx.aclose()

    run_virtual(story())


def test_json_instead_of_a_pdf_is_an_error() -> None:
    async def story() -> None:
        stockx, _ = service(answer(200, {"message": "not ready"}))
        with pytest.raises(UnexpectedResponseError, match="GetOrderShipment"):
            await stockx.get_shipping_document("n1", "S-1")
        await stockx.aclose()

    run_virtual(story())


def test_a_write_whose_answer_is_of_no_use_was_applied() -> None:
    async def story() -> None:
        stockx, wire = service(answer(201, {"unheard": "of"}))
        with pytest.raises(UnexpectedResponseError) as caught:
            await stockx.create_listing(NewListing("v1", EUR_150))
        assert caught.value.outcome is Outcome.APPLIED
        assert len(wire.api.requests) == 1
        await stockx.aclose()

    run_virtual(story())


def test_the_raw_answer_is_handed_out_as_it_came() -> None:
    async def story() -> None:
        replies: list[Reply] = []
        stockx, _ = service(LISTING)
        await stockx.get_listing("l1", options=CallOptions(on_reply=replies.append, lane=Lane.BACKGROUND))
        assert [reply.body for reply in replies] == [LISTING.body]
        await stockx.aclose()

    run_virtual(story())
