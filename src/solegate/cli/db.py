"""`solegate db`: the local database's schema."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import typer

from solegate.cli.failures import ExitCode
from solegate.cli.output import Json, JsonFlag, Output
from solegate.cli.run import load_settings, run
from solegate.db.engine import Database, head_revision

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
