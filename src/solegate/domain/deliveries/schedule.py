"""When a delivery is tried again, when it is given up, and how long a receiver that fails is left alone.

The times are those that Standard Webhooks recommends (specification, "Deliverability and reliability"): ten attempts
in about 75 hours.

Order: a subscriber is sent the oldest event that is due. While its receiver seems to be away (no answer, 5xx, 429) it
is left alone as a whole for a moment, so that the first event is tried again before the next one; after two such
pauses the event waits for its own times, and the others go on. An event that the receiver refuses (4xx) keeps nothing
waiting. Once a receiver is back, all that waits goes out, oldest first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

_HOUR = 3600.0
RETRIES = (5.0, 300.0, 1800.0, 2 * _HOUR, 5 * _HOUR, 10 * _HOUR, 14 * _HOUR, 20 * _HOUR, 24 * _HOUR)
"""Seconds between one attempt and the next."""
MOST_ATTEMPTS = len(RETRIES) + 1
GIVE_UP_AFTER = timedelta(seconds=sum(RETRIES))
"""After the first attempt; then a delivery whose attempts came late has had its last one too."""
JITTER = 0.1
"""Share of a pause by which it may be longer or shorter, so that failures of one moment do not return as one."""
LONGEST_RETRY_AFTER = 24 * _HOUR
"""Seconds; a receiver that asks for more is asked then."""
PAUSES = (5.0, 300.0)
"""Seconds that a receiver is left alone after the first failure in a row, and after any further one."""
BACK_AFTER = 3
"""Failures in a row after which the first success counts as a return, and all that waits is due."""
DISABLE_AFTER = timedelta(days=5)
"""Without a single success; judged when a delivery is given up."""

_GONE = 410
_ASKED_FOR_PATIENCE = frozenset({408, 425, 429})


class Verdict(StrEnum):
    """What a receiver's answer means."""

    TAKEN = "taken"
    REFUSED = "refused"
    """It lives, and does not want this very event: the others go on."""
    AWAY = "away"
    """It does not answer, or says that it cannot: it is left alone for a moment."""
    GONE = "gone"
    """It wants nothing more, ever."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt.

    Attributes:
        status: of the answer; `None` when there was none.
        error: why it failed, in words.
        retry_after: seconds that the receiver asked for.
    """

    status: int | None
    error: str = ""
    retry_after: float | None = None

    @property
    def verdict(self) -> Verdict:
        """What the answer means; whatever is not 2xx is a failure, a redirection too."""
        if self.status is None or self.status in _ASKED_FOR_PATIENCE:
            return Verdict.AWAY
        if 200 <= self.status < 300:
            return Verdict.TAKEN
        if self.status == _GONE:
            return Verdict.GONE
        return Verdict.REFUSED if 300 <= self.status < 500 else Verdict.AWAY


def next_attempt(
    attempts: int, tried_since: datetime, now: datetime, *, retry_after: float | None, chance: float
) -> datetime | None:
    """When a delivery that failed is tried again; `None` when it is given up.

    Args:
        attempts: made so far, this one included.
        tried_since: when the first was.
        now: the moment of the failure.
        retry_after: seconds that the receiver asked for.
        chance: 0 to 1, for the jitter.
    """
    if attempts >= MOST_ATTEMPTS or now - tried_since >= GIVE_UP_AFTER * (1 + JITTER):
        return None
    pause = RETRIES[attempts - 1] * (1 + JITTER * (2 * chance - 1))
    return now + timedelta(seconds=max(pause, min(retry_after or 0.0, LONGEST_RETRY_AFTER)))


def rest_after(failures: int, *, retry_after: float | None) -> timedelta:
    """How long a receiver is left alone.

    Args:
        failures: in a row, this one included.
        retry_after: seconds that it asked for.
    """
    pause = PAUSES[min(failures, len(PAUSES)) - 1]
    return timedelta(seconds=max(pause, min(retry_after or 0.0, LONGEST_RETRY_AFTER)))


def gives_up_on(failing_since: datetime | None, now: datetime) -> bool:
    """Whether a subscriber has taken nothing for so long that it is sent nothing more."""
    return failing_since is not None and now - failing_since >= DISABLE_AFTER
