"""Where the database holds something encrypted, and sealing all of it anew with the newest key."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute

from solegate.db.engine import Database
from solegate.db.secrets import SecretBox
from solegate.db.tables import AccountRow, ApplicationRow, LoginRow, SubscriberRow, WebhookSourceRow

SEALED: tuple[InstrumentedAttribute[str], ...] = (
    AccountRow.access_token,
    AccountRow.refresh_token,
    ApplicationRow.client_secret,
    ApplicationRow.api_key,
    LoginRow.code_verifier,
    SubscriberRow.url,
    SubscriberRow.secrets,
    WebhookSourceRow.secrets,
)
"""Every column that holds what a `SecretBox` sealed; a test looks for others."""


async def seal_anew(database: Database, box: SecretBox) -> int:
    """Seal everything with the newest key, in one transaction; what changes meanwhile is sealed by whoever changes it.

    Returns:
        How many values were sealed.

    Raises:
        DatabaseError: one of them was sealed with none of the keys; nothing was changed.
    """
    count = 0
    async with database.transaction() as session:
        for column in SEALED:
            for old in (await session.scalars(select(column))).all():
                # No two sealings are alike, so the old value names its row.
                change = update(column.class_).where(column == old).values({column.key: box.seal_anew(old)})
                count += bool((await session.scalars(change.returning(column))).all())
    return count
