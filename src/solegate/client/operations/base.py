"""What every group of operations shares: reading through the cache, sending a write, and understanding the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from pydantic import ValidationError

from solegate.client.assembly import ClientConfig, Pipeline
from solegate.client.cache import CacheKey
from solegate.client.models.base import Answer, Provenance, Source
from solegate.client.options import CallOptions
from solegate.client.policy.call import Call, Effect, Reply
from solegate.client.policy.freshness import FreshnessPolicy
from solegate.errors import InvalidInputError, Outcome, UnexpectedResponseError

AnswerT = TypeVar("AnswerT", bound=Answer)


class OperationGroup:
    """One account's pipeline, and how its answers become models."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self.config: ClientConfig = pipeline.config

    def _check_future(self, expires_at: datetime | None) -> None:
        """Refuse an expiry in the past: it would list nothing."""
        if expires_at is not None and expires_at <= self._pipeline.clock.now():
            raise InvalidInputError("The expiry is in the past.")

    def _key(self, call: Call, *ids: str, currency: str = "") -> CacheKey:
        return CacheKey(self.config.account, call.operation.name, ids, currency)

    async def _read(
        self,
        key: CacheKey,
        call: Call,
        parse: Callable[[bytes], AnswerT],
        freshness: FreshnessPolicy,
        options: CallOptions,
        *,
        asks_stockx: bool = False,
    ) -> AnswerT:
        """Read through both tiers of the cache; `parse` turns the body into the model."""
        max_age, shared = 0.0 if asks_stockx else options.max_age, self._pipeline.shared

        async def ask() -> tuple[AnswerT, Reply]:
            return await self._exchange(call, parse, options)

        async def load() -> AnswerT:
            if shared is None:
                return (await ask())[0]
            return await shared.read(key, ask, parse, freshness, max_age=max_age)

        return await self._pipeline.cache.read(key, load, freshness, max_age=max_age)

    async def _send(self, call: Call, parse: Callable[[bytes], AnswerT], options: CallOptions) -> AnswerT:
        """Send the call, past the cache, and understand the answer.

        Raises:
            StockXError: it failed, or succeeded with an answer that cannot be understood.
        """
        return (await self._exchange(call, parse, options))[0]

    async def _exchange(
        self, call: Call, parse: Callable[[bytes], AnswerT], options: CallOptions
    ) -> tuple[AnswerT, Reply]:
        """What StockX answers, as a model and as it came."""
        reply = await self._pipeline.executor.execute(call)
        if options.on_reply is not None:
            options.on_reply(reply)
        provenance = Provenance(Source.LIVE, reply.fetched_at, 0.0, reply.attempts, reply.request_id)
        answer = _parsed(parse, reply, call)
        await self._pipeline.radar.observe(call.operation.name, answer)
        return answer.with_provenance(provenance), reply


def encoded(body: Mapping[str, object]) -> bytes:
    """A JSON body."""
    return json.dumps(body, separators=(",", ":")).encode()


def _parsed(parse: Callable[[bytes], AnswerT], reply: Reply, call: Call) -> AnswerT:
    """The model of an answer; what cannot be understood is a typed error with the first reason in it.

    StockX answered 2xx, so a write did take effect although its answer is of no use.
    """
    try:
        return parse(reply.body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise UnexpectedResponseError(
            f"{call.operation.name} got an answer that cannot be understood ({where}: {first['msg']}).",
            operation=call.operation.name,
            outcome=Outcome.NOT_APPLIED if call.operation.effect is Effect.READ else Outcome.APPLIED,
            status=reply.status,
            attempts=reply.attempts,
            request_id=reply.request_id,
        ) from None
