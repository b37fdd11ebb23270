"""`solegate webhooks`: what came in from others, what became of it, and having it processed again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli import webhook_sources
from solegate.cli.failures import ExitCode
from solegate.cli.output import Json, JsonFlag, Output
from solegate.cli.run import with_services
from solegate.domain.cursors import Page
from solegate.domain.webhooks.payload import parsed
from solegate.domain.webhooks.values import Entry, EntryFilter, EntryState

POLL_SECONDS = 1.0
_PAGE = 200
_COLUMNS = ("Webhook", "Received (UTC)", "Source", "Event", "About", "State", "Reason")

app = typer.Typer(name="webhooks", help="Webhooks that come in: from whom, and what became of them.")
app.add_typer(webhook_sources.app)

WebhookId = Annotated[int, typer.Argument(metavar="WEBHOOK", min=1, max=2**31 - 1, help="Number of the webhook.")]
Source = Annotated[str | None, typer.Option(metavar="NAME", help="Only of this source.")]
State = Annotated[list[EntryState] | None, typer.Option(help="Only in this state; repeat for more.")]
Event = Annotated[str | None, typer.Option("--event", metavar="TYPE", help="Only events that call themselves so.")]


@app.command("list")
def list_webhooks(
    *,
    source: Source = None,
    state: State = None,
    event: Event = None,
    cursor: Annotated[str | None, typer.Option(help="`nextCursor` of the page before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=_PAGE, help="Most webhooks shown.")] = 50,
    as_json: JsonFlag = False,
) -> ExitCode:
    """List what came in, newest first. What was refused at the door is in the server's log."""
    output = Output(as_json=as_json)
    wanted = EntryFilter(source=source, event_type=event, states=tuple(state or ()))

    async def work(services: Services) -> Page[Entry]:
        return await services.webhooks.inbox.page(wanted, cursor=cursor, limit=limit)

    page = with_services(work)
    output.document({"webhooks": [_document(each) for each in page.rows], "nextCursor": page.next_cursor})
    if page.rows:
        output.table(_COLUMNS, [_row(each) for each in page.rows], wide=("Reason",))
    else:
        output.line("No such webhooks. `solegate webhooks sources add` says who may send some.")
    if page.next_cursor:
        output.note(f"There are more: --cursor {page.next_cursor}")
    return ExitCode.OK


@app.command()
def show(webhook: WebhookId, *, as_json: JsonFlag = False) -> ExitCode:
    """Show one webhook with its body, as it came."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> Entry:
        return await services.webhooks.inbox.get(webhook)

    entry = with_services(work)
    text = entry.body.decode(errors="replace")
    output.document({**_document(entry), "body": text})
    output.line(f"Webhook {entry.id} of {entry.source} ({entry.kind}): {_standing(entry)}")
    output.line(f"It calls itself '{entry.message.event_type}', of {entry.message.occurred_at:%Y-%m-%d %H:%M:%S} UTC.")
    output.line()
    document = parsed(entry.body)
    output.line(text if document is None else json.dumps(document, indent=2, ensure_ascii=False, default=str))
    return ExitCode.OK


@app.command()
def replay(webhook: WebhookId, *, as_json: JsonFlag = False) -> ExitCode:
    """Have a webhook processed again, as if it had just come.

    For one that is dead. What followed from it before does not follow twice, and what is stale stays so.
    """
    output = Output(as_json=as_json)

    async def work(services: Services) -> Entry:
        return await services.webhooks.inbox.replay(webhook)

    entry = with_services(work)
    output.document(_document(entry))
    output.line(f"Webhook {entry.id} is processed again as soon as a worker, or `solegate serve`, is there.")
    return ExitCode.OK


@app.command()
def tail(
    *,
    source: Source = None,
    last: Annotated[int, typer.Option(min=0, max=_PAGE, help="How many to begin with.")] = 10,
    seconds: Annotated[float | None, typer.Option(min=0, help="Stop after so many. [default: at Ctrl-C]")] = None,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show webhooks as they come. With --json, one document to a line."""
    wanted = EntryFilter(source=source)
    tailing = _Tail(as_json=as_json)

    async def work(services: Services) -> None:
        newest = await services.webhooks.inbox.page(wanted, limit=max(1, last))
        tailing.show(tuple(reversed(newest.rows))[-last:] if last else ())
        seen = newest.rows[0].id if newest.rows else 0
        ends = None if seconds is None else services.clock.monotonic() + seconds
        while ends is None or services.clock.monotonic() < ends:
            came = await services.webhooks.inbox.after(seen, wanted, limit=_PAGE)
            tailing.show(came)
            seen = came[-1].id if came else seen
            if len(came) < _PAGE:
                await services.clock.sleep(POLL_SECONDS)

    with_services(work, kept=lambda: "")
    return ExitCode.OK


class _Tail:
    """Prints entries as they come."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._output = Output()

    def show(self, entries: Sequence[Entry]) -> None:
        """Print some."""
        for each in entries:
            if self._as_json:
                self._output.line(json.dumps(_document(each), ensure_ascii=False))
            else:
                self._output.line("  ".join(str(value) for value in _row(each) if value))


def _document(entry: Entry) -> dict[str, Json]:
    message = entry.message
    return {
        "id": entry.id,
        "source": entry.source,
        "kind": entry.kind.value,
        "identity": message.identity,
        "eventType": message.event_type,
        "subject": message.subject,
        "occurredAt": message.occurred_at.isoformat(),
        "receivedAt": entry.received_at.isoformat(),
        "state": entry.state.value,
        "attempts": entry.attempts,
        "dueAt": entry.due_at.isoformat() if entry.due_at else None,
        "reason": entry.reason,
        "processedAt": entry.processed_at.isoformat() if entry.processed_at else None,
    }


def _row(entry: Entry) -> tuple[object, ...]:
    message = entry.message
    received = f"{entry.received_at:%Y-%m-%d %H:%M:%S}"
    return entry.id, received, entry.source, message.event_type, message.subject, entry.state.value, entry.reason


def _standing(entry: Entry) -> str:
    if entry.state is EntryState.RECEIVED:
        again = f", tried {entry.attempts} times: {entry.reason}" if entry.attempts else ""
        return f"it waits to be processed{again}."
    return f"{entry.state}{f' ({entry.reason})' if entry.reason else ''}."
