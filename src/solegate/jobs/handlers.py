"""Who knows how to advance a kind of task. The services are plugged in here; the loops know nothing of them."""

from __future__ import annotations

from collections.abc import Mapping
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


class BySubject:
    """A handler of a kind whose subjects are different things, such as the syncs.

    Args:
        subjects: the handler of each.
    """

    def __init__(self, subjects: Mapping[str, Handler]) -> None:
        self._subjects = dict(subjects)

    async def step(self, task: Task, lease: Lease) -> Progress:
        """See `Handler.step`.

        Raises:
            LookupError: nobody here knows this subject; a newer worker may.
        """
        handler = self._subjects.get(task.subject)
        if handler is None:
            raise LookupError(f"no handler for {task.kind} {task.subject}")
        return await handler.step(task, lease)
