"""Tokens of StockX accounts, encrypted, changed by compare-and-swap (design 4.5)."""

from __future__ import annotations

from sqlalchemy import select, update

from solegate.db.engine import Database, insert_into
from solegate.db.secrets import SecretBox
from solegate.db.tables import AccountRow
from solegate.domain.accounts import AccountState, TokenRecord


class SqlTokenStore:
    """The client's token store on the database: shared by every process that uses it."""

    def __init__(self, database: Database, secrets: SecretBox) -> None:
        self._database = database
        self._secrets = secrets

    async def load(self, account: str) -> TokenRecord | None:
        """The account's tokens, or `None` if it never logged in.

        Raises:
            DatabaseError: the database fails, or the tokens were encrypted with another key.
        """
        async with self._database.reading() as session:
            row = await session.scalar(select(AccountRow).where(AccountRow.account == account))
        return None if row is None else self._record(row)

    async def save(self, record: TokenRecord, *, expected_version: int | None) -> bool:
        """Store a record if the stored version is still the expected one (`None`: nothing stored yet).

        Returns:
            Whether it was written; if not, somebody else was faster and `load` gives their record.
        """
        values = {
            "version": record.version,
            "access_token": self._secrets.seal(record.access_token),
            "refresh_token": self._secrets.seal(record.refresh_token),
            "expires_at": record.expires_at,
            "state": record.state,
        }
        async with self._database.transaction() as session:
            if expected_version is None:
                insert = insert_into(session, AccountRow).values(account=record.account, **values)
                written = insert.on_conflict_do_nothing().returning(AccountRow.account)
                return await session.scalar(written) is not None
            unchanged = (AccountRow.account == record.account, AccountRow.version == expected_version)
            change = update(AccountRow).where(*unchanged).values(values).returning(AccountRow.account)
            return await session.scalar(change) is not None

    def _record(self, row: AccountRow) -> TokenRecord:
        return TokenRecord(
            account=row.account,
            version=row.version,
            access_token=self._secrets.open(row.access_token),
            refresh_token=self._secrets.open(row.refresh_token),
            expires_at=row.expires_at,
            state=AccountState(row.state),
        )
