"""`solegate webhooks sources`: who may send webhooks, and by which secrets they are believed."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.output import Json, JsonFlag, Output, counted
from solegate.cli.run import with_services
from solegate.domain.webhooks.values import Source, SourceKind
from solegate.errors import InvalidInputError
from solegate.services.webhooks.sources import NewSource

_SHOWN_ONCE = "The secret is shown this once: give it to the sender, and keep it where secrets are kept."

app = typer.Typer(name="sources", help="Who may send webhooks.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the source: the last part of its address.")]
OwnSecret = Annotated[
    bool,
    typer.Option(
        "--own-secret", help="The sender chose the secret: it is asked for, or read from standard input in a pipe."
    ),
]


@app.command("list")
def list_sources(*, as_json: JsonFlag = False) -> ExitCode:
    """List the sources of the account; no secret is shown."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> tuple[Source, ...]:
        return await services.webhooks.sources.all()

    found = with_services(work)
    output.document({"sources": [_document(each) for each in found]})
    if found:
        output.table(("Source", "Kind", "Sends to", "Secrets", "Options"), [_row(each) for each in found])
    else:
        output.line("Nobody may send webhooks yet: `solegate webhooks sources add NAME --kind KIND`.")
    return ExitCode.OK


@app.command()
def add(
    name: Name,
    *,
    kind: Annotated[SourceKind, typer.Option(help="How it shows that it is the one.")],
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="NAME=VALUE", help="What else is known of how it signs; repeat for more."),
    ] = None,
    own_secret: OwnSecret = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Let somebody send webhooks. Its secret is made and shown this once, or given with --own-secret.

    Kinds: `standard` signs after Standard Webhooks. `hmac` has an HMAC in a header; say which one by
    --option header=X-Signature, and more by algorithm, encoding, prefix, timestamp-header, id-header, template, type,
    subject, occurred-at. `kicksdb` is KicksDB. `poke` says that it is time to look at StockX.
    """
    output = Output(as_json=as_json)
    options = dict(map(_option, option or ()))
    secret = _asked_secret() if own_secret or kind is SourceKind.KICKSDB else ""

    async def work(services: Services) -> NewSource:
        return await services.webhooks.sources.add(name, kind, options=options, secret=secret)

    new = with_services(work)
    output.document({**_document(new.source), "secret": new.secret})
    output.line(f"'{name}' may send webhooks now, to /webhooks/{name} on the server.")
    _show_secret(output, new)
    return ExitCode.OK


@app.command()
def rotate(
    name: Name,
    *,
    overlap: Annotated[int, typer.Option(min=0, max=720, help="Hours for which the old secrets count as well.")] = 24,
    own_secret: OwnSecret = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Give a source a new secret; the old ones count as well for a while, or no more with --overlap 0."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> NewSource:
        source = await services.webhooks.sources.get(name)
        secret = _asked_secret() if own_secret or source.kind is SourceKind.KICKSDB else ""
        return await services.webhooks.sources.rotate(name, secret=secret, overlap=timedelta(hours=overlap))

    new = with_services(work)
    output.document({**_document(new.source), "secret": new.secret})
    output.line(f"'{name}' has a new secret. The old one counts for {counted(overlap, 'hour')} more.")
    _show_secret(output, new)
    return ExitCode.OK


@app.command()
def remove(name: Name, *, as_json: JsonFlag = False) -> ExitCode:
    """Let a source send nothing any more: a running server knows within five seconds. What it sent stays."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> Source:
        return await services.webhooks.sources.remove(name)

    source = with_services(work)
    output.document(_document(source))
    output.line(f"'{name}' may send no webhooks any more.")
    return ExitCode.OK


def _show_secret(output: Output, new: NewSource) -> None:
    if new.secret:
        output.line(new.secret)
        output.note(_SHOWN_ONCE)


def _asked_secret() -> str:
    """The secret that the sender chose; it is no argument, which others on the machine could see."""
    if sys.stdin.isatty():
        return str(typer.prompt("Secret", hide_input=True)).strip()
    return sys.stdin.readline().strip()


def _option(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found:
        raise InvalidInputError(f"'{text}' is no option; write NAME=VALUE.")
    return name.strip(), value


def _document(source: Source) -> dict[str, Json]:
    return {
        "name": source.name,
        "kind": source.kind.value,
        "path": f"/webhooks/{source.name}",
        "options": dict(source.options),
        "secrets": [{"until": each.until.isoformat() if each.until else None} for each in source.secrets],
        "createdAt": source.created_at.isoformat(),
        "updatedAt": source.updated_at.isoformat(),
    }


def _row(source: Source) -> tuple[object, ...]:
    options = ", ".join(f"{name}={value}" for name, value in source.options.items())
    return source.name, source.kind.value, f"/webhooks/{source.name}", len(source.secrets), options
