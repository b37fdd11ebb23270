"""What an attempt makes of a delivery."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from solegate.domain.deliveries.schedule import Attempt, Verdict, next_attempt
from solegate.domain.deliveries.values import Delivery, DeliveryState


def after_attempt(delivery: Delivery, attempt: Attempt, now: datetime, *, chance: float) -> Delivery:
    """The delivery after one more attempt: delivered, due again, or dead.

    Args:
        delivery: as it was.
        attempt: what came of it.
        now: when it ended.
        chance: 0 to 1, for the jitter.
    """
    made, since = delivery.attempts + 1, delivery.tried_since or now
    tried = replace(delivery, attempts=made, tried_since=since, last_status=attempt.status, last_error=attempt.error)
    if attempt.verdict is Verdict.TAKEN:
        return replace(tried, state=DeliveryState.DELIVERED, due_at=None, delivered_at=now, last_error="")
    again = None
    if attempt.verdict is not Verdict.GONE:
        again = next_attempt(made, since, now, retry_after=attempt.retry_after, chance=chance)
    return replace(tried, state=DeliveryState.DEAD if again is None else DeliveryState.PENDING, due_at=again)
