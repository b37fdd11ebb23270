"""StockX applications of the accounts, their secrets encrypted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import Database, insert_into
from solegate.db.secrets import SecretBox
from solegate.db.tables import AccountRow, ApplicationRow, IntentRow, JobRow, LoginRow, WebhookSourceRow
from solegate.domain.accounts import Application, LiveWork
from solegate.domain.intents import OPEN
from solegate.domain.jobs import FINISHED_JOBS


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

    async def names(self) -> tuple[str, ...]:
        """The accounts that have one, by name. No secret is opened: one that cannot be concerns its account alone."""
        async with self._database.reading() as session:
            return tuple(await session.scalars(select(ApplicationRow.account).order_by(ApplicationRow.account)))

    async def chosen(self) -> str | None:
        """The account that is in use; `None` if none was chosen."""
        async with self._database.reading() as session:
            return await session.scalar(select(ApplicationRow.account).where(ApplicationRow.in_use))

    async def add(self, application: Application) -> bool:
        """Keep an application.

        Returns:
            Whether it was written; `False`: the account has one already, which stays as it is.
        """
        async with self._database.transaction() as session:
            insert = insert_into(session, ApplicationRow).values(
                account=application.account,
                client_id=application.client_id,
                client_secret=self._secrets.seal(application.client_secret),
                api_key=self._secrets.seal(application.api_key),
                redirect_uri=application.redirect_uri,
                currency=application.currency,
                in_use=False,
                created_at=application.created_at,
                updated_at=application.updated_at,
            )
            written = insert.on_conflict_do_nothing().returning(ApplicationRow.account)
            added = await session.scalar(written) is not None
            if added and application.in_use:
                await self._use(session, application.account)
            return added

    async def rotate(
        self, account: str, now: datetime, *, client_id: str, client_secret: str, api_key: str, redirect_uri: str
    ) -> bool:
        """Put other keys in place of those that are kept; what is empty stays.

        Returns:
            Whether the account keeps an application at all.
        """
        sealed = {name: self._secrets.seal(value) for name, value in _given(client_secret, api_key).items()}
        plain = {"client_id": client_id, "redirect_uri": redirect_uri}
        values = sealed | {name: value for name, value in plain.items() if value} | {"updated_at": now}
        change = update(ApplicationRow).where(ApplicationRow.account == account).values(values)
        async with self._database.transaction() as session:
            return await session.scalar(change.returning(ApplicationRow.account)) is not None

    async def use(self, account: str | None) -> None:
        """Choose the account that is meant when none is named, in place of the one before; `None`: no kept one."""
        async with self._database.transaction() as session:
            await self._use(session, account)

    async def live_work(self, session: AsyncSession, account: str) -> LiveWork:
        """What of the account is under way."""
        writes = select(func.count()).select_from(IntentRow)
        jobs = select(func.count()).select_from(JobRow)
        return LiveWork(
            (await session.scalars(writes.where(IntentRow.account == account, IntentRow.state.in_(OPEN)))).one(),
            (await session.scalars(jobs.where(JobRow.account == account, JobRow.state.not_in(FINISHED_JOBS)))).one(),
        )

    async def remove(self, session: AsyncSession, account: str) -> bool:
        """Forget the account's application, tokens, logins and sources of webhooks; its history is kept.

        Returns:
            Whether there was any of them.
        """
        found = False
        for table in (ApplicationRow, AccountRow, LoginRow, WebhookSourceRow):
            gone = await session.scalars(delete(table).where(table.account == account).returning(table.account))
            found = bool(gone.all()) or found
        return found

    async def _use(self, session: AsyncSession, account: str | None) -> None:
        """One at a time: two who choose at once must not choose two."""
        await self._database.exclusive(session, "the account in use")
        await session.execute(update(ApplicationRow).where(ApplicationRow.in_use).values(in_use=False))
        await session.execute(update(ApplicationRow).where(ApplicationRow.account == account).values(in_use=True))

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


def _given(client_secret: str, api_key: str) -> dict[str, str]:
    """Those secrets that there are."""
    secrets = {"client_secret": client_secret, "api_key": api_key}
    return {name: value for name, value in secrets.items() if value}
