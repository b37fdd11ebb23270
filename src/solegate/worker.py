"""`python -m solegate.worker`: a process that does background work until it is told to stop.

SIGTERM or SIGINT: it takes nothing new, lets the running steps end, gives the rest back, and ends. A second signal: it
stops at once; every lease is given back all the same. `solegate worker` becomes this process.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from pydantic import ValidationError

from solegate.background import ALL_LANES, EngineName, house_loop, roster_of, runner_of, work
from solegate.bootstrap import House, open_house
from solegate.client.policy.call import Lane
from solegate.errors import ConfigurationError, SolegateError
from solegate.jobs.engine import DbosEngine
from solegate.jobs.local import GRACE_SECONDS
from solegate.jobs.port import Engine
from solegate.jobs.processes import new_worker_id
from solegate.log import configure_logging, get_logger
from solegate.settings import Settings

STOPPED_AT_ONCE = 130
_TROUBLE = 6
"""Exit code of the command line for trouble on this machine."""

_log = get_logger("worker")


def main(arguments: Sequence[str] | None = None) -> int:
    """Work until a signal comes; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = Settings()
    except ValidationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    secrets = (settings.stockx_client_secret, settings.stockx_api_key, settings.secret_key)
    configure_logging(
        level=settings.log_level, style=settings.log_format, secrets=[each.get_secret_value() for each in secrets]
    )
    try:
        return asyncio.run(_serve(settings, options))
    except SolegateError as error:
        sys.stderr.write(f"{error}\n")
        return _TROUBLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="solegate worker", description=main.__doc__)
    parser.add_argument("--engine", choices=("local", "dbos"), help="local on SQLite, dbos on PostgreSQL")
    parser.add_argument("--lanes", nargs="+", choices=[each.value for each in Lane], help="serve these lanes only")
    parser.add_argument("--account", help="work for this account only")
    parser.add_argument("--grace", type=float, default=GRACE_SECONDS, help="seconds for running steps to end")
    return parser


async def _serve(settings: Settings, options: argparse.Namespace) -> int:
    """Open everything, work, and close it.

    Raises:
        SolegateError: something cannot be opened.
    """
    on_sqlite = settings.database_file is not None
    name: EngineName = options.engine or ("local" if on_sqlite else "dbos")
    if name == "dbos" and on_sqlite:
        raise ConfigurationError("The engine dbos needs PostgreSQL.", hint="Set SOLEGATE_DATABASE_URL, or use local.")
    order = list(Lane)
    lanes = [order.index(Lane(each)) for each in options.lanes] if options.lanes else list(ALL_LANES)
    stop, worker = asyncio.Event(), new_worker_id()
    async with open_house(settings) as house:
        if options.account:
            await house.of(options.account)
        engine = _engine(house, name, worker, lanes, options)
        working = asyncio.create_task(work(house, engine, worker=worker, name=name, stop=stop))
        _obey_signals(working, stop)
        sys.stdout.write(f"Worker {worker} works on {house.database.location} with the engine {name}.\n")
        sys.stdout.flush()
        with suppress(asyncio.CancelledError):
            await working
    _log.info("worker_ended", worker=worker)
    return STOPPED_AT_ONCE if working.cancelled() else 0


def _engine(house: House, name: EngineName, worker: str, lanes: Sequence[int], options: argparse.Namespace) -> Engine:
    if name == "local":
        return house_loop(house, worker, only=options.account, lanes=lanes, grace=options.grace)
    return DbosEngine(
        runner_of(house, worker),
        house.database,
        url=house.settings.resolved_database_url(),
        roster=roster_of(house, options.account),
        scope=options.account or "",
        worker=worker,
        clock=house.clock,
        metrics=house.metrics,
        lanes=lanes,
        grace=options.grace,
    )


def _obey_signals(working: asyncio.Task[None], stop: asyncio.Event) -> None:
    """The first signal drains, the second stops."""

    def obey() -> None:
        if stop.is_set():
            working.cancel()
        stop.set()

    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, obey)


if __name__ == "__main__":
    sys.exit(main())
