"""`solegate limits`: what StockX permits, what is used of it and by whom, and how the day will go on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

import typer

from solegate.api.schemas.limits import LimitsOut
from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.output import JsonFlag, Output, counted
from solegate.cli.run import with_services
from solegate.domain.usage import DIRECT, used_by
from solegate.errors import InvalidInputError
from solegate.services.limits import DayOfLimits, LimitsNow

_CAUSES = {DIRECT: "asked for directly"}


def limits(
    *,
    day: Annotated[
        str | None, typer.Option(metavar="DATE", help="Who used that UTC day, such as 2026-01-31; today otherwise.")
    ] = None,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show the rate in force, what is used and left today, who used it, and the forecast for the day.

    StockX counts in UTC days. It is asked nothing.
    """
    output = Output(as_json=as_json)
    wanted = None if day is None else _day(day)

    async def work(services: Services) -> tuple[DayOfLimits, datetime]:
        return await services.limits.of(wanted), services.clock.now().astimezone(UTC)

    found, at = with_services(work)
    output.document(LimitsOut.of(found).model_dump(mode="json", by_alias=True))
    if found.now is None:
        output.line(f"{found.day}: {found.requests:,} requests and {found.items:,} batch items used.")
    else:
        _show_now(output, found, found.now)
    _show_users(output, found)
    if found.now is not None:
        _show_forecast(output, found.now, at)
    return ExitCode.OK


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(f"'{text}' is no date.", hint="Write it as 2026-01-31.") from None


def _show_now(output: Output, found: DayOfLimits, now: LimitsNow) -> None:
    status, items = now.status, now.status.profile.items
    rate = f"{status.rate:g} a second"
    if status.rate < status.profile.rate:
        rate += f", {status.profile.rate:g} configured: StockX refused some"
    rows: list[tuple[object, ...]] = [
        ("Requests", found.requests, _count(status.left), _count(status.profile.per_day), f"{rate}."),
    ]
    if items is not None:
        room = f"{_count(now.items_room)} of {items.capacity:,} in {items.period:g} s can go now."
        rows.append(("Batch items", found.items, _count(status.items_left), _count(items.per_day), room))
    output.table(
        ("", "Used", "Left", "Of", "Now"), [tuple(map(_shown, row)) for row in rows], right=("Used", "Left", "Of")
    )
    if status.profile.reserved:
        output.line(f"{status.profile.reserved:,} requests are kept back from background work.", style="dim")
    if status.paused_for:
        output.line(f"Everybody waits for another {status.paused_for:.0f} s after a refusal.", style="yellow")


def _show_users(output: Output, found: DayOfLimits) -> None:
    if not found.usage:
        output.line("Nobody used a request on that day." if found.now is None else "Nobody used a request today.")
        return
    causes = [("by", _CAUSES.get(name, name), f"{count:,}") for name, count in used_by(found.usage, "cause").items()]
    lanes = [("in lane", name, f"{count:,}") for name, count in used_by(found.usage, "lane").items()]
    asked = [("for", name, f"{count:,}") for name, count in used_by(found.usage, "operation").items()]
    output.line()
    output.table(("Used", "", "Requests"), [*causes, *lanes, *asked], right=("Requests",))


def _show_forecast(output: Output, now: LimitsNow, at: datetime) -> None:
    ahead = now.forecast
    output.line()
    output.line(
        f"By 24:00 UTC about {counted(ahead.expected, 'request')}: {ahead.by_pace:,} more at today's pace, "
        f"{ahead.by_schedules:,} for what recurs, {ahead.by_jobs:,} for open jobs."
    )
    if ahead.runs_out_at is not None:
        output.line(f"The day runs out {_when(ahead.runs_out_at, at)}.", style="red")
    elif ahead.background_stops_at is not None:
        output.line(f"Background work stops {_when(ahead.background_stops_at, at)}.", style="yellow")


def _when(moment: datetime, now: datetime) -> str:
    return "now: nothing is left" if moment <= now else f"at {moment:%H:%M} UTC"


def _count(number: int | None) -> str:
    return "no limit" if number is None else f"{number:,}"


def _shown(value: object) -> object:
    return f"{value:,}" if isinstance(value, int) else value
