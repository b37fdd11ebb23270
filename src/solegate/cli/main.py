"""The `solegate` command line: its commands, and what happens when one of them fails."""

from __future__ import annotations

import inspect
import io
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from solegate import __version__
from solegate.cli import (
    accounts,
    auth,
    db,
    deliveries,
    events,
    guard,
    jobs,
    keys,
    orders,
    subscribers,
    sync,
    watches,
    webhooks,
    worker,
    writes,
)
from solegate.cli.demo import demo
from solegate.cli.doctor import doctor
from solegate.cli.enrich import enrich
from solegate.cli.failures import CommandError, ExitCode, describe, traceback_of
from solegate.cli.find import find
from solegate.cli.limits import limits
from solegate.cli.listing_findings import check_listings
from solegate.cli.listing_writes import (
    activate_listing,
    create_listing,
    deactivate_listing,
    delete_listing,
    update_listing,
)
from solegate.cli.listings import list_listings, show_listing
from solegate.cli.market import market
from solegate.cli.output import Output
from solegate.cli.payout import payout
from solegate.cli.prices import prices
from solegate.cli.run import name_account
from solegate.cli.search import search
from solegate.cli.serve import serve
from solegate.cli.simulator import simulator
from solegate.cli.sizes import sizes
from solegate.domain.jobs import JobKind

EXIT_CODES = (
    "Exit codes: 0 done, 1 unexpected, 2 bad input or setting, 3 not found or incomplete, 4 login needed, "
    "5 StockX unavailable or limit reached, 6 trouble on this machine, 130 interrupted."
)


def examples(*lines: str) -> str:
    """An epilog of example commands, one to a line."""
    return "\n".join(("Examples:", *(f"  solegate {line}" for line in lines)))


app = typer.Typer(
    name="solegate",
    help="Run a StockX business through StockX's public API without tripping over it.",
    epilog=f"{examples('demo', 'doctor', 'search dunk --help')}\n\n{EXIT_CODES}",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        Output().line(f"solegate {__version__}")
        raise typer.Exit


@app.callback()
def solegate(
    version: Annotated[  # noqa: ARG001 - it ends the command itself
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    account: Annotated[
        str | None,
        typer.Option(
            "--account",
            metavar="NAME",
            help="The StockX account that the command is about. [default: SOLEGATE_ACCOUNT, else the one in use]",
        ),
    ] = None,
) -> None:
    """Run a StockX business through StockX's public API without tripping over it."""
    name_account(account)


def _add(command: Callable[..., ExitCode], *lines: str, to: typer.Typer = app, name: str | None = None) -> None:
    """Add a command with examples of its use; its docstring is its help, with paragraphs as wide as the terminal."""
    paragraphs = inspect.cleandoc(command.__doc__ or "").split("\n\n")
    text = "\n\n".join(" ".join(each.split()) for each in paragraphs)
    to.command(name, help=text, epilog=examples(*lines))(command)


_add(demo, "demo", "demo --skus 10 --keep ./practice")
_add(doctor, "doctor", "doctor --json")
_add(search, "search 'dunk low'", "search jordan --brand Jordan --sort=-releaseDate --released-from 2023-01-01")
_add(enrich, "enrich DD1391-100 HQ4276", "enrich --csv skus.csv --currency USD")
_add(find, "find dunk --brand Nike --ask-max 150 --sort lowestAsk", "find --size 'EU 42.5' --in-stock --facet brand")
_add(sizes, "sizes DD1391-100", "sizes DD1391-100 --system EU --system UK")
_add(payout, "payout 150 --level 3", "payout 48000 --currency JPY --category watches")
_add(limits, "limits", "limits --day 2026-01-31 --json")
_add(market, "market DD1391-100", "market DD1391-100 --level 3 --json")
_add(prices, "prices PRODUCT_ID", "prices PRODUCT_ID --interval hour --json")
listings = typer.Typer(name="listings", help="Listings: what is for sale, and changing it.", no_args_is_help=True)
for _name, _command, *_lines in (
    ("list", list_listings, "listings list --status ACTIVE", "listings list --sku DD1391-100 --json"),
    ("show", show_listing, "listings show LISTING"),
    ("check", check_listings, "listings check", "listings check --sold --json"),
    ("create", create_listing, "listings create DD1391-100 --size 'US M 9' --price 150 --dry-run"),
    ("update", update_listing, "listings update LISTING --price 145 --yes"),
    ("activate", activate_listing, "listings activate LISTING --yes"),
    ("deactivate", deactivate_listing, "listings deactivate LISTING --yes"),
    ("delete", delete_listing, "listings delete LISTING --yes"),
):
    _add(_command, *_lines, to=listings, name=_name)
app.add_typer(listings)
app.add_typer(orders.app)
bulk = typer.Typer(name="jobs", help="Bulk jobs: thousands of rows of a CSV file at once.", no_args_is_help=True)
for _kind in JobKind:
    _add(jobs.starter(_kind), f"jobs {_kind} rows.csv --dry-run", f"jobs {_kind} rows.csv --yes", to=bulk, name=_kind)
for _name, _job_command in jobs.COMMANDS.items():
    _add(_job_command, f"jobs {_name} {'' if _name == 'list' else 'JOB'}".strip(), to=bulk, name=_name)
app.add_typer(bulk)
app.add_typer(sync.app)
app.add_typer(worker.app)
app.add_typer(writes.app)
app.add_typer(guard.app)
app.add_typer(auth.app)
accounts_app = typer.Typer(
    name="accounts", help="StockX accounts: their keys, and which one is meant.", no_args_is_help=True
)
for _name, _account_command, *_lines in (
    ("list", accounts.list_accounts, "accounts list", "accounts list --json"),
    ("add", accounts.add, "accounts add shop-japan --currency JPY", "accounts add shop-b --from-environment"),
    ("use", accounts.use, "accounts use shop-japan"),
    ("rotate-key", accounts.rotate_key, "accounts rotate-key shop-japan"),
    ("remove", accounts.remove, "accounts remove shop-japan", "accounts remove shop-japan --force --yes"),
):
    _add(_account_command, *_lines, to=accounts_app, name=_name)
app.add_typer(accounts_app)
app.add_typer(keys.app)
app.add_typer(events.app)
app.add_typer(watches.app)
app.add_typer(subscribers.app)
app.add_typer(deliveries.app)
app.add_typer(webhooks.app)
_add(simulator, "simulator", "simulator --port 0 --limits guide --tls")
_add(serve, "serve", "serve --port 9000")
app.add_typer(db.app)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    _make_streams_safe()
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = app(given, prog_name="solegate", standalone_mode=False)
        if code == ExitCode.INTERRUPTED:  # nobody said so yet: it was outside of what `run` guards
            raise CommandError("interrupted.", exit_code=ExitCode.INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the edge: every failure becomes words and an exit code
        return _fail(error, Output(as_json="--json" in given))
    return int(code or ExitCode.OK)


def _make_streams_safe() -> None:
    """A closed standard stream becomes the null device, and no character is too much for the others."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for the process
        elif isinstance(stream, io.TextIOWrapper) and mode == "w":
            stream.reconfigure(errors="replace")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """A polite stop, as service managers send it, ends a command the way Ctrl-C does.

    A shell script's background commands ignore Ctrl-C, but this stop is meant for them all the same.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.raise_signal(signal.SIGINT)


def _fail(error: Exception, output: Output) -> int:
    failure = describe(error)
    if os.environ.get("SOLEGATE_LOG_LEVEL", "").upper() == "DEBUG":
        output.note(traceback_of(error))
    if failure.message:
        failure.show(output)
    return int(failure.exit_code)
