"""`solegate auth`: connect a StockX account, and see how it stands."""

from __future__ import annotations

import asyncio
import os
import webbrowser
from typing import Annotated

import typer

from solegate.bootstrap import House, Services
from solegate.cli.accounts import STANDINGS, login_command
from solegate.cli.callback import callback_server, can_listen
from solegate.cli.failures import CommandError, ExitCode
from solegate.cli.output import Json, JsonFlag, Output
from solegate.cli.run import load_settings, with_house, with_services
from solegate.errors import CredentialsMissingError, SolegateError
from solegate.services.account_directory import AccountOverview
from solegate.services.accounts import AccountStatus, LoginAttempt

NOT_CONNECTED = "The account is as it was; run `solegate auth login` again."

app = typer.Typer(name="auth", help="Connect the StockX account, and see how it stands.", no_args_is_help=True)


OfAccount = Annotated[
    str | None, typer.Option("--account", metavar="NAME", help="Whose. [default: the account in use]")
]


@app.command()
def login(
    *,
    account: OfAccount = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address; you paste where StockX sends you.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=1, metavar="SECONDS", help="How long to wait for you.")] = 300,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Log in at StockX once; tokens are renewed by themselves from then on.

    The browser opens StockX's page, where you allow your application to act for you, and comes back to the account's
    redirect address, which must be registered with StockX exactly as it is written. An account that has to log in
    again keeps everything it has.
    """
    output = Output(as_json=as_json)
    settings = load_settings()
    if not settings.has_credentials and settings.database_file is not None and not settings.database_file.exists():
        raise CredentialsMissingError("The StockX application is not configured.")  # and no database is made for that
    redirect_uri = with_services(_redirect_uri, account=account)
    if no_browser or not can_listen(redirect_uri):
        status = _by_hand(output, account)
    else:
        status = with_services(
            lambda services: _in_browser(output, services, timeout), account=account, kept=lambda: NOT_CONNECTED
        )
    output.document(_document(status))
    output.line(f"Account '{status.account}' is connected. Its tokens are renewed by themselves.")
    return ExitCode.OK


@app.command()
def status(
    *,
    account: OfAccount = None,
    every: Annotated[bool, typer.Option("--all", help="Of every account.")] = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show whether the account is connected; asks only the local database."""
    output = Output(as_json=as_json)
    if every:
        return _status_of_all(output)

    async def work(services: Services) -> AccountStatus:
        return await services.accounts.status()

    found = with_services(work, account=account)
    output.document(_document(found))
    if found.connected:
        output.line(f"Account '{found.account}' is connected.")
        output.line(f"Its access token ends {found.expires_at:%Y-%m-%d %H:%M} UTC and is renewed before.")
        return ExitCode.OK
    reason = "was never connected" if found.state is None else "has to log in again"
    output.line(f"Account '{found.account}' {reason}: run {login_command(found.account)}.")
    return ExitCode.LOGIN_NEEDED


def _status_of_all(output: Output) -> ExitCode:
    """How every account stands; fails unless all of them are connected."""

    async def work(house: House) -> tuple[AccountOverview, ...]:
        return await house.accounts.all()

    found = with_house(work)
    output.document({"accounts": [_document(each.status) for each in found]})
    for each in found:
        text, style = STANDINGS[each.standing]
        mend = "" if each.status.connected else f": run {login_command(each.account)}"
        output.line(f"{each.account}  {text}{mend}", style=style)
    return ExitCode.OK if all(each.status.connected for each in found) else ExitCode.LOGIN_NEEDED


async def _redirect_uri(services: Services) -> str:
    """Where the login ends; an account without keys cannot begin one."""
    return services.accounts.redirect_uri


async def _in_browser(output: Output, services: Services, timeout: float) -> AccountStatus:  # noqa: ASYNC109 - the person's
    """The person logs in in the browser, which brings the code back by itself."""
    attempt = services.accounts.start_login()
    try:
        async with callback_server(services.accounts.redirect_uri, state=attempt.state) as came_back:
            output.note(f"Your browser should open now. If it does not, open this address:\n{attempt.url}")
            if not await asyncio.to_thread(webbrowser.open, attempt.url):
                output.note(
                    "No browser was found here: Ctrl-C, then `solegate auth login --no-browser`, works without."
                )
            async with asyncio.timeout(timeout):
                redirect = await came_back
            try:
                connected = await services.accounts.finish_login(attempt, redirect.url)
            except SolegateError as error:
                await redirect.answer(f"The login failed. {error}")
                raise
            await redirect.answer("Solegate is connected to StockX. You can close this page.")
            return connected
    except TimeoutError:
        message = f"Nobody came back from StockX's login page within {timeout:g} seconds."
        raise CommandError(message, exit_code=ExitCode.LOGIN_NEEDED, hint=NOT_CONNECTED) from None
    except OSError as error:
        raise CommandError(
            f"The address {services.accounts.redirect_uri} cannot be listened on: {os.strerror(error.errno or 0)}.",
            exit_code=ExitCode.LOCAL_TROUBLE,
            hint="Stop what uses that port, or run `solegate auth login --no-browser`.",
        ) from None


def _by_hand(output: Output, account: str | None) -> AccountStatus:
    """The person carries the redirect's address over. Nothing is open while waiting for it."""

    async def start(services: Services) -> LoginAttempt:
        return services.accounts.start_login()

    attempt = with_services(start, account=account)
    output.note(f"Open this address in a browser and allow the application:\n{attempt.url}\n")
    output.note("Your browser then goes to an address that may not load. Paste that whole address here:")
    try:
        redirect = input().strip()
    except EOFError:
        redirect = ""
    except KeyboardInterrupt:
        raise CommandError("interrupted.", exit_code=ExitCode.INTERRUPTED, hint=NOT_CONNECTED) from None

    async def finish(services: Services) -> AccountStatus:
        return await services.accounts.finish_login(attempt, redirect)

    return with_services(finish, account=account, kept=lambda: NOT_CONNECTED)


def _document(status: AccountStatus) -> dict[str, Json]:
    return {
        "account": status.account,
        "state": status.state.value if status.state else None,
        "connected": status.connected,
        "tokenExpiresAt": status.expires_at.isoformat() if status.expires_at else None,
        "tokenVersion": status.version,
    }
