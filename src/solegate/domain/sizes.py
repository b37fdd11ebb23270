"""Sizes: StockX's conversion strings as values.

Brand charts differ, so only a variant's own `sizeChart` tells its sizes (FACTS 5.4). A conversion is bare with a type
(`"3.5"`, `us m`), prefixed (`"US M 3.5"`), or suffixed (`"5W"`, `"10.5C"`), and may carry a note that tells it apart
from its neighbour: `"CM 23.5 (US M 4.5)"`, `"3 2E"`, `"5W / 3.5M"` (FACTS 1.10). Whatever fits nothing survives
verbatim. Sizes are compared whole, never by prefix: `2XL` is not `2XS`.
"""

from __future__ import annotations

import re
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
