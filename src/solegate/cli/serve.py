"""`solegate serve`: the HTTP API."""

from __future__ import annotations

import os
import socket
from typing import Annotated

import typer
import uvicorn

from solegate.bootstrap import open_services
from solegate.cli.failures import CommandError, ExitCode
from solegate.cli.output import JsonFlag, Output
from solegate.cli.run import load_settings, run, set_up_logging
from solegate.settings import Settings


def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on. [default: 8000]")] = None,
    works: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Do the background work in this process too, on SQLite.")
    ] = True,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Start the HTTP API; Ctrl-C ends it.

    It listens on this machine only unless told otherwise, here or by SOLEGATE_HOST. Its pages about itself are at
    `/docs`.
    """
    output = Output(as_json=as_json)
    settings = load_settings()
    set_up_logging(settings, level=settings.log_level)
    with _listening(host or settings.host, settings.port if port is None else port) as server:
        run(_prove(settings))
        url = _url(server)
        output.document({"url": url})
        output.line(f"Solegate's API listens on {url}, its documentation is at {url}/docs. Ctrl-C ends it.")
        if not works or settings.database_file is None:
            output.line("Jobs, syncs and other background work need a `solegate worker` beside it.")
        # By name: the web framework is no burden on the start of every other command.
        factory = "solegate.app:create_working_app" if works else "solegate.app:create_app"
        config = uvicorn.Config(factory, factory=True, log_config=None, server_header=False)
        serve_until_stopped(config, server)
    if not as_json:
        output.note("The API is closed.")
    return ExitCode.OK


def serve_until_stopped(config: uvicorn.Config, listening: socket.socket) -> None:
    """Run the server until Ctrl-C, the way it is meant to end; uvicorn has closed everything by then.

    Raises:
        CommandError: the application did not start.
    """
    server = uvicorn.Server(config)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        return
    except SystemExit:  # uvicorn's way to give up
        pass
    if not server.started:
        hint = "`solegate doctor` looks for the cause."
        raise CommandError("The API did not start.", exit_code=ExitCode.LOCAL_TROUBLE, hint=hint)


async def _prove(settings: Settings) -> None:
    """Open everything once, so that what cannot be opened is told in words, before the server starts."""
    async with open_services(settings):
        pass


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        CommandError: the port is in use, or the address is not ours.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise CommandError(
            f"The API cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}.",
            exit_code=ExitCode.LOCAL_TROUBLE,
            hint="Take another one: `solegate serve --port 0` finds any that is free.",
        ) from None


def _url(server: socket.socket) -> str:
    host, port = server.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
