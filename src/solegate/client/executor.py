"""One call through the pipeline, and the only loop that sends anything twice.

breaker -> limiter -> token -> send -> classify -> decide -> again or done. Each attempt takes a slot of the limiter
and a permit of the breaker and gives both back, whatever happens to it, cancellation included.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from solegate.client.attempt import Attempt, Endpoint, Run
from solegate.client.auth import AccessToken, TokenManager
from solegate.client.breaker import BreakerGate
from solegate.client.drift import DriftRadar
from solegate.client.failures import failure, not_sent
from solegate.client.limiter import PausedTooLongError, QuotaUsedUpError, RateLimiter
from solegate.client.policy.breaker import Rejected
from solegate.client.policy.call import Call, Reply
from solegate.client.policy.outcome import Failed, FailureKind, Health, Kind, Received, Verdict, classify
from solegate.client.policy.retry import (
    GiveUp,
    Progress,
    RetryBudget,
    RetryPolicy,
    Why,
    decide,
    parse_retry_after,
)
from solegate.client.policy.window import Slot
from solegate.client.transport import Transport, WireRequest
from solegate.client.usage import UsageCounter
from solegate.clock import Clock
from solegate.errors import CircuitOpenError, Outcome, StockXError
from solegate.log import get_logger
from solegate.metrics import Metrics

_PATIENCE = 5.0
"""Seconds within which StockX may well be slow without being ill."""
_STATUS_LABELS = {Kind.OK: "success", Kind.THROTTLED: "rate_limited", Kind.UNAUTHORIZED: "auth_failed"}


class Executor:
    """Carries out calls for one account."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        transport: Transport,
        limiter: RateLimiter,
        breaker: BreakerGate,
        tokens: TokenManager,
        clock: Clock,
        metrics: Metrics,
        chance: Callable[[], float],
        new_request_id: Callable[[], str],
        radar: DriftRadar,
        usage: UsageCounter,
        policy: RetryPolicy | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._transport = transport
        self._limiter = limiter
        self._breaker = breaker
        self._tokens = tokens
        self._clock = clock
        self._metrics = metrics
        self._chance = chance
        self._new_request_id = new_request_id
        self._radar = radar
        self._usage = usage
        self._policy = policy or RetryPolicy()
        self._budget = RetryBudget()
        self._log = get_logger("stockx.executor")

    async def execute(self, call: Call) -> Reply:
        """Send the call until it is answered or given up.

        Raises:
            StockXError: it was given up; the error says why, and whether it took effect.
        """
        run = Run(call, self._new_request_id(), self._clock.monotonic() + call.deadline)
        try:
            reply = await self._until_answered(run)
        except StockXError as error:
            error.request_id, error.attempts = run.request_id, run.attempts
            if run.maybe_applied:
                error.outcome = Outcome.UNKNOWN
            self._metrics.calls.labels(call.operation.name, error.code).inc()
            self._log.warning(
                "stockx.call.failed",
                operation=call.operation.name,
                error=error.code,
                outcome=error.outcome.value,
                status=error.status,
                attempts=run.attempts,
                request_id=run.request_id,
            )
            raise
        self._metrics.calls.labels(call.operation.name, "ok").inc()
        return reply

    async def _until_answered(self, run: Run) -> Reply:
        while True:
            attempt = await self._turn(run)
            result, verdict = await self._send(run, attempt)
            if isinstance(result, Received) and verdict.kind is Kind.OK:
                self._budget.succeeded(run.retried_after)
                return Reply(
                    result.status, result.headers, result.body, self._clock.now(), run.attempts, run.request_id
                )
            await self._before_next(run, result, verdict)

    async def _turn(self, run: Run) -> Attempt:
        """Wait until the breaker, the limit and the quota let one request through, and a token is there for it."""
        rejected = self._breaker.check()
        if rejected:
            raise self._circuit_open(run, rejected)
        while True:
            slot = await self._slot(run)
            attempt = await self._admitted(run, slot)
            if attempt.started <= slot.send_by:
                return attempt
            self._limiter.unsent(slot)  # it came so late that other processes may count the slot as theirs
            self._breaker.leave(attempt.permit, Health.NEUTRAL)

    async def _slot(self, run: Run) -> Slot:
        """Wait for a slot under the limit."""
        try:
            if self._remaining(run) <= 0:
                raise TimeoutError
            return await self._limiter.acquire(
                run.call.lane, within=self._remaining(run), items=run.call.items, lasting=self._longest(run.call)
            )
        except (TimeoutError, QuotaUsedUpError, PausedTooLongError) as error:
            raise not_sent(error, run.call, attempts=run.attempts) from None

    async def _admitted(self, run: Run, slot: Slot) -> Attempt:
        """Admit the request, or give its slot back."""
        try:
            return await self._admit(run, slot)
        except TimeoutError as error:
            self._limiter.unsent(slot)
            raise not_sent(error, run.call, attempts=run.attempts) from None
        except BaseException:
            self._limiter.unsent(slot)
            raise

    async def _admit(self, run: Run, slot: Slot) -> Attempt:
        """Fetch the token and the breaker's leave within what is left of the deadline."""
        async with asyncio.timeout(self._remaining(run)):
            run.token = await self._token(run)
            run.rejected = False
            request = self._wire(run)
            permit = await self._breaker.enter()
        if isinstance(permit, Rejected):
            raise self._circuit_open(run, permit)
        return Attempt(slot, permit, request, self._clock.monotonic())

    async def _token(self, run: Run) -> AccessToken:
        """The call's token, or after a 401 a newer one."""
        if run.token is None:
            return await self._tokens.token()
        return await self._tokens.rejected(run.token.version) if run.rejected else run.token

    async def _send(self, run: Run, attempt: Attempt) -> tuple[Received | Failed, Verdict]:
        """Send once; the slot and the permit are given back in every case."""
        try:
            result = await self._transport.send(attempt.request)
        except BaseException:
            self._limiter.lost(attempt.slot, timeout=attempt.request.timeout)
            self._usage.count(run.call.lane, run.call.operation.name)
            self._breaker.leave(attempt.permit, Health.NEUTRAL)
            raise
        verdict = classify(run.call.operation.effect, result)
        run.maybe_applied = run.maybe_applied or verdict.outcome is Outcome.UNKNOWN
        self._breaker.leave(attempt.permit, self._health(run, attempt, verdict))
        self._settle(attempt, result)
        if isinstance(result, Received) or result.sent:  # what the day's quota counts as well
            self._usage.count(run.call.lane, run.call.operation.name)
        self._observe(run, result, verdict, self._clock.monotonic() - attempt.started)
        return result, verdict

    def _wire(self, run: Run) -> WireRequest:
        call, token = run.call, run.token
        headers = {"authorization": f"Bearer {token.value if token else ''}", "x-api-key": self._endpoint.api_key}
        if call.body is not None:
            headers["content-type"] = "application/json"
        url = self._endpoint.api_url + call.target
        timeout = max(0.001, min(self._longest(call), self._remaining(run)))
        return WireRequest(call.operation.method, url, headers, call.body, timeout, call.gate)

    def _longest(self, call: Call) -> float:
        """Seconds that one request of this call may take."""
        return self._endpoint.timeout if call.timeout is None else call.timeout

    def _settle(self, attempt: Attempt, result: Received | Failed) -> None:
        """Give the slot back by what the server can have seen of the request, and when."""
        slot = attempt.slot
        if isinstance(result, Received):
            if result.status == 429:
                self._limiter.refused(slot, self._retry_after(result))
            else:
                self._limiter.answered(slot)
        elif result.sent:
            self._limiter.lost(slot, timeout=attempt.request.timeout if result.kind is FailureKind.TIMEOUT else 0.0)
        else:
            self._limiter.unsent(slot)

    def _observe(self, run: Run, result: Received | Failed, verdict: Verdict, seconds: float) -> None:
        """Count the attempt; a request that was held back, or that the server handed back unprocessed, is none."""
        operation = run.call.operation
        if verdict.kind is Kind.RECYCLED:
            run.recycled += 1
        if verdict.kind in (Kind.RECYCLED, Kind.HELD_BACK):
            return
        run.attempts += 1
        if verdict.kind is Kind.UNAUTHORIZED:
            self._metrics.auth_failures.inc()
        if isinstance(result, Received) and verdict.kind is not Kind.OK:
            self._radar.observe_error(operation.name, result.body)
        no_answer = "error" if isinstance(result, Received) else "exception"
        label = _STATUS_LABELS.get(verdict.kind, no_answer)
        self._metrics.requests.labels(operation.method, operation.template, label).inc()
        self._metrics.request_duration.labels(operation.method, operation.template).observe(seconds)

    async def _before_next(self, run: Run, result: Received | Failed, verdict: Verdict) -> None:
        """Prepare the next attempt, or give the call up."""
        call = run.call
        progress = Progress(
            attempts=run.attempts, remaining=self._remaining(run), recycled=run.recycled, refreshed=run.refreshed
        )
        policy = self._policy if call.max_attempts is None else self._policy.with_attempts(call.max_attempts)
        decision = decide(
            verdict,
            call.operation.effect,
            progress,
            policy=policy,
            budget=self._budget,
            pause=self._limiter.pause_of(call.items),
            chance=self._chance(),
        )
        if isinstance(decision, GiveUp):
            raise self._given_up(run, result, verdict, decision.why)
        self._metrics.retries.labels(call.operation.name, verdict.kind.value).inc()
        if verdict.kind is Kind.UNAUTHORIZED:
            run.refreshed = run.rejected = True
        elif not decision.free:
            run.retried_after = verdict.kind
            await self._clock.sleep(decision.wait)

    def _given_up(self, run: Run, result: Received | Failed, verdict: Verdict, why: Why) -> StockXError:
        status = result.status if isinstance(result, Received) else None
        pause = timedelta(seconds=self._limiter.pause_of(run.call.items))
        retry_at = self._clock.now() + pause if verdict.kind is Kind.THROTTLED else None
        return failure(
            verdict, operation=run.call.operation.name, why=why, status=status, attempts=run.attempts, retry_at=retry_at
        )

    def _circuit_open(self, run: Run, rejected: Rejected) -> CircuitOpenError:
        wait = timedelta(seconds=max(0.0, rejected.retry_at - self._clock.monotonic()))
        operation = run.call.operation.name
        return CircuitOpenError(
            f"{operation} was not sent{' again' if run.attempts else ''}: StockX has been failing.",
            operation=operation,
            retry_at=self._clock.now() + wait,
        )

    def _retry_after(self, result: Received) -> float | None:
        return parse_retry_after(
            result.headers.get("retry-after"), now=self._clock.now(), answered=result.headers.get("date")
        )

    def _remaining(self, run: Run) -> float:
        return run.deadline - self._clock.monotonic()

    def _health(self, run: Run, attempt: Attempt, verdict: Verdict) -> Health:
        """What the attempt says about StockX.

        A connection recycled under a call says nothing, twice under the same call it is a failure; and nothing is said
        by a timeout that only the call's own short deadline made.
        """
        if verdict.kind is Kind.RECYCLED:
            return Health.BAD if run.recycled else Health.NEUTRAL
        hurried = verdict.kind is Kind.TIMEOUT and attempt.request.timeout < min(_PATIENCE, self._endpoint.timeout)
        return Health.NEUTRAL if hurried else verdict.health
