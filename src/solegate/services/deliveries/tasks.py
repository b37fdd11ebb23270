"""The task that sends a subscriber what waits for it: one for each, so a slow receiver keeps nobody else waiting."""

from __future__ import annotations

from datetime import datetime

from solegate.client.policy.call import Lane
from solegate.domain.tasks import Task

DELIVER = "deliver"
_LANE = list(Lane).index(Lane.INTERACTIVE)
"""After orders and writes, before what nobody waits for."""


def deliver_task(account: str, subscriber: str, due_at: datetime) -> Task:
    """Send a subscriber what is due; put it in the transaction that recorded the events."""
    return Task(account=account, kind=DELIVER, subject=subscriber, lane=_LANE, due_at=due_at)
