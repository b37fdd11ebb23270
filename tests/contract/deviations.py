"""Every place where practice is known to differ from StockX's own document, with the reason.

A test fails when one of them no longer happens, so none outlives its reason.
"""

from __future__ import annotations

from collections.abc import Mapping

WORDS_ONLY: Mapping[str, str] = {
    r".*At|shipByDate": r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3])"
    r":[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?Z$",
    r"amount|percentage|totalPayout|salePrice|totalAdjustments|.*Amount|lowestAsk|sellFaster|earnMore|beatUS": (
        r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,4})?$"
    ),
}
"""Text fields, by a pattern of their names, whose shape the document tells in words only: times are ISO 8601 in UTC
("Represented as ISO 8601 format like ..."), amounts are decimal numbers (FACTS 1.9)."""
WHOLE_NUMBERS = r"count|pageSize|pageNumber|totalItems"
"""Fields that the document calls `number` although they count things."""
VALUES_OF_MAPS: Mapping[str, Mapping[str, object]] = {
    "BatchStatusCounts": {"type": "integer", "minimum": 0},  # called double, and counts items
    "Record_string.DocumentURL_": {"type": "string"},  # in words: "a set of properties K of type T", T a DocumentURL
    "Record_LanguageCode.DocumentURL_": {"type": "string"},
}
"""What the values of the document's maps are, by schema."""
WRONG_EXAMPLES: Mapping[tuple[str, str], str] = {
    ("GetListingUpdateBatchItem", "amount"): "300",  # the document has a UUID there
}
"""Examples that contradict the meaning of their own field, by schema and field, with one that does not."""
OPEN_BODIES: Mapping[str, str] = {
    "Ingestion": "the document permits any body at all besides its own input, which we hold to",
}
"""Requests whose body the document leaves open."""
ANY = "*"
"""Every operation: what stands before them all, the gateway and the limits, is not in the document's lists."""
_NO_LIST = "the document lists no 404 here; an id that nobody knows is 404 all the same (FACTS 1.4)"
_BAD_VALUE = "the document lists no 400 here; a value outside of what it permits is refused (FACTS 1.4)"
DEVIATIONS: Mapping[tuple[str, int, str], str] = {
    (ANY, 401, "required"): "the gateway's body has no statusCode: {'message': 'Unauthorized'} (FACTS 1.4)",
    (ANY, 403, "status"): "a wrong key: documented in words, in no operation's list (FACTS 1.4)",
    (ANY, 403, "required"): "the gateway's body has no statusCode: 'Invalid API Key' (FACTS 1.4)",
    (ANY, 429, "status"): "over the limit: documented in words, in no operation's list (FACTS 1.1)",
    (ANY, 429, "no JSON"): "the gateway says 'Too Many Requests' in plain text (FACTS 1.4)",
    (ANY, 500, "required"): "captured 500s have no message (FACTS 1.4)",
    (ANY, 500, "additionalProperties"): "captured 500s say errorMessage (FACTS 1.4)",
    (ANY, 503, "status"): "documented in words, in no operation's list (FACTS 1.4)",
    (ANY, 504, "status"): "documented in words, in no operation's list (FACTS 1.4)",
    (ANY, 504, "no JSON"): "captured 504s are empty (FACTS 1.4)",
    ("Search", 400, "status"): _BAD_VALUE,
    ("GetProductMarketData", 400, "status"): _BAD_VALUE,
    ("GetListingCreateBatchItems", 400, "status"): _BAD_VALUE,
    ("GetListingUpdateBatchItems", 400, "status"): _BAD_VALUE,
    ("GetListingDeleteBatchItems", 400, "status"): _BAD_VALUE,
    ("GetProductMarketData", 404, "status"): "a style code for an id: 404 'Could not decode market data' (FACTS 1.4)",
    ("GetVariantMarketData", 404, "status"): "a style code for an id: 404 'Could not decode market data' (FACTS 1.4)",
    ("Update", 404, "status"): _NO_LIST,
    ("DeleteListing", 404, "status"): "a dead listing answers 404, 410 or 422 (FACTS 1.4)",
    ("GetListingOperations", 404, "status"): _NO_LIST,
    ("GetListingCreateBatch", 404, "status"): _NO_LIST,
    ("GetListingUpdateBatch", 404, "status"): _NO_LIST,
    ("GetListingDeleteBatch", 404, "status"): _NO_LIST,
    ("GetListingCreateBatchItems", 404, "status"): _NO_LIST,
    ("GetListingUpdateBatchItems", 404, "status"): _NO_LIST,
    ("GetListingDeleteBatchItems", 404, "status"): _NO_LIST,
    ("GetOrder", 404, "status"): _NO_LIST,
    ("GetOrderShipment", 404, "status"): "no such document, or none yet right after the sale (FACTS 1.10)",
    ("GetOrderShipmentDocuments", 404, "status"): "no such order, or no document yet (FACTS 1.10)",
    ("IngestionItems", 404, "status"): _NO_LIST,
}
"""Answers of the practice market that are not as the document has them: operation, status, and what about it:
a status that is not listed, a body that is no JSON, or a rule of the schema and where it is broken."""
