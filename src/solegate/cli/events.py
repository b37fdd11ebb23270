"""`solegate events`: what happened, and following it as it happens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.output import Json, JsonFlag, Output
from solegate.cli.run import with_services
from solegate.db.repositories.events import EventFilter
from solegate.domain.cursors import Page
from solegate.domain.events.values import Event, EventType

_PAGE = 200
_COLUMNS = ("No.", "Happened (UTC)", "Event", "About", "More")
_TOLD = ("sku", "size", "price", "currency", "status", "value", "direction", "threshold", "done", "failed", "percent")
"""What a line says of an event's data, as far as the event has it."""

app = typer.Typer(name="events", help="What happened to listings, orders, jobs, prices and the account.")

Types = Annotated[list[EventType] | None, typer.Option("--type", metavar="TYPE", help="Only these; may be repeated.")]
Subject = Annotated[str | None, typer.Option(metavar="ID", help="Only about this listing, order, job or watch.")]


@app.command("list")
def list_events(
    *,
    types: Types = None,
    subject: Subject = None,
    since: Annotated[
        datetime | None, typer.Option(metavar="WHEN", help="Only what was recorded since then (UTC).")
    ] = None,
    cursor: Annotated[str | None, typer.Option(help="`nextCursor` of the page before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=_PAGE, help="Most events shown.")] = 50,
    as_json: JsonFlag = False,
) -> ExitCode:
    """List what happened, newest first."""
    output = Output(as_json=as_json)
    wanted = EventFilter(types=tuple(types or ()), subject=subject, since=_in_utc(since))

    async def work(services: Services) -> Page[Event]:
        return await services.event_book.page(wanted, cursor=cursor, limit=limit)

    page = with_services(work)
    output.document({"events": [_document(each) for each in page.rows], "nextCursor": page.next_cursor})
    if page.rows:
        output.table(_COLUMNS, [_row(each) for each in page.rows], right=("No.",), wide=("More",))
    else:
        output.line("Nothing of this kind has happened. Syncs find out what does: see `solegate sync status`.")
    if page.next_cursor:
        output.note(f"There are more: --cursor {page.next_cursor}")
    return ExitCode.OK


@app.command()
def tail(
    *,
    types: Types = None,
    subject: Subject = None,
    last: Annotated[int, typer.Option(min=0, max=_PAGE, help="How many to begin with.")] = 10,
    after: Annotated[
        int | None, typer.Option(min=0, metavar="NO.", help="Begin after the event of this number instead.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="Stop after so many. [default: at Ctrl-C]")] = None,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show events as they happen, in order, each once. With --json, one document to a line.

    Who was cut off goes on with `--after` and the number of the last event seen.
    """
    wanted = EventFilter(types=tuple(types or ()), subject=subject)

    async def work(services: Services) -> None:
        book, clock = services.event_book, services.clock
        seen = after
        if seen is None:
            seen = await book.last_seq()
            newest = (await book.page(wanted, limit=max(1, last))).rows
            _show([each for each in reversed(newest[:last]) if each.seq <= seen], as_json=as_json)
        ends = None if seconds is None else clock.monotonic() + seconds
        async for new in book.follow(seen, wanted):
            _show(new, as_json=as_json)
            if ends is not None and clock.monotonic() >= ends:
                return

    with_services(work, kept=lambda: "")
    return ExitCode.OK


def _show(events: Sequence[Event], *, as_json: bool) -> None:
    output = Output()
    for each in events:
        if as_json:
            output.line(json.dumps(_document(each), ensure_ascii=False))
        else:
            output.line("  ".join(str(value) for value in _row(each) if value))


def _document(event: Event) -> dict[str, Json]:
    return {
        "number": event.seq,
        "id": event.id,
        "type": event.type.value,
        "subject": event.subject,
        "occurredAt": event.occurred_at.isoformat(),
        "recordedAt": event.recorded_at.isoformat() if event.recorded_at else None,
        "data": dict(event.data),
    }


def _row(event: Event) -> tuple[object, ...]:
    told = [str(value) for name in _TOLD if (value := event.data.get(name)) is not None]
    return event.seq, f"{event.occurred_at:%Y-%m-%d %H:%M:%S}", event.type.value, event.subject, " ".join(told)


def _in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
