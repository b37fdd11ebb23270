"""Webhooks that come in, and their sources, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from solegate.api.schemas.base import LINE_PATTERN, NextCursor, Schema
from solegate.domain.cursors import Page
from solegate.domain.webhooks.values import Entry, EntryState, Source, SourceKind
from solegate.services.webhooks.receiver import Receipt
from solegate.services.webhooks.sources import LONGEST_SECRET, NewSource

NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
_ENTRY: JsonDict = {
    "id": 1207,
    "source": "kicksdb",
    "kind": "kicksdb",
    "identity": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "eventType": "stockx.price.updated.usd",
    "subject": "",
    "occurredAt": "2026-01-01T12:00:00Z",
    "receivedAt": "2026-01-01T12:00:01Z",
    "state": "done",
    "attempts": 1,
    "dueAt": None,
    "reason": "3 prices kept; 0 were older, 0 could not be read",
    "processedAt": "2026-01-01T12:00:02Z",
}
_SOURCE: JsonDict = {
    "name": "shop",
    "kind": "standard",
    "path": "/webhooks/shop",
    "options": {},
    "secrets": [{"until": None}],
    "createdAt": "2026-01-01T12:00:00Z",
    "updatedAt": "2026-01-01T12:00:00Z",
}


class ReceiptOut(Schema):
    """A webhook was taken in."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "accepted"}})

    status: Receipt = Field(description="`accepted`; or `duplicate`: it is here already, and nothing was done.")


class WebhookOut(Schema):
    """A webhook that came in, without its body."""

    model_config = ConfigDict(json_schema_extra={"example": _ENTRY})

    id: int = Field(description="Ours, in the order of arrival.")
    source: str = Field(description="Who sent it.")
    kind: SourceKind = Field(description="What kind of source that is.")
    identity: str = Field(description="The same for every repetition.")
    event_type: str = Field(description="What it calls itself; may be empty.")
    subject: str = Field(description="What it is about, where that is known.")
    occurred_at: datetime = Field(description="When that happened, as the source says (UTC).")
    received_at: datetime = Field(description="When it came (UTC).")
    state: EntryState = Field(
        description="`received`: it waits. `done`. `stale`: something newer about its subject came before. `ignored`: "
        "nothing follows from it. `dead`: it cannot be read, or failed too often."
    )
    attempts: int = Field(description="To process it.")
    due_at: datetime | None = Field(description="When it is processed, or tried again; null when nothing is left.")
    reason: str = Field(description="What was done, or why not.")
    processed_at: datetime | None = Field(description="When it became what it is.")

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """An entry of the inbox."""
        return cls(**_fields(entry))


class WebhookDetails(WebhookOut):
    """A webhook that came in, with its body."""

    model_config = ConfigDict(json_schema_extra={"example": {**_ENTRY, "body": '{"event":"stockx.price.updated.usd"}'}})

    body: str = Field(description="As it came; bytes that are no UTF-8 are replaced.")

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """An entry of the inbox, with its body."""
        return cls(**_fields(entry), body=entry.body.decode(errors="replace"))


class WebhooksOut(Schema):
    """A page of the inbox."""

    items: tuple[WebhookOut, ...] = Field(description="The newest first.")
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: Page[Entry]) -> Self:
        """A page of entries."""
        return cls(items=tuple(map(WebhookOut.of, page.rows)), next_cursor=page.next_cursor)


class SecretOut(Schema):
    """A secret of a source; the text itself is not shown again."""

    until: datetime | None = Field(description="Until when it counts; null: until it is rotated.")


class SourceOut(Schema):
    """Who may send webhooks."""

    model_config = ConfigDict(json_schema_extra={"example": _SOURCE})

    name: str = Field(description="Names it in its address.")
    kind: SourceKind = Field(
        description="`standard`: Standard Webhooks. `hmac`: an HMAC in a header. `kicksdb`: KicksDB's price events. "
        "`poke`: says that it is time to look at StockX."
    )
    path: str = Field(description="Where it sends to, on this server.")
    options: dict[str, str] = Field(description="What else is known of how it signs.")
    secrets: tuple[SecretOut, ...] = Field(description="That count, the newest first; not the secrets themselves.")
    created_at: datetime = Field(description="When it was added (UTC).")
    updated_at: datetime = Field(description="When it last changed (UTC).")

    @classmethod
    def of(cls, source: Source) -> Self:
        """A source as it is kept."""
        return cls(**_source_fields(source))


class SourcesOut(Schema):
    """The sources of an account."""

    items: tuple[SourceOut, ...] = Field(description="By name; an account has at most 100.")
    next_cursor: NextCursor = None


class NewSourceIn(Schema):
    """A source that is wanted."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "shop", "kind": "standard"}})

    name: str = Field(pattern=NAME_PATTERN, description="The last part of its address.")
    kind: SourceKind = Field(description="How it shows that it is the one.")
    options: dict[str, str] = Field(
        default_factory=dict,
        max_length=20,
        description="For `hmac`: `header`, `algorithm` (sha256, sha512, sha1), `encoding` (hex, base64), `prefix`, "
        "`timestamp-header`, `id-header`, `template`, `type`, `subject`, `occurred-at`. For `standard`: `subject`.",
    )
    secret: str = Field(
        "",
        max_length=LONGEST_SECRET,
        pattern=LINE_PATTERN,
        description="Where the sender chooses it; else one is made.",
    )


class RotationIn(Schema):
    """A new secret that is wanted."""

    model_config = ConfigDict(json_schema_extra={"example": {"overlapHours": 24}})

    secret: str = Field(
        "",
        max_length=LONGEST_SECRET,
        pattern=LINE_PATTERN,
        description="Where the sender chooses it; else one is made.",
    )
    overlap_hours: int = Field(24, ge=0, le=720, description="For how long the old secrets count as well.")


class SourceMadeOut(SourceOut):
    """A source with a new secret."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**_SOURCE, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}}
    )

    secret: str = Field(description="The secret. It is shown this once; empty when you gave it.")

    @classmethod
    def made(cls, new: NewSource) -> Self:
        """A source and its secret."""
        return cls(**_source_fields(new.source), secret=new.secret)


def _fields(entry: Entry) -> dict[str, object]:
    message = entry.message
    return {
        "id": entry.id,
        "source": entry.source,
        "kind": entry.kind,
        "identity": message.identity,
        "event_type": message.event_type,
        "subject": message.subject,
        "occurred_at": message.occurred_at,
        "received_at": entry.received_at,
        "state": entry.state,
        "attempts": entry.attempts,
        "due_at": entry.due_at,
        "reason": entry.reason,
        "processed_at": entry.processed_at,
    }


def _source_fields(source: Source) -> dict[str, object]:
    return {
        "name": source.name,
        "kind": source.kind,
        "path": f"/webhooks/{source.name}",
        "options": dict(source.options),
        "secrets": tuple(SecretOut(until=each.until) for each in source.secrets),
        "created_at": source.created_at,
        "updated_at": source.updated_at,
    }
