"""The words of products and of queries: made here alone, so that both databases look for exactly the same ones.

A word is a run of letters and digits without case and accents. Beside its words a product carries marks, which begin
with `=` so that no word is like them: its style codes and barcodes whole, and brand, type, gender and colour, which let
the index of words do the first filtering of a search for text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from solegate.domain.catalog import ProductData, VariantData
from solegate.domain.sku import split_codes

LONGEST_WORD = 60
"""Characters of a word that count."""
SHORTEST_PREFIX = 2
"""Characters from which on the last word of a query may be the beginning of one."""

CODE, BRAND, TYPE, GENDER, COLOR = "=c", "=b", "=t", "=g", "=k"


@dataclass(frozen=True, slots=True)
class WordQuery:
    """What the words of a product have to be.

    Attributes:
        words: all of these, whole.
        prefix: and one that begins like this; empty for none.
        any_of: and one mark of each of these groups.
    """

    words: tuple[str, ...]
    prefix: str = ""
    any_of: tuple[tuple[str, ...], ...] = ()


def words(text: str | None) -> tuple[str, ...]:
    """The words of a text, in its order: `"Café Dunk-Low"` is `cafe`, `dunk`, `low`."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text or "").casefold())
    plain = "".join(each for each in folded if not unicodedata.combining(each))
    runs = ("".join(run) for is_word, run in groupby(plain, str.isalnum) if is_word)
    return tuple(run[:LONGEST_WORD] for run in runs)


def joined(text: str | None) -> str:
    """A code without what separates its parts: `"DD1391-100"` is `dd1391100`."""
    return "".join(words(text))[:LONGEST_WORD]


def mark(kind: str, text: str | None) -> str:
    """A mark of some kind; two texts may share one, so whoever looks for it compares the text as well."""
    return kind + joined(text)


def product_words(product: ProductData, variants: Iterable[VariantData]) -> tuple[str, ...]:
    """Everything a product is found by, each once, sorted."""
    codes = split_codes(product.style_id)
    whole = [*codes, *(gtin.identifier for variant in variants for gtin in variant.gtins)]
    texts = (product.title, product.brand, product.style_id, product.color, product.colorway)
    found = {word for text in texts for word in words(text)}
    found.update(filter(None, map(joined, whole)))
    found.update(mark(CODE, each) for each in whole if joined(each))
    about = (
        (BRAND, product.brand), (TYPE, product.product_type), (GENDER, product.gender), (COLOR, main_color(product)),
    )  # fmt: skip
    found.update(mark(kind, text) for kind, text in about if text)
    return tuple(sorted(found))


def word_query(text: str, any_of: Sequence[tuple[str, ...]] = ()) -> WordQuery:
    """What a text asks for: all of its words, the last of which may be the beginning of one."""
    *first, last = words(text) or ("",)
    if len(last) < SHORTEST_PREFIX:
        return WordQuery(tuple(dict.fromkeys(filter(None, (*first, last)))), any_of=tuple(any_of))
    return WordQuery(tuple(dict.fromkeys(first)), last, tuple(any_of))


def code_query(text: str) -> WordQuery:
    """Products that have the text as a style code or a barcode."""
    return WordQuery((mark(CODE, text),))


def main_color(product: ProductData) -> str | None:
    """The colour a product is filtered by: StockX's, or where it names none, the first of its colorway."""
    return product.color or (product.colorway or "").split("/")[0] or None


def fits(query: WordQuery, found: Iterable[str]) -> bool:
    """Whether a product with these words is meant."""
    own = set(found)
    return (
        own.issuperset(query.words)
        and (not query.prefix or any(word.startswith(query.prefix) for word in own))
        and all(own.intersection(group) for group in query.any_of)
    )
