"""Which lines of products there are, and how each brand writes its style codes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StyleRule:
    """How a brand writes style codes: one of the prefixes, then the tail.

    In the tail `#` is a digit, `@` a letter and `C` the digit with which Nike codes the main colour.
    """

    prefixes: tuple[str, ...]
    tail: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of products.

    Attributes:
        brand, title: of its products; a colour name follows the title.
        retail: price in US dollars.
        hype: typical market price over retail.
        charts: size charts its products may have.
        style: how its style codes look; `None` where products have none (FACTS 1.10).
        product_type: StockX's word for the category.
    """

    brand: str
    title: str
    retail: int
    hype: float
    charts: tuple[str, ...]
    style: StyleRule | None = None
    product_type: str = "sneakers"


def _style(prefixes: str, tail: str) -> StyleRule:
    return StyleRule(tuple(prefixes.split()), tail)


NIKE = _style("CT CU CV CW CZ DA DC DD DH DJ DM DO DQ DR DV DX DZ FB FD FJ FN FQ FV FZ HF HJ HM HQ IB", "####-C##")
ADIDAS = _style("B7 FX FY GV GW GX GY GZ HP ID IE IF IG IH JH JI JP JR", "####")
ASICS = _style("1011B 1201A 1202A 1203A 1021A", "###-###")
PUMA = _style("36 38 39 40", "####-##")
CONVERSE = _style("15 16 17 A0", "####C")
VANS = _style("VN0A VN000", "#@##@@@")
SALOMON = _style("L41 L47", "######")
ON = _style("3ME 3WE 3UE", "########")
UGG = _style("10 11", "#####-@@@")
CROCS = _style("20", "####-###")

_NIKE_SIZES = ("nike men", "nike men", "nike women", "nike grade school", "nike kids")
_JORDAN_SIZES = ("nike men", "nike men", "nike grade school", "nike women", "nike kids")
_ASICS_SIZES = ("asics men", "asics women")

SNEAKERS = (
    Line("Nike", "Nike Dunk Low", 115, 1.1, _NIKE_SIZES, NIKE),
    Line("Nike", "Nike Dunk High", 135, 0.9, _NIKE_SIZES, NIKE),
    Line("Nike", "Nike SB Dunk Low Pro", 120, 1.6, ("nike men",), NIKE),
    Line("Nike", "Nike Air Force 1 Low '07", 115, 1.0, _NIKE_SIZES, NIKE),
    Line("Nike", "Nike Air Max 1", 140, 1.2, _NIKE_SIZES, NIKE),
    Line("Nike", "Nike Air Max 90", 130, 0.9, _NIKE_SIZES, NIKE),
    Line("Nike", "Nike Air Max 95", 180, 1.1, _NIKE_SIZES, NIKE),
    Line("Nike", "Nike Air Max Plus", 180, 1.2, ("nike men",), NIKE),
    Line("Nike", "Nike Zoom Vomero 5", 160, 0.9, ("nike men", "nike women"), NIKE),
    Line("Nike", "Nike P-6000", 110, 1.0, ("nike men", "nike women"), NIKE),
    Line("Nike", "Nike Kobe 6 Protro", 190, 2.1, ("nike men", "nike grade school"), NIKE),
    Line("Jordan", "Jordan 1 Retro High OG", 180, 1.5, _JORDAN_SIZES, NIKE),
    Line("Jordan", "Jordan 1 Mid", 125, 0.9, _JORDAN_SIZES, NIKE),
    Line("Jordan", "Jordan 1 Low", 115, 1.0, _JORDAN_SIZES, NIKE),
    Line("Jordan", "Jordan 3 Retro", 200, 1.1, _JORDAN_SIZES, NIKE),
    Line("Jordan", "Jordan 4 Retro", 215, 1.4, _JORDAN_SIZES, NIKE),
    Line("Jordan", "Jordan 5 Retro", 210, 0.9, _JORDAN_SIZES, NIKE),
    Line("Jordan", "Jordan 6 Retro", 200, 0.9, _JORDAN_SIZES, NIKE),
    Line("Jordan", "Jordan 11 Retro", 230, 1.2, _JORDAN_SIZES, NIKE),
    Line("Jordan", "Jordan 12 Retro", 200, 0.9, _JORDAN_SIZES, NIKE),
    Line("adidas", "adidas Samba OG", 100, 1.1, ("adidas",), ADIDAS),
    Line("adidas", "adidas Gazelle Indoor", 120, 1.0, ("adidas",), ADIDAS),
    Line("adidas", "adidas Campus 00s", 110, 1.1, ("adidas",), ADIDAS),
    Line("adidas", "adidas Handball Spezial", 110, 1.1, ("adidas",), ADIDAS),
    Line("adidas", "adidas Superstar", 100, 0.9, ("adidas",), ADIDAS),
    Line("adidas", "adidas Ultra Boost 1.0", 190, 0.7, ("adidas",), ADIDAS),
    Line("adidas", "adidas Yeezy Boost 350 V2", 230, 1.2, ("adidas",), ADIDAS),
    Line("Yeezy", "adidas Yeezy Slide", 70, 1.7, ("yeezy slide",), ADIDAS),
    Line("New Balance", "New Balance 550", 110, 0.9, ("new balance",), _style("BB550 BBW550", "@@@")),
    Line("New Balance", "New Balance 2002R", 150, 1.1, ("new balance",), _style("M2002R ML2002R", "@@")),
    Line("New Balance", "New Balance 9060", 150, 1.1, ("new balance",), _style("U9060", "@@@")),
    Line("New Balance", "New Balance 530", 100, 1.0, ("new balance",), _style("MR530", "@@#")),
    Line("New Balance", "New Balance 990v6", 200, 1.0, ("new balance", "new balance wide"), _style("M990", "@@6")),
    Line("ASICS", "ASICS Gel-Kayano 14", 150, 1.1, _ASICS_SIZES, ASICS),
    Line("ASICS", "ASICS Gel-1130", 100, 1.0, _ASICS_SIZES, ASICS),
    Line("ASICS", "ASICS GT-2160", 120, 1.1, _ASICS_SIZES, ASICS),
    Line("ASICS", "ASICS Gel-NYC", 140, 1.0, _ASICS_SIZES, ASICS),
    Line("Puma", "Puma Speedcat OG", 100, 1.1, ("plain",), PUMA),
    Line("Puma", "Puma Palermo", 90, 0.9, ("plain",), PUMA),
    Line("Converse", "Converse Chuck Taylor All-Star 70 Hi", 90, 1.0, ("unisex",), CONVERSE),
    Line("Vans", "Vans Knu Skool", 75, 0.9, ("plain",), VANS),
    Line("Vans", "Vans Old Skool", 70, 0.9, ("plain",), VANS),
    Line("Salomon", "Salomon XT-6", 200, 1.0, ("plain",), SALOMON),
    Line("On", "On Cloudmonster", 180, 0.9, ("plain",), ON),
    Line("On", "On Cloudtilt", 160, 0.9, ("plain",), ON),
)

