"""The accounts that a process works for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from solegate.clock import Clock
from solegate.log import get_logger

LOOK_AGAIN = 5.0
"""Seconds after which the accounts are looked up again: how soon one that was added is worked for."""

_log = get_logger("jobs")


class Roster(Protocol):
    """Says whose tasks are done."""

    async def accounts(self) -> Sequence[str]:
        """The accounts, as they are now or were a few seconds ago.

        Raises:
            DatabaseError: they cannot be looked up.
        """
        ...


class Only:
    """One account and no other."""

    def __init__(self, account: str) -> None:
        self._accounts = (account,)

    async def accounts(self) -> Sequence[str]:
        """See `Roster.accounts`."""
        return self._accounts


class Everybody:
    """Every account there is. One that comes is welcomed before anything else is done for it; one that goes is left.

    Args:
        names: looks the accounts up.
        welcome: prepares an account's work; it may be asked to more than once.
        clock: says when to look again.
        every: seconds between two looks.
    """

    def __init__(
        self,
        names: Callable[[], Awaitable[Sequence[str]]],
        *,
        welcome: Callable[[str], Awaitable[None]],
        clock: Clock,
        every: float = LOOK_AGAIN,
    ) -> None:
        self._names = names
        self._welcome = welcome
        self._clock = clock
        self._every = every
        self._known: tuple[str, ...] = ()
        self._look_at = clock.monotonic()

    async def accounts(self) -> Sequence[str]:
        """See `Roster.accounts`."""
        if self._clock.monotonic() >= self._look_at:
            found = tuple(await self._names())
            for account in found:
                if account not in self._known:
                    await self._welcome(account)
            if set(found) != set(self._known):
                _log.info("works_for", accounts=len(found))
            self._known, self._look_at = found, self._clock.monotonic() + self._every
        return self._known
