"""Checks on what callers pass in, so that bad input costs no request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from solegate.client.policy.paging import LONGEST_QUERY, SEARCH_PAGE_SIZE
from solegate.domain.money import Money
from solegate.errors import InvalidInputError

MARKET_CURRENCIES = frozenset({
    "AUD", "BRL", "CAD", "CHF", "CLP", "CNY", "DKK", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "JPY", "KRW",
    "KWD", "MOP", "MXN", "MYR", "NOK", "NZD", "PEN", "PHP", "PLN", "SEK", "SGD", "THB", "TWD", "USD", "VND",
})  # fmt: skip
"""Currencies StockX gives market data in (FACTS 1.9)."""

LISTING_CURRENCIES = ("AUD", "CAD", "CHF", "EUR", "GBP", "HKD", "JPY", "KRW", "MXN", "NZD", "SGD", "USD")
"""Currencies StockX lists in (FACTS 1.9)."""
MOST_IDS = 100
"""Most ids in one filter: they stand in the address, whose length is bounded."""

_TOO_MUCH = Decimal(10) ** 12
_LIST_SIGNS = frozenset(",[]\"'")
_CODE_LENGTH = 3
_LONGEST_ID = 100
_VISIBLE = frozenset(map(chr, range(0x21, 0x7F)))
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})


def checked_query(query: str) -> str:
    """A search text of 1 to 100 characters, trimmed."""
    text = _readable("search text", " ".join(query.split()))
    if not 1 <= len(text) <= LONGEST_QUERY:
        raise InvalidInputError(f"A search text has 1 to {LONGEST_QUERY} characters; this one has {len(text)}.")
    return text


def checked_page(page: int, page_size: int, *, largest: int = SEARCH_PAGE_SIZE, of: str = "products") -> None:
    """Pages start at 1 and hold 1 to 50 products; those of other lists are larger (FACTS 1.2)."""
    if page < 1:
        raise InvalidInputError(f"Pages start at 1; {page} does not exist.")
    if not 1 <= page_size <= largest:
        raise InvalidInputError(f"A page holds 1 to {largest} {of}; {page_size} does not fit.")


def checked_id(name: str, value: str) -> str:
    """An id is any short text in one piece that stays in its place in a path; its form is StockX's (FACTS 1.9)."""
    if value in {"", ".", ".."} or len(value) > _LONGEST_ID or not _VISIBLE.issuperset(value):
        raise InvalidInputError(f"The {name} is 1 to {_LONGEST_ID} letters, digits and signs; this one is not.")
    return value


def checked_currency(code: str) -> str:
    """A currency StockX gives market data in, upper case."""
    upper = code.strip().upper()
    if upper not in MARKET_CURRENCIES:
        named = f"'{upper}'" if upper.isascii() and upper.isalpha() and len(upper) == _CODE_LENGTH else "this currency"
        raise InvalidInputError(f"StockX has no market data in {named}; try EUR, USD or GBP.")
    return upper


def checked_listing_price(price: Money) -> Money:
    """A price StockX takes for a listing: one of 12 currencies, whole and positive (FACTS 1.9)."""
    if price.currency not in LISTING_CURRENCIES:
        raise InvalidInputError(f"StockX lists nothing in {price.currency}; one of {', '.join(LISTING_CURRENCIES)}.")
    amount = price.amount
    if not amount.is_finite() or amount <= 0 or amount != amount.to_integral_value() or amount >= _TOO_MUCH:
        raise InvalidInputError(f"A listing's price is a whole amount from 1; {price.amount} is not.")
    return price


def checked_ids(name: str, values: Sequence[str]) -> str:
    """Ids as the comma list StockX wants: nothing in it may look like a list itself."""
    ids = [checked_id(name, value) for value in values]
    if not ids or len(ids) > MOST_IDS:
        raise InvalidInputError(f"A filter takes 1 to {MOST_IDS} {name}s; there are {len(ids)}.")
    if any(_LIST_SIGNS.intersection(each) for each in ids):
        raise InvalidInputError(f"A {name} holds no commas, brackets or quotation marks.")
    return ",".join(ids)


def checked_time(name: str, value: datetime) -> str:
    """A moment as StockX writes it, in UTC to the millisecond."""
    if value.tzinfo is None:
        raise InvalidInputError(f"The {name} has no time zone.")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def checked_gtin(gtin: str) -> str:
    """A barcode number: UPC, EAN-13, ITF-14 or GTIN-8, with its check digit right."""
    digits = _readable("GTIN", gtin.strip())
    if not (digits.isascii() and digits.isdigit() and len(digits) in _GTIN_LENGTHS):
        raise InvalidInputError(f"'{gtin}' is no GTIN: it needs 8, 12, 13 or 14 digits.")
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    if weighted % 10:
        raise InvalidInputError(f"'{gtin}' is no GTIN: its check digit does not fit, so a digit is misread.")
    return digits


def _readable(name: str, value: str) -> str:
    """Refuse bytes that are no text, which a shell can hand over."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidInputError(f"The {name} is not readable text.") from None
    return value
