"""Who used what of each account's daily quota: added up by every process of the account."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from solegate.db.engine import Database, insert_into
from solegate.db.tables import UsageRow
from solegate.domain.usage import Usage, Use


class SqlUsageStore:
    """The client's usage store on the database. `day` is a UTC day."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, account: str, usage: Usage) -> None:
        """See `UsageStore.add`."""
        async with self._database.transaction() as session:
            for use, requests in sorted(usage.items()):  # in one order, so that processes do not lock each other out
                fresh = insert_into(session, UsageRow).values(
                    account=account,
                    day=use.day,
                    cause=use.cause,
                    lane=use.lane,
                    operation=use.operation,
                    requests=requests,
                )
                key = [UsageRow.account, UsageRow.day, UsageRow.cause, UsageRow.lane, UsageRow.operation]
                more = {"requests": UsageRow.requests + requests}
                await session.execute(fresh.on_conflict_do_update(index_elements=key, set_=more))

    async def of_day(self, account: str, day: date) -> Usage:
        """What an account's requests of one day were for."""
        query = select(UsageRow).where(UsageRow.account == account, UsageRow.day == day)
        async with self._database.reading() as session:
            return {
                Use(row.day, row.cause, row.lane, row.operation): row.requests for row in await session.scalars(query)
            }
