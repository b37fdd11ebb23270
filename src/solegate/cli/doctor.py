"""`solegate doctor`: what keeps this installation from working, and how to mend it."""

from __future__ import annotations

from pydantic import ValidationError

from solegate.bootstrap import client_config, open_house
from solegate.cli.failures import CommandError, ExitCode, wrong_settings
from solegate.cli.output import JsonFlag, Output, counted, styled
from solegate.cli.run import load_settings, named_account, run
from solegate.client.transport import HttpTransport
from solegate.clock import SystemClock
from solegate.db.engine import Database
from solegate.errors import DatabaseError
from solegate.services.doctor import (
    Finding,
    Health,
    check_account,
    check_credentials,
    check_database,
    check_drift,
    check_network,
    check_new_database,
    check_other_accounts,
    check_secret_key,
    check_writes,
    is_sound,
)
from solegate.settings import Settings

STYLES = {Health.OK: "green", Health.WARNING: "yellow", Health.PROBLEM: "red"}


def doctor(*, as_json: JsonFlag = False) -> ExitCode:
    """Check settings, database, credentials, clock, network and account.

    Every finding comes with a fix. Nothing is changed; at most one request counts against the day's quota.
    """
    output = Output(as_json=as_json)
    findings = _examine()
    problems = sum(each.health is Health.PROBLEM for each in findings)
    output.document(
        {
            "sound": is_sound(findings),
            "findings": [
                {"check": each.check, "health": each.health.value, "summary": each.summary, "fix": each.fix or None}
                for each in findings
            ],
        }
    )
    output.table(("Check", "", "Finding"), [_row(each) for each in findings], wide=("Finding",))
    output.line()
    output.line(f"{counted(problems, 'problem')} found." if problems else "Nothing is wrong.")
    return ExitCode.INCOMPLETE if problems else ExitCode.OK


def _row(finding: Finding) -> tuple[object, ...]:
    text = f"{finding.summary}\n{finding.fix}" if finding.fix else finding.summary
    return finding.check, styled(finding.health.value, STYLES[finding.health]), text


def _examine() -> list[Finding]:
    try:
        settings = load_settings()
    except ValidationError as error:
        fix = "Correct the environment or `.env`; the other checks follow then."
        return [Finding("settings", Health.PROBLEM, wrong_settings(error), fix)]
    except CommandError as error:
        return [Finding("settings", Health.PROBLEM, error.message, error.hint)]
    missing = settings.stockx_ca_file is not None and not settings.stockx_ca_file.is_file()
    if missing:
        fix = "Correct SOLEGATE_STOCKX_CA_FILE, or remove it."
        return [Finding("settings", Health.PROBLEM, f"There is no file {settings.stockx_ca_file}.", fix)]
    return [Finding("settings", Health.OK, "All settings are valid."), *run(_look(settings))]


async def _look(settings: Settings) -> list[Finding]:
    database, is_new = await _look_at_database(settings)
    findings = [database, check_secret_key(settings)]
    can_open = is_sound(findings) and not is_new
    findings.append(check_credentials(await _in_force(settings) if can_open else settings))
    is_usable = is_sound(findings)
    transport = HttpTransport(client_config(settings).pool)
    try:
        findings += await check_network(settings, transport, SystemClock())
    finally:
        await transport.aclose()
    if is_new or not is_usable:
        fix = "Run `solegate auth login`." if is_usable else "Solve the problems above, then run `solegate auth login`."
        return [*findings, Finding("account", Health.PROBLEM, "No account is connected.", fix)]
    async with open_house(settings, account=named_account()) as house:
        services = await house.of(house.default)
        account = await check_account(services.accounts, services.stockx)
        account += await check_other_accounts(house.accounts)
        writes = await check_writes(services.guard)
        return [*findings, *account, *writes, *await check_drift(services.database)]


async def _in_force(settings: Settings) -> Settings:
    """The settings with the keys of the account in question, which the database may keep."""
    async with open_house(settings, account=named_account()) as house:
        return (await house.of(house.default)).settings


async def _look_at_database(settings: Settings) -> tuple[Finding, bool]:
    """How the database is, and whether it has yet to be made."""
    file = settings.database_file
    try:
        if file is not None and not file.exists():
            return check_new_database(file), True
        async with Database(settings.resolved_database_url()) as database:
            return await check_database(database), False
    except DatabaseError as error:
        return Finding("database", Health.PROBLEM, error.message, error.hint), False
    except OSError as error:
        fix = "Correct SOLEGATE_DATABASE_URL, or make its folder one that you may use."
        return Finding("database", Health.PROBLEM, f"{file} cannot be used: {error.strerror}.", fix), False
