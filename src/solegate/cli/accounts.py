"""`solegate accounts`: the StockX accounts of this installation, their keys, and which one is meant.

Secrets are asked for without showing them, or read from a pipe or the environment; never from arguments, which other
users of the machine can see and shells remember.
"""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from solegate.bootstrap import House
from solegate.cli.failures import CommandError, ExitCode
from solegate.cli.output import Json, JsonFlag, Output, counted, styled
from solegate.cli.run import NOTHING_CHANGED, load_settings, with_house
from solegate.domain.accounts import LiveWork, what_is_wrong_with
from solegate.errors import InvalidInputError
from solegate.services.account_directory import AccountOverview, KeySource, Standing
from solegate.services.account_keys import Keys

STANDINGS = {
    Standing.CONNECTED: ("connected", "green"),
    Standing.NEEDS_REAUTH: ("has to log in again", "red"),
    Standing.NEVER_CONNECTED: ("never connected", "yellow"),
}

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the account.")]
ClientId = Annotated[str, typer.Option("--client-id", metavar="ID", help="Client id, which is no secret.")]
RedirectUri = Annotated[
    str, typer.Option("--redirect-uri", metavar="URL", help="Callback registered with StockX, exactly.")
]


def list_accounts(*, as_json: JsonFlag = False) -> ExitCode:
    """List the accounts: whether each is connected, and which one is in use."""
    output = Output(as_json=as_json)

    async def work(house: House) -> tuple[AccountOverview, ...]:
        return await house.accounts.all()

    found = with_house(work)
    output.document({"accounts": [document(each) for each in found]})
    output.table(("Account", "", "Login", "Token ends", "Currency", "Keys"), [_row(each) for each in found])
    waiting = [each for each in found if each.standing is not Standing.CONNECTED and each.keys is not KeySource.MISSING]
    for each in waiting:
        output.line(f"Account '{each.account}' {_why(each)}: {login_command(each.account)}.")
    if all(each.keys is KeySource.MISSING for each in found):
        output.line("No account has keys yet: `solegate accounts add NAME` keeps them.")
    return ExitCode.OK


