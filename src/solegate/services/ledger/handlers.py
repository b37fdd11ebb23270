"""The ledger's tasks as a worker sees them."""

from __future__ import annotations

from solegate.domain.leases import Lease
from solegate.domain.tasks import Progress, Task
from solegate.services.ledger.ledger import Ledger


class IntentHandler:
    """Advances the write that a task of kind `intent` is about."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def step(self, task: Task, lease: Lease) -> Progress:
        """Do its next step."""
        return await self._ledger.advance(task.subject, lease)


class ReconcileHandler:
    """Does a round of reconciliation, for the task of kind `reconcile`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def step(self, _task: Task, lease: Lease) -> Progress:
        """Do one round."""
        return await self._ledger.reconcile(lease)
