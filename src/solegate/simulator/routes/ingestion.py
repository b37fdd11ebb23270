"""Catalog ingestion: offer products, and see what came of them (beta at StockX)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from solegate.simulator.routes.catalog import Operation
from solegate.simulator.routes.listings import checked
from solegate.simulator.routes.paging import BadQueryError
from solegate.simulator.state.ingestion import IngestionBook, IngestionItem
from solegate.simulator.wire import bodies
from solegate.simulator.wire.answer import Answer, Call, Json, json_answer
from solegate.simulator.wire.bodies import BadBodyError, Body
from solegate.simulator.wire.errors import api_error
from solegate.simulator.wire.times import timestamp

TEXTS = ("productTitle", "brand", "retailPrice", "releaseDate", "countryOfOrigin")
LISTS = ("productImages", "variants")
MORE: Mapping[str, tuple[str, ...]] = {
    "sneakers": ("colorway", "gtin", "gender", "styleCode"),
    "shoes": ("colorway", "gtin", "gender", "styleCode"),
    "apparel": ("colorway", "material", "gender"),
    "accessories": ("colorway", "material", "gender"),
    "collectibles": (),
    "electronics": (),
    "trading cards": (),
}
"""Texts that a category needs besides."""
OPTIONAL_TEXTS = ("partnerProductId", "productDescription", "dimensions", "weight", "productURL")
_CODED = ("colorway", "styleCode", "gtin")
MAY: Mapping[str, tuple[str, ...]] = {
    "sneakers": ("material",),
    "shoes": ("material",),
    "apparel": ("styleCode", "gtin"),
    "accessories": ("styleCode", "gtin"),
    "collectibles": ("colorway", "styleCode"),
    "electronics": _CODED,
    "trading cards": _CODED,
}
"""Texts that a category may have besides; what belongs to another category is left out."""
GTIN_LENGTHS = (8, 12, 13, 14, 18)
STATUSES = ("In Review", "Completed", "Rejected")
MOST_ITEMS = 100
"""Most products in one job; StockX names no number."""


@dataclass(frozen=True, slots=True)
class IngestionRoutes:
    """Answers ingestion calls."""

    ingestions: IngestionBook

    def operations(self) -> tuple[Operation, ...]:
        """The two operations."""
        path = "/catalog/ingestion"
        return (
            Operation("Ingestion", "POST", path, checked(self.create)),
            Operation("IngestionItems", "GET", path + "/{ingestionId}", checked(self.items)),
        )

    def create(self, call: Call) -> Answer:
        """A new job."""
        items = bodies.json_object(call.body).get("items")
        if not isinstance(items, list) or not 1 <= len(items) <= MOST_ITEMS:
            raise BadBodyError(f"items must hold 1 to {MOST_ITEMS} products")
        inputs = [_checked(bodies.as_object(each)) for each in items]
        return json_answer({"ingestionId": self.ingestions.create(inputs, call.at)}, 201)

    def items(self, call: Call) -> Answer:
        """The items of a job."""
        status = call.query.get("status")
        if status is not None and status not in STATUSES:
            raise BadQueryError(f"status must be one of {', '.join(STATUSES)}")
        found = self.ingestions.get(call.path["ingestionId"])
        if found is None:
            return api_error(404, "Ingestion not found")
        shown = [_body(call.path["ingestionId"], each) for each in found if status in {None, each.status}]
        return json_answer({"items": shown})


def _checked(item: Body) -> Body:
    """A product that can be reviewed; fields nobody knows are left out.

    Raises:
        BadBodyError: a field is missing or of the wrong kind.
    """
    category = bodies.text(item, "category") or ""
    if category not in MORE:
        raise BadBodyError(f"category must be one of {', '.join(MORE)}")
    for name in (*TEXTS, *MORE[category]):
        if not bodies.text(item, name):
            raise BadBodyError(f"{name} is required for {category}")
    kept: dict[str, object] = {"category": category}
    for name in (*TEXTS, *MORE[category], *OPTIONAL_TEXTS, *MAY[category]):
        value = bodies.text(item, name)
        if value is not None:
            kept[name] = value
    for name in (*LISTS, "tags"):
        texts = item.get(name)
        if texts is None and name == "tags":
            continue
        if not isinstance(texts, list) or not all(isinstance(each, str) for each in texts):
            raise BadBodyError(f"{name} must be a list of strings")
        kept[name] = texts
    gtin = kept.get("gtin")
    if isinstance(gtin, str) and not (gtin.isascii() and gtin.isdigit() and len(gtin) in GTIN_LENGTHS):
        raise BadBodyError("gtin must have 8, 12, 13, 14 or 18 digits")
    return kept if category in ("sneakers", "shoes") else {**kept, **_product_code(item)}


def _product_code(item: Body) -> Body:
    code = item.get("productCode")
    if code is None:
        return {}
    if not isinstance(code, dict) or not isinstance(code.get("code"), str) or code.get("name") not in _CODE_NAMES:
        raise BadBodyError("productCode must have a code and a name, serial number or mpn")
    return {"productCode": {"code": code["code"], "name": code["name"]}}


_CODE_NAMES = ("serial number", "mpn")


def _body(ingestion_id: str, item: IngestionItem) -> Json:
    sent = cast("Mapping[str, Json]", item.input)
    result = {"brand": sent["brand"], "title": sent["productTitle"], "variantId": item.variant_id}
    return {
        "ingestionId": ingestion_id,
        "status": item.status,
        "input": sent,
        "result": result if item.variant_id else None,
        "partnerProductId": sent.get("partnerProductId"),
        "rejectionDetails": {"reason": item.reason} if item.reason else None,
        "createdAt": timestamp(item.created_at),
        "updatedAt": timestamp(item.updated_at),
    }
