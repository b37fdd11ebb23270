"""Every StockX account of an installation: how they stand, adding, choosing, removing, and other keys.

The keys of an account are kept in the database (`accounts add`), or come from the environment, which names one account
(`SOLEGATE_ACCOUNT`). What the database keeps goes first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from solegate.clock import Clock
from solegate.db.engine import Database
from solegate.db.repositories.accounts import SqlTokenStore
from solegate.db.repositories.applications import SqlApplications
from solegate.domain.accounts import AccountStatus, Application, LiveWork, what_is_wrong_with
from solegate.domain.cursors import MOST_ROWS, Page, cursor_of, read_cursor
from solegate.errors import InvalidInputError, NoSuchAccountError, UnitBusyError
from solegate.services.account_keys import SAME_KEY, Keys, checked_currency, checked_keys
from solegate.settings import Settings


class KeySource(StrEnum):
    """Where the keys of an account's StockX application are."""

    DATABASE = "database"
    ENVIRONMENT = "environment"
    MISSING = "missing"


class Standing(StrEnum):
    """Whether an account can call StockX; if not, a person has to log in, again or for the first time."""

    CONNECTED = "connected"
    NEEDS_REAUTH = "needs_reauth"
    NEVER_CONNECTED = "never_connected"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOverview:
    """An account as people see it; no secret is in it.

    Attributes:
        status: whether it is connected.
        in_use: whether it is meant when none is named.
        keys: where they are.
        client_id: tells which StockX application they are of.
        redirect_uri: where StockX sends the browser after a login.
        currency: that it sells in.
        added_at, changed_at: when its keys were kept, and last changed (UTC); `None` when the database has none.
    """

    status: AccountStatus
    in_use: bool
    keys: KeySource
    client_id: str
    redirect_uri: str
    currency: str
    added_at: datetime | None = None
    changed_at: datetime | None = None

    @property
    def account(self) -> str:
        """Its name."""
        return self.status.account

    @property
    def standing(self) -> Standing:
        """Whether it can call StockX."""
        return Standing(self.status.state.value) if self.status.state else Standing.NEVER_CONNECTED


