"""A StockX call and its answer as values: which operation, with what, how urgent, what repeating it would mean."""

from __future__ import annotations

from collections.abc import Mapping
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
    """One operation of the StockX API. `name` is its operationId, `template` its route; both are metric labels."""

    name: str
    method: str
    template: str
    effect: Effect = Effect.READ


SEARCH = Operation("Search", "GET", "/catalog/search")
GET_PRODUCT = Operation("GetProduct", "GET", "/catalog/products/{productId}")
GET_VARIANTS = Operation("GetVariants", "GET", "/catalog/products/{productId}/variants")
GET_VARIANT = Operation("GetVariant", "GET", "/catalog/products/{productId}/variants/{variantId}")
GET_VARIANTS_BY_GTIN = Operation("GetVariantsByGtin", "GET", "/catalog/products/variants/gtins/{gtin}")
GET_PRODUCT_MARKET_DATA = Operation("GetProductMarketData", "GET", "/catalog/products/{productId}/market-data")
GET_VARIANT_MARKET_DATA = Operation(
    "GetVariantMarketData", "GET", "/catalog/products/{productId}/variants/{variantId}/market-data"
)

OPERATIONS = (
    SEARCH,
    GET_PRODUCT,
    GET_VARIANTS,
    GET_VARIANT,
    GET_VARIANTS_BY_GTIN,
    GET_PRODUCT_MARKET_DATA,
    GET_VARIANT_MARKET_DATA,
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
    """

    operation: Operation
    path_params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    lane: Lane = Lane.INTERACTIVE
    deadline: float = 60.0
    max_attempts: int | None = None

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
