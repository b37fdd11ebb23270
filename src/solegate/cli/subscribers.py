"""`solegate subscribers`: who is told what happens, trying them out, pausing them, changing their secrets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.output import Json, JsonFlag, Output
from solegate.cli.run import with_services
from solegate.domain.deliveries.schedule import Attempt, Verdict
from solegate.domain.deliveries.values import DeliveryState, Subscriber, SubscriberKind, shown_url
from solegate.services.deliveries.subscribers import NewSecret, Standing

Key = Annotated[str, typer.Argument(metavar="SUBSCRIBER", help="Its id or name.")]

app = typer.Typer(
    name="subscribers",
    help="Who is told what happens: signed webhooks, Slack and Discord.",
    no_args_is_help=True,
)


@app.command("list")
def list_subscribers(*, as_json: JsonFlag = False) -> ExitCode:
    """List the subscribers and how many of their messages wait, arrived or were given up."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> tuple[Standing, ...]:
        return await services.telling.subscribers.all()

    found = with_services(work)
    output.document({"subscribers": [_standing(each) for each in found]})
    if not found:
        output.line("Nobody is told anything yet: `solegate subscribers add URL` adds somebody.")
        return ExitCode.OK
    columns = ("Subscriber", "Name", "Kind", "Address", "Events", "State", "Waiting", "Delivered", "Dead")
    output.table(columns, [_row(each) for each in found], right=columns[-3:], wide=("Address", "Events"))
    return ExitCode.OK


@app.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where messages go: https://...")],
    *,
    kind: Annotated[SubscriberKind, typer.Option(help="What the receiver understands.")] = SubscriberKind.STANDARD,
    event: Annotated[
        list[str] | None,
        typer.Option("--event", metavar="TYPE", help="Only such events: order.*, order.created; repeat for more."),
    ] = None,
    name: Annotated[str, typer.Option(help="For people.")] = "",
    as_json: JsonFlag = False,
) -> ExitCode:
    """Tell a receiver what happens from now on. The secret that signs the messages is shown this once."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> NewSecret:
        return await services.telling.subscribers.add(url, kind=kind, types=tuple(event or ("*",)), name=name)

    added = with_services(work)
    output.document({**_document(added.subscriber), "secret": added.secret or None})
    output.line(f"Added {_called(added.subscriber)}. It is told of: {', '.join(added.subscriber.types)}.")
    _show_secret(output, added.secret)
    output.note(f"`solegate subscribers test {added.subscriber.name}` sends it a ping.")
    return ExitCode.OK


@app.command()
def show(key: Key, *, as_json: JsonFlag = False) -> ExitCode:
    """Show one subscriber, and how its messages fare."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> Standing:
        return await services.telling.subscribers.get(key)

    found = with_services(work)
    output.document(_standing(found))
    subscriber = found.subscriber
    output.line(f"{_called(subscriber)}: {subscriber.kind}, {_address(subscriber)}.")
    output.line(f"Told of: {', '.join(subscriber.types)}. State: {_state(subscriber)}.")
    if subscriber.failing_since is not None:
        output.line(f"Its receiver has taken nothing since {subscriber.failing_since:%Y-%m-%d %H:%M} UTC.")
    output.line(", ".join(f"{number:,} {state}" for state, number in found.counts.items()) or "Nothing was sent yet.")
    return ExitCode.OK


@app.command()
def pause(key: Key, *, as_json: JsonFlag = False) -> ExitCode:
    """Send it nothing until it is resumed; what happens meanwhile waits."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> Subscriber:
        return await services.telling.subscribers.pause(key)

    subscriber = with_services(work)
    output.document(_document(subscriber))
    output.line(f"{_called(subscriber)} is sent nothing until `solegate subscribers resume {subscriber.name}`.")
    return ExitCode.OK


@app.command()
def resume(key: Key, *, as_json: JsonFlag = False) -> ExitCode:
    """Send it what waits, and what happens from now on; one that was disabled lives again."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> Subscriber:
        return await services.telling.subscribers.resume(key)

    subscriber = with_services(work)
    output.document(_document(subscriber))
    output.line(f"{_called(subscriber)} is told again.")
    output.note(f"What was skipped: `solegate deliveries redeliver {subscriber.name} --since 24h` sends it.")
    return ExitCode.OK


