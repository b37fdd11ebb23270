"""Everything of one installation: a database, and the services of each StockX account that it keeps.

An account's services are opened when it is first asked for and closed with the house. Each account has a client of its
own: its own keys, tokens, limiter, breaker, quota, lanes and connections (issue 5).
"""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from pydantic import SecretStr

from solegate.bootstrap.config import secret_keys
from solegate.bootstrap.services import Services, account_services, client_of
from solegate.bootstrap.webhooks import receiver_of
from solegate.client.outbound import Outbound
from solegate.client.transport import Transport
from solegate.clock import Clock, SystemClock
from solegate.db.engine import Database
from solegate.db.repositories.accounts import SqlTokenStore
from solegate.db.repositories.applications import SqlApplications
from solegate.db.repositories.logins import SqlLogins
from solegate.db.repositories.tasks import TaskRepository
from solegate.db.secrets import SecretBox
from solegate.domain.accounts import Application
from solegate.metrics import Metrics, exposition
from solegate.services.account_directory import AccountDirectory, no_such_account
from solegate.services.account_logins import AccountLogins
from solegate.services.accounts import AccountService
from solegate.services.api_keys import ApiKeyService
from solegate.settings import Settings

LOOK_AGAIN = 5.0
"""Seconds after which an account's application is looked up again: a rotated key is in force no later."""


class House:
    """The services of every account, on one database. Made by `open_house`.

    Attributes:
        settings: the configuration; an account's own services have a copy with the account's name and keys in it.
        database: what all accounts share.
        box: encrypts secrets at rest.
        applications: the StockX application of each account that is kept in the database.
        keys: of our own API.
        door: takes in the webhooks of every account.
        default: the account that is meant when none is named.
        tasks: what is to be done in the background, of every account.
        clock, metrics: of the process.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        database: Database,
        box: SecretBox,
        default: str,
        pinned: bool,
        stack: AsyncExitStack,
        transport: Transport | None,
        outbound: Outbound,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self.settings, self.database, self.box, self.default = settings, database, box, default
        self.clock, self.metrics = clock, metrics
        self.tasks = TaskRepository(database, clock=clock)
        self.applications = SqlApplications(database, box)
        self.keys = ApiKeyService(
            database, clock=clock, new_id=lambda: secrets.token_hex(6), new_secret=lambda: secrets.token_urlsafe(32)
        )
        self.door = receiver_of(database, box, clock=clock)
        stack.push_async_callback(self.door.close)
        self.accounts = AccountDirectory(
            database,
            applications=self.applications,
            tokens=SqlTokenStore(database, box),
            settings=settings,
            clock=clock,
            default=lambda: self.default,
            changed=self._changed,
        )
        self.logins = AccountLogins(SqlLogins(database, box), clock=clock, open_account=self._account)
        self._pinned = pinned
        self._stack = stack
        self._transport = transport
        self._outbound = outbound
        self._opened: dict[str, _Opened] = {}
        self._metrics = {default: metrics}
        self._opening = asyncio.Lock()

    async def of(self, account: str) -> Services:
        """The services of an account.

        Raises:
            NoSuchAccountError: no account of that name is kept here.
            DatabaseError: the database fails.
        """
        opened = self._opened.get(account)
        if opened is None or self.clock.monotonic() - opened.looked_at >= LOOK_AGAIN:
            async with self._opening:
                opened = self._opened.get(account)
                if opened is None or self.clock.monotonic() - opened.looked_at >= LOOK_AGAIN:
                    opened = await self._look(account, opened)
        return opened.services

    async def names(self) -> tuple[str, ...]:
        """Every account that can be worked for, the default one first."""
        kept = await self.applications.names()
        own = [self.settings.account] if self.settings.has_credentials or not kept else []
        return tuple(sorted({*kept, *own}, key=lambda name: (name != self.default, name)))

    def metrics_of(self, account: str) -> Metrics:
        """What counts for an account; the one in use at the start has the process's own."""
        if account not in self._metrics:
            self._metrics[account] = Metrics()
        return self._metrics[account]

    def exposition(self) -> bytes:
        """The metrics of every account that was opened, in Prometheus' text format."""
        return exposition({account: metrics.registry for account, metrics in sorted(self._metrics.items())})

    async def _account(self, account: str) -> AccountService:
        return (await self.of(account)).accounts

    async def _changed(self, account: str) -> None:
        """Look the account up anew when it is next asked for, and which one is in use now."""
        opened = self._opened.get(account)
        if opened is not None:
            opened.looked_at = -math.inf
        await self._look_who_is_in_use()

    async def _look_who_is_in_use(self) -> None:
        if not self._pinned:
            self.default = await self.applications.chosen() or self.settings.account

    async def _look(self, account: str, opened: _Opened | None) -> _Opened:
        """Open an account, or see that it is as it was when it was opened."""
        await self._look_who_is_in_use()
        application = await self.applications.find(account)
        names = await self.names() if application is None else ()
        if application is None and (account not in names or account != self.settings.account):
            self._opened.pop(account, None)
            raise no_such_account(account, names)
        if application is not None:
            application = replace(application, in_use=False)  # to choose another account opens none anew
        if opened is None or opened.application != application:
            settings = _settings_of(self.settings, account, application)
            metrics = self.metrics_of(account)
            # A client whose keys are out of date is closed with the house: its calls under way end in peace.
            client = client_of(
                settings,
                self.database,
                box=self.box,
                transport=self._transport,
                clock=self.clock,
                metrics=metrics,
            )
            stockx = await self._stack.enter_async_context(client)
            services = account_services(
                settings,
                self.clock,
                metrics,
                self.database,
                stockx,
                tasks=self.tasks,
                box=self.box,
                outbound=self._outbound,
            )
        else:
            services = opened.services
        self._opened[account] = _Opened(services, application, self.clock.monotonic())
        return self._opened[account]


