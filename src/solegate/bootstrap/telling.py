"""How the subscribers of one account are told, put together."""

from __future__ import annotations

import random
import secrets

from solegate.client.outbound import Outbound
from solegate.clock import Clock
from solegate.db import Database, SecretBox
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.deliveries.signing import SECRET_BYTES
from solegate.metrics import Metrics
from solegate.services.deliveries.log import DeliveryLog
from solegate.services.deliveries.sending import Deliverer
from solegate.services.deliveries.subscribers import Subscribers
from solegate.services.deliveries.telling import Telling
from solegate.services.events.log import EventLog


def telling_of(
    account: str,
    clock: Clock,
    metrics: Metrics,
    database: Database,
    tasks: TaskRepository,
    *,
    box: SecretBox,
    outbound: Outbound,
    events: EventLog,
) -> Telling:
    """What an account's services have for it."""
    subscribers = Subscribers(
        database,
        box,
        outbound,
        tasks,
        account=account,
        clock=clock,
        new_id=lambda: f"sub_{secrets.token_hex(6)}",
        new_key=lambda: secrets.token_bytes(SECRET_BYTES),
    )
    return Telling(
        subscribers,
        DeliveryLog(database, subscribers, tasks, account=account),
        Deliverer(
            database,
            box,
            outbound,
            events,
            account=account,
            clock=clock,
            metrics=metrics,
            chance=random.Random().random,  # noqa: S311 - jitter, not a secret
        ),
    )
