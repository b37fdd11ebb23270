"""Whose turn it is: claims of the tasks of several accounts, one account's crowd never keeping another waiting.

What is due is looked up for all accounts in one query, now and then; a claim itself is about one account and one lane.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence

from solegate.clock import Clock
from solegate.domain.tasks import Claimed, Selection, next_turn, open_lanes
from solegate.jobs.roster import Roster
from solegate.jobs.steps import StepRunner

CAPACITY = (8, 6, 4, 2)
"""How many steps of each lane or a less urgent one run at once for an account: orders always find two free places."""
MOST = tuple(32 * each for each in CAPACITY)
"""The same for all accounts of a process together. Steps mostly wait for StockX, so many of them cost little."""
LOOK_SECONDS = 1.0
"""How long the last look at what is due is relied upon while there is work."""


class Claims:
    """Claims tasks in turn. Whatever it claims is given back to it with `ended`.

    Args:
        runner: claims and does the steps.
        roster: the accounts to work for.
        clock: says when to look again.
        lanes: the lanes to serve.
        capacity: see `CAPACITY`.
        subject: of this one thing only; `None` for all.
    """

    def __init__(
        self,
        runner: StepRunner,
        roster: Roster,
        *,
        clock: Clock,
        lanes: Collection[int],
        capacity: Sequence[int] = CAPACITY,
        subject: str | None = None,
    ) -> None:
        self._runner = runner
        self._roster = roster
        self._clock = clock
        self._lanes = tuple(sorted(lanes))
        self._capacity = tuple(capacity)
        self._subject = subject
        self._due_at: dict[tuple[str, int], float] = {}
        self._look_at = clock.monotonic()
        self._guessed = False
        """Whether something is taken to be due, or not to be, that the last look did not show."""
        self._running: dict[str, list[int]] = {}
        self._turns: Counter[str] = Counter()
        self._turn = 0

    def changed(self) -> None:
        """Something may be due that was not there at the last look."""
        self._look_at = self._clock.monotonic()

    async def next(self) -> Claimed | None:
        """Claim the task whose turn it is; `None` when there is nothing to do now, or no place to do it in.

        Raises:
            DatabaseError: the database fails.
        """
        if self._clock.monotonic() >= self._look_at:
            await self._look()
        while (turn := self._whose()) is not None:
            account, lane = turn
            self._turn += 1
            self._turns[account] = self._turn
            places = self._running.setdefault(account, [])
            places.append(lane)  # before anything is awaited: nobody else takes this place meanwhile
            claimed: Claimed | None = None
            try:
                claimed = await self._runner.claim(self._wanted(account, lane))
            finally:
                if claimed is None:
                    self._leave(account, lane)
            if claimed is not None:
                return claimed
            self._due_at.pop(turn, None)
            self._guessed = True
        return None

    def ended(self, claimed: Claimed) -> None:
        """Its step has ended; there may be more to do for it at once."""
        account, lane = claimed.task.account, claimed.task.lane
        self._leave(account, lane)
        self._due_at[account, lane] = self._clock.monotonic()
        self._guessed = True

    async def nothing_left(self) -> bool:
        """Whether there is nothing to do, now or later.

        Raises:
            DatabaseError: the database fails.
        """
        await self._look()
        return not self._due_at

    async def until_turn(self) -> float:
        """Seconds until something can be claimed: 0 when it can now; infinity while no place is free for it.

        Raises:
            DatabaseError: the database fails.
        """
        if self._guessed or self._clock.monotonic() >= self._look_at:
            await self._look()
        now = self._clock.monotonic()
        return min((max(0.0, at - now) for at in self._with_place().values()), default=math.inf)

    async def _look(self) -> None:
        """Look up when each account has something to do in each lane."""
        accounts = await self._roster.accounts()
        found = await self._runner.tasks.turns.outlook(accounts, self._lanes, self._runner.kinds, self._subject)
        now = self._clock.monotonic()
        self._due_at = {turn: now + seconds for turn, seconds in found.items()}
        self._look_at = now + LOOK_SECONDS
        self._guessed = False

    def _whose(self) -> tuple[str, int] | None:
        now = self._clock.monotonic()
        due = [turn for turn, at in self._with_place().items() if at <= now]
        return next_turn(due, {account: len(each) for account, each in self._running.items()}, self._turns)

    def _with_place(self) -> dict[tuple[str, int], float]:
        """When something is due, where a place is free for it."""
        together = open_lanes([lane for places in self._running.values() for lane in places], MOST)
        alone = {account: open_lanes(places, self._capacity) for account, places in self._running.items()}
        return {
            (account, lane): at
            for (account, lane), at in self._due_at.items()
            if lane in together and lane in alone.get(account, together)
        }

    def _leave(self, account: str, lane: int) -> None:
        places = self._running[account]
        places.remove(lane)
        if not places:
            del self._running[account]

    def _wanted(self, account: str, lane: int) -> Selection:
        return Selection(account, (lane,), self._runner.kinds, self._subject)
