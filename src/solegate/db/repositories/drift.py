"""What StockX has added: kept over restarts, for `solegate doctor`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from solegate.db.engine import Database, insert_into
from solegate.db.tables import DriftRow
from solegate.domain.drift import Drift, DriftKind, Sighting


class SqlDriftStore:
    """The drift radar's store on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, sightings: Sequence[Sighting]) -> None:
        """See `DriftStore.record`."""
        async with self._database.transaction() as session:
            for each in sightings:
                fresh = insert_into(session, DriftRow).values(
                    operation=each.drift.operation,
                    kind=each.drift.kind.value,
                    place=each.drift.where,
                    count=each.count,
                    first_seen=each.first_seen,
                    last_seen=each.last_seen,
                )
                again = {"count": DriftRow.count + each.count, "last_seen": each.last_seen}
                key = [DriftRow.operation, DriftRow.kind, DriftRow.place]
                await session.execute(fresh.on_conflict_do_update(index_elements=key, set_=again))

    async def all(self) -> tuple[Sighting, ...]:
        """Everything kept, the newest first."""
        async with self._database.reading() as session:
            rows = await session.scalars(select(DriftRow).order_by(DriftRow.last_seen.desc(), DriftRow.place))
            return tuple(
                Sighting(Drift(row.operation, DriftKind(row.kind), row.place), row.count, row.first_seen, row.last_seen)
                for row in rows
            )
