"""`solegate guard`: what writes are held against, and the switch that stops every one of them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.output import Json, JsonFlag, Output, counted
from solegate.cli.run import with_services
from solegate.domain.guard_rails import GuardRails
from solegate.domain.money import Money
from solegate.domain.stops import Stop
from solegate.services.guard import GuardStatus

ACTOR = "command line"
"""Who did it, in the audit trail."""

Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the audit trail and whoever is refused.")]

app = typer.Typer(name="guard", help="Guard rails of writes, and the switch that stops them all.", no_args_is_help=True)


@app.command()
def show(*, as_json: JsonFlag = False) -> ExitCode:
    """Show the guard rails, what today has used of them, and whether writes are stopped."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> GuardStatus:
        return await services.guard.status()

    status = with_services(work)
    output.document(_document(status))
    output.table(("Guard rail", "Setting", "Bound", "Used today"), _rows(status))
    output.line()
    output.line(_switch(status.stop), style="yellow" if status.stop else "")
    return ExitCode.OK


@app.command()
def stop(*, reason: Why = "", as_json: JsonFlag = False) -> ExitCode:
    """Stop every write of the account, at once and in every process. Nothing asks: it changes nothing at StockX.

    Writes that were sent before go on at StockX and are followed to their end; planned ones wait.
    """
    output = Output(as_json=as_json)

    async def work(services: Services) -> GuardStatus:
        await services.guard.stop(actor=ACTOR, reason=reason)
        return await services.guard.status()

    status = with_services(work)
    output.document(_document(status))
    output.line(_switch(status.stop))
    if status.in_flight:
        output.line(f"{counted(status.in_flight, 'write was', 'writes were')} sent before and will be followed.")
    return ExitCode.OK


@app.command()
def go(*, reason: Why = "", as_json: JsonFlag = False) -> ExitCode:
    """Let writes go on after a stop."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> tuple[bool, GuardStatus]:
        return await services.guard.go(actor=ACTOR, reason=reason), await services.guard.status()

    was_stopped, status = with_services(work)
    output.document(_document(status))
    output.line("Writes go on." if was_stopped else "Writes were not stopped.")
    return ExitCode.OK


def _switch(stop: Stop | None) -> str:
    if stop is None:
        return "Nothing stops writes."
    why = f": {stop.reason}" if stop.reason else "."
    return f"Every write is stopped since {stop.at:%Y-%m-%d %H:%M} UTC by {stop.actor}{why}"


def _rows(status: GuardStatus) -> list[tuple[object, ...]]:
    rails, used = status.rails, status.used
    move = None if rails.largest_move is None else f"{(rails.largest_move * 100).normalize():f} %"
    return [
        ("lowest price", "SOLEGATE_PRICE_FLOOR", _amounts(rails.floor), None),
        ("highest price", "SOLEGATE_PRICE_CEILING", _amounts(rails.ceiling), None),
        ("largest move", "SOLEGATE_LARGEST_PRICE_MOVE", move, None),
        ("writes a day", "SOLEGATE_DAILY_WRITES", rails.daily_writes, used.writes),
        ("value a day", "SOLEGATE_DAILY_VALUE", _amounts(rails.daily_value), _amounts(used.value)),
    ]


def _amounts(by_currency: Mapping[str, Decimal]) -> str:
    return ", ".join(str(Money(amount, code)) for code, amount in sorted(by_currency.items()))


def _document(status: GuardStatus) -> dict[str, Json]:
    stop = status.stop
    return {
        "stopped": stop is not None,
        "stop": None if stop is None else {"at": stop.at.isoformat(), "actor": stop.actor, "reason": stop.reason},
        "inFlight": status.in_flight,
        "rails": _rails(status.rails),
        "usedToday": {"writes": status.used.writes, "value": _texts(status.used.value)},
    }


def _rails(rails: GuardRails) -> dict[str, Json]:
    return {
        "floor": _texts(rails.floor),
        "ceiling": _texts(rails.ceiling),
        "largestMove": None if rails.largest_move is None else str(rails.largest_move),
        "dailyWrites": rails.daily_writes,
        "dailyValue": _texts(rails.daily_value),
    }


def _texts(by_currency: Mapping[str, Decimal]) -> dict[str, Json]:
    return {code: f"{amount:f}" for code, amount in by_currency.items()}
