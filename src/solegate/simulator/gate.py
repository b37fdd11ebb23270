"""The order in which every request is processed, and where it is logged.

latency -> what the market did meanwhile -> key and token -> limits -> faults -> the work -> latency. A request with
wrong credentials is refused before it is counted: StockX cannot know whose limit it would use up. The login has no
limits and no bearer.
"""

from __future__ import annotations

import hmac
import random
from datetime import datetime

from solegate.simulator.clock import MovableClock
from solegate.simulator.config import SimulatorConfig
from solegate.simulator.state.agenda import Agenda
from solegate.simulator.state.events import EventLog
from solegate.simulator.state.faults import FaultBook
from solegate.simulator.state.limits import Moment, RequestLimiter
from solegate.simulator.state.tokens import TokenStore
from solegate.simulator.trouble import Trouble, Visit, Work
from solegate.simulator.wire import errors
from solegate.simulator.wire.answer import Answer


class Gate:
    """Lets requests through to their work, or answers in its place."""

    def __init__(
        self,
        config: SimulatorConfig,
        clock: MovableClock,
        agenda: Agenda,
        *,
        tokens: TokenStore,
        limiter: RequestLimiter,
        faults: FaultBook,
        log: EventLog,
    ) -> None:
        self._config = config
        self._clock = clock
        self._agenda = agenda
        self._trouble = Trouble(clock, tokens=tokens, limiter=limiter)
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
        self._agenda.catch_up(at.wall)
        refusal = None if visit.is_oauth else self._refusal(visit, at)
        fired = None if refusal else self._faults.match(visit.operation, at.wall)
        status = 0  # no whole answer: the connection was dropped, or the caller went away
        done = 0

        def tracked(now: datetime) -> Answer:
            nonlocal done
            answer = work(now)
            done += answer.status < 300
            return answer

        try:
            answer = refusal or await self._trouble.answer(visit, tracked, at, fired)
            await self._clock.sleep(lag / 2)
            status = 0 if answer.cut else answer.status
        finally:
            is_write = visit.method != "GET" and not visit.is_oauth
            self._log.record(
                at.wall,
                operation=visit.operation,
                method=visit.method,
                path=visit.path,
                status=status,
                fault=fired.id if fired else None,
                unacknowledged=max(0, done - (200 <= status < 300)) if is_write else 0,
            )
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
        if not visit.token:
            return errors.no_token()
        if not self._tokens.accepts(visit.token, at.wall):
            return errors.token_refused()
        return None if self._limiter.admit(at) else errors.too_many_requests()
