"""`solegate deliveries`: what became of each message, and sending something again."""

from __future__ import annotations

from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.output import Json, JsonFlag, Output, counted
from solegate.cli.run import with_services
from solegate.domain.cursors import MOST_ROWS, Page
from solegate.domain.deliveries.values import Delivery, DeliveryFilter, DeliveryState
from solegate.domain.events.values import Event
from solegate.domain.moments import parse_since
from solegate.errors import InvalidInputError

Key = Annotated[str, typer.Argument(metavar="SUBSCRIBER", help="Its id or name.")]

app = typer.Typer(
    name="deliveries", help="What became of each message to a subscriber, and sending it again.", no_args_is_help=True
)


@app.command("list")
def list_deliveries(
    *,
    subscriber: Annotated[
        str | None, typer.Option(metavar="SUBSCRIBER", help="Only to this one, by id or name.")
    ] = None,
    state: Annotated[list[DeliveryState] | None, typer.Option(help="Only in this state; repeat for more.")] = None,
    event: Annotated[str | None, typer.Option(metavar="TYPE", help="Only events of this type: order.created.")] = None,
    cursor: Annotated[str | None, typer.Option(help="Where the list before ended.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="Most of them shown.")] = 50,
    as_json: JsonFlag = False,
) -> ExitCode:
    """List deliveries, the newest event first."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> Page[Delivery]:
        found = await services.telling.subscribers.find(subscriber) if subscriber else None
        wanted = DeliveryFilter(subscriber_id=found.id if found else None, type=event, states=tuple(state or ()))
        return await services.telling.deliveries.page(wanted, cursor=cursor, limit=limit)

    page = with_services(work)
    output.document({"deliveries": [_document(each) for each in page.rows], "nextCursor": page.next_cursor})
    if not page.rows:
        output.line("No such deliveries.")
        return ExitCode.OK
    columns = ("Event", "Type", "Subscriber", "State", "Attempts", "Due or delivered", "Last answer")
    output.table(columns, [_row(each) for each in page.rows], right=("Attempts",), wide=("Last answer",))
    if page.next_cursor is not None:
        output.note(f"There are more: --cursor {page.next_cursor}")
    return ExitCode.OK


@app.command()
def show(
    key: Key,
    event: Annotated[str, typer.Argument(metavar="EVENT", help="Id of the event.")],
    *,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show one delivery, and the event it tells of."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> tuple[Delivery, Event | None]:
        return await services.telling.deliveries.get(key, event)

    delivery, happened = with_services(work)
    told: Json = dict(happened.data) if happened is not None else None
    output.document({**_document(delivery), "subject": happened.subject if happened else None, "data": told})
    output.line(f"{delivery.type} ({delivery.event_id}) to {delivery.subscriber_id}: {delivery.state}.")
    output.line(f"{counted(delivery.attempts, 'attempt')}. {_last(delivery) or 'Nothing went wrong'}.")
    if happened is None:
        output.line("The event is kept no more.")
    else:
        rows = [(name, value) for name, value in happened.data.items() if value is not None]
        output.table(("What", "Value"), [("about", happened.subject), *rows], wide=("Value",))
    return ExitCode.OK


@app.command()
def redeliver(
    key: Key,
    event: Annotated[str | None, typer.Argument(metavar="[EVENT]", help="Id of the event; or --since.")] = None,
    *,
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Everything since then: 24h, 7d, 2026-01-31.")
    ] = None,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Send an event, or everything since a moment, again: under the same ids, so a careful receiver minds nothing.

    What the subscriber was not to be sent before, as it was not there or was disabled, is sent for the first time.
    """
    output = Output(as_json=as_json)
    if (event is None) == (since is None):
        raise InvalidInputError("Give the id of an event, or --since.")

    async def work(services: Services) -> int:
        if event is not None:
            await services.telling.deliveries.redeliver(key, event)
            return 1
        moment = parse_since(since or "", services.clock.now())
        return await services.telling.deliveries.redeliver_since(key, moment)

    count = with_services(work)
    output.document({"subscriber": key, "queued": count})
    output.line(f"{counted(count, 'event')} will be sent again by a worker, the oldest first.")
    return ExitCode.OK


def _document(delivery: Delivery) -> dict[str, Json]:
    return {
        "subscriberId": delivery.subscriber_id,
        "eventId": delivery.event_id,
        "number": delivery.number,
        "type": delivery.type,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "dueAt": delivery.due_at.isoformat() if delivery.due_at else None,
        "lastStatus": delivery.last_status,
        "lastError": delivery.last_error or None,
        "createdAt": delivery.created_at.isoformat(),
        "deliveredAt": delivery.delivered_at.isoformat() if delivery.delivered_at else None,
    }


def _row(delivery: Delivery) -> tuple[object, ...]:
    moment = delivery.delivered_at or delivery.due_at
    return (
        delivery.event_id,
        delivery.type,
        delivery.subscriber_id,
        delivery.state.value,
        delivery.attempts,
        f"{moment:%Y-%m-%d %H:%M:%S}" if moment else None,
        _last(delivery),
    )


def _last(delivery: Delivery) -> str:
    return delivery.last_error or (f"the receiver answered {delivery.last_status}" if delivery.last_status else "")
