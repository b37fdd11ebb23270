"""API keys on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from solegate.api.schemas.base import LINE_PATTERN, NextCursor, Schema
from solegate.domain.keys import PER_MINUTE, ApiKey, KeyState, Scope, state_of
from solegate.services.api_keys import LONGEST_NAME, NewKey

_EXAMPLE: JsonDict = {
    "id": "4f1c09a7d2b3",
    "name": "repricer",
    "start": "Zk3v9Q",
    "scope": "write",
    "account": "default",
    "perMinute": 600,
    "state": "active",
    "createdAt": "2026-01-01T12:00:00Z",
    "createdBy": "API key 'first key'",
    "expiresAt": "2026-04-01T12:00:00Z",
    "revokedAt": None,
    "lastUsedAt": None,
}


class NewKeyIn(Schema):
    """A key that is wanted."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "repricer", "scope": "write", "account": "default", "expires": "90d"}}
    )

    name: str = Field(
        min_length=1, max_length=LONGEST_NAME, pattern=LINE_PATTERN, description="For people; the audit trail names it."
    )
    scope: Scope = Field(description="`read`, `write` or `admin`; each includes the one before.")
    account: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        pattern=LINE_PATTERN,
        description="The only account it reaches; null: every one.",
    )
    per_minute: int = Field(PER_MINUTE, ge=1, le=1_000_000, description="Requests it may make in a minute.")
    expires: str | None = Field(
        None, max_length=40, description="When it ends: `90d`, `12h`, or a date such as `2027-01-31`; null: never."
    )


class KeyOut(Schema):
    """A key as it is kept; the secret is not."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    id: str = Field(description="Finds it; the part of the key between the underscores.")
    name: str = Field(description="For people.")
    start: str = Field(description="The first characters of its secret.")
    scope: Scope = Field(description="What it may do.")
    account: str | None = Field(description="The only account it reaches; null: every one.")
    per_minute: int = Field(description="Requests it may make in a minute.")
    state: KeyState = Field(description="`active`, `expired` or `revoked`.")
    created_at: datetime = Field(description="When it was made (UTC).")
    created_by: str = Field(description="By whom.")
    expires_at: datetime | None = Field(description="When it ends; null: never.")
    revoked_at: datetime | None = Field(description="Since when it opens nothing.")
    last_used_at: datetime | None = Field(description="When it was used last, to the minute.")

    @classmethod
    def of(cls, key: ApiKey, now: datetime) -> Self:
        """A key as it stands now."""
        fields = {name: getattr(key, name) for name in cls.model_fields if name not in {"state", "key"}}
        return cls(**fields, state=state_of(key, now))


class KeyMadeOut(KeyOut):
    """A key that was just made."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**_EXAMPLE, "key": "sg_4f1c09a7d2b3_" + "Zk3v9Q" + 37 * "x"}}
    )

    key: str = Field(description="The key itself. It is shown this once, and kept nowhere.")

    @classmethod
    def made(cls, new: NewKey, now: datetime) -> Self:
        """A new key, with its text."""
        return cls(**KeyOut.of(new.key, now).model_dump(), key=new.text)


class KeysOut(Schema):
    """A page of keys."""

    items: tuple[KeyOut, ...] = Field(description="The newest first.")
    next_cursor: NextCursor
