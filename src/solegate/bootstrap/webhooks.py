"""What takes webhooks in, built from its parts."""

from __future__ import annotations

import secrets

from solegate.client.service import StockXService
from solegate.clock import Clock
from solegate.db.engine import Database
from solegate.db.repositories.tasks import TaskRepository
from solegate.db.secrets import SecretBox
from solegate.domain.deliveries.signing import SECRET_BYTES, secret_of
from solegate.services.events.log import EventLog
from solegate.services.syncs import SyncService
from solegate.services.webhooks.desk import Webhooks
from solegate.services.webhooks.effects import Effects
from solegate.services.webhooks.inbox import WebhookInbox
from solegate.services.webhooks.processing import InboxSteps
from solegate.services.webhooks.receiver import WebhookReceiver
from solegate.services.webhooks.sources import WebhookSources


def receiver_of(database: Database, box: SecretBox, *, clock: Clock) -> WebhookReceiver:
    """The door for the sources of every account."""
    tasks = TaskRepository(database, clock=clock)
    decoy = secret_of(secrets.token_bytes(SECRET_BYTES))
    return WebhookReceiver(database, box, tasks, clock=clock, decoy=decoy)


def webhooks_of(
    account: str,
    database: Database,
    stockx: StockXService,
    *,
    box: SecretBox,
    tasks: TaskRepository,
    syncs: SyncService,
    events: EventLog,
) -> Webhooks:
    """The webhooks of one account."""
    return Webhooks(
        sources=WebhookSources(database, box, account=account, new_key=lambda: secrets.token_bytes(SECRET_BYTES)),
        inbox=WebhookInbox(database, tasks, account=account),
        steps=InboxSteps(database, Effects(stockx, syncs, events, account=account), account=account),
    )
