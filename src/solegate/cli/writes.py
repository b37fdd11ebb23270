"""`solegate writes`: what the ledger holds, how each write came to it, and seeing the open ones to their end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.guard import ACTOR
from solegate.cli.output import Json, JsonFlag, Output, amount, counted
from solegate.cli.run import with_services
from solegate.domain.audit import AuditEntry
from solegate.domain.intents import OPEN, Action, Intent, IntentState, Knowledge
from solegate.domain.listings import OperationStatus, OperationType
from solegate.errors import InvalidInputError, Outcome, StillPendingError, WriteFailedError

ROUND_WAIT = 60.0
"""Seconds for which a round of reconciliation follows each write."""

WriteId = Annotated[str, typer.Argument(metavar="WRITE", help="Id of the write.")]

app = typer.Typer(
    name="writes", help="Single writes: what is known of each, and how it came to it.", no_args_is_help=True
)

_STATUSES = {
    Knowledge.APPLIED: OperationStatus.SUCCEEDED,
    Knowledge.NOT_APPLIED: OperationStatus.FAILED,
    Knowledge.UNKNOWN: OperationStatus.PENDING,
    Knowledge.PENDING: OperationStatus.PENDING,
}


@app.command("list")
def list_writes(
    *,
    state: Annotated[
        list[str] | None, typer.Option(help="Only in this state, such as UNKNOWN; repeat for more.")
    ] = None,
    listing: Annotated[str | None, typer.Option(metavar="LISTING", help="Only of this listing.")] = None,
    open_only: Annotated[bool, typer.Option("--open", help="Only those that are not settled.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most writes shown.")] = 50,
    as_json: JsonFlag = False,
) -> ExitCode:
    """List writes, newest first."""
    output = Output(as_json=as_json)
    states = tuple(OPEN) if open_only else tuple(map(_state, state or ()))

    async def work(services: Services) -> tuple[Intent, ...]:
        return await services.ledger.find(states=states, listing_id=listing, limit=limit)

    found = with_services(work)
    output.document({"writes": [write_document(each) for each in found]})
    if found:
        output.table(("Write", "When", "What", "Price", "State", "Known", "Why"), [_row(each) for each in found])
    else:
        output.line("No such writes.")
    return ExitCode.OK


@app.command()
def show(write_id: WriteId, *, as_json: JsonFlag = False) -> ExitCode:
    """Show one write and everything that happened to it: who, why, on what evidence, with which result."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> tuple[Intent, Sequence[AuditEntry]]:
        return await services.writes.get(write_id)

    intent, trail = with_services(work)
    output.document({**write_document(intent), "trail": [_entry(each) for each in trail]})
    output.line(summary(intent))
    output.line(
        f"Pair or listing: {intent.unit}. By {intent.actor or 'nobody'}{f': {intent.cause}' if intent.cause else ''}."
    )
    rows = [(f"{each.at:%Y-%m-%d %H:%M:%S}", each.what, each.why, each.actor, _evidence(each)) for each in trail]
    output.table(("When (UTC)", "What", "Why", "Who", "Evidence"), rows)
    return ExitCode.OK


@app.command()
def reconcile(*, as_json: JsonFlag = False) -> ExitCode:
    """See the open writes to their end, as a worker would: send the planned, read back, look for the unknown.

    A write that StockX may have got is not sent again before ten minutes and two looks.
    """
    output = Output(as_json=as_json)

    async def work(services: Services) -> tuple[Intent, ...]:
        ledger = services.ledger
        left = [each for each in await ledger.find(states=tuple(OPEN), limit=1000) if each.job_id is None]
        return tuple([await ledger.settle(each.id, wait=ROUND_WAIT) for each in reversed(left)])

    followed = with_services(work)
    output.document({"writes": [write_document(each) for each in followed]})
    for each in followed:
        output.line(summary(each))
    left = sum(each.state in OPEN for each in followed)
    output.line(f"{counted(len(followed), 'write')} followed, {left} still open." if followed else "No write is open.")
    return ExitCode.INCOMPLETE if left else ExitCode.OK


