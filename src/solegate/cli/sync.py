"""`solegate sync status|run`: how far the mirror of orders, listings and markets is, and bringing it up to date."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.output import Json, JsonFlag, Output, ProgressBar, age, counted
from solegate.cli.run import with_services
from solegate.domain.sync import Cost, Phase, SyncName, SyncRun, SyncState
from solegate.errors import InvalidInputError
from solegate.services.syncs import SyncStatus

GROUPS = {
    "orders": (SyncName.ORDERS_ACTIVE, SyncName.ORDERS_HISTORY),
    "listings": (SyncName.LISTINGS,),
    "market": (SyncName.MARKET,),
}
"""What people name, and the syncs behind it."""
KEPT = "What was read is kept; the next run goes on there."

app = typer.Typer(
    name="sync", help="Syncs: bring orders, listings and markets into the local database.", no_args_is_help=True
)


@app.command()
def status(*, as_json: JsonFlag = False) -> ExitCode:
    """Show each sync: its last success, what it is at, what it cost and what the next run will. StockX is not asked."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> tuple[tuple[SyncStatus, ...], datetime]:
        return await services.syncs.status(), services.clock.now()

    found, now = with_services(work)
    output.document({"syncs": [status_document(each) for each in found]})
    output.table(
        ("Sync", "Last success", "State", "Requests", "Rows", "Changed", "Next run", "It takes"),
        [_row(each, now) for each in found],
        right=("Requests", "Rows", "Changed"),
        wide=("State",),
    )
    for each in found:
        if each.run.error:
            output.line(f"{each.run.name}: {each.run.error}", style="red")
    if not any(each.next_at for each in found):
        output.line("No worker has them on its list: `solegate worker`, or `solegate sync run orders`.", style="dim")
    return ExitCode.OK


@app.command("run")
def run_sync(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="`orders`, `listings` or `market`.")],
    *,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Bring orders, listings or markets up to date now, whether or not a worker does so too.

    A run that was stopped, here or elsewhere, goes on.
    """
    output = Output(as_json=as_json)
    names = GROUPS.get(what.lower())
    if names is None:
        raise InvalidInputError(f"There is no '{what}' to sync; one of {', '.join(GROUPS)}.")

    async def work(services: Services) -> list[SyncRun]:
        runs = []
        for name in names:
            cost = await services.syncs.cost(name)
            with output.progress(f"Syncing {name}", cost.requests) as bar:
                runs.append(await _to_the_end(services, name, cost, bar))
        return runs

    runs = with_services(work, kept=lambda: KEPT)
    output.document({"syncs": [run_document(each) for each in runs]})
    for each in runs:
        rows, requests = counted(each.rows, "row"), counted(each.requests, "request")
        output.line(f"{each.name}: {rows}, {each.changed:,} new or changed, {requests}.")
    return ExitCode.OK


async def _to_the_end(services: Services, name: SyncName, cost: Cost, bar: ProgressBar) -> SyncRun:
    """Step until the run has ended; returns what it came to."""
    while True:
        progress = await services.syncs.step(name)
        run = await services.syncs.run(name)
        if progress.next_due is None:
            return run
        bar.at(run.requests, cost.requests)
        await services.clock.sleep((progress.next_due - services.clock.now()).total_seconds())


def status_document(status: SyncStatus) -> dict[str, Json]:
    """A sync as JSON."""
    cost = status.cost
    return run_document(status.run) | {
        "ageSeconds": None if status.age is None else round(status.age, 3),
        "nextAt": status.next_at.isoformat() if status.next_at else None,
        "cost": {
            "pages": cost.pages,
            "details": cost.details,
            "requests": cost.requests,
            "budget": cost.budget,
            "known": cost.estimate,
        },
    }


def run_document(run: SyncRun) -> dict[str, Json]:
    """A run as JSON."""
    return {
        "name": run.name,
        "state": run.state.value,
        "phase": run.place.phase.value if run.under_way else None,
        "startedAt": _time(run.started_at),
        "finishedAt": _time(run.finished_at),
        "succeededAt": _time(run.succeeded_at),
        "requests": run.requests,
        "rows": run.rows,
        "changed": run.changed,
        "error": run.error or None,
    }


def _row(status: SyncStatus, now: datetime) -> tuple[object, ...]:
    run = status.run
    return (
        run.name,
        "never" if status.age is None else f"{age(status.age)} ago",
        _state(run),
        f"{run.requests:,}",
        f"{run.rows:,}",
        f"{run.changed:,}",
        _next(status, now),
        _cost(status.cost),
    )


def _state(run: SyncRun) -> str:
    if not run.under_way:
        return "idle"
    doing = {Phase.PAGES: "reading pages", Phase.DETAILS: "reading details"}[run.place.phase]
    return f"failing while {doing}" if run.state is SyncState.FAILING else doing


def _next(status: SyncStatus, now: datetime) -> str | None:
    if status.next_at is None:
        return None
    seconds = (status.next_at - now).total_seconds()
    return f"in {age(seconds)}" if seconds > 0 else "now"


def _cost(cost: Cost) -> str:
    if not cost.estimate:
        return "1 request per 99 rows"
    return counted(cost.requests, "request")


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