@app.command()
def remove(key: Key, *, as_json: JsonFlag = False) -> ExitCode:
    """Tell it nothing more, and forget what became of its messages."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> Subscriber:
        return await services.telling.subscribers.remove(key)

    subscriber = with_services(work)
    output.document(_document(subscriber))
    output.line(f"{_called(subscriber)} is removed.")
    return ExitCode.OK


@app.command("rotate-secret")
def rotate_secret(
    key: Key,
    *,
    overlap: Annotated[
        float, typer.Option(min=0, max=720, help="Hours for which the old secret signs as well; 0 if it leaked.")
    ] = 24.0,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Give it a new secret, shown this once. Meanwhile messages carry both signatures, so none is refused."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> NewSecret:
        return await services.telling.subscribers.rotate_secret(key, overlap=timedelta(hours=overlap))

    rotated = with_services(work)
    output.document({**_document(rotated.subscriber), "secret": rotated.secret})
    _show_secret(output, rotated.secret)
    return ExitCode.OK


@app.command("test")
def try_out(key: Key, *, as_json: JsonFlag = False) -> ExitCode:
    """Send it a ping now and say what came back."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> Attempt:
        return await services.telling.subscribers.test(key)

    attempt = with_services(work)
    taken = attempt.verdict is Verdict.TAKEN
    output.document({"delivered": taken, "status": attempt.status, "error": attempt.error or None})
    said = f"The receiver answered {attempt.status}" if attempt.status else f"It did not arrive: {attempt.error}"
    output.line(f"{said}: it arrived." if taken else f"{said}.")
    return ExitCode.OK if taken else ExitCode.INCOMPLETE


def _show_secret(output: Output, secret: str) -> None:
    if secret:
        output.line(secret)
        output.note("This secret verifies the messages. It is shown this once: keep it where secrets are kept.")


def _called(subscriber: Subscriber) -> str:
    return subscriber.id if subscriber.name == subscriber.id else f"{subscriber.name} ({subscriber.id})"


def _address(subscriber: Subscriber) -> str:
    return shown_url(subscriber.kind, subscriber.url)


def _state(subscriber: Subscriber) -> str:
    return f"{subscriber.state}: {subscriber.reason}" if subscriber.reason else subscriber.state.value


def _document(subscriber: Subscriber) -> dict[str, Json]:
    return {
        "id": subscriber.id,
        "name": subscriber.name,
        "kind": subscriber.kind.value,
        "url": _address(subscriber),
        "types": list(subscriber.types),
        "state": subscriber.state.value,
        "reason": subscriber.reason or None,
        "failingSince": subscriber.failing_since.isoformat() if subscriber.failing_since else None,
        "createdAt": subscriber.created_at.isoformat(),
    }


def _standing(found: Standing) -> dict[str, Json]:
    return {**_document(found.subscriber), "deliveries": _counts(found.counts)}


def _counts(counts: Mapping[DeliveryState, int]) -> dict[str, Json]:
    return {state.value: counts.get(state, 0) for state in DeliveryState}


def _row(found: Standing) -> tuple[object, ...]:
    subscriber = found.subscriber
    states = (DeliveryState.PENDING, DeliveryState.DELIVERED, DeliveryState.DEAD)
    return (
        subscriber.id,
        subscriber.name,
        subscriber.kind.value,
        _address(subscriber),
        ", ".join(subscriber.types),
        _state(subscriber),
        *(found.counts.get(state, 0) for state in states),
    )
