"""How a caller wants one call to be made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from solegate.client.policy.call import Call, Effect, Lane, Operation, Reply

READ_DEADLINE, WRITE_DEADLINE = 60.0, 30.0
"""Seconds for everything together (design 4.1)."""
BATCH_DEADLINE = 330.0
"""Seconds for a batch write: its items may wait for a whole window of five minutes (FACTS 1.1)."""


@dataclass(frozen=True, slots=True)
class CallOptions:
    """How one call is made. Whatever is `None` follows the operation or the policy.

    Attributes:
        lane: its priority while calls wait for the limit.
        deadline: seconds for everything together: waiting, requests and pauses.
        timeout: seconds for one request.
        max_age: oldest answer accepted from the cache, in seconds; 0 asks StockX.
        max_attempts: most requests that may fail; a renewed token or a recycled connection is no failure.
        on_reply: is handed each raw answer that StockX gives to this call, before it becomes a model.
        gate: is asked at the last moment, before the bytes that make it count leave; `False` holds it back.
    """

    lane: Lane | None = None
    deadline: float | None = None
    timeout: float | None = None
    max_age: float | None = None
    max_attempts: int | None = None
    on_reply: Callable[[Reply], None] | None = None
    gate: Callable[[], bool] | None = None


DEFAULT_OPTIONS = CallOptions()


def build_call(
    operation: Operation,
    options: CallOptions,
    *,
    query: dict[str, str] | None = None,
    body: bytes | None = None,
    items: int = 0,
    **path_params: str,
) -> Call:
    """The call of an operation, made as the options want it."""
    return Call(
        operation,
        path_params,
        query or {},
        body,
        lane=options.lane or operation.lane,
        deadline=_deadline(operation, items) if options.deadline is None else options.deadline,
        max_attempts=options.max_attempts,
        timeout=options.timeout,
        items=items,
        gate=options.gate,
    )


def _deadline(operation: Operation, items: int) -> float:
    if operation.effect is Effect.READ:
        return READ_DEADLINE
    return BATCH_DEADLINE if items else WRITE_DEADLINE
