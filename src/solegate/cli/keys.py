"""`solegate keys`: who may use the HTTP API, for what, and until when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from solegate.bootstrap import House
from solegate.cli.failures import ExitCode
from solegate.cli.guard import ACTOR
from solegate.cli.output import Json, JsonFlag, Output
from solegate.cli.run import with_house
from solegate.domain.keys import PER_MINUTE, ApiKey, Scope, state_of
from solegate.services.api_keys import NewKey

EVERY_ACCOUNT = "every account"

app = typer.Typer(name="keys", help="Who may use the HTTP API, for what, and until when.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="For people; the audit trail names it.")],
    *,
    scope: Annotated[Scope, typer.Option(help="What it may do; each includes the one before.")] = Scope.READ,
    account: Annotated[
        str | None, typer.Option(metavar="ACCOUNT", help="The only account it reaches. [default: every one]")
    ] = None,
    expires: Annotated[
        str | None, typer.Option(metavar="WHEN", help="When it ends: 90d, 12h, or 2027-01-31. [default: never]")
    ] = None,
    per_minute: Annotated[
        int, typer.Option(min=1, max=1_000_000, help="Requests it may make in a minute.")
    ] = PER_MINUTE,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Make an API key. It is shown this once and kept nowhere."""
    output = Output(as_json=as_json)

    async def work(house: House) -> tuple[NewKey, datetime]:
        if account is not None:
            await house.of(account)
        new = await house.keys.create(
            name, scope=scope, account=account, per_minute=per_minute, expires=expires, actor=ACTOR
        )
        return new, house.clock.now()

    new, now = with_house(work)
    output.document({**_document(new.key, now), "key": new.text})
    output.line(new.text)
    output.note(
        f"Key '{name}' may {scope} {account or EVERY_ACCOUNT}. It is shown this once: keep it where secrets are kept."
    )
    return ExitCode.OK


@app.command("list")
def list_keys(*, as_json: JsonFlag = False) -> ExitCode:
    """List the API keys, newest first; no secret is shown."""
    output = Output(as_json=as_json)

    async def work(house: House) -> tuple[tuple[ApiKey, ...], datetime]:
        return await house.keys.all(), house.clock.now()

    found, now = with_house(work)
    output.document({"keys": [_document(each, now) for each in found]})
    if found:
        columns = ("Key", "Name", "Starts", "Scope", "Reaches", "Per minute", "State", "Expires", "Last used")
        output.table(columns, [_row(each, now) for each in found], right=("Per minute",))
    else:
        output.line("There is no API key yet: `solegate keys create NAME` makes one.")
    return ExitCode.OK


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="Id of the key, as the list shows it.")],
    *,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Let an API key open nothing any more: a running server knows within five seconds."""
    output = Output(as_json=as_json)

    async def work(house: House) -> tuple[ApiKey, datetime]:
        return await house.keys.revoke(key_id), house.clock.now()

    key, now = with_house(work)
    output.document(_document(key, now))
    output.line(f"Key '{key.name}' ({key.id}) opens nothing any more.")
    return ExitCode.OK


def _document(key: ApiKey, now: datetime) -> dict[str, Json]:
    return {
        "id": key.id,
        "name": key.name,
        "start": key.start,
        "scope": key.scope.value,
        "account": key.account,
        "perMinute": key.per_minute,
        "state": state_of(key, now).value,
        "createdAt": key.created_at.isoformat(),
        "createdBy": key.created_by,
        "expiresAt": key.expires_at.isoformat() if key.expires_at else None,
        "revokedAt": key.revoked_at.isoformat() if key.revoked_at else None,
        "lastUsedAt": key.last_used_at.isoformat() if key.last_used_at else None,
    }


def _row(key: ApiKey, now: datetime) -> tuple[object, ...]:
    return (
        key.id,
        key.name,
        f"{key.start}...",
        key.scope.value,
        key.account or EVERY_ACCOUNT,
        key.per_minute,
        state_of(key, now).value,
        _day(key.expires_at) or "never",
        _day(key.last_used_at) or "never",
    )


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""
