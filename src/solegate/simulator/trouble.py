"""What a fault does to a request: before the work, in its place, after it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from solegate.simulator.clock import MovableClock
from solegate.simulator.faults import OAUTH_OPERATIONS, ConnectionDropped, Fault, FaultKind
from solegate.simulator.state.faults import FiredFault
from solegate.simulator.state.limits import Moment, RequestLimiter
from solegate.simulator.state.tokens import TokenStore
from solegate.simulator.wire import errors
from solegate.simulator.wire.answer import Answer
from solegate.simulator.wire.faulty import instead, spoiled

ANSWERS_REMEMBERED = 2_000
BROWNOUT_REFUSED = 1 / 3
BROWNOUT_SECONDS = 4.0
_CUT_BEFORE = {FaultKind.DROP: False, FaultKind.RESET: True, FaultKind.HANG: False}
_CUT_AFTER = {FaultKind.DROP_AFTER: False, FaultKind.RESET_AFTER: True, FaultKind.HANG_AFTER: False}
"""Faults that end the connection before and after the work, and whether the peer sees a reset."""

Work = Callable[[datetime], Answer]
"""What is done once a request is through: given the virtual time, the answer."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks for what: the operation's name, and the request as far as the gate looks at it."""

    operation: str
    method: str
    path: str
    headers: Mapping[str, str]
    query: str = ""

    @property
    def is_oauth(self) -> bool:
        """Whether it is about the login, not about the API."""
        return self.operation in OAUTH_OPERATIONS

    @property
    def token(self) -> str:
        """The bearer token; empty where there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


class Trouble:
    """Answers requests, spoilt by faults where they are hit, and remembers answers for stale reads."""

    def __init__(self, clock: MovableClock, *, tokens: TokenStore, limiter: RequestLimiter) -> None:
        self._clock = clock
        self._tokens = tokens
        self._limiter = limiter
        self._remembered: OrderedDict[tuple[str, str], Answer] = OrderedDict()

    async def answer(self, visit: Visit, work: Work, at: Moment, fired: FiredFault | None) -> Answer:
        """The answer to a request that came through.

        Raises:
            ConnectionDropped: the fault closes the connection.
        """
        if fired is None:
            return self._usual(visit, work, at.wall)
        fault = fired.fault
        await self._clock.sleep(fault.lateness)
        if fault.kind in _CUT_BEFORE:
            await self._cut(fault, reset=_CUT_BEFORE[fault.kind])
        replacement = await self._replacement(visit, at, fired)
        if replacement is not None:
            return replacement
        answer = self._usual(visit, work, at.wall)
        if fault.kind is FaultKind.DUPLICATE_DELIVERY:
            work(at.wall)
        spoilt = spoiled(fault, answer, oauth=visit.is_oauth)
        if fault.kind in _CUT_AFTER or (spoilt.cut and not spoilt.body):  # of no body there is no half
            await self._cut(fault, reset=_CUT_AFTER.get(fault.kind, spoilt.cut == "reset"))
        return spoilt

    async def _cut(self, fault: Fault, *, reset: bool) -> None:
        if fault.kind in (FaultKind.HANG, FaultKind.HANG_AFTER):
            await self._clock.sleep(fault.delay)
        raise ConnectionDropped(reset=reset)

    async def _replacement(self, visit: Visit, at: Moment, fired: FiredFault) -> Answer | None:
        """What is answered without doing the work; `None` where it is done."""
        match fired.fault.kind:
            case FaultKind.REVOKE_SESSION:
                self._tokens.end_session(visit.token)
                return errors.oauth_fault(403) if visit.is_oauth else errors.token_refused()
            case FaultKind.QUOTA_CUT:
                self._limiter.change(replace(self._limiter.limits, per_day=self._limiter.used_today(at)))
                return errors.too_many_requests()
            case FaultKind.BROWNOUT:
                await self._clock.sleep(fired.share * BROWNOUT_SECONDS)
                return errors.error_answer(503) if fired.share < BROWNOUT_REFUSED else None
            case FaultKind.STALE_READ:
                return self._remembered.get((visit.path, visit.query)) if visit.method == "GET" else None
            case _:
                return instead(fired.fault, at.wall, oauth=visit.is_oauth)

    def _usual(self, visit: Visit, work: Work, now: datetime) -> Answer:
        answer = work(now)
        if visit.method == "GET" and answer.status == 200 and not visit.is_oauth:
            self._remembered[visit.path, visit.query] = answer
            self._remembered.move_to_end((visit.path, visit.query))
            if len(self._remembered) > ANSWERS_REMEMBERED:
                self._remembered.popitem(last=False)
        return answer
