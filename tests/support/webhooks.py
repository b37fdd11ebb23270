"""Senders of webhooks, and an application that takes them in and processes them when it is told to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks import Webhook

from solegate.db.repositories.sightings import PriceSightingRepository
from solegate.domain.rotation import Secret
from solegate.domain.webhooks.values import Entry, EntryFilter, Request, Source, SourceKind
from solegate.services.webhooks.processing import InboxSteps
from support.api import RunningApi, running_api

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KICKSDB_SECRET = "k" * 37
POKE_SECRET = "a poke needs a secret of some length"
HMAC_SECRET = "it is known to two of us alone"
PRIVATE_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC_KEY = f"whpk_{base64.b64encode(PRIVATE_KEY.public_key().public_bytes_raw()).decode()}"
BODY = b'{"type":"order.sent","timestamp":"2026-01-01T11:59:58Z","data":{"id":"o-1"}}'

Headers = dict[str, str]


def source(kind: SourceKind, *secrets: str | Secret, **options: str) -> Source:
    """A source as it is kept; option names have underscores here."""
    return Source(
        name="shop",
        account="default",
        kind=kind,
        options={name.replace("_", "-"): value for name, value in options.items()},
        secrets=tuple(each if isinstance(each, Secret) else Secret(each) for each in secrets),
        created_at=NOW,
        updated_at=NOW,
    )


def request(headers: Mapping[str, str], body: bytes = BODY) -> Request:
    return Request(tuple(headers.items()), body)


def standard(body: bytes = BODY, *, at: datetime = NOW, message_id: str = "msg_1", secret: str = SECRET) -> Headers:
    """Headers as the reference implementation signs them."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body.decode()),
    }


def standard_v1a(body: bytes = BODY, *, at: datetime = NOW, message_id: str = "msg_1") -> Headers:
    """Headers as the specification says for its asymmetric scheme, which the reference implementation has not."""
    seconds = int(at.timestamp())
    signed = PRIVATE_KEY.sign(f"{message_id}.{seconds}.".encode() + body)
    signature = f"v1a,{base64.b64encode(signed).decode()}"
    return {"webhook-id": message_id, "webhook-timestamp": str(seconds), "webhook-signature": signature}


def hmac_hex(body: bytes = BODY, *, secret: str = HMAC_SECRET, algorithm: str = "sha256") -> str:
    return hmac.new(secret.encode(), body, algorithm).hexdigest()


def prices(
    *items: Mapping[str, Any], at: datetime = NOW, event: str = "stockx.price.updated.usd", **more: Any
) -> bytes:
    """A price event of KicksDB."""
    envelope = {"event": event, "timestamp": int(at.timestamp()), "version": "v1", "data": list(items)}
    return json.dumps(envelope | more).encode()


def price(variant: str, lowest_ask: object, **more: Any) -> dict[str, Any]:
    """What KicksDB says of a variant (FACTS 4)."""
    return {
        "product_id": "p-1",
        "name": "Air Jordan 1",
        "slug": "air-jordan-1",
        "sku": "DZ5485-612",
        "variant_id": variant,
        "sizes": [{"size": "9", "type": "us m"}],
        "lowest_ask": lowest_ask,
        "subtotal": {"STANDARD": 130},
        "number_of_asks": 12,
        "product_type": "sneakers",
        "currency": "USD",
    } | more


@dataclass(frozen=True)
class Inbox:
    """An application with sources, whose background work is done when it is told to."""

    api: RunningApi

    @property
    def clock(self) -> Any:
        return self.api.clock

    @property
    def webhooks(self) -> Any:
        return self.api.services.webhooks

    async def post(self, name: str, body: bytes, headers: Mapping[str, str]) -> httpx2.Response:
        return await self.api.client.post(f"/webhooks/{name}", content=body, headers=dict(headers))

    async def kicksdb(self, body: bytes) -> httpx2.Response:
        return await self.post("kicksdb", body, {"X-Secret-Key": KICKSDB_SECRET, "User-Agent": "SneakersAPI/1.0"})

    async def poke(self, document: object) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {POKE_SECRET}"}
        return await self.post("n8n", json.dumps(document).encode(), headers)

    async def shop(self, body: bytes = BODY, *, message_id: str = "msg_1") -> httpx2.Response:
        return await self.post("shop", body, standard(body, at=self.clock.now(), message_id=message_id))

    async def work(self, *, within: timedelta = timedelta(0), steps: InboxSteps | None = None) -> None:
        """Process what is due, letting time jump to what becomes due within some time."""
        steps = steps or self.webhooks.steps
        end = self.clock.now() + within
        while True:
            due = (await steps.step()).next_due
            if due is None or due > end:
                return
            self.clock.advance((due - self.clock.now()).total_seconds())

    async def entries(self) -> list[Entry]:
        """Everything in the inbox, the oldest first."""
        return list(await self.webhooks.inbox.after(0, EntryFilter(), limit=10_000))

    async def states(self) -> list[str]:
        return [each.state.value for each in await self.entries()]

    async def history(self, variant: str = "v-1") -> list[tuple[str, Decimal | None]]:
        """What a variant was seen to cost, and at what time of the day, the newest first."""
        async with self.api.services.database.reading() as session:
            found = await PriceSightingRepository(session, "default").history(variant, "USD")
        return [(f"{each.occurred_at:%H:%M:%S}", each.lowest_ask) for _source, each in found]

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a query gives."""
        async with self.api.services.database.reading() as session:
            connection = await session.connection()
            return [tuple(row) for row in await connection.exec_driver_sql(statement)]


SOURCES: tuple[tuple[str, SourceKind, str, dict[str, str]], ...] = (
    ("shop", SourceKind.STANDARD, SECRET, {"subject": "data.id"}),
    ("github", SourceKind.HMAC, HMAC_SECRET, {"header": "X-Hub-Signature-256", "prefix": "sha256="}),
    ("kicksdb", SourceKind.KICKSDB, KICKSDB_SECRET, {}),
    ("n8n", SourceKind.POKE, POKE_SECRET, {}),
)


@asynccontextmanager
async def inbox(folder: Path, url: str, **changes: Any) -> AsyncIterator[Inbox]:
    """Start an application with a source of each kind."""
    async with running_api(folder, database_url=url, **changes) as api:
        for name, kind, secret, options in SOURCES:
            await api.services.webhooks.sources.add(name, kind, options=options, secret=secret)
        yield Inbox(api)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