SHOES = (
    Line("UGG", "UGG Tasman Slipper", 110, 1.1, ("plain",), UGG, "shoes"),
    Line("UGG", "UGG Classic Ultra Mini Boot", 150, 1.0, ("plain",), UGG, "shoes"),
    Line("Crocs", "Crocs Classic Clog", 50, 1.3, ("unisex",), CROCS, "shoes"),
)

STREETWEAR = (
    Line("Supreme", "Supreme Box Logo Hooded Sweatshirt", 168, 2.0, ("letters",), None, "streetwear"),
    Line("Supreme", "Supreme Small Box Tee", 48, 1.4, ("letters",), None, "streetwear"),
    Line("Supreme", "Supreme Shoulder Bag", 88, 1.2, ("one size",), None, "streetwear"),
    Line("Fear of God", "Fear of God Essentials Hoodie", 100, 1.0, ("letters",), None, "streetwear"),
    Line("Bape", "BAPE Color Camo Shark Full Zip Hoodie", 435, 1.1, ("letters",), None, "streetwear"),
    Line("Stussy", "Stussy 8 Ball Tee", 50, 1.2, ("letters",), None, "streetwear"),
)

OBJECTS = (
    Line("KAWS", "KAWS Companion Open Edition Vinyl Figure", 250, 1.6, ("one size",), None, "collectibles"),
    Line("Bearbrick", "Bearbrick Classic 1000%", 600, 1.1, ("one size",), None, "collectibles"),
    Line("Pokemon", "Pokemon TCG Elite Trainer Box", 50, 1.8, ("one size",), None, "collectibles"),
    Line("LEGO", "LEGO Icons Collector Set", 200, 1.1, ("one size",), None, "collectibles"),
    Line("Telfar", "Telfar Medium Shopper", 202, 1.0, ("one size",), None, "handbags"),
    Line("Coach", "Coach Tabby Shoulder Bag 26", 450, 0.8, ("one size",), None, "handbags"),
    Line("Swatch", "Swatch x Omega Bioceramic MoonSwatch", 270, 1.1, ("one size",), None, "watches"),
    Line("Casio", "Casio G-Shock GA-2100", 110, 0.9, ("one size",), None, "watches"),
)

COLOURS = (
    ("Black", 0),
    ("Cool Grey", 0),
    ("Anthracite", 0),
    ("Wolf Grey", 0),
    ("White", 1),
    ("Sail", 1),
    ("Phantom", 1),
    ("Summit White", 1),
    ("Photon Dust", 0),
    ("Baroque Brown", 2),
    ("Cacao Wow", 2),
    ("Sesame", 2),
    ("Light British Tan", 2),
    ("Pine Green", 3),
    ("Lucky Green", 3),
    ("Olive", 3),
    ("Barely Volt", 3),
    ("University Blue", 4),
    ("Royal Blue", 4),
    ("Midnight Navy", 4),
    ("Ice Blue", 4),
    ("Industrial Blue", 4),
    ("Court Purple", 5),
    ("Lilac Bloom", 5),
    ("University Red", 6),
    ("Chicago Red", 6),
    ("Team Red", 6),
    ("Soft Pink", 6),
    ("Coral Chalk", 6),
    ("Maize", 7),
    ("Saffron", 7),
    ("Safety Orange", 8),
    ("Hyper Crimson", 8),
    ("Multi-Color", 9),
)
"""Names of colours, each with the digit Nike's style codes give it."""
