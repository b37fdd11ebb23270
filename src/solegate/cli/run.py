"""How every command runs: settings, logs, an event loop, and an orderly end on Ctrl-C."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextvars import ContextVar
from typing import Any, TypeVar

from solegate.bootstrap import House, Services, open_house, open_services
from solegate.cli.failures import CommandError, ExitCode
from solegate.log import configure_logging
from solegate.settings import Settings

T = TypeVar("T")

NOTHING_CHANGED = "Nothing was changed."

_NAMED: ContextVar[str | None] = ContextVar("account named on the command line", default=None)


def name_account(account: str | None) -> None:
    """Let the command that follows be about this account (`solegate --account NAME COMMAND`)."""
    _NAMED.set(account)


def named_account() -> str | None:
    """The account named on the command line; `None`: the one that the settings name, else the one in use."""
    return _NAMED.get()


def load_settings() -> Settings:
    """Read the settings and set up logging by them.

    A command reports its failures itself, so it logs nothing more unless SOLEGATE_LOG_LEVEL asks for it.

    Raises:
        ValidationError: a setting is wrong; `failures` names it.
        CommandError: `.env` is no text.
    """
    try:
        settings = Settings()
    except UnicodeDecodeError:
        hint = "Save it as UTF-8, or remove it."
        raise CommandError("The file .env is not UTF-8 text.", exit_code=ExitCode.BAD_INPUT, hint=hint) from None
    set_up_logging(settings, level=settings.log_level if "log_level" in settings.model_fields_set else "CRITICAL")
    return settings


def set_up_logging(settings: Settings, *, level: str) -> None:
    """Log to standard error, without any of the settings' secrets."""
    secrets = (settings.stockx_client_secret, settings.stockx_api_key, settings.secret_key)
    configure_logging(level=level, style=settings.log_format, secrets=[each.get_secret_value() for each in secrets])


def run(story: Coroutine[Any, Any, T], *, kept: Callable[[], str] = lambda: NOTHING_CHANGED) -> T:
    """Run a command's coroutine to its end.

    Ctrl-C cancels it, so every `async with` in it closes what it opened, and becomes an error that says what was kept.
    """
    try:
        return asyncio.run(story)
    except KeyboardInterrupt:
        raise CommandError("interrupted.", exit_code=ExitCode.INTERRUPTED, hint=kept()) from None


def with_services(
    work: Callable[[Services], Awaitable[T]],
    *,
    changes: Mapping[str, object] | None = None,
    account: str | None = None,
    kept: Callable[[], str] = lambda: NOTHING_CHANGED,
) -> T:
    """Run a command that needs the services of an account, opened for it and closed after it.

    Args:
        work: the command.
        changes: settings by name, in place of those that were read.
        account: whose; the one named before the command unless given.
        kept: says what stays when it is interrupted.
    """
    settings = load_settings().model_copy(update=changes)

    async def story() -> T:
        async with open_services(settings, account=account or named_account()) as services:
            return await work(services)

    return run(story(), kept=kept)


def with_house(work: Callable[[House], Awaitable[T]], *, kept: Callable[[], str] = lambda: NOTHING_CHANGED) -> T:
    """Run a command about what all accounts share."""
    settings = load_settings()

    async def story() -> T:
        async with open_house(settings, account=named_account()) as house:
            return await work(house)

    return run(story(), kept=kept)
