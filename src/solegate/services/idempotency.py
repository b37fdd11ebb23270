"""Idempotency keys at work: who begins, who waits, and what is kept (`domain/idempotency.py` decides).

Whoever works on a request holds its key under a short lease and renews it meanwhile. If that process dies, the lease
lapses and the next repetition begins again; `KeyRecord.caller_key` lets the handler find what was done before.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakValueDictionary

from solegate.clock import Clock
from solegate.db import Database
from solegate.db.repositories.idempotency import IdempotencyRepository
from solegate.domain.idempotency import Answer, Decision, KeyRecord, begun, decide
from solegate.errors import DatabaseError, IdempotencyConflictError, IdempotencyMismatchError
from solegate.log import get_logger

_FIRST_LOOK, _LAST_LOOK = 0.05, 0.5
"""Seconds between two looks at a key somebody else works on: from the first to the longest."""


@dataclass(frozen=True, slots=True)
class IdempotencyPolicy:
    """How long things take.

    Attributes:
        lease: seconds for which whoever works on a request is believed to live; renewed at a third of it.
        patience: seconds for which a repetition waits for the first request's answer.
    """

    lease: float = 15.0
    patience: float = 10.0


class IdempotencyService:
    """The keys of one account, each caller's its own. They are shared by every process that uses the same database."""

    def __init__(
        self, database: Database, *, scope: str, clock: Clock, policy: IdempotencyPolicy | None = None
    ) -> None:
        self._database = database
        self._scope = scope
        self._clock = clock
        self._policy = policy or IdempotencyPolicy()
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._log = get_logger("idempotency")

    async def begin(self, key: str, request: str, *, caller: str = "") -> KeyRecord | Answer:
        """Begin to work on a request, or get the answer of an earlier one; waits a little for one under way.

        Args:
            key: the caller's.
            request: the request's fingerprint.
            caller: who asks, by the id of the API key: nobody is given the answer to somebody else.

        Returns:
            The key, held: work on the request inside `held`, then `keep` its answer. Or the kept answer.

        Raises:
            IdempotencyMismatchError: the key belongs to another request.
            IdempotencyConflictError: the first request is still worked on.
            DatabaseError: nothing was begun.
        """
        scope = f"{self._scope} {caller}" if caller else self._scope
        found = await self._try(scope, key, request)
        return await self._wait(scope, key, request) if found is None else found

    @asynccontextmanager
    async def held(self, record: KeyRecord) -> AsyncIterator[None]:
        """Hold the key while its request is worked on, however long that takes."""
        renewing = asyncio.create_task(self._renew(record))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait((renewing,))

    async def keep(self, record: KeyRecord, answer: Answer) -> None:
        """End the work: keep the answer, or, if it is not one to keep, give the key back for a repetition.

        It never fails: the work is done and its answer has to reach the caller. What could not be kept is found by its
        `caller_key` when the request comes again.
        """
        try:
            async with self._database.transaction() as session:
                keys = IdempotencyRepository(session)
                if answer.is_kept:
                    is_held = await keys.keep(record, answer)
                else:
                    is_held = await keys.renew(record, await self._database.now(session))
        except DatabaseError as error:
            self._log.warning("idempotency.not_kept", reason=error.message)
            return
        if not is_held:
            self._log.warning("idempotency.lost", fence=record.fence)

    async def give_back(self, record: KeyRecord) -> None:
        """The work ended without an answer: let a repetition begin at once."""
        await self.keep(record, Answer(status=500))

    async def forget_expired(self) -> int:
        """Delete keys that are older than 72 hours, of every scope; how many."""
        async with self._database.transaction() as session:
            return await IdempotencyRepository(session).forget_expired(await self._database.now(session))

    async def _wait(self, scope: str, key: str, request: str) -> KeyRecord | Answer:
        """Look again and again while somebody else works on it; of all who wait here for a key, one looks at a time."""
        patience_ends = self._clock.monotonic() + self._policy.patience
        turn = self._turns.setdefault((scope, key), asyncio.Lock())
        async with turn:
            pause = _FIRST_LOOK
            while (found := await self._try(scope, key, request)) is None:
                if self._clock.monotonic() + pause > patience_ends:
                    raise IdempotencyConflictError("The first request with this idempotency key is still worked on.")
                await self._clock.sleep(pause)
                pause = min(pause * 1.5, _LAST_LOOK)
            return found

    async def _try(self, scope: str, key: str, request: str) -> KeyRecord | Answer | None:
        """One look; `None`: somebody else works on it."""
        async with self._database.reading() as session:
            known = await IdempotencyRepository(session).get(scope, key)
            decision = decide(known, request, await self._database.now(session))
        match decision:
            case Decision.REPLAY if known is not None and known.answer is not None:
                return known.answer
            case Decision.MISMATCH:
                raise IdempotencyMismatchError("The idempotency key was used before, with another request.")
            case Decision.BEGIN:
                return await self._claim(known, scope, key, request)
            case _:
                return None

    async def _claim(self, known: KeyRecord | None, scope: str, key: str, request: str) -> KeyRecord | None:
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            lease = timedelta(seconds=self._policy.lease)
            record = begun(known, scope=scope, key=key, request=request, now=now, lease=lease)
            is_ours = await IdempotencyRepository(session).begin(record, instead_of=known)
        return record if is_ours else None

    async def _renew(self, record: KeyRecord) -> None:
        """Renew the lease until cancelled, or until the key is somebody else's."""
        is_held = True
        while is_held:
            await asyncio.sleep(self._policy.lease / 3)  # as long as this process lives, whatever its clock says
            try:
                async with self._database.transaction() as session:
                    until = await self._database.now(session) + timedelta(seconds=self._policy.lease)
                    is_held = await IdempotencyRepository(session).renew(record, until)
            except DatabaseError as error:
                self._log.warning("idempotency.not_renewed", reason=error.message)
