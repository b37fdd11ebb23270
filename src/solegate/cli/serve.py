"""`solegate serve`: the HTTP API."""

from __future__ import annotations

import gc
import os
import pkgutil
import socket
from collections.abc import Callable
from typing import Annotated

import typer
import uvicorn

from solegate.bootstrap import open_house
from solegate.cli.failures import CommandError, ExitCode
from solegate.cli.output import JsonFlag, Output
from solegate.cli.run import load_settings, named_account, run, set_up_logging
from solegate.services.api_keys import NewKey
from solegate.settings import LOOPBACK, Settings


def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on. [default: 8000]")] = None,
    works: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Do the background work in this process too, on SQLite.")
    ] = True,
    open_to_all: Annotated[
        bool, typer.Option("--open", help="Ask for no API key: for development, on a loopback address only.")
    ] = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Start the HTTP API; Ctrl-C ends it.

    It listens on this machine only unless told otherwise, here or by SOLEGATE_HOST. Its pages about itself are at
    `/docs`. At the very first start it makes an API key for everything and shows it once.
    """
    output = Output(as_json=as_json)
    settings = _settings(host, port, open_to_all)
    set_up_logging(settings, level=settings.log_level)
    with _listening(settings.host, settings.port) as server:
        first = run(_prove(settings))
        url = _url(server)
        output.document({"url": url} | ({"apiKey": first.text} if first else {}))
        output.line(f"Solegate's API listens on {url}, its documentation is at {url}/docs. Ctrl-C ends it.")
        if not works or settings.database_file is None:
            output.line("Jobs, syncs and other background work need a `solegate worker` beside it.")
        if settings.open_on_loopback:
            output.line("It asks nobody on this machine for an API key: for development only.")
        if first:
            output.line(f"Its first API key, for everything: {first.text}")
            output.line("It is shown this once and kept nowhere, not even here; `solegate keys create` makes others.")
        # By name: the web framework is no burden on the start of every other command.
        application = pkgutil.resolve_name("solegate.app:create_app")(settings, works=works, account=named_account())
        close = pkgutil.resolve_name("solegate.api.closing:close")
        config = uvicorn.Config(application, log_config=None, server_header=False)
        gc.freeze()  # what is there now stays: looking through all of it would hold up every request for 100 ms
        serve_until_stopped(config, server, lambda: close(application))
    if not as_json:
        output.note("The API is closed.")
    return ExitCode.OK


class _Server(uvicorn.Server):
    """A server that tells its application when it is told to stop: uvicorn itself waits for endless answers."""

    def __init__(self, config: uvicorn.Config, told: Callable[[], None]) -> None:
        super().__init__(config)
        self._told = told

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let the streams end, then everything else."""
        self._told()
        await super().shutdown(sockets)


def serve_until_stopped(
    config: uvicorn.Config, listening: socket.socket, told: Callable[[], None] = lambda: None
) -> None:
    """Run the server until Ctrl-C, the way it is meant to end; uvicorn has closed everything by then.

    Args:
        config: of uvicorn.
        listening: the socket.
        told: is called when the server is told to stop.

    Raises:
        CommandError: the application did not start.
    """
    server = _Server(config, told)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        return
    except SystemExit:  # uvicorn's way to give up
        pass
    if not server.started:
        hint = "`solegate doctor` looks for the cause."
        raise CommandError("The API did not start.", exit_code=ExitCode.LOCAL_TROUBLE, hint=hint)


def _settings(host: str | None, port: int | None, open_to_all: bool) -> Settings:
    """The settings, with what the command line says instead.

    Raises:
        CommandError: it would be open to other machines.
    """
    settings = load_settings()
    changes: dict[str, object] = {"host": host or settings.host, "port": settings.port if port is None else port}
    if open_to_all or settings.open_on_loopback:
        if changes["host"] not in LOOPBACK:
            raise CommandError(
                f"Without API keys it listens on a loopback address only, not on {changes['host']}.",
                exit_code=ExitCode.BAD_INPUT,
                hint="Leave out `--open` (SOLEGATE_OPEN_ON_LOOPBACK), and use a key.",
            )
        changes["open_on_loopback"] = True
    return settings.model_copy(update=changes)


async def _prove(settings: Settings) -> NewKey | None:
    """Open everything once, so that what cannot be opened is told in words, before the server starts.

    Returns:
        The installation's first API key, if it had none and needs one.
    """
    async with open_house(settings, account=named_account()) as house:
        await house.of(house.default)
        return None if settings.open_on_loopback else await house.keys.first(actor="solegate serve")


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        CommandError: the port is in use, or the address is not ours.
    """
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise CommandError(
            f"The API cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}.",
            exit_code=ExitCode.LOCAL_TROUBLE,
            hint="Take another one: `solegate serve --port 0` finds any that is free.",
        ) from None
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # inherited; without it each answer waits 40 ms
    return listening


def _url(server: socket.socket) -> str:
    host, port = server.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
