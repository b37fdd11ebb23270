"""The catalog as a function of the seed: landmarks first, then products drawn from the brands' lines."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import date, timedelta

from solegate.simulator.world.brands import COLOURS, OBJECTS, SHOES, SNEAKERS, STREETWEAR, Line, StyleRule
from solegate.simulator.world.dice import dice, hashed_uuid
from solegate.simulator.world.gtins import upc
from solegate.simulator.world.landmarks import LANDMARKS
from solegate.simulator.world.models import Design, Gtin, Product, Variant
from solegate.simulator.world.sizes import CHARTS

MIX = ((SNEAKERS, 0.80), (SHOES, 0.06), (STREETWEAR, 0.08), (OBJECTS, 0.06))
"""Shares of the categories."""

AUDIENCES = {
    "nike women": ("women", " (Women's)"),
    "asics women": ("women", " (Women's)"),
    "nike grade school": ("child", " (GS)"),
    "nike kids": ("preschool", " (PS)"),
    "unisex": ("unisex", ""),
    "letters": ("men", ""),
    "one size": ("unisex", ""),
}
"""Gender and end of the title by size chart; the rest is for men."""

PLACEHOLDER_ASKS = 0.001
"""Share of variants whose ask is a placeholder (FACTS 1.10)."""

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_FIRST_RELEASE = date(2017, 1, 1)
_RELEASE_DAYS = 3_200


def generate_products(seed: int, count: int) -> tuple[Product, ...]:
    """At least the landmarks, `count` products if that is more; the same seed gives the same products."""
    designs = (*LANDMARKS, *_designs(seed, count - len(LANDMARKS)))
    return tuple(_product(seed, index, design) for index, design in enumerate(designs))


def _designs(seed: int, count: int) -> Iterator[Design]:
    """Designs with unlike titles and unlike style codes."""
    taken = {code for design in LANDMARKS for code in (design.style_id or "").split("/")} - {""}
    for index in range(count):
        rng = random.Random(f"{seed}/design/{index}")
        design = _design(rng)
        while design.style_id in taken or design.title in taken:
            design = _design(rng)
        taken.update(filter(None, (design.style_id, design.title)))
        yield _with_gaps(rng, design)


def _design(rng: random.Random) -> Design:
    line = _line(rng)
    chart = rng.choice(line.charts)
    gender, ending = AUDIENCES.get(chart, ("men", ""))
    (main, digit), (second, _) = rng.sample(COLOURS, 2)
    released = _FIRST_RELEASE + timedelta(days=rng.randrange(_RELEASE_DAYS))
    year = f" {released.year}" if line.style is None else ""
    return Design(
        title=f"{line.title} {main} {second}{ending}{year}",
        brand=line.brand,
        style_id=_style_code(rng, line.style, digit) if line.style else "",
        product_type=line.product_type,
        chart=chart,
        gender=gender,
        colorway=f"{main}/{second}-{main}",
        release_date=released.isoformat(),
        retail_price=line.retail,
        fair_value=round(line.retail * line.hype * rng.lognormvariate(0.1, 0.35), 2),
    )


def _line(rng: random.Random) -> Line:
    (lines,) = rng.choices([lines for lines, _ in MIX], [share for _, share in MIX])
    return rng.choice(lines)


def _style_code(rng: random.Random, rule: StyleRule, colour: int) -> str:
    draw = {
        "#": lambda: str(rng.randrange(10)),
        "@": lambda: rng.choice(_LETTERS),
        "C": lambda: str(colour),
    }
    return rng.choice(rule.prefixes) + "".join(draw[mark]() if mark in draw else mark for mark in rule.tail)


def _with_gaps(rng: random.Random, design: Design) -> Design:
    """Leave out what StockX sometimes leaves out (FACTS 1.9: brand, styleId and every attribute may be null)."""
    return Design(
        title=design.title,
        brand=None if rng.random() < 0.006 else design.brand,
        style_id=None if rng.random() < 0.006 else design.style_id,
        product_type=design.product_type,
        chart=design.chart,
        gender=None if rng.random() < 0.03 else design.gender,
        colorway=None if rng.random() < 0.03 else design.colorway,
        release_date=None if rng.random() < 0.05 else design.release_date,
        retail_price=None if rng.random() < 0.05 else design.retail_price,
        fair_value=design.fair_value,
    )


def _product(seed: int, index: int, design: Design) -> Product:
    url_key = _words(design.title or f"untitled product {index}").lower()
    product_id = hashed_uuid(seed, "product", url_key)
    flex, direct, barcoded, *_ = dice(seed, "eligible", product_id)
    return Product(
        id=product_id,
        url_key=url_key,
        design=design,
        variants=tuple(_variants(seed, product_id, design, barcoded=barcoded < 0.8)),
        flex=flex < 0.7,
        direct=direct < 0.4,
    )


def _variants(seed: int, product_id: str, design: Design, *, barcoded: bool) -> Iterator[Variant]:
    """The product's sizes. A fifth of the products, and some sizes of the others, have no barcode (FACTS 1.10)."""
    name = _words(design.title or "Untitled")
    for index, (value, sizes) in enumerate(CHARTS[design.chart].variants):
        variant_id = hashed_uuid(seed, "variant", product_id, index)
        company, item, has_code, flex, direct, weight, odd, _ = dice(seed, "variant", variant_id)
        yield Variant(
            id=variant_id,
            name=f"{name}:{index}",
            value=value,
            sizes=sizes,
            gtins=_gtins(company, item) if barcoded and has_code < 0.95 else (),
            flex=flex < 0.7,
            direct=direct < 0.4,
            weight=0.85 + weight * 0.35,
            placeholder_ask=odd < PLACEHOLDER_ASKS,
        )


def _gtins(company: float, item: float) -> tuple[Gtin, ...]:
    """A UPC, and for most the same number as an EAN-13. Both arguments are shares of their range."""
    code = upc(190_000 + int(company * 10_000), int(item * 100_000))
    both = (Gtin(code, "UPC"), Gtin(f"0{code}", "EAN-13"))
    return both if item < 0.75 else both[:1]


def _words(title: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", title.replace("'", "")).strip("-")