class _Opened:
    """An account's services, and what they were made from."""

    __slots__ = ("application", "looked_at", "services")

    def __init__(self, services: Services, application: Application | None, looked_at: float) -> None:
        self.services, self.application, self.looked_at = services, application, looked_at


@asynccontextmanager
async def open_house(
    settings: Settings,
    *,
    clock: Clock | None = None,
    metrics: Metrics | None = None,
    transport: Transport | None = None,
    account: str | None = None,
) -> AsyncIterator[House]:
    """Open the database (brought up to date), and close it with every account that was opened.

    Args:
        settings: the configuration.
        clock: the machine's unless given.
        metrics: of the process; new ones unless given.
        transport: reaches StockX; the network unless given.
        account: that is meant when none is named; the settings' unless given, else the one in use (`accounts use`).

    Raises:
        DatabaseError: the database cannot be opened or upgraded.
        ConfigurationError: a setting is wrong.
    """
    box = SecretBox(secret_keys(settings))  # before the database is made: a wrong key leaves nothing behind
    async with (
        Database(settings.resolved_database_url(), clock=clock, pool=settings.database_pool) as database,
        AsyncExitStack() as stack,
    ):
        await database.upgrade()
        outbound = Outbound(clock=clock or SystemClock(), private=settings.private_targets)
        stack.push_async_callback(outbound.aclose)
        pinned = account is not None or "account" in settings.model_fields_set
        chosen = None if pinned else await SqlApplications(database, box).chosen()
        yield House(
            settings,
            database=database,
            box=box,
            default=account or chosen or settings.account,
            pinned=pinned,
            stack=stack,
            transport=transport,
            outbound=outbound,
            clock=clock or SystemClock(),
            metrics=metrics or Metrics(),
        )


@asynccontextmanager
async def open_services(
    settings: Settings,
    *,
    clock: Clock | None = None,
    metrics: Metrics | None = None,
    transport: Transport | None = None,
    account: str | None = None,
) -> AsyncIterator[Services]:
    """Open the services of one account: the one given or that the settings name, else the one in use.

    Raises:
        DatabaseError: the database cannot be opened or upgraded.
        ConfigurationError: a setting is wrong.
        NoSuchAccountError: no account of that name is kept here.
    """
    async with open_house(settings, clock=clock, metrics=metrics, transport=transport, account=account) as house:
        yield await house.of(house.default)


def _settings_of(settings: Settings, account: str, application: Application | None) -> Settings:
    """The settings of one account: its name and its application's keys in place of the environment's."""
    if application is None:
        return settings.model_copy(update={"account": account})
    return settings.model_copy(
        update={
            "account": account,
            "stockx_client_id": application.client_id,
            "stockx_client_secret": SecretStr(application.client_secret),
            "stockx_api_key": SecretStr(application.api_key),
            "stockx_redirect_uri": application.redirect_uri or settings.stockx_redirect_uri,
            "currency": application.currency or settings.currency,
        }
    )
