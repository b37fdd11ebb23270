"""The doctor: looks for what keeps an installation from working, and says how to mend it.

It only looks. It creates no database and no key, and sends three requests: one each to the login and the API without
credentials, which costs no quota, and one search with them, once an account is connected.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path

from solegate.client.limiter import LimitStatus
from solegate.client.policy.outcome import Failed
from solegate.client.policy.rate import OFFICIAL
from solegate.client.service import CallOptions, StockXService
from solegate.client.transport import Transport, WireRequest
from solegate.clock import Clock
from solegate.db.engine import Database, head_revision
from solegate.db.repositories import SqlDriftStore
from solegate.db.secrets import SecretBox, keys_in
from solegate.domain.accounts import AccountState
from solegate.errors import ConfigurationError, DatabaseError, SolegateError
from solegate.services.account_directory import AccountDirectory, KeySource, Standing
from solegate.services.accounts import AccountService, AccountStatus
from solegate.services.guard import WriteGuard
from solegate.settings import Settings

TOLERATED_SKEW = 30.0
"""Seconds our clock may differ from StockX's before tokens and the quota's day suffer."""
LITTLE_LEFT = 0.1
"""Share of the day's quota that is worth a warning."""
MOST_DRIFTS = 20
"""News of StockX that are shown one by one."""
TIMEOUT = 10.0
"""Seconds to wait for a server to show that it is there."""


class Health(StrEnum):
    """How a check went. Only a problem keeps something from working."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: what was looked at; stable.
        health: how it is.
        summary: in one sentence.
        fix: what to do about it; empty when nothing is wrong.
    """

    check: str
    health: Health
    summary: str
    fix: str = ""


def is_sound(findings: Iterable[Finding]) -> bool:
    """Whether none of them is a problem."""
    return all(each.health is not Health.PROBLEM for each in findings)