class AccountDirectory:
    """Every account.

    Args:
        database, applications, tokens: where they are kept.
        settings: the environment's account and keys.
        clock: what time it is.
        default: which account is meant when none is named.
        changed: is told what is to be opened anew.
    """

    def __init__(
        self,
        database: Database,
        *,
        applications: SqlApplications,
        tokens: SqlTokenStore,
        settings: Settings,
        clock: Clock,
        default: Callable[[], str],
        changed: Callable[[str], Awaitable[None]],
    ) -> None:
        self._database = database
        self._applications, self._tokens = applications, tokens
        self._settings = settings
        self._clock = clock
        self._default = default
        self._changed = changed

    async def all(self) -> tuple[AccountOverview, ...]:
        """Every account, by name."""
        kept = {each.account: each for each in await self._applications.all()}
        standings = {each.account: each for each in await self._tokens.standings()}
        own = self._settings.account
        names = kept.keys() | standings.keys()
        if self._settings.has_credentials or not names:
            names |= {own}
        return tuple(self._overview(name, kept.get(name), standings.get(name)) for name in sorted(names))

    async def page(
        self, standing: Standing | None = None, *, cursor: str | None = None, limit: int = MOST_ROWS
    ) -> Page[AccountOverview]:
        """A page of them, by name; of all, or of those that stand so.

        Raises:
            NoSuchRecordError: the cursor is none of this list's.
        """
        (after,) = read_cursor(cursor, 1) if cursor is not None else ("",)
        rows = [each for each in await self.all() if each.account > after and standing in {None, each.standing}]
        ends = cursor_of(rows[limit - 1].account) if len(rows) > limit else None
        return Page(tuple(rows[:limit]), ends)

    async def get(self, account: str) -> AccountOverview:
        """One account.

        Raises:
            NoSuchAccountError: there is none of that name; the hint names those there are.
        """
        every = await self.all()
        found = next((each for each in every if each.account == account), None)
        if found is None:
            raise no_such_account(account, [each.account for each in every])
        return found

    async def add(self, account: str, keys: Keys, *, currency: str = "", use: bool = False) -> AccountOverview:
        """Keep the keys of another account. The first one is in use, unless the environment has keys too.

        Raises:
            InvalidInputError: the name or a key cannot be used, or the account's keys are kept already.
        """
        wrong = what_is_wrong_with(account)
        if wrong:
            raise InvalidInputError(f"The account cannot be called that: {wrong}.")
        keys, currency = checked_keys(keys, whole=True), checked_currency(currency)
        now = self._clock.now()
        alone = not self._settings.has_credentials and await self._applications.chosen() is None
        application = Application(
            account=account,
            client_id=keys.client_id,
            client_secret=keys.client_secret,
            api_key=keys.api_key,
            redirect_uri=keys.redirect_uri,
            currency=currency,
            in_use=use or alone,
            created_at=now,
            updated_at=now,
        )
        if not await self._applications.add(application):
            hint = f"`solegate accounts rotate-key {account}` gives it other keys."
            raise InvalidInputError(f"The keys of account '{account}' are kept already.", hint=hint)
        await self._changed(account)
        return await self.get(account)

    async def use(self, account: str) -> AccountOverview:
        """Let the account be meant when none is named, in place of the one before.

        Raises:
            NoSuchAccountError: there is none of that name.
            InvalidInputError: it has no keys.
        """
        found = await self.get(account)
        if found.keys is KeySource.MISSING:
            raise InvalidInputError(f"Account '{account}' has no keys.", hint=f"`solegate accounts add {account}`.")
        await self._applications.use(account if found.keys is KeySource.DATABASE else None)
        await self._changed(account)
        return await self.get(account)

    async def rotate(self, account: str, keys: Keys) -> AccountOverview:
        """Put other keys in force, here at once and in other processes within five seconds; what is empty stays.

        The account keeps everything: its login too, as far as StockX lets it.

        Raises:
            NoSuchAccountError: there is none of that name.
            InvalidInputError: a key cannot be used, all are empty, or the account's keys are in the environment.
        """
        keys = checked_keys(keys, whole=False)
        found = await self.get(account)
        if found.keys is not KeySource.DATABASE:
            raise InvalidInputError(
                f"The database keeps no keys of account '{account}'.",
                hint=f"Change SOLEGATE_STOCKX_..., or keep them here: `solegate accounts add {account}`.",
            )
        if keys.api_key and keys.api_key == (keys.client_id or found.client_id):
            raise InvalidInputError(SAME_KEY)
        await self._applications.rotate(
            account,
            self._clock.now(),
            client_id=keys.client_id,
            client_secret=keys.client_secret,
            api_key=keys.api_key,
            redirect_uri=keys.redirect_uri,
        )
        await self._changed(account)
        return await self.get(account)

    async def remove(self, account: str, *, force: bool = False) -> LiveWork:
        """Forget the account's keys, tokens and logins. Its history stays: listings, orders, writes, jobs, prices.

        Args:
            account: its name.
            force: remove it although something is under way; what StockX took before goes on there unwatched.

        Returns:
            What was under way.

        Raises:
            NoSuchAccountError: there is none of that name.
            UnitBusyError: something is under way.
            InvalidInputError: its keys are in the environment, where they cannot be removed from here.
        """
        found = await self.get(account)
        if found.keys is KeySource.ENVIRONMENT:
            raise InvalidInputError(
                f"The keys of account '{account}' come from the environment.",
                hint="Take SOLEGATE_STOCKX_CLIENT_ID, _CLIENT_SECRET and _API_KEY out of it first.",
            )
        async with self._database.transaction() as session:
            live = await self._applications.live_work(session, account)
            if (live.writes or live.jobs) and not force:
                raise UnitBusyError(
                    f"Account '{account}' has {_counted(live)} under way.",
                    hint="Wait until they end, cancel them, or remove it with force: nobody looks after them then.",
                )
            await self._applications.remove(session, account)
        await self._changed(account)
        return live

    def _overview(self, name: str, kept: Application | None, status: AccountStatus | None) -> AccountOverview:
        environment = self._settings
        overview = AccountOverview(
            status=status or AccountStatus(name, None),
            in_use=name == self._default(),
            keys=KeySource.MISSING,
            client_id="",
            redirect_uri=environment.stockx_redirect_uri,
            currency=environment.currency,
        )
        if kept is not None:
            return replace(
                overview,
                keys=KeySource.DATABASE,
                client_id=kept.client_id,
                redirect_uri=kept.redirect_uri or environment.stockx_redirect_uri,
                currency=kept.currency or environment.currency,
                added_at=kept.created_at,
                changed_at=kept.updated_at,
            )
        if name == environment.account and environment.has_credentials:
            return replace(overview, keys=KeySource.ENVIRONMENT, client_id=environment.stockx_client_id)
        return overview


def no_such_account(account: str, there_are: Iterable[str]) -> NoSuchAccountError:
    """The error that names the accounts there are."""
    return NoSuchAccountError(
        f"There is no account '{account}' here.",
        hint=f"There are: {', '.join(there_are) or 'none'}. `solegate accounts list` shows how they stand.",
    )


def _counted(live: LiveWork) -> str:
    parts = [(live.writes, "write"), (live.jobs, "job")]
    return " and ".join(f"{number} {thing}{'' if number == 1 else 's'}" for number, thing in parts if number)
