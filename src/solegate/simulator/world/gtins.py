"""Barcodes with correct check digits (GS1 General Specifications, section 7.9)."""

from __future__ import annotations

LENGTHS = (8, 12, 13, 14)
"""Digits of GTIN-8, UPC, EAN-13 and ITF-14."""


def check_digit(digits: str) -> str:
    """The check digit that follows `digits`: weights 3 and 1 alternate, starting with 3 at the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def is_valid(gtin: str) -> bool:
    """Whether `gtin` has a known length, only digits, and the right check digit."""
    return len(gtin) in LENGTHS and gtin.isascii() and gtin.isdigit() and check_digit(gtin[:-1]) == gtin[-1]


def padded(gtin: str) -> str:
    """The 14-digit form under which a UPC, its EAN-13 and its ITF-14 are the same number."""
    return gtin.zfill(14)


def upc(company: int, item: int) -> str:
    """A UPC of a company (6 digits) and an item (5 digits)."""
    digits = f"{company % 10**6:06}{item % 10**5:05}"
    return digits + check_digit(digits)
