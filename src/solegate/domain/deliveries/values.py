"""Subscribers, and what each of them is sent (issue 5, events out).

A subscriber is `active`, `paused` by a person (what happens meanwhile waits) or `disabled` by Solegate (its receiver
is gone, or took nothing for days: what waits is skipped). A delivery is one event for one subscriber: `pending` until
it is `delivered`, `dead` after the last attempt, or `skipped` because nobody was to be sent anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from solegate.domain.events.values import Data
from solegate.domain.rotation import Secret, in_force

_PATTERN = re.compile(r"\*|[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*(?:\.\*)?")
LONGEST_PATTERN = 100


class SubscriberKind(StrEnum):
    """What a receiver understands."""

    STANDARD = "standard"
    """Signed messages after Standard Webhooks."""
    SLACK = "slack"
    DISCORD = "discord"


class SubscriberState(StrEnum):
    """Whether a subscriber is sent anything; see the module."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"


class DeliveryState(StrEnum):
    """What became of one event for one subscriber; see the module."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    SKIPPED = "skipped"


class Happened(Protocol):
    """An event as far as its delivery is concerned: `Event` has this shape, and `Ping`."""

    @property
    def id(self) -> str:
        """What its messages are known by, in every attempt."""
        ...

    @property
    def account(self) -> str:
        """Whose."""
        ...

    @property
    def type(self) -> str:
        """Which subscribers want it."""
        ...

    @property
    def subject(self) -> str:
        """What it happened to."""
        ...

    @property
    def occurred_at(self) -> datetime:
        """When."""
        ...

    @property
    def data(self) -> Data:
        """More about it."""
        ...

    @property
    def seq(self) -> int:
        """Its place among the account's events."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Who is told what.

    Attributes:
        account: whose events.
        id: ours.
        name: for people.
        kind: what its receiver understands.
        url: where it is called; of a Slack or Discord webhook it is a secret itself.
        types: patterns of event types: `*`, `order.*`, `order.created`.
        secrets: that sign (`whsec_` and base64), the newest first; none for Slack and Discord.
        state, reason: whether it is sent anything, and why not.
        failures: attempts in a row that failed, of whatever delivery.
        failing_since: when the first of them was.
        rests_until: its receiver is left alone until then.
        created_at, updated_at: when it was made, and last changed (UTC).
    """

    account: str
    id: str
    name: str
    kind: SubscriberKind = SubscriberKind.STANDARD
    url: str = field(repr=False)
    types: tuple[str, ...] = ("*",)
    secrets: tuple[Secret, ...] = field(default=(), repr=False)
    state: SubscriberState = SubscriberState.ACTIVE
    reason: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    rests_until: datetime | None = None
    created_at: datetime
    updated_at: datetime

    def signs_with(self, now: datetime) -> tuple[str, ...]:
        """The secrets in force; during a rotation more than one."""
        return in_force(self.secrets, now)

    def listens(self, now: datetime) -> bool:
        """Whether it may be sent something now."""
        return self.state is SubscriberState.ACTIVE and (self.rests_until is None or self.rests_until <= now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one subscriber.

    Attributes:
        account, subscriber_id, event_id: which; the event's id is the message's `webhook-id`, in every attempt.
        number: the event's place among all of the account.
        type: the event's.
        state: what became of it.
        attempts: made so far.
        due_at: when it is tried next; `None` when it is not pending.
        tried_since: when it was tried first.
        last_status: the receiver's last answer; `None` if there was none.
        last_error: why it did not arrive, in words.
        created_at: when it was put here.
        delivered_at: when the receiver took it.
    """

    account: str
    subscriber_id: str
    event_id: str
    number: int
    type: str
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    due_at: datetime | None = None
    tried_since: datetime | None = None
    last_status: int | None = None
    last_error: str = ""
    created_at: datetime
    delivered_at: datetime | None = None


def shown_url(kind: SubscriberKind, url: str) -> str:
    """What may be seen of an address: the path of a Slack or Discord webhook is its password, a query may be one."""
    parts = urlsplit(url)
    path = parts.path if kind is SubscriberKind.STANDARD else "/…"
    return f"{parts.scheme}://{parts.netloc}{path}{'?…' if parts.query else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which deliveries are wanted; what is `None` or empty does not matter."""

    subscriber_id: str | None = None
    event_id: str | None = None
    type: str | None = None
    states: tuple[DeliveryState, ...] = ()


def is_pattern(text: str) -> bool:
    """Whether it can name event types: `*`, `order.*` or `order.created`."""
    return len(text) <= LONGEST_PATTERN and _PATTERN.fullmatch(text) is not None


def wants(patterns: Iterable[str], event_type: str) -> bool:
    """Whether one of the patterns names this type of event."""
    return any(
        pattern in {"*", event_type} or (pattern.endswith(".*") and event_type.startswith(pattern[:-1]))
        for pattern in patterns
    )
