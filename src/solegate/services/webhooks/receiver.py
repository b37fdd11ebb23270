"""Taking webhooks in: believed or refused at once, kept once, processed later.

Sources are remembered for some seconds, so that a request costs no look into the database before it is believed.
Webhooks that come while a transaction is being written wait for it and are written together by the next one: under
load one commit, which is what takes the time, keeps many. None is answered before it is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

from solegate.clock import Clock
from solegate.db import Database, SecretBox
from solegate.db.repositories.inbox import Arrival, digests, keep
from solegate.db.repositories.tasks import TaskRepository
from solegate.db.repositories.webhook_sources import WebhookSourceRepository
from solegate.domain.rotation import Secret
from solegate.domain.webhooks.registry import KINDS
from solegate.domain.webhooks.values import NAME, Message, Request, Source, SourceKind
from solegate.errors import DatabaseError, SignatureError, WebhookConflictError
from solegate.log import get_logger
from solegate.services.remembered import Remembered
from solegate.services.webhooks.tasks import inbox_task

REMEMBERED = 5.0
"""Seconds for which a source is believed to be as it was: a secret that was rotated counts no later than that."""
DOUBTED = 1.0
"""As many where it would refuse something: a secret that is new counts no later than that."""
MOST_REMEMBERED = 1_000
"""Names in memory, unknown ones included."""
MOST_TOGETHER = 100
"""Webhooks that one transaction keeps."""
_REFUSED = "The webhook cannot be believed."
_START = datetime(2026, 1, 1, tzinfo=UTC)


class Receipt(StrEnum):
    """What became of a webhook at the door."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    """It is here already: nothing was done."""


class WebhookReceiver:
    """The door for the sources of every account.

    Args:
        database: keeps sources, inbox and tasks.
        box: opens the secrets.
        tasks: where processing is queued.
        clock: judges times of sending.
        decoy: a secret nobody has: an unknown source is refused by it, after as much work as a known one.
    """

    def __init__(self, database: Database, box: SecretBox, tasks: TaskRepository, *, clock: Clock, decoy: str) -> None:
        self._database = database
        self._box = box
        self._tasks = tasks
        self._clock = clock
        self._decoy = Source(
            name="",
            account="",
            kind=SourceKind.STANDARD,
            secrets=(Secret(decoy),),
            created_at=_START,
            updated_at=_START,
        )
        self._known = Remembered(self._find, clock=clock, most=MOST_REMEMBERED)
        self._waiting: list[tuple[Arrival, asyncio.Future[Receipt]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._log = get_logger("webhooks")

    async def take(self, name: str, request: Request) -> Receipt:
        """Believe a webhook and keep it, or refuse it.

        Args:
            name: of the source, as it was called.
            request: as it came.

        Raises:
            SignatureError: there is no such source, or it did not send this, or not now.
            WebhookPayloadError: it did, but the body is none that such a source sends.
            WebhookConflictError: it sent something else under the same id before.
            DatabaseError: it cannot be kept; the sender shall try again.
        """
        try:
            source, message = await self._believed(name, request, REMEMBERED)
        except SignatureError:
            # Its secret may have been rotated, or the source added, a moment ago.
            source, message = await self._believed(name, request, DOUBTED)
        return await self._kept(Arrival(source.account, source.name, source.kind, message, request.body))

    async def close(self) -> None:
        """Let what is being written be written."""
        if self._writing is not None:
            await asyncio.wait((self._writing,))

    async def _believed(self, name: str, request: Request, max_age: float) -> tuple[Source, Message]:
        """Who sent it, and what it says.

        Raises:
            SignatureError: nobody who may; it is the same for whatever is wrong, so that nobody learns from it which
                sources there are.
            WebhookPayloadError: it is no body of such a source.
        """
        source = await self._known.get(name, max_age=max_age) if NAME.fullmatch(name) else None
        judged = source or self._decoy
        try:
            message = KINDS[judged.kind].read(judged, request, self._clock.now())
        except SignatureError as error:
            self._log.info("webhook.refused", source=judged.name or "unknown", reason=error.message)
            raise SignatureError(_REFUSED) from None
        if source is None:
            raise SignatureError(_REFUSED)
        return source, message

    async def _find(self, name: str) -> Source | None:
        async with self._database.reading() as session:
            return await WebhookSourceRepository(session, self._box).find(name)

    async def _kept(self, arrival: Arrival) -> Receipt:
        """Wait until it is kept. A sender that goes away meanwhile takes nothing with it."""
        answer: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, answer))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await asyncio.shield(answer)

    async def _write(self) -> None:
        """Keep everything that waits, as much at once as one transaction takes."""
        try:
            while self._waiting:
                together = self._waiting[:MOST_TOGETHER]
                del self._waiting[:MOST_TOGETHER]
                await self._write_together(together)
        finally:
            self._writing = None

    async def _write_together(self, together: Sequence[tuple[Arrival, asyncio.Future[Receipt]]]) -> None:
        try:
            receipts = await self._store([arrival for arrival, _answer in together])
        except BaseException as error:
            for _arrival, answer in together:
                # Each one an error of its own: they are raised in different requests.
                answer.set_exception(_anew(error))
                answer.exception()  # the sender may have gone away
            if not isinstance(error, Exception):
                raise
            return
        for (_arrival, answer), receipt in zip(together, receipts, strict=True):
            if isinstance(receipt, Receipt):
                answer.set_result(receipt)
            else:
                answer.set_exception(receipt)
                answer.exception()

    async def _store(self, arrivals: Sequence[Arrival]) -> list[Receipt | WebhookConflictError]:
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            new = set(await keep(session, arrivals, now))
            for account in sorted({account for account, _source, _identity in new}):
                await self._tasks.put(session, inbox_task(account, now))
            repeated = len(arrivals) > len(new)
            kept = await digests(session, {each.known_by for each in arrivals}) if repeated else {}
        receipts: list[Receipt | WebhookConflictError] = []
        for each in arrivals:
            if each.known_by in new:
                new.discard(each.known_by)
                receipts.append(Receipt.ACCEPTED)
            elif kept[each.known_by] == each.message.digest:
                receipts.append(Receipt.DUPLICATE)
            else:
                receipts.append(WebhookConflictError("This id came before, with other content, which stands."))
        return receipts


def _anew(error: BaseException) -> Exception:
    if isinstance(error, DatabaseError):
        return DatabaseError(error.message, hint=error.hint)
    return RuntimeError(f"the webhook could not be kept: {type(error).__name__}")
