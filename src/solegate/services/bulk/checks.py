"""Every row is checked before anything is stored or sent, cheapest first: the text, our own records, then StockX.

A file with a broken row costs no request: style codes are looked up only once everything else is in order, each of them
once, and those the local catalog knows cost nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from solegate.client.inputs import LISTING_CURRENCIES
from solegate.db import Database, Session
from solegate.domain.job_rows import Column, RawRow, Refused, RowProblem, WantedRow, as_far_as_known, as_units
from solegate.domain.jobs import JobKind
from solegate.domain.row_cells import RowRules
from solegate.domain.row_checks import each_sku_once, of_another_type, read_row, repeated
from solegate.errors import InvalidInputError
from solegate.services.bulk.records import Objections, OwnRecords
from solegate.services.bulk.rows import RowSource
from solegate.services.bulk.sizes import OnLookup, SizeLookup

_TURN = 200
"""Rows that are read without a pause."""
LARGEST_JOB = 100_000
"""Most rows, and most pairs, of one job: two days of StockX's items (FACTS 1.1)."""


@dataclass(slots=True)
class Reading:
    """Rows on their way through the checks.

    Attributes:
        kind: what the job does.
        rows: those that are still in.
        refused: those that fell out, with all that was found wrong with them.
        fingerprint: the same for the same rows in the same order.
        lines: how many rows were read.
    """

    kind: JobKind
    rows: list[WantedRow] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    fingerprint: str = ""
    lines: int = 0

    def drop(self, objections: Iterable[tuple[WantedRow, RowProblem]]) -> None:
        """Take rows out, each with everything that is wrong with it."""
        found: dict[int, tuple[WantedRow, list[RowProblem]]] = {}
        for row, problem in objections:
            found.setdefault(id(row), (row, []))[1].append(problem)
        self.rows = [row for row in self.rows if id(row) not in found]
        self.refused += [Refused(row, tuple(why)) for row, why in found.values()]


@dataclass(frozen=True, slots=True)
class Checked:
    """The rows of a job, checked.

    Attributes:
        kind: what the job does.
        rows: those that can be done, one for every pair or listing, each with its unit.
        refused: the others, by line; of a quantity perhaps only some pairs.
        asked: style codes StockX was asked about.
        complete: whether every row was looked at to the end: a broken one keeps the others from being looked up.
    """

    kind: JobKind
    rows: tuple[WantedRow, ...] = ()
    refused: tuple[Refused, ...] = ()
    asked: int = 0
    complete: bool = True

    @property
    def problems(self) -> tuple[RowProblem, ...]:
        """Everything that is wrong, by line."""
        return tuple(problem for each in self.refused for problem in each.problems)


class RowChecks:
    """Checks the rows of jobs of one account.

    Args:
        database: is only read.
        sizes: finds variants.
        records: the account's ledger, mirror and guard rails.
    """

    def __init__(self, database: Database, sizes: SizeLookup, records: OwnRecords) -> None:
        self._database = database
        self._sizes = sizes
        self._records = records

    async def read(self, kind: JobKind, source: RowSource, *, currency: str, now: datetime) -> Reading:
        """Read every row, and find what is wrong with it by itself and beside the others; nobody is asked.

        Args:
            kind: what the job does.
            source: the rows.
            currency: of prices that name none.
            now: what expiries are compared with.

        Raises:
            InvalidInputError: there are no rows, or too many.
        """
        reading = await _read(source, RowRules(kind, now, currency, LISTING_CURRENCIES))
        reading.drop((*repeated(kind, reading.rows), *of_another_type(reading.rows)))
        if kind is JobKind.ENRICH:
            reading.rows = each_sku_once(reading.rows)
        return reading

    async def check(
        self,
        reading: Reading,
        *,
        skip_invalid: bool = False,
        most_asked: int | None = None,
        on_lookup: OnLookup | None = None,
    ) -> Checked:
        """Hold rows that were read against our own records, and find their variants.

        Args:
            reading: the rows; it is used up.
            skip_invalid: look up rows that are right although others are not.
            most_asked: style codes StockX may be asked about at most; `None` for any number.
            on_lookup: hears how many of how many were asked about.

        Raises:
            InvalidInputError: there are more unknown style codes.
            StockXError: StockX could not be asked about a style code.
            DatabaseError: the local database cannot be read.
        """
        kind, asked = reading.kind, 0
        await self._hold_against_records(reading)
        complete = skip_invalid or not reading.refused
        if complete and kind is JobKind.CREATE:
            found = await self._sizes.resolve(reading.rows, most_asked=most_asked, on_lookup=on_lookup)
            reading.rows, asked = list(found.rows), found.asked
            reading.refused += found.refused
        if complete:
            reading.rows = as_units(kind, reading.rows)
            async with self._database.reading() as session:
                reading.drop(await self.objections(session, kind, reading.rows))
        refused = tuple(sorted(reading.refused, key=lambda each: each.row.line))
        return Checked(kind, tuple(reading.rows), refused, asked, complete)

    async def objections(self, session: Session, kind: JobKind, rows: Sequence[WantedRow]) -> Objections:
        """What stands against rows whose unit is known: pairs that are listed, and the day's rails.

        It is asked again in the transaction that stores the job, as others may have listed something meanwhile.
        """
        if kind is JobKind.ENRICH:
            return []
        found = await self._records.taken(session, kind, rows)
        fallen = {id(row) for row, _ in found}
        return found + await self._records.day(session, kind, [row for row in rows if id(row) not in fallen])

    async def _hold_against_records(self, reading: Reading) -> None:
        """The checks that our own records answer before any size is known: bounds of prices, and named units."""
        kind = reading.kind
        if kind is JobKind.ENRICH:
            return
        if kind is not JobKind.CREATE:
            reading.rows = as_units(kind, reading.rows)
        async with self._database.reading() as session:
            found = await self._records.bounds(session, kind, reading.rows)
            found += await self._records.taken(session, kind, [row for row in reading.rows if row.unit])
        reading.drop(found)


async def _read(source: RowSource, rules: RowRules) -> Reading:
    """Read every row by itself; others have their turn meanwhile.

    Raises:
        InvalidInputError: there are none, or too many.
    """
    reading, digest, pairs = Reading(rules.kind), hashlib.sha256(), 0
    for raw in source.read():
        reading.lines += 1
        digest.update(_canonical(raw))
        row = read_row(raw, rules)
        if isinstance(row, WantedRow):
            reading.rows.append(row)
            pairs += row.quantity
        else:
            reading.refused.append(Refused(as_far_as_known(raw), row))
        if max(reading.lines, pairs) > LARGEST_JOB:
            raise InvalidInputError(f"A job has at most {LARGEST_JOB:,} rows and pairs.", hint="Split the file.")
        if not reading.lines % _TURN:
            await asyncio.sleep(0)
    if not reading.lines:
        raise InvalidInputError(f"{source.name or 'The job'} has no rows.", hint="Nothing was stored.")
    reading.fingerprint = digest.hexdigest()
    return reading


def _canonical(raw: RawRow) -> bytes:
    """A row as text, whatever the order and the names of its columns."""
    cells = (f"{column}={raw.text(column)}" for column in Column if raw.text(column))
    return ("\x1f".join(cells) + "\x1e").encode(errors="replace")
