"""A webhook on its way in, as values (issue 5, item 5).

An entry of the inbox is `received` until a job has looked at it. Then it is `done`; `stale`, because its source has
told something newer about the same subject before; `ignored`, because nothing follows from its kind of event; or
`dead`: it cannot be understood, or failed too often. A person may have it looked at again, whatever it is at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from solegate.domain.rotation import Secret, in_force
from solegate.errors import SignatureError

TOLERANCE = timedelta(seconds=300)
"""How far a sender's clock may be from ours, in either direction (Standard Webhooks recommends five minutes)."""
REPLAY_WINDOW = timedelta(days=4)
"""How old something without a signed time of sending may be; whatever comes twice is known for longer than that."""
LARGEST_BODY = 256 * 1024
"""Bytes of a webhook."""
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
"""What a source may be called: it is part of its address."""


class SourceKind(StrEnum):
    """How a source shows that it is the one."""

    STANDARD = "standard"
    """Signed after Standard Webhooks, v1 or v1a."""
    HMAC = "hmac"
    """Signed with an HMAC in a header of its own."""
    KICKSDB = "kicksdb"
    """KicksDB's price events; a secret comes along."""
    POKE = "poke"
    """Says that it is time to look at StockX; a secret comes along."""


class EntryState(StrEnum):
    """What an entry is at; see the module."""

    RECEIVED = "received"
    DONE = "done"
    STALE = "stale"
    IGNORED = "ignored"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who may send something.

    Attributes:
        name: the last part of the address that it calls; no other source has it.
        account: whose.
        kind: how it shows that it is the one.
        options: what else there is to know about a kind: the names of its headers, where its times are.
        secrets: that count, the newest first; during a rotation more than one.
        created_at, updated_at: when it was made, and last changed (UTC).
    """

    name: str
    account: str
    kind: SourceKind
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[Secret, ...] = field(default=(), repr=False)
    created_at: datetime
    updated_at: datetime

    def secrets_at(self, now: datetime) -> tuple[str, ...]:
        """Those that count now."""
        return in_force(self.secrets, now)


@dataclass(frozen=True, slots=True)
class Request:
    """What a source sent: its headers, and its body byte for byte."""

    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """The value of a header.

        Raises:
            SignatureError: there is none, or more than one, of which nobody knows which one was meant.
        """
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        if len(found) != 1:
            raise SignatureError(f"the header {name} came {len(found)} times")
        return found[0].strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a webhook says, once it is believed.

    Attributes:
        identity: the same for every repetition, and made of signed material alone.
        digest: SHA-256 of the body: the same identity with another one is a conflict.
        event_type: what it calls itself; may be empty.
        subject: what it is about, where that is known: older things about it are stale.
        occurred_at: when that happened (UTC).
    """

    identity: str
    digest: str
    event_type: str = ""
    subject: str = ""
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A webhook in the inbox.

    Attributes:
        id: ours, in the order of arrival.
        account, source, kind: who sent it, as the source was then.
        message: what it says.
        received_at: when it came, by the database's clock.
        body: as it came.
        state: what it is at.
        attempts: to process it.
        due_at: when it is looked at; `None` when nothing is left to do.
        reason: why it is stale, ignored or dead, or failed last; or what was done.
        processed_at: when it became what it is.
    """

    id: int
    account: str
    source: str
    kind: SourceKind
    message: Message
    received_at: datetime
    body: bytes = field(repr=False)
    state: EntryState = EntryState.RECEIVED
    attempts: int = 0
    due_at: datetime | None = None
    reason: str = ""
    processed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries are wanted; what is `None` or empty does not matter."""

    source: str | None = None
    event_type: str | None = None
    states: tuple[EntryState, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an entry, and why."""

    state: EntryState
    reason: str = ""
