"""Size charts by brand and audience, and how StockX spells them (FACTS 1.10 and 5.4).

A row holds one size in every system, keyed by the system's name. The first system of a chart is its own: variants
are called by it, bare; all systems appear as conversions, with their prefix.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from solegate.simulator.world.models import Size, SizeChart

Row = Mapping[str, str]

DISAMBIGUATED = {"CM": "own", "UK": "EU"}
"""Systems in which two sizes may share a number, and the system that tells them apart: "CM 23.5 (US M 4.5)"."""


@dataclass(frozen=True)
class Chart:
    """A size chart.

    Attributes:
        systems: names of the size systems, the chart's own first.
        rows: sizes from small to large.
        values: what variants are called, one for each row, where that is not the own size ("5W / 3.5M").
    """

    systems: tuple[str, ...]
    rows: tuple[Row, ...]
    values: tuple[str, ...] = ()

    @property
    def types(self) -> tuple[tuple[str, str], ...]:
        """Name and type of each system: `("US M", "us m")`."""
        return tuple((system, system.lower()) for system in self.systems)

    @cached_property
    def variants(self) -> tuple[tuple[str | None, SizeChart], ...]:
        """What each variant is called, and its sizes. A chart without sizes still has one variant."""
        return tuple(self._variants()) if self.rows else ((None, SizeChart()),)

    def _variants(self) -> Iterator[tuple[str, SizeChart]]:
        own = self.systems[0]
        shared = {
            system: Counter(row[system] for row in self.rows) for system in DISAMBIGUATED if system in self.systems
        }
        for index, row in enumerate(self.rows):
            value = self.values[index] if self.values else row[own]
            conversions = tuple(Size(system.lower(), self._spelled(system, row, shared)) for system in self.systems)
            yield value, SizeChart(Size(own.lower(), value), conversions)

    def _spelled(self, system: str, row: Row, shared: Mapping[str, Counter[str]]) -> str:
        text = f"{system} {row[system]}"
        if system not in shared or shared[system][row[system]] < 2:
            return text
        other = DISAMBIGUATED[system]
        other = self.systems[0] if other == "own" else other
        return f"{text} ({other} {row[other]})"


def _number(value: float) -> str:
    """A size as StockX writes it: no trailing zero, thirds as fractions ("41 1/3")."""
    whole, rest = divmod(round(value * 6), 6)
    return f"{whole}{ {0: '', 2: ' 1/3', 3: '.5', 4: ' 2/3'}[rest] }"


def _steps(first: float, last: float, *more: float) -> tuple[float, ...]:
    """Half sizes from first to last, then some more."""
    return (*(first + step / 2 for step in range(round((last - first) * 2) + 1)), *more)


def _chart(systems: str, columns: Mapping[str, tuple[float, ...]], suffix: str = "") -> Chart:
    """A chart from columns of numbers; CM also gives KR, in millimetres. `suffix` marks the own system ("5W")."""
    names = tuple(systems.split(","))
    all_columns = {**columns, "KR": tuple(cm * 10 for cm in columns["CM"])}
    rows = tuple(
        dict(zip(names, map(_number, row), strict=True))
        for row in zip(*(all_columns[name] for name in names), strict=True)
    )
    values = tuple(f"{row[names[0]]}{suffix}" for row in rows) if suffix else ()
    return Chart(names, rows, values)


def _plus(sizes: tuple[float, ...], difference: float) -> tuple[float, ...]:
    return tuple(size + difference for size in sizes)


_NIKE_M = _steps(3.5, 13, 14, 15)
_NIKE_UK = (3, 3.5, 4, 4.5, 5, 5.5, 6, 6, 6.5, 7, 7.5, 8, 8.5, 9, 9.5, 10, 10.5, 11, 11.5, 12, 13, 14)
_NIKE_CM = (22.5, 23, 23.5, 23.5, 24, 24, 24.5, 25, 25.5, 26, 26.5, 27, 27.5, 28, 28.5, 29, 29.5, 30, 30.5, 31, 32, 33)
_NIKE_EU = (
    *(35.5, 36, 36.5, 37.5, 38, 38.5, 39, 40, 40.5, 41, 42),
    *(42.5, 43, 44, 44.5, 45, 45.5, 46, 47, 47.5, 48.5, 49.5),
)
_NIKE_W = _steps(5, 12)
_ADIDAS_M = _steps(4, 13, 14)
_NB_M = _steps(4, 13, 14, 15)
_NB_EU = (
    *(36, 37, 37.5, 38, 38.5, 39.5, 40, 40.5, 41.5, 42, 42.5),
    *(43, 44, 44.5, 45, 45.5, 46.5, 47, 47.5, 49, 50),
)
_ASICS_M = _steps(3.5, 12, 13, 14)
_ASICS_EU = (
    *(35, 36, 37, 37.5, 38, 39, 39.5, 40, 40.5, 41.5, 42),
    *(42.5, 43.5, 44, 44.5, 45, 46, 46.5, 48, 49),
)
_ASICS_W = _steps(5, 11, 12)
_ASICS_W_EU = (35.5, 36, 37, 37.5, 38, 39, 39.5, 40, 40.5, 41.5, 42, 42.5, 43.5, 44)
_KIDS_EU = (27.5, 28, 28.5, 29.5, 30, 31, 31.5, 32, 33, 33.5, 34, 35)
_KIDS_UK = (*_steps(10, 13.5), *_steps(1, 2.5))
_PLAIN_M = _steps(3, 13)
_PLAIN_EU = (35, 36, 36.5, 37, 37.5, 38, 39, 39.5, 40, 41, 41.5, 42, 42.5, 43, 44, 44.5, 45, 46, 46.5, 47, 48)

_M = "US M,UK,CM,KR,EU,US W"
_W = "US W,UK,CM,KR,EU,US M"

_NIKE_MEN = _chart(_M, {"US M": _NIKE_M, "UK": _NIKE_UK, "CM": _NIKE_CM, "EU": _NIKE_EU, "US W": _plus(_NIKE_M, 1.5)})
_NB_MEN = _chart(
    _M,
    {
        "US M": _NB_M,
        "UK": _plus(_NB_M, -0.5),
        "CM": _plus(_NB_M, 18),
        "EU": _NB_EU,
        "US W": _plus(_NB_M, 1.5),
    },
)
_PLAIN = _chart(
    "US M,UK,CM,KR,EU",
    {"US M": _PLAIN_M, "UK": _PLAIN_M, "CM": _plus(_PLAIN_M, 18.5), "EU": _PLAIN_EU},
)


def _adidas(shift: float) -> Chart:
    """adidas: UK = US - 0.5 (Yeezy slides: UK = US), EU in thirds, women UK = US W - 1.5."""
    uk = _plus(_ADIDAS_M, shift)
    return _chart(
        _M,
        {
            "US M": _ADIDAS_M,
            "UK": uk,
            "CM": _plus(_ADIDAS_M, 18),
            "EU": tuple(36 + (size - 3.5) * 4 / 3 for size in uk),
            "US W": _plus(uk, 1.5),
        },
    )


def _kids() -> Chart:
    """Nike pre-school: "10.5C" to "3Y"; the letter is part of the size and changes after 13.5C."""
    names = (*(f"{_number(size)}C" for size in _steps(10.5, 13.5)), *(f"{_number(size)}Y" for size in _steps(1, 3)))
    systems = ("US", "UK", "CM", "EU")
    columns = zip(names, _KIDS_UK, _steps(16.5, 22), _KIDS_EU, strict=True)
    return Chart(
        systems,
        tuple({"US": name, "UK": _number(uk), "CM": _number(cm), "EU": _number(eu)} for name, uk, cm, eu in columns),
    )


def _grade_school() -> Chart:
    """Nike grade-school "3.5Y" to "7Y": the small end of the men's chart under another name."""
    rows = tuple(
        {"US": f"{row['US M']}Y", **{system: row[system] for system in ("UK", "CM", "KR", "EU")}}
        for row in _NIKE_MEN.rows[:8]
    )
    return Chart(("US", "UK", "CM", "KR", "EU"), rows)


