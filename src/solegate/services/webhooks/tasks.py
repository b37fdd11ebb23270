"""The task that processes what is in the inbox: one for each account."""

from __future__ import annotations

from datetime import datetime

from solegate.client.policy.call import Lane
from solegate.domain.tasks import Task

INBOX = "inbox"
_LANE = list(Lane).index(Lane.INTERACTIVE)
"""It asks StockX nothing itself; what it finds may be about an order, which is urgent in its own lane."""


def inbox_task(account: str, due_at: datetime) -> Task:
    """Process what is due; put it in the transaction that keeps the webhooks."""
    return Task(account=account, kind=INBOX, lane=_LANE, due_at=due_at)
