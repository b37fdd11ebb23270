"""Style codes: is this StockX product the one a SKU means?

StockX's search is fuzzy: the exact SKU `DD1391-100` returned 13 products, another one 96,601 (FACTS 1.10). A hit is
taken only when its `styleId` carries the SKU, never because it stands first. A `styleId` may hold several codes,
alternatives or a set alike (`315122-111/CW2288-111`), and may be empty.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from solegate.errors import InvalidInputError

LONGEST_SKU = 200
"""Longest SKU accepted, in characters: a `styleId` with six codes has more than 50 (FACTS 1.10)."""

MAX_ALTERNATIVES = 5
"""Most alternatives offered for review."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that may be the one asked for; StockX leaves `style_id` and `title` empty for some."""

    product_id: str
    style_id: str | None
    title: str | None

    @property
    def label(self) -> str:
        """What a person recognises it by."""
        return self.style_id or self.title or self.product_id


@dataclass(frozen=True, slots=True)
class Exact:
    """Exactly one product is the SKU; or none is, and exactly one carries it."""

    candidate: Candidate


@dataclass(frozen=True, slots=True)
class NeedsReview:
    """No product, or more than one, carries the SKU exactly: a person has to choose. Closest first."""

    alternatives: tuple[Candidate, ...]
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class NotFound:
    """StockX found nothing alike."""


StyleMatch = Exact | NeedsReview | NotFound


def checked_sku(text: str) -> str:
    """A SKU that can be asked for, trimmed.

    Raises:
        InvalidInputError: it is too long, holds no code, or has characters that are no text.
    """
    sku = text.strip()
    if len(sku) > LONGEST_SKU:
        raise InvalidInputError(f"The SKU has {len(sku)} characters; {LONGEST_SKU} are the most.")
    if not normalise_code(sku).isprintable():
        raise InvalidInputError("The SKU has characters that cannot be printed.")
    if not split_codes(sku):
        raise InvalidInputError(f"'{sku}' is no SKU.", hint="Use the style code on the box label.")
    return sku


def normalise_code(text: str) -> str:
    """The one spelling of a style code: upper case, single hyphens for spaces and dashes of any kind.

    `"dd1391 100"` becomes `"DD1391-100"`, and so it does with an en dash; a text of nothing but those becomes `""`.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    spaced = "".join(map(_plain_character, plain))
    return "-".join(spaced.split())


def split_codes(style_id: str | None) -> tuple[str, ...]:
    """The normalised codes of a `styleId`, each once, in its order; none when it is empty."""
    parts = unicodedata.normalize("NFKC", style_id or "").split("/")
    return tuple(dict.fromkeys(code for code in map(normalise_code, parts) if code))


def is_style(sku: str, style_id: str | None) -> bool:
    """Whether a `styleId` is the SKU: both hold the same set of codes."""
    wanted = set(split_codes(sku))
    return bool(wanted) and wanted == set(split_codes(style_id))


def carries(sku: str, style_id: str | None) -> bool:
    """Whether a `styleId` means the SKU: it is the SKU, or the SKU is one of its codes."""
    wanted = set(split_codes(sku))
    return is_style(sku, style_id) or (len(wanted) == 1 and wanted <= set(split_codes(style_id)))


def match_style(sku: str, candidates: Iterable[Candidate]) -> StyleMatch:
    """Decide which of the products found for a SKU is meant, if any: the one that is it wins over a set with it."""
    found = {each.product_id: each for each in candidates}
    for fits in (is_style, carries):
        match [each for each in found.values() if fits(sku, each.style_id)]:
            case [only]:
                return Exact(only)
            case [_, _, *_] as several:
                return NeedsReview(_closest(sku, several), ambiguous=True)
    return NeedsReview(_closest(sku, found.values())) if found else NotFound()


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Pd" or character == "\N{MINUS SIGN}":
        return " "
    return "" if category == "Cf" else character


def _closest(sku: str, candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    wanted = normalise_code(sku)

    def likeness(candidate: Candidate) -> float:
        texts = split_codes(candidate.style_id) or (normalise_code(candidate.title or ""),)
        return max(SequenceMatcher(None, wanted, text).ratio() for text in texts)

    return tuple(sorted(candidates, key=likeness, reverse=True)[:MAX_ALTERNATIVES])