def _wide(chart: Chart) -> Chart:
    """The same sizes in a wide last: variants are called "9 2E"."""
    return Chart(chart.systems, chart.rows, tuple(f"{row['US M']} 2E" for row in chart.rows))


def _combined(chart: Chart) -> Chart:
    """Unisex: variants are called by both audiences, "5W / 3.5M"."""
    systems = ("US W", *(system for system in chart.systems if system != "US W"))
    return Chart(systems, chart.rows, tuple(f"{row['US W']}W / {row['US M']}M" for row in chart.rows))


def _letters(*sizes: str) -> Chart:
    return Chart(("US",), tuple({"US": size} for size in sizes))


CHARTS: Mapping[str, Chart] = {
    "nike men": _NIKE_MEN,
    "nike women": _chart(
        _W,
        {
            "US W": _NIKE_W,
            "UK": _plus(_NIKE_W, -2.5),
            "CM": _plus(_NIKE_W, 17),
            "EU": _NIKE_EU[: len(_NIKE_W)],
            "US M": _plus(_NIKE_W, -1.5),
        },
        suffix="W",
    ),
    "nike grade school": _grade_school(),
    "nike kids": _kids(),
    "adidas": _adidas(-0.5),
    "yeezy slide": _adidas(0),
    "new balance": _NB_MEN,
    "new balance wide": _wide(_NB_MEN),
    "asics men": _chart(
        "US M,UK,CM,KR,EU",
        {
            "US M": _ASICS_M,
            "UK": _plus(_ASICS_M, -1),
            "CM": _plus(_ASICS_M, 18.5),
            "EU": _ASICS_EU,
        },
    ),
    "asics women": _chart(
        _W,
        {
            "US W": _ASICS_W,
            "UK": _plus(_ASICS_W, -2),
            "CM": _plus(_ASICS_W, 17.5),
            "EU": _ASICS_W_EU,
            "US M": _plus(_ASICS_W, -1.5),
        },
        suffix="W",
    ),
    "unisex": _combined(_NIKE_MEN),
    "plain": _PLAIN,
    "letters": _letters("XS", "S", "M", "L", "XL", "XXL"),
    "one size": Chart((), ()),
}
"""Every chart a design may name."""
