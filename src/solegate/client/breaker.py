"""The breaker's shell: makes callers wait while the calls in flight decide, and shows the state as a metric."""

from __future__ import annotations

import asyncio

from solegate.client.policy.breaker import Breaker, BreakerPolicy, Busy, Permit, Rejected, State
from solegate.client.policy.outcome import Health
from solegate.clock import Clock
from solegate.log import get_logger
from solegate.metrics import Metrics

_LEVELS = {State.CLOSED: 0, State.HALF_OPEN: 1, State.OPEN: 2}


class BreakerGate:
    """One breaker per account and host. Every permit comes back through `leave`."""

    def __init__(self, *, clock: Clock, metrics: Metrics, policy: BreakerPolicy | None = None) -> None:
        self._breaker = Breaker(policy or BreakerPolicy())
        self._clock = clock
        self._metrics = metrics
        self._log = get_logger("stockx.breaker")
        self._changed = asyncio.Event()
        self._shown = State.CLOSED
        self._show()

    @property
    def state(self) -> State:
        """The state in force."""
        return self._breaker.state(self._clock.monotonic())

    def check(self) -> Rejected | None:
        """Whether a call would be held back now; asked before it waits for anything else."""
        return self._breaker.check(self._clock.monotonic())

    async def enter(self) -> Permit | Rejected:
        """Get leave to send one request, waiting while the requests in flight decide."""
        while isinstance(leave := self._breaker.ask(self._clock.monotonic()), Busy):
            self._changed.clear()
            await self._changed.wait()
        self._show()
        return leave

    def leave(self, permit: Permit, health: Health) -> None:
        """Hand the permit back with what the request said about StockX."""
        self._breaker.record(permit, health, self._clock.monotonic())
        self._changed.set()
        self._show()

    def _show(self) -> None:
        state = self.state
        self._metrics.breaker_state.set(_LEVELS[state])
        if state is not self._shown:
            self._shown = state
            self._metrics.breaker_transitions.labels(state.value).inc()
            self._log.warning("stockx.breaker.changed", state=state.value)
