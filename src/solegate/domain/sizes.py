"""Sizes: StockX's conversion strings as values.

Brand charts differ, so only a variant's own `sizeChart` tells its sizes (FACTS 5.4). A conversion is bare with a type
(`"3.5"`, `us m`), prefixed (`"US M 3.5"`), or suffixed (`"5W"`, `"10.5C"`), and may carry a note that tells it apart
from its neighbour: `"CM 23.5 (US M 4.5)"`, `"3 2E"`, `"5W / 3.5M"` (FACTS 1.10). Whatever fits nothing survives
verbatim. Sizes are compared whole, never by prefix: `2XL` is not `2XS`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NUMBER = r"\d+(?:\.\d+)?(?:\s+\d/\d)?"
_SYSTEMS = ("US M", "US W", "US Y", "US C", "US", "UK", "EU", "FR", "IT", "CM", "JP", "KR", "BR", "AU", "CN")
_PREFIXED = re.compile(rf"(?P<system>{'|'.join(_SYSTEMS)})\s+(?P<rest>\S.*)")
_NOTED = re.compile(r"(?P<value>[^()]+?)\s*\((?P<note>[^()]+)\)")
_WIDE = re.compile(rf"(?P<value>{_NUMBER})\s+(?P<note>(?:[2-9]?[A-E]|EE+))")
_SUFFIXED = re.compile(rf"(?P<value>{_NUMBER})(?P<suffix>[MWYC])(?:\s*/\s*(?P<note>\S+))?")


@dataclass(frozen=True, slots=True)
class SizeValue:
    """A size in one system.

    Attributes:
        system: `US M`, `US W`, `US Y` (youth), `US C` (child), `UK`, `EU`, `CM`, `KR`, ...; empty when it has none.
        value: the size itself, such as `9.5`, `41 1/3`, `XL`; an unknown text as it came.
        note: what tells it apart from an equal value: another system's size or a width; usually empty.
    """

    system: str
    value: str
    note: str = ""

    def __str__(self) -> str:
        """Write it as StockX does: `CM 23.5 (US M 4.5)`."""
        text = f"{self.system} {self.value}".strip()
        return f"{text} ({self.note})" if self.note else text


def parse_size(text: str, kind: str = "") -> SizeValue:
    """Read a conversion string; `kind` is StockX's type of the chart, such as `us m`, and may be empty."""
    whole = " ".join(text.split())
    system = " ".join(kind.upper().split())
    if prefixed := _PREFIXED.fullmatch(whole):
        system, whole = prefixed["system"], prefixed["rest"]
    if noted := _NOTED.fullmatch(whole) or _WIDE.fullmatch(whole):
        return SizeValue(system, noted["value"], noted["note"])
    if suffixed := _SUFFIXED.fullmatch(whole):
        return SizeValue(f"US {suffixed['suffix']}", suffixed["value"], suffixed["note"] or "")
    return SizeValue(system, whole)


@dataclass(frozen=True, slots=True)
class SizeChart:
    """One variant's sizes: its own, in the system it is sold in, and the same foot in every other system."""

    own: SizeValue
    others: tuple[SizeValue, ...] = ()

    @property
    def every(self) -> tuple[SizeValue, ...]:
        """All of them, each once, the variant's own first."""
        return tuple(dict.fromkeys((self.own, *self.others)))

    def in_system(self, system: str) -> SizeValue | None:
        """The size in a system such as `EU`, or `None` if the chart does not know it."""
        return next((each for each in self.every if each.system == system.strip().upper()), None)

    def fits(self, wanted: SizeValue) -> bool:
        """Whether this is the wanted size: whole equality, never a prefix.

        A wish without a system means the one the variant is sold in. A wish without a note takes any note; a note may
        also be a size of its own in the chart, as in `5W / 3.5M`.
        """
        among = self.every if wanted.system else (self.own,)
        return any(
            wanted.system in {"", each.system}
            and wanted.value.casefold() == each.value.casefold()
            and (wanted.note in {"", each.note} or parse_size(wanted.note) in self.every)
            for each in among
        )


def matching(wanted: str, charts: Mapping[str, SizeChart]) -> tuple[str, ...]:
    """The variants of a product that have a size, by their keys in `charts`.

    One is the answer; none or several have to be told to whoever asked. `5W / 3.5M` is found by the whole text, by `5W`
    and by `US W 5`. Capitals do not matter to whoever asks.
    """
    size = parse_size(wanted.upper())
    return tuple(key for key, chart in charts.items() if chart.fits(size))