@app.command()
def cancel(write_id: WriteId, *, as_json: JsonFlag = False) -> ExitCode:
    """Give up a write that was not sent yet."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> Intent:
        return await services.ledger.cancel(write_id, actor=ACTOR)

    intent = with_services(work)
    output.document(write_document(intent))
    output.line(summary(intent))
    return ExitCode.OK


def summary(intent: Intent) -> str:
    """A write in one line, and why it ended so."""
    listing = f" of listing {intent.listing_id}" if intent.listing_id else ""
    why = f" {intent.reason.rstrip('.')}." if intent.reason else ""
    return f"{_type(intent)}{listing}: {_STATUSES[intent.knowledge]}. Write {intent.id}: {intent.knowledge}.{why}"


def write_document(intent: Intent) -> dict[str, Json]:
    """A write as JSON."""
    return {
        "intentId": intent.id,
        "listingId": intent.listing_id,
        "operationId": intent.operation_id,
        "type": _type(intent).value,
        "status": _STATUSES[intent.knowledge].value,
        "error": intent.reason if intent.knowledge is Knowledge.NOT_APPLIED else None,
        "knowledge": intent.knowledge.value,
        "state": intent.state.value,
        "action": intent.action.value,
        "unit": intent.unit,
        "variantId": intent.variant_id or None,
        "price": amount(intent.price),
        "reason": intent.reason or None,
        "attempts": intent.attempts,
        "createdAt": intent.created_at.isoformat(),
        "updatedAt": intent.updated_at.isoformat(),
    }


def ensure_applied(intent: Intent, *, waited: bool) -> None:
    """Do nothing if it is in effect, or was not waited for.

    Raises:
        WriteFailedError: it is surely not in effect.
        StillPendingError: it is not settled, or nobody knows.
    """
    if intent.knowledge is Knowledge.NOT_APPLIED:
        raise WriteFailedError(intent.reason or f"The write is {intent.state}.", hint=_hint(intent))
    if waited and intent.knowledge is not Knowledge.APPLIED:
        raise StillPendingError(
            f"Write {intent.id} is not settled: {intent.reason or 'StockX is still working on it'}.",
            operation=_type(intent).value,
            outcome=Outcome.UNKNOWN,
            hint=f"It goes on with a worker; `solegate writes show {intent.id}` tells how it is. Do not send it again.",
        )


def _hint(intent: Intent) -> str:
    if intent.action is Action.CREATE and intent.listing_id:
        return f"The draft is kept: `solegate listings delete {intent.listing_id}` gives the pair free."
    return f"`solegate writes show {intent.id}` tells how it came to it."


def _type(intent: Intent) -> OperationType:
    """What StockX calls it; the second half of a create is an ACTIVATE (FACTS 1.7)."""
    if intent.action is Action.CREATE and intent.listing_id and intent.active is not False:
        return OperationType.ACTIVATE
    return OperationType(intent.action.upper())


def _state(text: str) -> IntentState:
    try:
        return IntentState(text.strip().upper())
    except ValueError:
        raise InvalidInputError(f"'{text}' is no state; one of {', '.join(IntentState)}.") from None


def _row(intent: Intent) -> tuple[object, ...]:
    what = f"{intent.action} {intent.listing_id or intent.unit}"
    return (
        intent.id,
        f"{intent.created_at:%Y-%m-%d %H:%M}",
        what,
        intent.price,
        intent.state.value,
        intent.knowledge.value,
        intent.reason,
    )


def _entry(entry: AuditEntry) -> dict[str, Json]:
    evidence: dict[str, Json] = {name: _plain(value) for name, value in entry.evidence.items()}
    return {
        "at": entry.at.isoformat(),
        "what": entry.what,
        "why": entry.why,
        "actor": entry.actor,
        "evidence": evidence,
        "result": entry.result,
    }


def _plain(value: object) -> Json:
    return value if isinstance(value, str | int | bool | None) else str(value)


def _evidence(entry: AuditEntry) -> str:
    return ", ".join(f"{name} {value}" for name, value in entry.evidence.items() if value is not None)
