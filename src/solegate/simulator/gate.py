"""The order in which every request is processed, and where it is logged.

latency -> key and token -> limits -> faults -> the work -> latency. A request with wrong credentials is refused
before it is counted: StockX cannot know whose limit it would use up. The login has no limits and no bearer.
"""

from __future__ import annotations

import hmac
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from solegate.simulator.clock import MovableClock
from solegate.simulator.config import SimulatorConfig
from solegate.simulator.faults import OAUTH_OPERATIONS, ConnectionDropped, FaultKind
from solegate.simulator.state.events import EventLog
from solegate.simulator.state.faults import FaultBook, FiredFault
from solegate.simulator.state.limits import Moment, RequestLimiter
from solegate.simulator.state.tokens import TokenStore
from solegate.simulator.wire import errors
from solegate.simulator.wire.answer import Answer
from solegate.simulator.wire.faulty import instead, spoiled


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks for what: the operation's name, and the request as far as the gate looks at it."""

    operation: str
    method: str
    path: str
    headers: Mapping[str, str]

    @property
    def is_oauth(self) -> bool:
        """Whether it is about the login, not about the API."""
        return self.operation in OAUTH_OPERATIONS


Work = Callable[[datetime], Answer]
"""What is done once a request is through: given the virtual time, the answer."""


class Gate:
    """Lets requests through to their work, or answers in its place."""

    def __init__(
        self,
        config: SimulatorConfig,
        clock: MovableClock,
        *,
        tokens: TokenStore,
        limiter: RequestLimiter,
        faults: FaultBook,
        log: EventLog,
    ) -> None:
        self._config = config
        self._clock = clock
        self._tokens = tokens
        self._limiter = limiter
        self._faults = faults
        self._log = log
        self._network = random.Random(f"{config.seed}/network")

    async def pass_through(self, visit: Visit, work: Work) -> Answer:
        """Process one request.

        Raises:
            ConnectionDropped: a fault closes the connection.
        """
        lag = self._lag()
        await self._clock.sleep(lag / 2)
        at = Moment(self._clock.monotonic(), self._clock.now())
        refusal = None if visit.is_oauth else self._refusal(visit, at)
        fired = None if refusal else self._faults.match(visit.operation)
        status = 0  # no answer: the connection was dropped, or the caller went away
        try:
            answer = refusal or await self._answer(visit, work, at.wall, fired)
            status = answer.status
        finally:
            self._log.record(
                at.wall,
                operation=visit.operation,
                method=visit.method,
                path=visit.path,
                status=status,
                fault=fired.id if fired else None,
            )
        await self._clock.sleep(lag / 2)
        return answer

    def _lag(self) -> float:
        """Seconds this request spends on the network; no chance is drawn where nothing is random."""
        least, most = self._config.latency
        chance, extra = self._config.slow_tail
        lag = self._network.uniform(least, most) if most > 0 else 0.0
        return lag + extra if chance > 0 and self._network.random() < chance else lag

    def _refusal(self, visit: Visit, at: Moment) -> Answer | None:
        key = visit.headers.get("x-api-key", "").encode()
        if not hmac.compare_digest(key, self._config.api_key.encode()):
            return errors.invalid_api_key()
        scheme, _, token = visit.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return errors.no_token()
        if not self._tokens.accepts(token.strip(), at.wall):
            return errors.token_refused()
        return None if self._limiter.admit(at) else errors.too_many_requests()

    async def _answer(self, visit: Visit, work: Work, now: datetime, fired: FiredFault | None) -> Answer:
        if fired is None:
            return work(now)
        fault = fired.fault
        if fault.kind is not FaultKind.SLOW_BODY:
            await self._clock.sleep(fault.delay)
        if fault.kind in (FaultKind.DROP, FaultKind.RESET):
            raise ConnectionDropped(reset=fault.kind is FaultKind.RESET)
        answer = instead(fault, oauth=visit.is_oauth) or spoiled(fault, work(now))
        if fault.kind is FaultKind.DROP_AFTER:
            raise ConnectionDropped
        return answer
