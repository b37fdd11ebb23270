"""Logins that were begun over HTTP, in the database: any process may finish what another one began."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from solegate.db.engine import Database, insert_into
from solegate.db.secrets import SecretBox
from solegate.db.tables import LoginRow
from solegate.domain.accounts import PendingLogin, state_hash


class SqlLogins:
    """Logins under way, each found by its `state` and good for one redirect."""

    def __init__(self, database: Database, secrets: SecretBox) -> None:
        self._database = database
        self._secrets = secrets

    async def begin(self, state: str, login: PendingLogin) -> None:
        """Keep a login; those that nobody finished in time go."""
        async with self._database.transaction() as session:
            await session.execute(delete(LoginRow).where(LoginRow.expires_at <= login.created_at))
            await session.execute(
                insert_into(session, LoginRow).values(
                    state_hash=state_hash(state),
                    account=login.account,
                    code_verifier=self._secrets.seal(login.code_verifier),
                    return_to=login.return_to,
                    created_at=login.created_at,
                    expires_at=login.expires_at,
                )
            )

    async def take(self, state: str, now: datetime) -> PendingLogin | None:
        """The login of a redirect, which it ends; `None`: there is none, it was taken, or it took too long.

        Raises:
            DatabaseError: the database fails, or the verifier was encrypted with another key.
        """
        async with self._database.transaction() as session:
            found = delete(LoginRow).where(LoginRow.state_hash == state_hash(state)).returning(LoginRow)
            row = await session.scalar(found)
        if row is None or row.expires_at <= now:
            return None
        return PendingLogin(
            account=row.account,
            code_verifier=self._secrets.open(row.code_verifier),
            return_to=row.return_to,
            created_at=row.created_at,
            expires_at=row.expires_at,
        )
