"""Who knows how to advance a kind of task. The services are plugged in here; the loops know nothing of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from solegate.domain.leases import Lease
from solegate.domain.tasks import Progress, Task


class Handler(Protocol):
    """Advances one kind of task.

    A step is short and may be repeated at any moment: a process that dies in the middle of it leaves rows from which
    the next one goes on (design 4.7).
    """

    async def step(self, task: Task, lease: Lease) -> Progress:
        """Do the next step.

        Args:
            task: what is to be advanced.
            lease: the right to do so. It is renewed while the step runs; a write asks it again just before its bytes
                leave: `lease.holds(clock.now(), clock.monotonic())`.

        Raises:
            Exception: the step failed. It is recorded and tried again after a growing pause.
        """
        ...


Handlers = Mapping[str, Handler]
"""The handler of each kind of task that this process can do."""


class PerAccount:
    """A kind that is done with the services of the task's account, which are opened when they are first needed.

    What keeps an account from being opened fails the step, and with it this account's work alone.

    Args:
        kind: which.
        of: the handlers of an account.
    """

    def __init__(self, kind: str, of: Callable[[str], Awaitable[Handlers]]) -> None:
        self._kind = kind
        self._of = of

    async def step(self, task: Task, lease: Lease) -> Progress:
        """See `Handler.step`."""
        handlers = await self._of(task.account)
        return await handlers[self._kind].step(task, lease)


class ForSubject:
    """A kind whose tasks have subjects: jobs, intents, syncs.

    Args:
        step: advances what the subject names.
    """

    def __init__(self, step: Callable[[str, Lease], Awaitable[Progress]]) -> None:
        self._step = step

    async def step(self, task: Task, lease: Lease) -> Progress:
        """See `Handler.step`."""
        return await self._step(task.subject, lease)


class ForAccount:
    """A kind of which an account has a single task: tokens, retention, reconciliation.

    Args:
        step: advances it.
    """

    def __init__(self, step: Callable[[Lease], Awaitable[Progress]]) -> None:
        self._step = step

    async def step(self, _task: Task, lease: Lease) -> Progress:
        """See `Handler.step`."""
        return await self._step(lease)
