"""Which pairs and listings the bulk jobs of an account still mean to write about (issue 4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.repositories.intent_reads import intent_of
from solegate.db.tables import IntentRow, JobItemRow, JobRow
from solegate.domain.intents import Action, Intent, IntentState
from solegate.domain.jobs import FINISHED_JOBS, RowState

_UNITS_PER_QUERY = 500
"""SQLite takes some 32,000 parameters, PostgreSQL's driver as many; this stays far below both."""


class JobUnits:
    """Units that are spoken for, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession, account: str) -> None:
        self._session = session
        self._account = account

    async def listed(self, units: Sequence[str]) -> dict[str, Intent]:
        """The creates that hold these pairs, by unit."""
        mine = (IntentRow.account == self._account, IntentRow.action == Action.CREATE, IntentRow.released_at.is_(None))
        return await self._intents(units, select(IntentRow).where(*mine))

    async def planned(self, units: Sequence[str]) -> dict[str, Intent]:
        """Writes about these units that are planned and not sent, by unit."""
        mine = (IntentRow.account == self._account, IntentRow.state == IntentState.PLANNED)
        return await self._intents(units, select(IntentRow).where(*mine))

    async def waiting(self, units: Sequence[str]) -> dict[str, str]:
        """The jobs that go on and whose rows about these units were not sent, by unit."""
        query = select(JobItemRow.unit, JobItemRow.job_id).join(JobRow, JobItemRow.job_id == JobRow.id)
        query = query.where(
            JobRow.account == self._account, JobRow.state.not_in(FINISHED_JOBS), JobItemRow.state == RowState.READY
        )
        found: dict[str, str] = {}
        for part in _parts(units):
            rows = await self._session.execute(query.where(JobItemRow.unit.in_(part)))
            found |= {unit: job_id for unit, job_id in rows if unit}
        return found

    async def _intents(self, units: Sequence[str], query: Select[IntentRow]) -> dict[str, Intent]:
        found: dict[str, Intent] = {}
        for part in _parts(units):
            rows = await self._session.scalars(query.where(IntentRow.unit.in_(part)))
            found |= {row.unit: intent_of(row) for row in rows}
        return found


def _parts(units: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(units), _UNITS_PER_QUERY):
        yield units[start : start + _UNITS_PER_QUERY]
