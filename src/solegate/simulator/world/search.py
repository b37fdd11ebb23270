"""Fuzzy search, as loose as StockX's: any shared word is a hit, and the exact style code need not come first.

FACTS 1.10: an exact style code answered 13 products, another one 96,601. So a hit proves nothing; only an equal
styleId does.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from solegate.simulator.world.dice import dice
from solegate.simulator.world.models import Product

PREFIX_LENGTH = 3
"""A query word this long also finds longer words that start with it."""

CODE_LENGTH, SIMILAR = 5, 2
"""A query word this long with a digit in it is a code; codes that start with the same characters are alike."""

BEHIND = 3
"""An exact style code comes at most this many places too late."""


def words(text: str) -> tuple[str, ...]:
    """The searchable words of a text, in lower case."""
    return tuple(re.findall(r"[a-z0-9]+", text.lower()))


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """Words of all products, and which products hold each."""

    seed: int
    products: tuple[Product, ...]
    vocabulary: tuple[str, ...]
    holders: Mapping[str, tuple[int, ...]]

    @classmethod
    def build(cls, seed: int, products: tuple[Product, ...]) -> SearchIndex:
        """Index brand, title, style code, colorway and category."""
        holders: defaultdict[str, list[int]] = defaultdict(list)
        for position, product in enumerate(products):
            for word in sorted(set(_product_words(product))):
                holders[word].append(position)
        return cls(seed, products, tuple(sorted(holders)), {word: tuple(at) for word, at in holders.items()})

    def search(self, query: str) -> tuple[Product, ...]:
        """Products by how many words of the query they hold; ties in a fixed arbitrary order."""
        score: Counter[int] = Counter()
        for word in set(words(query)):
            score.update(self._holding(word))
            if _is_code(word):
                score.update(self._alike(word))
        ranked = sorted(score, key=lambda position: (-score[position], position))
        return self._exact_misplaced(query, [self.products[position] for position in ranked])

    def _holding(self, word: str) -> set[int]:
        """Products that hold the word, or a longer one that starts with it."""
        longer = self._starting_with(word) if len(word) >= PREFIX_LENGTH else ()
        return {position for each in (word, *longer) for position in self.holders.get(each, ())}

    def _alike(self, code: str) -> set[int]:
        """Products that hold a code which starts as this one does."""
        return {
            position
            for word in self._starting_with(code[:SIMILAR])
            if _is_code(word)
            for position in self.holders[word]
        }

    def _starting_with(self, word: str) -> Iterator[str]:
        for candidate in self.vocabulary[bisect_left(self.vocabulary, word) :]:
            if not candidate.startswith(word):
                return
            yield candidate

    def _exact_misplaced(self, query: str, ranked: list[Product]) -> tuple[Product, ...]:
        """Push the exact style code behind up to three other hits, for half of all queries."""
        code = query.strip().upper()
        exact = next((product for product in ranked if code in product.codes or code == product.style_id), None)
        if exact is None:
            return tuple(ranked)
        chance, depth, *_ = dice(self.seed, "misplaced", code)
        others = [product for product in ranked if product is not exact]
        place = 1 + int(depth * BEHIND) if chance < 0.5 else 0
        return (*others[:place], exact, *others[place:])


def _is_code(word: str) -> bool:
    return len(word) >= CODE_LENGTH and any(map(str.isdigit, word))


def _product_words(product: Product) -> Iterable[str]:
    design = product.design
    parts = (design.brand, design.title, design.style_id, design.colorway, design.product_type)
    return words(" ".join(filter(None, parts)))