def check_credentials(settings: Settings) -> Finding:
    """Whether StockX's application is configured."""
    needed = {
        "SOLEGATE_STOCKX_CLIENT_ID": settings.stockx_client_id,
        "SOLEGATE_STOCKX_CLIENT_SECRET": settings.stockx_client_secret.get_secret_value(),
        "SOLEGATE_STOCKX_API_KEY": settings.stockx_api_key.get_secret_value(),
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        fix = f"Set {', '.join(missing)}; StockX's developer portal shows all three."
        return Finding("credentials", Health.PROBLEM, f"{len(missing)} of 3 credentials are missing.", fix)
    if settings.stockx_api_key.get_secret_value() == settings.stockx_client_id:
        fix = "Copy the API key from StockX's developer portal; it is another value."
        return Finding("credentials", Health.PROBLEM, "The API key is the same as the client id.", fix)
    return Finding("credentials", Health.OK, "Client id, client secret and API key are set.")


def check_secret_key(settings: Settings) -> Finding:
    """Whether the key that encrypts stored tokens can be used."""
    key_file = settings.secret_key_file
    configured = settings.secret_key.get_secret_value()
    try:
        if configured:
            SecretBox(keys_in(configured))
            return Finding("secret key", Health.OK, "SOLEGATE_SECRET_KEY holds a valid key.")
        if not key_file.exists():
            return Finding("secret key", Health.OK, f"It will be made in {key_file} at the first use.")
        SecretBox(keys_in(key_file.read_text(encoding="ascii")))
    except ConfigurationError:
        where = "SOLEGATE_SECRET_KEY" if configured else f"The key file {key_file}"
        fix = "Give 32 random bytes in URL-safe base64, or remove it to have one made, and log in again."
        return Finding("secret key", Health.PROBLEM, f"{where} holds no valid key.", fix)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        fix = "Check its permissions, or set SOLEGATE_SECRET_KEY."
        return Finding("secret key", Health.PROBLEM, f"{key_file} cannot be read: {reason}.", fix)
    return Finding("secret key", Health.OK, f"The key file is {key_file}.")


async def check_database(database: Database) -> Finding:
    """Whether the database can be written and has the newest schema. An embedded one must exist: opening makes it."""
    try:
        found, newest = await database.revision(), head_revision()
        async with database.transaction():
            pass  # it takes the write lock and leaves everything as it is
    except DatabaseError as error:
        return Finding("database", Health.PROBLEM, error.message, error.hint)
    if found != newest:
        fix = "Run `solegate db upgrade`; if a newer Solegate wrote it, update this one."
        return Finding("database", Health.PROBLEM, f"{database.location} has schema {found}, not {newest}.", fix)
    return Finding("database", Health.OK, f"{database.location} can be written and is up to date.")


def check_new_database(file: Path) -> Finding:
    """Whether an embedded database that does not exist yet can be made."""
    folder = next(each for each in file.absolute().parents if each.exists())
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return Finding("database", Health.OK, f"It will be made in {file} at the first use.")
    fix = "Give yourself the right to write there, or set SOLEGATE_DATABASE_URL to another place."
    return Finding("database", Health.PROBLEM, f"{folder} cannot be written, so {file} cannot be made.", fix)


async def check_network(settings: Settings, transport: Transport, clock: Clock) -> tuple[Finding, ...]:
    """Whether login and API can be reached, and whether our clock agrees with theirs."""
    login, login_time = await _reach("login", settings.stockx_auth_url, "SOLEGATE_STOCKX_AUTH_URL", transport)
    login_skew = _skew(login_time, clock)
    api, api_time = await _reach("API", settings.stockx_api_url, "SOLEGATE_STOCKX_API_URL", transport)
    skew = login_skew if login_skew is not None else _skew(api_time, clock)
    return login, api, _check_clock(skew)


async def _reach(name: str, url: str, setting: str, transport: Transport) -> tuple[Finding, str | None]:
    """Any answer but a server's own failure will do: without credentials a refusal is the right one."""
    answer = await transport.send(WireRequest("GET", f"{url}/", {}, timeout=TIMEOUT))
    fix = f"Check the network, a proxy or firewall, and {setting}."
    if isinstance(answer, Failed):
        return Finding(name, Health.PROBLEM, f"{url} cannot be reached: {answer.detail}.", fix), None
    if answer.status >= 500:
        return Finding(name, Health.PROBLEM, f"{url} answers HTTP {answer.status}.", "Try again later."), None
    return Finding(name, Health.OK, f"{url} answers."), answer.headers.get("date")


def _skew(date: str | None, clock: Clock) -> float | None:
    """Seconds our clock is ahead of a `Date` header; `None` when there is none to read."""
    try:
        return (clock.now() - _aware(date)).total_seconds() if date else None
    except ValueError:
        return None


def _aware(date: str) -> datetime:
    moment = parsedate_to_datetime(date)
    if moment.tzinfo is None:
        raise ValueError("a date without a time zone says nothing")
    return moment


def _check_clock(skew: float | None) -> Finding:
    if skew is None:
        return Finding("clock", Health.WARNING, "No server told the time.", "Look again when one can be reached.")
    if abs(skew) > TOLERATED_SKEW:
        way = "ahead of" if skew > 0 else "behind"
        fix = "Turn on network time; tokens and the quota's day depend on the clock."
        return Finding("clock", Health.PROBLEM, f"This machine is {abs(skew):.0f} s {way} StockX.", fix)
    return Finding("clock", Health.OK, "This machine and StockX agree on the time.")


async def check_account(accounts: AccountService, stockx: StockXService) -> tuple[Finding, ...]:
    """How the account stands, whether StockX lets it in (1 request), and what its limits leave."""
    try:
        status = await accounts.status()
    except DatabaseError as error:
        return (Finding("account", Health.PROBLEM, error.message, error.hint),)
    account = _judge_account(status)
    access = (await _check_access(stockx),) if status.connected else ()
    return account, *access, _judge_limits(stockx.limits())


def _judge_account(status: AccountStatus) -> Finding:
    if status.connected:
        return Finding("account", Health.OK, f"Account '{status.account}' is connected.")
    ended = status.state is AccountState.NEEDS_REAUTH
    why = "has to log in again: StockX ended its login" if ended else "was never connected"
    return Finding("account", Health.PROBLEM, f"Account '{status.account}' {why}.", "Run `solegate auth login`.")


async def check_other_accounts(directory: AccountDirectory) -> tuple[Finding, ...]:
    """Which accounts besides the one in use wait for a login; commands about the others go on, so it is no problem."""
    try:
        every = await directory.all()
    except DatabaseError as error:
        return (Finding("accounts", Health.PROBLEM, error.message, error.hint),)
    waiting = [
        each.account
        for each in every
        if not each.in_use and each.keys is not KeySource.MISSING and each.standing is not Standing.CONNECTED
    ]
    if not waiting:
        return ()
    fix = f"Run `solegate auth login --account {waiting[0]}`, and so on."
    return (Finding("accounts", Health.WARNING, f"Not connected: {', '.join(waiting)}.", fix),)


async def _check_access(stockx: StockXService) -> Finding:
    try:
        await stockx.search_stockx_catalog(
            "nike", page_size=1, options=CallOptions(deadline=TIMEOUT, max_age=0.0, max_attempts=1)
        )
    except SolegateError as error:
        return Finding("access", Health.PROBLEM, error.message, error.hint)
    return Finding("access", Health.OK, "StockX accepts the API key and the account's token.")


def _judge_limits(limits: LimitStatus) -> Finding:
    quota = "no daily quota" if limits.left is None else f"{limits.used:,} of {limits.profile.per_day:,} used today"
    summary = f"{limits.rate:g} requests/s ({limits.profile.name}), {quota}."
    if limits.left is not None and limits.left <= LITTLE_LEFT * (limits.profile.per_day or 0):
        return Finding("limits", Health.WARNING, summary, "Wait for 00:00 UTC, when the quota starts anew.")
    if limits.profile.rate > OFFICIAL.rate:
        fix = "StockX documents 1 request/s; keep more only if it permits your account more."
        return Finding("limits", Health.WARNING, summary, fix)
    return Finding("limits", Health.OK, summary)


async def check_drift(database: Database) -> tuple[Finding, ...]:
    """What StockX's answers hold that this version does not know; it breaks nothing, so it is no problem."""
    try:
        seen = await SqlDriftStore(database).all()
    except DatabaseError as error:
        return (Finding("drift", Health.PROBLEM, error.message, error.hint),)
    if not seen:
        return (Finding("drift", Health.OK, "StockX answers as this version knows it."),)
    told = [
        f"{each.drift.where} in {each.drift.operation}: {each.drift.kind.value.replace('_', ' ')}, seen {each.count:,} "
        f"times from {each.first_seen:%Y-%m-%d} to {each.last_seen:%Y-%m-%d}"
        for each in seen[:MOST_DRIFTS]
    ]
    more = f"\nand {len(seen) - MOST_DRIFTS} more" if len(seen) > MOST_DRIFTS else ""
    fix = "Nothing breaks on it; look for a newer Solegate that makes use of it."
    return (Finding("drift", Health.WARNING, "StockX has added:\n" + "\n".join(told) + more, fix),)


async def check_writes(guard: WriteGuard) -> tuple[Finding, ...]:
    """Whether writes go on; somebody who stopped them meant it, so it is no problem."""
    try:
        status = await guard.status()
    except DatabaseError as error:
        return (Finding("writes", Health.PROBLEM, error.message, error.hint),)
    if status.stop is None:
        return (Finding("writes", Health.OK, f"Nothing stops writes; {status.used.writes:,} were planned today."),)
    why = f": {status.stop.reason}" if status.stop.reason else "."
    since = f"{status.stop.at:%Y-%m-%d %H:%M} UTC by {status.stop.actor}"
    fix = "Run `solegate guard go` to let them go on."
    return (Finding("writes", Health.WARNING, f"Every write is stopped since {since}{why}", fix),)
