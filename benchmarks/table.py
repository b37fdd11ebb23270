"""A measured claim, and how it is printed."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path("build/benchmarks.json")


@dataclass(frozen=True)
class Row:
    """One claim: what was measured, the figure with its spread, the goal, and whether it holds."""

    claim: str
    figure: str
    spread: str = ""
    goal: str = ""
    holds: bool | None = None


def spread(values: Sequence[float], unit: str = "") -> str:
    """Minimum and maximum over the rounds."""
    return f"{min(values):.3g} to {max(values):.3g}{unit} in {len(values)} rounds"


def median(values: Sequence[float]) -> float:
    """The middle of the rounds."""
    return statistics.median(values)


def publish(rows: Sequence[Row]) -> None:
    """Print the table and keep it as JSON."""
    table = Table(title="Solegate benchmarks", title_justify="left")
    for name in ("claim", "figure", "spread", "goal", "holds"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(row.claim, row.figure, row.spread, row.goal, {True: "yes", False: "NO", None: ""}[row.holds])
    console = Console()
    (console if console.is_terminal else Console(width=140)).print(table)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([asdict(row) for row in rows], indent=2), encoding="utf-8")
