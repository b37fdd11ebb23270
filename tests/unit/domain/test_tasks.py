"""When a task is due again, what it is at, and which lanes may start a step."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from solegate.domain.leases import Lease
from solegate.domain.tasks import (
    Progress,
    Task,
    TaskState,
    Worker,
    due_after,
    due_after_failure,
    earliest,
    open_lanes,
    state_of,
)

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ONCE = Task(account="default", kind="job", subject="7", lane=1, due_at=NOW)
AGAIN = Task(account="default", kind="sync", subject="orders", lane=0, due_at=NOW, every=60.0)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("task", "said", "due"),
    [
        (ONCE, None, None),
        (ONCE, after(5), after(5)),
        (AGAIN, None, after(60)),
        (AGAIN, after(5), after(5)),
    ],
)
def test_the_next_step_is_due_when_the_last_one_said_or_after_the_interval(task, said, due):
    assert due_after(task, Progress(said), NOW) == due


def test_retries_come_later_and_later_up_to_five_minutes():
    pauses = [(due_after_failure(failures, NOW) - NOW).total_seconds() for failures in (1, 2, 3, 4, 8, 9, 10_000)]
    assert pauses == [2, 4, 8, 16, 256, 300, 300]


def test_a_retry_waits_for_the_moment_that_the_error_names_but_never_less_than_its_pause():
    assert due_after_failure(1, NOW, retry_at=after(3600)) == after(3600)
    assert due_after_failure(3, NOW, retry_at=after(1)) == after(8)


@pytest.mark.parametrize(
    ("due", "failures", "lease_until", "state"),
    [
        (None, 0, None, TaskState.DONE),
        (NOW, 0, None, TaskState.DUE),
        (after(1), 0, None, TaskState.WAITING),
        (after(1), 2, None, TaskState.FAILING),
        (None, 0, after(1), TaskState.RUNNING),
        (None, 0, NOW, TaskState.LAPSED),
    ],
)
def test_a_task_is_at(due, failures, lease_until, state):
    task = Task(account="default", kind="job", lane=1, due_at=due, failures=failures)
    assert state_of(task, lease_until, NOW) == state


@pytest.mark.parametrize(
    ("running", "lanes"),
    [
        ([], (0, 1, 2, 3)),
        ([3], (0, 1, 2, 3)),
        ([3, 3], (0, 1, 2)),
        ([3, 3, 2, 2], (0, 1)),
        ([1, 1, 1, 1, 1, 1], (0,)),
        ([0] * 8, ()),
        ([0] * 6, (0, 1, 2, 3)),
        ([0] * 6 + [3, 3], ()),
    ],
)
def test_a_full_lane_closes_the_less_urgent_ones_and_never_a_more_urgent_one(running, lanes):
    assert open_lanes(running, (8, 6, 4, 2)) == lanes


def test_a_task_is_named_by_its_kind_and_subject():
    assert ONCE.id == "job:7"
    assert Task(account="default", kind="reconcile", lane=1, due_at=None).id == "reconcile"


def test_a_worker_is_dead_after_eight_seconds_of_silence():
    worker = Worker(id="w", host="h", place="p", pid=1, engine="local", started_at=NOW, heartbeat_at=NOW)
    assert worker.alive(after(7.9))
    assert not worker.alive(after(8))


def test_a_lease_holds_until_either_clock_says_it_is_over():
    lease = Lease("w", 1, until=after(30), until_monotonic=130.0)
    assert lease.holds(after(29), 129.0)
    assert not lease.holds(after(30), 100.0)
    assert not lease.holds(NOW, 130.0)


def test_a_renewed_lease_holds_longer_and_a_lost_one_never_again():
    lease = Lease("w", 1, until=NOW, until_monotonic=0.0)
    lease.extend(after(30), 30.0)
    assert lease.holds(after(29), 29.0)
    lease.lose()
    assert not lease.holds(NOW, 0.0)


def test_the_earliest_of_moments_that_are_known():
    assert earliest([None, after(2), after(1)]) == after(1)
    assert earliest([None]) is None


def test_a_worker_takes_work_unless_it_drains_or_is_a_command_for_one_thing():
    worker = Worker(id="w", host="h", place="p", pid=1, engine="dbos", started_at=NOW, heartbeat_at=NOW)
    assert worker.takes_work(NOW)
    assert not worker.takes_work(after(8))
    assert not replace(worker, draining=True).takes_work(NOW)
    assert not replace(worker, engine="command").takes_work(NOW)
