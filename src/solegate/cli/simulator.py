"""`solegate simulator`: the practice StockX on a port."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from enum import StrEnum
from typing import Annotated

import typer

from solegate.cli.failures import CommandError, ExitCode
from solegate.cli.output import Json, JsonFlag, Output
from solegate.cli.practice import environment
from solegate.simulator import (
    Limits,
    Scenario,
    ServerHandle,
    Simulator,
    SimulatorConfig,
    load_scenario,
    running_server,
)


class LimitChoice(StrEnum):
    """What the practice market enforces."""

    OFFICIAL = "official"
    GUIDE = "guide"
    OFF = "off"

    def limits(self) -> Limits:
        """The limits of this choice."""
        return {"official": Limits.official, "guide": Limits.guide, "off": Limits.off}[self]()


def simulator(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8765,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="Decides catalog and prices; the same seed gives the same market.")] = 1,
    limits: Annotated[LimitChoice, typer.Option(help="Request limits it enforces.")] = LimitChoice.OFFICIAL,
    tls: Annotated[bool, typer.Option("--tls", help="Serve HTTPS with a certificate made for this run.")] = False,
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario",
            help="What happens and when: calm-day, drop-day, bad-day, or a YAML file. Its seed and limits go first.",
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Start the practice StockX; Ctrl-C ends it.

    It has a login, a catalog, moving prices and strict limits. Nothing it does reaches the real StockX. The settings
    it prints make every other command talk to it.
    """
    output = Output(as_json=as_json)
    course, market = _prepared(scenario, SimulatorConfig(seed=seed, limits=limits.limits()))
    with suppress(KeyboardInterrupt):  # the way it is meant to end
        asyncio.run(_serve(market, course, output, host=host, port=port, tls=tls, limits=limits))
    if not as_json:
        output.note("The practice market is closed.")
    return ExitCode.OK


def _prepared(name: str | None, config: SimulatorConfig) -> tuple[Scenario | None, Simulator]:
    """The market with its scenario under way, if there is one."""
    try:
        course = load_scenario(name) if name is not None else None
        return course, Simulator(config, scenario=course)
    except ValueError as error:
        reason = str(error).removeprefix(f"{name}: ")
        raise CommandError(f"The scenario {name} cannot be played: {reason}.", exit_code=ExitCode.BAD_INPUT) from None


async def _serve(
    market: Simulator,
    course: Scenario | None,
    output: Output,
    *,
    host: str,
    port: int,
    tls: bool,
    limits: LimitChoice,
) -> None:
    async with AsyncExitStack() as stack:
        try:
            handle = await stack.enter_async_context(running_server(market, host=host, port=port, tls=tls))
        except OSError as error:
            hint = "`solegate simulator --port 0` takes any port that is free."
            message = f"The practice market cannot start: {error.strerror or error}."
            raise CommandError(message, exit_code=ExitCode.LOCAL_TROUBLE, hint=hint) from None
        _announce(output, market, course, handle, limits)
        await asyncio.Event().wait()


def _announce(
    output: Output, market: Simulator, course: Scenario | None, handle: ServerHandle, limits: LimitChoice
) -> None:
    named = "scenario" if course and course.limits else limits.value
    profile = "official" if limits is LimitChoice.OFFICIAL else "guide"
    settings = environment(market.config, handle, profile=profile)
    document: dict[str, Json] = {
        "url": handle.base_url,
        "port": handle.port,
        "limits": named,
        "scenario": course.name if course else None,
        "products": len(market.catalog.products),
        "environment": settings,
    }
    output.document(document)
    output.line(f"The practice StockX listens on {handle.base_url} (limits: {named}). Ctrl-C ends it.")
    if course:
        _tell(output, course)
    output.line("In another shell, use it with:")
    output.line()
    for name, value in settings.items():
        output.line(f"  export {name}={value}")
    output.line("  solegate auth login")
    output.line(f"  solegate search {market.catalog.products[0].codes[0]}")


def _tell(output: Output, course: Scenario) -> None:
    output.line(f"Scenario: {course.name}. {course.description}".rstrip())
    for line in course.overview():
        output.line(f"  {line}")
