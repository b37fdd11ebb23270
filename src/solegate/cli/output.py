"""What a command shows: text and tables for people, or one JSON document (`--json`).

Results go to standard output, everything else (progress, notes, errors) to standard error, so that a pipe gets the
results alone. Rich leaves colours out of a pipe and respects NO_COLOR and TERM=dumb.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from solegate.domain.money import Money

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]

PIPE_WIDTH = 120
"""Columns of a pipe or file, which has no width of its own; COLUMNS overrides it."""

_GAP = 3
"""Characters between two columns of a table."""
_READABLE = 16
"""Least characters a wide column wraps to."""

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


class _Console(Console):
    """A console whose reader may go away (`| head`): the rest is dropped and the command ends well."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())
        raise SystemExit(0)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return _Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


class Output:
    """Where one command's results go. With JSON only `document` says anything on standard output."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self._out = _console(stderr=False)
        self._err = _console(stderr=True)

    def document(self, value: Json) -> None:
        """The result as JSON: the one thing a command prints with `--json`, and nothing without it."""
        if self.as_json:
            self._out.out(json.dumps(value, indent=2, ensure_ascii=False), highlight=False)

    def line(self, text: str = "", *, style: str = "") -> None:
        """A line of text, never broken, so that what is in it can be copied."""
        if not self.as_json:
            self._out.print(Text(printable(text), style=style), soft_wrap=True)

    def heading(self, text: str) -> None:
        """A line that opens a section."""
        if not self.as_json:
            self._out.print()
            self._out.print(Text(printable(text), style="bold"))

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[object]],
        *,
        right: Sequence[str] = (),
        wide: Sequence[str] = (),
    ) -> None:
        """A table; the columns named in `right` hold numbers, those in `wide` give way where there is little room."""
        if self.as_json:
            return
        cells = [[cell(value) for value in row] for row in rows]
        if _least_width(columns, cells, wide) > self._out.width:
            self._records(columns, cells)
            return
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
        for name in columns:
            table.add_column(
                name, justify="right" if name in right else "left", no_wrap=name not in wide, overflow="fold"
            )
        for row in cells:
            table.add_row(*row)
        self._out.print(table)

    def _records(self, columns: Sequence[str], rows: Iterable[Sequence[Text]]) -> None:
        """The rows of a table that is wider than the console: the first column, and the others below it."""
        for key, *others in rows:
            self._out.print(Text(f"{columns[0]} ", style="bold") + key, overflow="fold")
            grid = Table.grid(padding=(0, 1))
            for name, value in zip(columns[1:], others, strict=True):
                grid.add_row(Text(name, style="dim"), value)
            grid.columns[1].overflow = "fold"
            self._out.print(Padding(grid, (0, 0, 0, 2)))

    def note(self, text: str, *, style: str = "") -> None:
        """A line on standard error, shown with `--json` too."""
        self._err.print(Text(printable(text), style=style), soft_wrap=True)

    def error_document(self, value: Json) -> None:
        """An error as JSON, on standard error."""
        self._err.out(json.dumps(value, indent=2, ensure_ascii=False), highlight=False)

    @contextmanager
    def progress(self, label: str, total: int | None) -> Iterator[ProgressBar]:
        """A progress bar with the time left, on standard error; none in a pipe, with JSON or on a dumb terminal."""
        shown = self._err.is_interactive and not self.as_json
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self._err, transient=True, disable=not shown) as bar:
            yield ProgressBar(bar, bar.add_task(label, total=total))


@dataclass(frozen=True, slots=True)
class ProgressBar:
    """A running progress bar."""

    bar: Progress
    task: TaskID

    def advance(self) -> None:
        """One more is done."""
        self.bar.advance(self.task)

    def at(self, completed: int, total: int, *, label: str | None = None) -> None:
        """So many are done, of as many as are known by now; a new label takes the place of the old one."""
        self.bar.update(self.task, completed=completed, total=max(completed, total), description=label)


def _least_width(columns: Sequence[str], rows: Sequence[Sequence[Text]], wide: Sequence[str]) -> int:
    """Characters a table needs to show everything, with its wide columns as narrow as is still readable."""
    total = _GAP * (len(columns) - 1)
    for name, *values in zip(columns, *rows, strict=True):
        lines = [name, *(line for value in values for line in str(value).split("\n"))]
        natural = max(map(cell_len, lines))
        total += min(natural, _READABLE) if name in wide else natural
    return total


def printable(text: str) -> str:
    """The text without control characters: StockX's data must not be able to steer a terminal."""
    return "".join(each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text)


def cell(value: object) -> Text:
    """A value as people read it; `-` for none."""
    if isinstance(value, Text):
        return value
    return Text("-", style="dim") if value is None or value == "" else Text(printable(str(value)))


def styled(text: str, style: str) -> Text:
    """A value for a table, in a style."""
    return Text(printable(text), style=style)


def amount(value: Money | None) -> dict[str, Json] | None:
    """Money as JSON: an exact decimal string and its currency."""
    return None if value is None else {"amount": str(value.amount), "currency": value.currency}


def bare(value: Money | None) -> str | None:
    """Money for a table whose currency is told elsewhere."""
    return None if value is None else str(value).removeprefix(value.currency).strip()


def age(seconds: float) -> str:
    """How long ago, for people: `3 s`, `5 min`, `2 h`, `4 d`."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def codes(style_id: str | None) -> str | None:
    """A style id for a table: several codes stand below each other."""
    return style_id.replace("/", "/\n") if style_id else style_id


def counted(number: int, thing: str, things: str = "") -> str:
    """A number with its noun: `1 product`, `1,204 products`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"
