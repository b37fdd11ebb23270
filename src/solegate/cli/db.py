"""`solegate db`: the local database's schema."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from solegate.bootstrap import House
from solegate.cli.failures import CommandError, ExitCode
from solegate.cli.output import Json, JsonFlag, Output, counted
from solegate.cli.run import load_settings, run, with_house
from solegate.db.engine import Database, head_revision
from solegate.db.repositories.sealed import seal_anew
from solegate.db.secrets import keep_newest_key, put_new_key_first
from solegate.services.search.reindex import reindex as index_anew

app = typer.Typer(name="db", help="Look after the local database.", no_args_is_help=True)


@app.command()
def upgrade(*, as_json: JsonFlag = False) -> ExitCode:
    """Bring the database's schema up to date; every other command does so by itself."""
    output = Output(as_json=as_json)

    async def work(database: Database) -> None:
        await database.upgrade()
        await _show(output, database)

    _with_database(work)
    return ExitCode.OK


@app.command()
def status(*, as_json: JsonFlag = False) -> ExitCode:
    """Show where the database is and which schema it has."""
    output = Output(as_json=as_json)
    _with_database(lambda database: _show(output, database))
    return ExitCode.OK


@app.command()
def rekey(
    *,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make a new key in the key file first, and forget the old one at the end.")
    ] = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Encrypt every stored secret anew with the newest key.

    With keys in SOLEGATE_SECRET_KEY: put a new one first, restart every process, run this, then take the old one out.
    With a key file: stop every process and run this with `--new-key`.
    """
    output = Output(as_json=as_json)
    settings = load_settings()
    in_file = not settings.secret_key.get_secret_value()
    if new_key and not in_file:
        raise CommandError(
            "The keys are in SOLEGATE_SECRET_KEY, not in a file.",
            exit_code=ExitCode.BAD_INPUT,
            hint="Put the new key first in it, before a comma and the old one, and leave `--new-key` out.",
        )
    if new_key:
        put_new_key_first(settings.secret_key_file)

    async def work(house: House) -> int:
        return await seal_anew(house.database, house.box)

    count = with_house(work)
    if new_key:
        keep_newest_key(settings.secret_key_file)
    output.document({"sealed": count, "newKey": new_key})
    output.line(f"{counted(count, 'secret is', 'secrets are')} encrypted with the newest key.")
    if new_key:
        output.line(f"The old key is out of {settings.secret_key_file}; the new one opens everything.")
    return ExitCode.OK


@app.command()
def reindex(*, as_json: JsonFlag = False) -> ExitCode:
    """Make the index of `solegate find` anew; interrupted, it goes on where it was."""
    output = Output(as_json=as_json)

    async def work(house: House) -> int:
        with output.progress("Products", None) as bar:
            return await index_anew(house.database, progress=bar.at)

    count = with_house(work, kept=lambda: "What is indexed is kept; run it again to go on.")
    output.document({"products": count})
    output.line(f"{counted(count, 'product is', 'products are')} indexed.")
    return ExitCode.OK


def _with_database(work: Callable[[Database], Awaitable[None]]) -> None:
    settings = load_settings()

    async def story() -> None:
        async with Database(settings.resolved_database_url()) as database:
            await work(database)

    run(story())


async def _show(output: Output, database: Database) -> None:
    found, newest = await database.revision(), head_revision()
    current = found == newest
    document: dict[str, Json] = {"database": database.location, "revision": found, "head": newest, "current": current}
    output.document(document)
    output.line(f"Database: {database.location}")
    output.line(f"Schema:   {found or 'none'}{' (up to date)' if current else f', newest is {newest}'}")
    if not current:
        output.line("`solegate db upgrade` brings it up to date.")
