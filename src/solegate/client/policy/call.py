"""A StockX call and its answer as values: which operation, with what, how urgent, what repeating it would mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import quote, urlencode


class Effect(StrEnum):
    """What sending a call twice would mean."""

    READ = "read"
    """Nothing: reads may be repeated freely."""
    SAFE_WRITE = "safe_write"
    """The same end state: an update or delete of a known thing."""
    CREATE = "create"
    """A second thing: never repeated unless the first surely did not arrive."""


class Lane(StrEnum):
    """Who goes first when calls wait for the limit; the order of definition is the priority."""

    ORDERS = "orders"
    WRITES = "writes"
    INTERACTIVE = "interactive"
    BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the StockX API. `name` is its operationId, `template` its route; both are metric labels.

    `lane` is the priority of its calls unless a caller chooses another.
    """

    name: str
    method: str
    template: str
    effect: Effect = Effect.READ
    lane: Lane = Lane.INTERACTIVE


_PRODUCT = "/catalog/products/{productId}"
_VARIANT = _PRODUCT + "/variants/{variantId}"
_LISTINGS = "/selling/listings"
_LISTING = _LISTINGS + "/{listingId}"
_ORDERS = "/selling/orders"
_ORDER = _ORDERS + "/{orderNumber}"
_BATCH = "/selling/batch"

SEARCH = Operation("Search", "GET", "/catalog/search")
GET_PRODUCT = Operation("GetProduct", "GET", _PRODUCT)
GET_VARIANTS = Operation("GetVariants", "GET", _PRODUCT + "/variants")
GET_VARIANT = Operation("GetVariant", "GET", _VARIANT)
GET_VARIANTS_BY_GTIN = Operation("GetVariantsByGtin", "GET", "/catalog/products/variants/gtins/{gtin}")
GET_PRODUCT_MARKET_DATA = Operation("GetProductMarketData", "GET", _PRODUCT + "/market-data")
GET_VARIANT_MARKET_DATA = Operation("GetVariantMarketData", "GET", _VARIANT + "/market-data")
CREATE_INGESTION = Operation("Ingestion", "POST", "/catalog/ingestion", Effect.CREATE, Lane.BACKGROUND)
GET_INGESTION = Operation("IngestionItems", "GET", "/catalog/ingestion/{ingestionId}", lane=Lane.BACKGROUND)

CREATE_LISTING = Operation("Create", "POST", _LISTINGS, Effect.CREATE, Lane.WRITES)
GET_ALL_LISTINGS = Operation("GetAllListings", "GET", _LISTINGS)
GET_LISTING = Operation("FindById", "GET", _LISTING)
UPDATE_LISTING = Operation("Update", "PATCH", _LISTING, Effect.SAFE_WRITE, Lane.WRITES)
DELETE_LISTING = Operation("DeleteListing", "DELETE", _LISTING, Effect.SAFE_WRITE, Lane.WRITES)
ACTIVATE_LISTING = Operation("ActivateListing", "PUT", _LISTING + "/activate", Effect.SAFE_WRITE, Lane.WRITES)
DEACTIVATE_LISTING = Operation("DeactivateListing", "PUT", _LISTING + "/deactivate", Effect.SAFE_WRITE, Lane.WRITES)
GET_LISTING_OPERATIONS = Operation("GetListingOperations", "GET", _LISTING + "/operations")
GET_LISTING_OPERATION = Operation("FindOperationById", "GET", _LISTING + "/operations/{operationId}", lane=Lane.WRITES)

CREATE_LISTINGS = Operation("CreateListings", "POST", _BATCH + "/create-listing", Effect.CREATE, Lane.WRITES)
UPDATE_LISTINGS = Operation("UpdateListings", "POST", _BATCH + "/update-listing", Effect.SAFE_WRITE, Lane.WRITES)
DELETE_LISTINGS = Operation("DeleteListings", "POST", _BATCH + "/delete-listing", Effect.SAFE_WRITE, Lane.WRITES)
GET_CREATE_BATCH = Operation("GetListingCreateBatch", "GET", _BATCH + "/create-listing/{batchId}", lane=Lane.WRITES)
GET_UPDATE_BATCH = Operation("GetListingUpdateBatch", "GET", _BATCH + "/update-listing/{batchId}", lane=Lane.WRITES)
GET_DELETE_BATCH = Operation("GetListingDeleteBatch", "GET", _BATCH + "/delete-listing/{batchId}", lane=Lane.WRITES)
GET_CREATE_BATCH_ITEMS = Operation(
    "GetListingCreateBatchItems", "GET", GET_CREATE_BATCH.template + "/items", lane=Lane.WRITES
)
GET_UPDATE_BATCH_ITEMS = Operation(
    "GetListingUpdateBatchItems", "GET", GET_UPDATE_BATCH.template + "/items", lane=Lane.WRITES
)
GET_DELETE_BATCH_ITEMS = Operation(
    "GetListingDeleteBatchItems", "GET", GET_DELETE_BATCH.template + "/items", lane=Lane.WRITES
)

