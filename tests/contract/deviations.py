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
