"""Tokens of StockX accounts, encrypted, changed by compare-and-swap (design 4.5)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select, update

from solegate.db.engine import Database, insert_into
from solegate.db.secrets import SecretBox
from solegate.db.tables import AccountRow
from solegate.domain.accounts import AccountState, AccountStatus, TokenRecord


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

    async def standings(self) -> tuple[AccountStatus, ...]:
        """How every account that was ever connected stands, by name; no token is decrypted for it."""
        columns = (AccountRow.account, AccountRow.state, AccountRow.expires_at, AccountRow.version)
        async with self._database.reading() as session:
            rows = await session.execute(select(*columns).order_by(AccountRow.account))
            return tuple(AccountStatus(row[0], AccountState(row[1]), row[2], row[3]) for row in rows)

    async def save(self, record: TokenRecord, *, expected_version: int | None) -> bool:
        """Store a record if the stored version is still the expected one (`None`: nothing stored yet); ends the lease.

        Returns:
            Whether it was written; if not, somebody else was faster and `load` gives their record.
        """
        values = {
            "version": record.version,
            "access_token": self._secrets.seal(record.access_token),
            "refresh_token": self._secrets.seal(record.refresh_token),
            "expires_at": record.expires_at,
            "state": record.state,
            "lease_owner": None,
            "lease_until": None,
        }
        async with self._database.transaction() as session:
            if expected_version is None:
                insert = insert_into(session, AccountRow).values(account=record.account, **values)
                written = insert.on_conflict_do_nothing().returning(AccountRow.account)
                return await session.scalar(written) is not None
            unchanged = (AccountRow.account == record.account, AccountRow.version == expected_version)
            change = update(AccountRow).where(*unchanged).values(values).returning(AccountRow.account)
            return await session.scalar(change) is not None

    async def lease(self, record: TokenRecord, *, owner: str, seconds: float) -> bool:
        """Take the sole right to renew this version of a record for some seconds.

        Returns:
            Whether it was given; if not, somebody else has it, or has renewed the record already.
        """
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            free = or_(AccountRow.lease_until.is_(None), AccountRow.lease_until <= now)
            change = (
                update(AccountRow)
                .where(AccountRow.account == record.account, AccountRow.version == record.version, free)
                .values(lease_owner=owner, lease_until=now + timedelta(seconds=seconds))
                .returning(AccountRow.account)
            )
            return await session.scalar(change) is not None

    async def release(self, account: str, *, owner: str) -> None:
        """Give the right back unused; without effect on somebody else's."""
        held = (AccountRow.account == account, AccountRow.lease_owner == owner)
        async with self._database.transaction() as session:
            await session.execute(update(AccountRow).where(*held).values(lease_owner=None, lease_until=None))

    def _record(self, row: AccountRow) -> TokenRecord:
        return TokenRecord(
            account=row.account,
            version=row.version,
            access_token=self._secrets.open(row.access_token),
            refresh_token=self._secrets.open(row.refresh_token),
            expires_at=row.expires_at,
            state=AccountState(row.state),
        )