GET_ACTIVE_ORDERS = Operation("GetOrders", "GET", _ORDERS + "/active", lane=Lane.ORDERS)
GET_HISTORICAL_ORDERS = Operation("GetHistoricalOrders", "GET", _ORDERS + "/history", lane=Lane.ORDERS)
GET_ORDER = Operation("GetOrder", "GET", _ORDER, lane=Lane.ORDERS)
GET_SHIPPING_DOCUMENT = Operation(
    "GetOrderShipment", "GET", _ORDER + "/shipping-document/{shippingId}", lane=Lane.ORDERS
)
GET_SHIPPING_DOCUMENTS = Operation("GetOrderShipmentDocuments", "GET", _ORDER + "/shipping-document", lane=Lane.ORDERS)

OPERATIONS = (
    SEARCH,
    GET_PRODUCT,
    GET_VARIANTS,
    GET_VARIANT,
    GET_VARIANTS_BY_GTIN,
    GET_PRODUCT_MARKET_DATA,
    GET_VARIANT_MARKET_DATA,
    CREATE_INGESTION,
    GET_INGESTION,
    CREATE_LISTING,
    GET_ALL_LISTINGS,
    GET_LISTING,
    UPDATE_LISTING,
    DELETE_LISTING,
    ACTIVATE_LISTING,
    DEACTIVATE_LISTING,
    GET_LISTING_OPERATIONS,
    GET_LISTING_OPERATION,
    CREATE_LISTINGS,
    GET_CREATE_BATCH,
    GET_CREATE_BATCH_ITEMS,
    UPDATE_LISTINGS,
    GET_UPDATE_BATCH,
    GET_UPDATE_BATCH_ITEMS,
    DELETE_LISTINGS,
    GET_DELETE_BATCH,
    GET_DELETE_BATCH_ITEMS,
    GET_ACTIVE_ORDERS,
    GET_HISTORICAL_ORDERS,
    GET_ORDER,
    GET_SHIPPING_DOCUMENT,
    GET_SHIPPING_DOCUMENTS,
)
"""Every operation the client speaks: the closed set behind the metric labels."""


@dataclass(frozen=True, slots=True)
class Call:
    """One intended call.

    Attributes:
        operation: what to do.
        path_params: values for the template, unescaped.
        query: query parameters.
        body: JSON bytes, or `None`.
        lane: priority while waiting for the limit.
        deadline: seconds for everything together: waiting, attempts and pauses between them.
        max_attempts: most requests sent for this call; `None` follows the retry policy.
        timeout: seconds for one request; `None` follows the endpoint's.
        items: batch items it uses up; StockX counts them apart from requests (FACTS 1.1).
        gate: whether it may still be sent, asked just before each request leaves; `None` asks nobody.
    """

    operation: Operation
    path_params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    lane: Lane = Lane.INTERACTIVE
    deadline: float = 60.0
    max_attempts: int | None = None
    timeout: float | None = None
    items: int = 0
    gate: Callable[[], bool] | None = None

    @property
    def target(self) -> str:
        """The route with its parameters filled in, and the query; escaped, so that no value can leave its place."""
        path = self.operation.template
        if self.path_params:
            path = path.format(**{name: _segment(value) for name, value in self.path_params.items()})
        return f"{path}?{urlencode(self.query)}" if self.query else path


@dataclass(frozen=True, slots=True)
class Reply:
    """StockX's answer to a call, as it came.

    Attributes:
        status: 2xx.
        headers: lower-case names.
        body: the raw bytes.
        fetched_at: when it came (UTC).
        attempts: requests it took.
        request_id: our id of the call.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    fetched_at: datetime
    attempts: int
    request_id: str


def _segment(value: str) -> str:
    if value in {"", ".", ".."}:
        raise ValueError(f"{value!r} cannot stand in a path")
    return quote(value, safe="")
