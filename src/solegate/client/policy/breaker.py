"""The circuit breaker: a state machine that holds calls back from a StockX that fails.

States and moves (design 4.3):

- CLOSED: calls pass. Moves to OPEN after five failures in a row (guide section 5), or when at least half of at
  least 20 calls of the last 60 s failed. While unproven (at the start and after a failure) no more calls are in
  flight than may still fail, so a dead StockX sees five requests and not every waiting caller's.
- OPEN: calls are rejected until a time; moves to HALF_OPEN by itself then. Each opening without a success between
  doubles the time, 60 s up to 10 min.
- HALF_OPEN: exactly one call passes as a probe. Its success moves to CLOSED, its failure to OPEN; a cancelled
  probe says nothing and lets the next one through.

It does not retry, wait or look at answers: `outcome.classify` says what counts as a failure.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from solegate.client.policy.outcome import Health


class State(StrEnum):
    """The breaker's states."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When to open, and for how many seconds."""

    failures: int = 5
    window: float = 60.0
    least_calls: int = 20
    failure_share: float = 0.5
    open_for: float = 60.0
    open_at_most: float = 600.0


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to send one request; handed back with `record`."""

    generation: int
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """No leave before `retry_at` (monotonic seconds)."""

    retry_at: float


@dataclass(frozen=True, slots=True)
class Busy:
    """No leave yet: the calls in flight decide first. Ask again after any of them is recorded."""


class Breaker:
    """The state machine; times are monotonic seconds."""

    def __init__(self, policy: BreakerPolicy = BreakerPolicy()) -> None:
        self._policy = policy
        self._state = State.CLOSED
        self._generation = 0
        self._in_flight = 0
        self._in_a_row = 0
        self._proven = False
        self._probing = False
        self._openings = 0
        self._open_until = 0.0
        self._seconds: deque[tuple[int, int, int]] = deque()

    def state(self, now: float) -> State:
        """The state in force; an open breaker whose time is up is half-open."""
        if self._state is State.OPEN and now >= self._open_until:
            self._enter(State.HALF_OPEN)
        return self._state

    def check(self, now: float) -> Rejected | None:
        """Whether asking now would be rejected, without taking leave."""
        state = self.state(now)
        if state is State.OPEN:
            return Rejected(self._open_until)
        if state is State.HALF_OPEN and self._probing:
            return Rejected(now + 1.0)
        return None

    def ask(self, now: float) -> Permit | Rejected | Busy:
        """Ask for leave to send one request."""
        rejected = self.check(now)
        if rejected:
            return rejected
        if self._state is State.HALF_OPEN:
            self._probing = True
            return Permit(self._generation, probe=True)
        if not self._proven and self._in_flight + self._in_a_row >= self._policy.failures:
            return Busy()
        self._in_flight += 1
        return Permit(self._generation)

    def record(self, permit: Permit, health: Health, now: float) -> None:
        """Hand a permit back with what its request said. Results from before a state change count for nothing."""
        if permit.generation != self._generation:
            return
        if permit.probe:
            self._probing = False
            if health is Health.GOOD:
                self._openings = 0
                self._enter(State.CLOSED)
                self._proven = True
            elif health is Health.BAD:
                self._open(now)
            return
        self._in_flight -= 1
        if health is not Health.NEUTRAL:
            self._count(health, now)

    def _count(self, health: Health, now: float) -> None:
        failed = health is Health.BAD
        self._proven = not failed
        self._in_a_row = self._in_a_row + 1 if failed else 0
        good, bad = self._tally(failed=failed, now=now)
        often = good + bad >= self._policy.least_calls and bad >= self._policy.failure_share * (good + bad)
        if failed and (self._in_a_row >= self._policy.failures or often):
            self._open(now)

    def _tally(self, *, failed: bool, now: float) -> tuple[int, int]:
        """Good and bad results of the last window, kept by the second."""
        second = int(now)
        if self._seconds and self._seconds[-1][0] == second:
            _, good, bad = self._seconds.pop()
        else:
            good, bad = 0, 0
        self._seconds.append((second, good + (not failed), bad + failed))
        while self._seconds[0][0] <= now - self._policy.window:
            self._seconds.popleft()
        return sum(each[1] for each in self._seconds), sum(each[2] for each in self._seconds)

    def _open(self, now: float) -> None:
        wait = min(self._policy.open_at_most, self._policy.open_for * 2.0 ** min(self._openings, 16))
        self._openings += 1
        self._open_until = now + wait
        self._enter(State.OPEN)

    def _enter(self, state: State) -> None:
        self._state = state
        self._generation += 1
        self._in_flight = self._in_a_row = 0
        self._proven = self._probing = False
        self._seconds.clear()
