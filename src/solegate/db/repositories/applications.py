"""StockX applications of the accounts, their secrets encrypted."""

from __future__ import annotations

from sqlalchemy import select

from solegate.db.engine import Database
from solegate.db.secrets import SecretBox
from solegate.db.tables.accounts import ApplicationRow
from solegate.domain.accounts import Application


class SqlApplications:
    """The application of each account that is kept in the database."""

    def __init__(self, database: Database, secrets: SecretBox) -> None:
        self._database = database
        self._secrets = secrets

    async def find(self, account: str) -> Application | None:
        """The account's application; `None` if none is kept.

        Raises:
            DatabaseError: the database fails, or its secrets were encrypted with another key.
        """
        async with self._database.reading() as session:
            row = await session.scalar(select(ApplicationRow).where(ApplicationRow.account == account))
        return None if row is None else self._application(row)

    async def all(self) -> tuple[Application, ...]:
        """Every one, by name."""
        async with self._database.reading() as session:
            rows = await session.scalars(select(ApplicationRow).order_by(ApplicationRow.account))
            return tuple(self._application(row) for row in rows)

    async def chosen(self) -> str | None:
        """The account that is in use; `None` if none was chosen."""
        async with self._database.reading() as session:
            return await session.scalar(select(ApplicationRow.account).where(ApplicationRow.in_use))

    def _application(self, row: ApplicationRow) -> Application:
        return Application(
            account=row.account,
            client_id=row.client_id,
            client_secret=self._secrets.open(row.client_secret),
            api_key=self._secrets.open(row.api_key),
            redirect_uri=row.redirect_uri,
            currency=row.currency,
            in_use=row.in_use,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
