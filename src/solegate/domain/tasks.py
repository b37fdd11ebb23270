"""Background work as values: what is to be done, when, with which priority, and by whom (design 4.7).

A task's row is free, or held under a lease. While it is held its `due_at` is empty, so a wish that comes in meanwhile
(`put`) is seen at the end of the step and never lost. A lease that lapsed makes the task free for anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from solegate.domain.leases import Lease

FIRST_RETRY = 2.0
"""Seconds until a step that failed is tried again; doubled with each failure in a row."""
LONGEST_RETRY = 300.0
"""Seconds that the retries of a failing task are never further apart."""
HEARTBEAT_SECONDS = 2.0
"""How often a worker gives a sign of life."""
WORKER_SILENCE = 8.0
"""Seconds without a sign of life after which a worker counts as dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing that is advanced by short steps.

    Attributes:
        account: whose.
        kind: which handler does it: `job`, `intent`, `reconcile`, `sync`, `market`, `tokens`, `retention`.
        subject: what it is about: a job's or an intent's id, the name of a sync; may be empty.
        lane: its priority, 0 first: the place of its `Lane` in the client.
        due_at: when its next step is due; `None` when nothing is left to do.
        every: seconds between two runs of something done again and again; `None` for something done once.
        failures: steps that failed in a row.
    """

    account: str
    kind: str
    subject: str = ""
    lane: int
    due_at: datetime | None
    every: float | None = None
    failures: int = 0

    @property
    def id(self) -> str:
        """Its kind and subject: the same thing is never queued twice."""
        return f"{self.kind}:{self.subject}" if self.subject else self.kind


@dataclass(frozen=True, slots=True)
class Progress:
    """What a step leaves: when the next one is due; `None` when there is none."""

    next_due: datetime | None
    did: str = ""
    """What was done, in a few words, for the log."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A task and the right to do its next step."""

    task: Task
    lease: Lease


@dataclass(frozen=True, slots=True)
class Selection:
    """Which tasks a worker takes.

    Attributes:
        account: whose.
        lanes: of these priorities.
        kinds: those it has a handler for, so that an older worker leaves alone what it does not know.
        subject: of this one thing only, for a command that drives a single job; `None` for all.
    """

    account: str
    lanes: tuple[int, ...]
    kinds: tuple[str, ...]
    subject: str | None = None


class TaskState(StrEnum):
    """What a task is at, for people."""

    DUE = "due"
    WAITING = "waiting"
    RUNNING = "running"
    LAPSED = "lapsed"
    """Its holder is dead or frozen: the next free worker takes it over."""
    FAILING = "failing"
    """Its last step failed; it is tried again."""
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatus:
    """A task as it stands, for people.

    Attributes:
        task: what it is; `due_at` is empty while it is held.
        state: what it is at.
        owner: the worker that holds it.
        lease_until: until when.
        steps: finished so far, failed ones included.
        last_error: why its last step failed.
        updated_at: when its row changed last.
    """

    task: Task
    state: TaskState
    owner: str | None
    lease_until: datetime | None
    steps: int
    last_error: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A process that does background work.

    Attributes:
        id: unlike any other's, ever.
        host: the machine, for people.
        place: the space its `pid` counts in: this boot of this machine, this container. Whoever is in the same place
            can see whether the process still exists.
        pid: its process id.
        engine: `local` or `dbos`; `command` is a command that works on one thing alone.
        started_at, heartbeat_at: by the database's clock.
        draining: it finishes what it began and takes nothing new.
    """

    id: str
    host: str
    place: str
    pid: int
    engine: str
    started_at: datetime
    heartbeat_at: datetime
    draining: bool = False

    def alive(self, now: datetime) -> bool:
        """Whether it was heard of lately."""
        return now - self.heartbeat_at < timedelta(seconds=WORKER_SILENCE)

    def takes_work(self, now: datetime) -> bool:
        """Whether it does whatever is due."""
        return self.alive(now) and not self.draining and self.engine != "command"


def state_of(task: Task, lease_until: datetime | None, now: datetime) -> TaskState:
    """What a task is at."""
    if lease_until is not None:
        return TaskState.RUNNING if now < lease_until else TaskState.LAPSED
    if task.due_at is None:
        return TaskState.DONE
    if task.failures:
        return TaskState.FAILING
    return TaskState.DUE if task.due_at <= now else TaskState.WAITING


def due_after(task: Task, progress: Progress, now: datetime) -> datetime | None:
    """When the next step is due: when the last one said, else at the next run of something repeated.

    The next run is counted from the end of this one, so runs missed in an outage are not made up for.
    """
    if progress.next_due is not None or task.every is None:
        return progress.next_due
    return now + timedelta(seconds=task.every)


def due_after_failure(failures: int, now: datetime, *, retry_at: datetime | None = None) -> datetime:
    """When a failing task is tried again: 2, 4, 8 ... 300 s later, and not before StockX allows it.

    Args:
        failures: in a row, this one included.
        now: by the database's clock.
        retry_at: the earliest moment that makes sense, where the error names one.
    """
    seconds = min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(failures - 1, 16))
    later = now + timedelta(seconds=seconds)
    return later if retry_at is None else max(later, retry_at)


def open_lanes(running: Sequence[int], capacity: Sequence[int]) -> tuple[int, ...]:
    """The lanes in which another step may start, so that less urgent work never keeps more urgent work waiting.

    Args:
        running: the lanes of the steps that run now.
        capacity: for each lane, how many steps of this lane or a less urgent one may run at once.
    """
    full = [lane for lane, room in enumerate(capacity) if sum(each >= lane for each in running) >= room]
    return tuple(range(min(full, default=len(capacity))))


def next_turn(
    due: Iterable[tuple[str, int]], running: Mapping[str, int], turns: Mapping[str, int]
) -> tuple[str, int] | None:
    """The account and lane whose turn it is: the most urgent lane; in it, the account for which the least is done.

    Among those it is the one whose last turn is longest ago, so that a crowd of tasks is worth no more than a single
    one of another account.

    Args:
        due: the accounts and lanes in which something is due.
        running: for each account, how many steps run now.
        turns: for each account, the number of its last turn.
    """

    def rank(turn: tuple[str, int]) -> tuple[int, int, int, str]:
        account, lane = turn
        return lane, running.get(account, 0), turns.get(account, 0), account

    return min(due, key=rank, default=None)


def drains_wanted(due: Mapping[str, int], held: Mapping[str, int], *, each: int, most: int, active: int) -> int:
    """How many more loops over one lane's tasks there should be, so that every account is worked for.

    Args:
        due: for each account, how many tasks wait to be claimed.
        held: for each account, how many are being worked on.
        each: how many of one account are worked on at once.
        most: how many loops there may be.
        active: how many there are, or are about to be.
    """
    wanted = sum(min(number, max(0, each - held.get(account, 0))) for account, number in due.items())
    idle = max(0, active - sum(held.values()))
    return max(0, min(wanted - idle, most - active))


def earliest(moments: Iterable[datetime | None]) -> datetime | None:
    """The first of the moments that are known."""
    return min((moment for moment in moments if moment is not None), default=None)
