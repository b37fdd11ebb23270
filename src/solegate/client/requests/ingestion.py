"""Products offered to StockX's catalog (beta, by approval; FACTS 1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from solegate.errors import InvalidInputError

COMMON = ("productTitle", "brand", "productImages", "variants", "retailPrice", "releaseDate", "countryOfOrigin")
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "sneakers": (*COMMON, "colorway", "gtin", "gender", "styleCode"),
    "shoes": (*COMMON, "colorway", "gtin", "gender", "styleCode"),
    "apparel": (*COMMON, "colorway", "material", "gender"),
    "accessories": (*COMMON, "colorway", "material", "gender"),
    "collectibles": COMMON,
    "electronics": COMMON,
    "trading cards": COMMON,
}
"""Fields each category must have."""
DESCRIPTIVE = ("partnerProductId", "tags", "productDescription", "dimensions", "weight", "productURL")
OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "sneakers": (*DESCRIPTIVE, "material"),
    "shoes": (*DESCRIPTIVE, "material"),
    "apparel": (*DESCRIPTIVE, "styleCode", "gtin", "productCode"),
    "accessories": (*DESCRIPTIVE, "styleCode", "gtin", "productCode"),
    "collectibles": (*DESCRIPTIVE, "colorway", "styleCode", "productCode"),
    "electronics": (*DESCRIPTIVE, "colorway", "styleCode", "gtin", "productCode"),
    "trading cards": (*DESCRIPTIVE, "colorway", "styleCode", "gtin", "productCode"),
}
"""Fields each category may have besides; StockX refuses any other (specification, `additionalProperties`)."""
PRODUCT_CODES = ("serial number", "mpn")
"""Kinds of product code that StockX knows."""
_LISTS = frozenset({"productImages", "variants", "tags"})
_GTIN_LENGTHS = frozenset({8, 12, 13, 14, 18})


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A product to be added to the catalog.

    Attributes:
        category: sneakers, shoes, apparel, accessories, collectibles, electronics or trading cards.
        fields: the rest of its description under StockX's own names, such as `productTitle`.

    Raises:
        InvalidInputError: a field is missing, unknown or of the wrong kind.
    """

    category: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.category not in REQUIRED:
            raise InvalidInputError(f"'{self.category}' is no category; one of {', '.join(REQUIRED)}.")
        required = REQUIRED[self.category]
        missing = [name for name in required if not self.fields.get(name)]
        unknown = sorted(set(self.fields) - {*required, *OPTIONAL[self.category]})
        if missing or unknown:
            told = ((missing, "lacks"), (unknown, "has unknown"))
            reasons = " and ".join(f"{verb} {', '.join(names)}" for names, verb in told if names)
            raise InvalidInputError(f"A product in {self.category} {reasons}.")
        for name, value in self.fields.items():
            _check_kind(name, value)

    def wire(self) -> dict[str, object]:
        """The item of a job."""
        return {"category": self.category, **self.fields}


def _check_kind(name: str, value: object) -> None:
    if name in _LISTS:
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
            raise InvalidInputError(f"{name} is a list of texts.")
    elif name == "productCode":
        if not isinstance(value, Mapping) or set(value) != {"code", "name"} or not isinstance(value["code"], str):
            raise InvalidInputError("productCode has a code and a name.")
        if value["name"] not in PRODUCT_CODES:
            raise InvalidInputError(f"productCode is named one of {', '.join(PRODUCT_CODES)}.")
    elif not isinstance(value, str):
        raise InvalidInputError(f"{name} is a text.")
    elif name == "gtin" and not (value.isascii() and value.isdigit() and len(value) in _GTIN_LENGTHS):
        raise InvalidInputError("gtin has 8, 12, 13, 14 or 18 digits.")