def add(
    name: Name,
    *,
    client_id: ClientId = "",
    redirect_uri: RedirectUri = "",
    currency: Annotated[
        str, typer.Option(metavar="CODE", help="Currency that it sells in. [default: SOLEGATE_CURRENCY]")
    ] = "",
    use_it: Annotated[bool, typer.Option("--use", help="Let it be meant from now on when none is named.")] = False,
    from_environment: Annotated[
        bool, typer.Option("--from-environment", help="Keep the keys in SOLEGATE_STOCKX_... instead of asking.")
    ] = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Keep the keys of another account, encrypted. Then `solegate auth login --account NAME` connects it.

    Client id, client secret and API key are asked for; a pipe gives them on a line each, in this order.
    """
    output = Output(as_json=as_json)
    wrong = what_is_wrong_with(name)
    if wrong:
        raise InvalidInputError(f"The account cannot be called that: {wrong}.")
    keys = _of_environment(redirect_uri) if from_environment else _asked(client_id, redirect_uri)

    async def work(house: House) -> AccountOverview:
        return await house.accounts.add(name, keys, currency=currency, use=use_it)

    added = with_house(work)
    output.document(document(added))
    output.line(f"The keys of account '{name}' are kept, encrypted.")
    if added.standing is Standing.CONNECTED:
        output.line("It is connected already.")
    else:
        output.line(f"Connect it: {login_command(name)}.")
    return ExitCode.OK


def use(name: Name, *, as_json: JsonFlag = False) -> ExitCode:
    """Let an account be meant when none is named, in place of the one before."""
    output = Output(as_json=as_json)

    async def work(house: House) -> AccountOverview:
        return await house.accounts.use(name)

    used = with_house(work)
    output.document(document(used))
    output.line(f"Commands are about account '{name}' from now on, unless they name another.")
    settings = load_settings()
    if "account" in settings.model_fields_set and settings.account != name:
        output.note(f"Here SOLEGATE_ACCOUNT names '{settings.account}', which goes first: unset it.", style="yellow")
    return ExitCode.OK


def rotate_key(
    name: Name, *, client_id: ClientId = "", redirect_uri: RedirectUri = "", as_json: JsonFlag = False
) -> ExitCode:
    """Give an account other keys; it keeps its login and everything else. A running server has them in 5 seconds.

    API key and client secret are asked for; an empty line leaves one as it is. A pipe gives each on a line.
    """
    output = Output(as_json=as_json)
    api_key, client_secret = (_secret(f"New {label} (empty: as it is)") for label in ("API key", "client secret"))
    keys = Keys(client_id=client_id, client_secret=client_secret, api_key=api_key, redirect_uri=redirect_uri)

    async def work(house: House) -> AccountOverview:
        return await house.accounts.rotate(name, keys)

    rotated = with_house(work)
    output.document(document(rotated))
    output.line(f"Account '{name}' has its new keys.")
    return ExitCode.OK


def remove(
    name: Name,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Even while writes or jobs are under way; nobody follows them then.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Forget an account's keys and tokens. Its listings, orders, writes, jobs and prices stay: they are the history."""
    output = Output(as_json=as_json)
    if not yes:
        _confirm(output, name)

    async def work(house: House) -> LiveWork:
        return await house.accounts.remove(name, force=force)

    live = with_house(work)
    output.document({"account": name, "removed": True, "writes": live.writes, "jobs": live.jobs})
    output.line(f"Account '{name}' is removed: its keys and tokens are gone, its history stays.")
    if live.writes or live.jobs:
        left = f"{counted(live.writes, 'write')} and {counted(live.jobs, 'job')}"
        output.line(f"Nobody looks after {left} that were under way.", style="yellow")
    return ExitCode.OK


def login_command(account: str) -> str:
    """The one command that connects an account."""
    return f"`solegate auth login --account {account}`"


def document(account: AccountOverview) -> dict[str, Json]:
    """An account as JSON, without a secret."""
    return {
        "account": account.account,
        "standing": account.standing.value,
        "inUse": account.in_use,
        "keys": account.keys.value,
        "clientId": account.client_id,
        "redirectUri": account.redirect_uri,
        "currency": account.currency,
        "tokenExpiresAt": account.status.expires_at.isoformat() if account.status.expires_at else None,
        "addedAt": account.added_at.isoformat() if account.added_at else None,
        "changedAt": account.changed_at.isoformat() if account.changed_at else None,
    }


def _row(account: AccountOverview) -> tuple[object, ...]:
    text, style = STANDINGS[account.standing]
    return (
        account.account,
        "in use" if account.in_use else "",
        styled(text, style),
        f"{account.status.expires_at:%Y-%m-%d %H:%M}" if account.status.expires_at else "",
        account.currency,
        account.keys.value,
    )


def _why(account: AccountOverview) -> str:
    return "was never connected" if account.standing is Standing.NEVER_CONNECTED else "has to log in again"


def _asked(client_id: str, redirect_uri: str) -> Keys:
    client_id = client_id or _line("Client id")
    client_secret = _secret("Client secret")
    return Keys(client_id=client_id, client_secret=client_secret, api_key=_secret("API key"), redirect_uri=redirect_uri)


def _of_environment(redirect_uri: str) -> Keys:
    settings = load_settings()
    return Keys(
        client_id=settings.stockx_client_id,
        client_secret=settings.stockx_client_secret.get_secret_value(),
        api_key=settings.stockx_api_key.get_secret_value(),
        redirect_uri=redirect_uri,
    )


def _secret(label: str) -> str:
    """A secret that is typed without being shown, or the next line of a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    try:
        return getpass.getpass(f"{label}: ", stream=sys.stderr).strip()
    except (EOFError, KeyboardInterrupt):
        raise _interrupted() from None


def _line(label: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    try:
        sys.stderr.write(f"{label}: ")
        sys.stderr.flush()
        return input().strip()
    except (EOFError, KeyboardInterrupt):
        raise _interrupted() from None


def _confirm(output: Output, name: str) -> None:
    """Ask whoever types; a pipe has to say `--yes`.

    Raises:
        CommandError: the answer is no.
    """
    if not sys.stdin.isatty():
        hint = f"`solegate accounts remove {name} --yes` removes it without asking."
        raise CommandError("Nobody is here to ask.", exit_code=ExitCode.BAD_INPUT, hint=hint)
    output.note(f"This forgets the keys and tokens of account '{name}'. Its history stays.")
    if _line("Remove it? [y/N]").lower() not in {"y", "yes"}:
        raise CommandError("not removed.", exit_code=ExitCode.INTERRUPTED, hint=NOTHING_CHANGED)


def _interrupted() -> CommandError:
    return CommandError("interrupted.", exit_code=ExitCode.INTERRUPTED, hint=NOTHING_CHANGED)
