"""Every row is checked before anything is stored or sent, cheapest first: the text, our own records, then StockX.

A file with a broken row costs no request: style codes are looked up only once everything else is in order, each of them
once, and those the local catalog knows cost nothing.
"""

from __future__ import annotations

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

LARGEST_JOB = 100_000
"""Most rows, and most pairs, of one job: two days of StockX's items (FACTS 1.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """How rows are checked.

    Attributes:
        currency: of prices that name none.
        skip_invalid: whether rows that are right are looked up although others are not.
        most_asked: style codes StockX may be asked about at most; `None` for any number.
        on_lookup: hears how many of how many were asked about.
    """

    currency: str
    skip_invalid: bool = False
    most_asked: int | None = None
    on_lookup: OnLookup | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """The rows of a job, checked.

    Attributes:
        kind: what the job does.
        rows: those that can be done, one for every pair or listing, each with its unit.
        refused: the others, by line; of a quantity perhaps only some pairs.
        fingerprint: the same for the same rows in the same order.
        lines: how many rows were read.
        asked: style codes StockX was asked about.
        complete: whether every row was looked at to the end: a broken one keeps the others from being looked up.
    """

    kind: JobKind
    rows: tuple[WantedRow, ...]
    refused: tuple[Refused, ...]
    fingerprint: str
    lines: int
    asked: int = 0
    complete: bool = True

    @property
    def problems(self) -> tuple[RowProblem, ...]:
        """Everything that is wrong, by line."""
        return tuple(problem for each in self.refused for problem in each.problems)


@dataclass(slots=True)
class _Sieve:
    """Rows on their way through the checks: those still in, and those that fell out."""

    rows: list[WantedRow] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def drop(self, problems: Iterable[tuple[WantedRow, RowProblem]]) -> None:
        """Take rows out, each with all its problems."""
        found: dict[int, tuple[WantedRow, list[RowProblem]]] = {}
        for row, problem in problems:
            found.setdefault(id(row), (row, []))[1].append(problem)
        self.rows = [row for row in self.rows if id(row) not in found]
        self.refused += [Refused(row, tuple(why)) for row, why in found.values()]


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

    async def check(self, kind: JobKind, source: RowSource, options: CheckOptions, *, now: datetime) -> Checked:
        """Check every row, and find every fault that can be found for free before anything is asked.

        Raises:
            InvalidInputError: there are no rows, or too many, or too many unknown style codes.
            StockXError: StockX could not be asked about a style code.
            DatabaseError: the local database cannot be read.
        """
        rules = RowRules(kind, now, options.currency, LISTING_CURRENCIES)
        sieve, fingerprint, lines = _read(source, rules)
        sieve.drop((*repeated(kind, sieve.rows), *of_another_type(sieve.rows)))
        if kind is JobKind.ENRICH:
            sieve.rows = each_sku_once(sieve.rows)
        await self._hold_against_records(kind, sieve)
        asked, complete = 0, options.skip_invalid or not sieve.refused
        if complete and kind is JobKind.CREATE:
            found = await self._sizes.resolve(sieve.rows, most_asked=options.most_asked, on_lookup=options.on_lookup)
            sieve.rows, asked = list(found.rows), found.asked
            sieve.refused += found.refused
        if complete:
            sieve.rows = as_units(kind, sieve.rows)
            async with self._database.reading() as session:
                sieve.drop(await self.objections(session, kind, sieve.rows))
        refused = tuple(sorted(sieve.refused, key=lambda each: each.row.line))
        return Checked(kind, tuple(sieve.rows), refused, fingerprint, lines, asked, complete)

    async def objections(self, session: Session, kind: JobKind, rows: Sequence[WantedRow]) -> Objections:
        """What stands against rows whose unit is known: pairs that are listed, and the day's rails.

        It is asked again in the transaction that stores the job, as others may have listed something meanwhile.
        """
        if kind is JobKind.ENRICH:
            return []
        found = await self._records.taken(session, kind, rows)
        fallen = {id(row) for row, _ in found}
        return found + await self._records.day(session, kind, [row for row in rows if id(row) not in fallen])

    async def _hold_against_records(self, kind: JobKind, sieve: _Sieve) -> None:
        """The checks that our own records answer before any size is known: bounds of prices, and named units."""
        if kind is JobKind.ENRICH:
            return
        if kind is not JobKind.CREATE:
            sieve.rows = as_units(kind, sieve.rows)
        async with self._database.reading() as session:
            found = await self._records.bounds(session, kind, sieve.rows)
            found += await self._records.taken(session, kind, [row for row in sieve.rows if row.unit])
        sieve.drop(found)


def _read(source: RowSource, rules: RowRules) -> tuple[_Sieve, str, int]:
    """Read every row by itself.

    Raises:
        InvalidInputError: there are none, or too many.
    """
    sieve, digest, lines, pairs = _Sieve(), hashlib.sha256(), 0, 0
    for raw in source.read():
        lines += 1
        digest.update(_canonical(raw))
        row = read_row(raw, rules)
        if isinstance(row, WantedRow):
            sieve.rows.append(row)
            pairs += row.quantity
        else:
            sieve.refused.append(Refused(as_far_as_known(raw), row))
        if max(lines, pairs) > LARGEST_JOB:
            raise InvalidInputError(f"A job has at most {LARGEST_JOB:,} rows and pairs.", hint="Split the file.")
    if not lines:
        raise InvalidInputError(f"{source.name or 'The job'} has no rows.", hint="Nothing was stored.")
    return sieve, digest.hexdigest(), lines


def _canonical(raw: RawRow) -> bytes:
    """A row as text, whatever the order and the names of its columns."""
    cells = (f"{column}={raw.text(column)}" for column in Column if raw.text(column))
    return ("\x1f".join(cells) + "\x1e").encode(errors="replace")
