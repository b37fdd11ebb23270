"""`solegate worker`: a process for the background work, and how that work stands."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import CommandError, ExitCode
from solegate.cli.output import Json, JsonFlag, Output, age, counted
from solegate.cli.run import load_settings, with_services
from solegate.client.policy.call import Lane
from solegate.db.repositories.task_overview import TaskOverview
from solegate.db.repositories.workers import WorkerRepository
from solegate.domain.schedules import per_day
from solegate.domain.tasks import TaskState, TaskStatus, Worker
from solegate.services.schedules import schedules_of

SHOWN = 20
"""Tasks that are shown one by one, the most urgent of those that need a look."""

app = typer.Typer(
    name="worker",
    epilog="Examples:\n  solegate worker\n  solegate worker --lane orders --lane writes",
    invoke_without_command=True,
)


class EngineChoice(StrEnum):
    """What runs the steps."""

    LOCAL = "local"
    DBOS = "dbos"


@dataclass(frozen=True, slots=True)
class _Standing:
    """How the background work stands."""

    now: datetime
    workers: Sequence[Worker]
    counts: Mapping[tuple[str, TaskState], int]
    tasks: Sequence[TaskStatus]
    per_day: int
    """Requests that the recurring tasks take."""


@app.callback()
def worker(
    context: typer.Context,
    *,
    engine: Annotated[
        EngineChoice | None,
        typer.Option(help="What runs the steps. [default: local on SQLite, dbos on PostgreSQL]", show_default=False),
    ] = None,
    lanes: Annotated[
        list[Lane] | None, typer.Option("--lane", help="Serve this lane only; may be given several times.")
    ] = None,
    account: Annotated[
        str | None, typer.Option(metavar="NAME", help="Work for this account only. [default: all]", show_default=False)
    ] = None,
    grace: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long running steps may go on when it is to end.")
    ] = 20.0,
) -> None:
    """Do the background work in this process: jobs, writes that are followed, syncs, reconciliation, upkeep.

    Ctrl-C or SIGTERM lets the running steps end and gives the rest back; a second one stops at once. Start as many as
    you like against one PostgreSQL; they share the work. Accounts that are added while it runs are worked for within
    seconds.
    """
    if context.invoked_subcommand is not None:
        return
    settings = load_settings()
    if engine is EngineChoice.DBOS and settings.database_file is not None:
        hint = "Set SOLEGATE_DATABASE_URL to a PostgreSQL database, or take `--engine local`."
        raise CommandError("The engine dbos needs PostgreSQL.", exit_code=ExitCode.BAD_INPUT, hint=hint)
    options = ["--grace", str(grace)]
    options += ["--engine", engine.value] if engine else []
    options += ["--account", account] if account else []
    options += ["--lanes", *(lane.value for lane in lanes)] if lanes else []
    # Another program takes this process over: the command line does not carry the durable engine.
    os.execv(sys.executable, [sys.executable, "-m", "solegate.worker", *options])  # noqa: S606 - ourselves, no shell


@app.command()
def status(*, as_json: JsonFlag = False) -> ExitCode:
    """Show the workers that live, and what is due, running and failing. StockX is not asked."""
    output = Output(as_json=as_json)
    standing = with_services(_standing)
    output.document(_document(standing))
    _show_workers(output, standing)
    _show_counts(output, standing)
    _show_tasks(output, standing)
    output.line()
    output.line(f"Recurring tasks take {standing.per_day:,} requests a day, and one for each new thing.", style="dim")
    return ExitCode.OK


async def _standing(services: Services) -> _Standing:
    overview, account = TaskOverview(services.database), services.settings.account
    workers, now = await WorkerRepository(services.database).known()
    return _Standing(
        now,
        workers,
        await overview.counts(account),
        await overview.statuses(account),
        per_day(schedules_of(services.settings)),
    )


def _show_workers(output: Output, standing: _Standing) -> None:
    if not standing.workers:
        output.line("No worker lives: start one with `solegate worker`.", style="yellow")
        return
    output.table(
        ("Worker", "Engine", "State", "Since", "Last heard of"),
        [
            (
                each.id,
                each.engine,
                _worker_state(each, standing.now),
                age((standing.now - each.started_at).total_seconds()),
                age((standing.now - each.heartbeat_at).total_seconds()),
            )
            for each in standing.workers
        ],
        wide=("Worker",),
    )


def _worker_state(worker: Worker, now: datetime) -> str:
    if not worker.alive(now):
        return "silent"
    return "draining" if worker.draining else "alive"


def _show_counts(output: Output, standing: _Standing) -> None:
    shown = [state for state in TaskState if state is not TaskState.DONE]
    kinds = sorted({kind for kind, state in standing.counts if state in shown})
    if not kinds:
        return
    output.line()
    output.table(
        ("Tasks", *(state.value.capitalize() for state in shown)),
        [(kind, *(standing.counts.get((kind, state), 0) for state in shown)) for kind in kinds],
        right=[state.value.capitalize() for state in shown],
    )


def _show_tasks(output: Output, standing: _Standing) -> None:
    """Those that run, fail, or have lost their worker."""
    looked_at = (TaskState.RUNNING, TaskState.LAPSED, TaskState.FAILING)
    found = [each for each in standing.tasks if each.state in looked_at and each.task.kind != "engine"]
    if not found:
        return
    output.line()
    output.table(
        ("Task", "State", "By", "Failures", "Reason"),
        [(each.task.id, each.state.value, each.owner, each.task.failures, each.last_error) for each in found[:SHOWN]],
        right=("Failures",),
        wide=("By", "Reason"),
    )
    if len(found) > SHOWN:
        output.line(f"{counted(len(found) - SHOWN, 'more')}: see --json.")


def _document(standing: _Standing) -> dict[str, Json]:
    counts: dict[str, dict[str, Json]] = {}
    for (kind, state), number in sorted(standing.counts.items()):
        counts.setdefault(kind, {})[state.value] = number
    return {
        "workers": [
            {
                "id": each.id,
                "host": each.host,
                "pid": each.pid,
                "engine": each.engine,
                "state": _worker_state(each, standing.now),
                "startedAt": each.started_at.isoformat(),
                "heartbeatAt": each.heartbeat_at.isoformat(),
            }
            for each in standing.workers
        ],
        "counts": counts,
        "tasks": [_task_document(each) for each in standing.tasks],
        "requestsPerDay": standing.per_day,
    }


def _task_document(status: TaskStatus) -> dict[str, Json]:
    task = status.task
    return {
        "id": task.id,
        "state": status.state.value,
        "lane": list(Lane)[task.lane].value,
        "dueAt": task.due_at.isoformat() if task.due_at else None,
        "everySeconds": task.every,
        "worker": status.owner,
        "leaseUntil": status.lease_until.isoformat() if status.lease_until else None,
        "steps": status.steps,
        "failures": task.failures,
        "lastError": status.last_error,
    }
