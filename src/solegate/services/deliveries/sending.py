"""Sending a subscriber what waits for it (issue 5, events out).

The attempt is made first and written down after it: a process that dies in between sends the message again, under the
same id, and no message is lost. So a receiver that keeps the ids it has seen takes each event exactly once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from solegate.client.outbound import Outbound
from solegate.clock import Clock
from solegate.db import Database, SecretBox, Session
from solegate.db.repositories.deliveries import DeliveryRepository
from solegate.db.repositories.events import EventRepository
from solegate.db.repositories.subscribers import SubscriberRepository
from solegate.domain.deliveries.messages import message_of
from solegate.domain.deliveries.outcomes import after_attempt
from solegate.domain.deliveries.schedule import BACK_AFTER, Attempt, Verdict, gives_up_on, rest_after
from solegate.domain.deliveries.values import Delivery, DeliveryState, Happened, Subscriber, SubscriberState
from solegate.domain.events.values import Data, EventType, event
from solegate.domain.leases import Lease
from solegate.domain.tasks import Progress
from solegate.log import get_logger
from solegate.metrics import Metrics
from solegate.services.events.log import EventLog

_AT_ONCE = 50
"""Deliveries of one step."""
_LONGEST = 5.0
"""Seconds after which a step begins no further attempt: others wait for its place."""

_Waiting = tuple[tuple[Delivery, Happened | None], ...]

_log = get_logger("deliveries")


class Deliverer:
    """Sends the subscribers of one account what is due.

    Args:
        database: where subscribers and deliveries are.
        box: opens their addresses and secrets.
        outbound: calls them.
        events: where it is written down that one of them was disabled.
        account: whose.
        clock: measures the steps, and dates the messages.
        metrics: counts the attempts.
        chance: gives numbers from 0 to 1, for the jitter.
    """

    def __init__(
        self,
        database: Database,
        box: SecretBox,
        outbound: Outbound,
        events: EventLog,
        *,
        account: str,
        clock: Clock,
        metrics: Metrics,
        chance: Callable[[], float],
    ) -> None:
        self._database = database
        self._box = box
        self._outbound = outbound
        self._events = events
        self._account = account
        self._clock = clock
        self._metrics = metrics
        self._chance = chance

    async def step(self, subscriber_id: str, lease: Lease) -> Progress:
        """Send what is due, oldest first, until one fails because the receiver is away.

        Raises:
            DatabaseError: the database failed; what was sent and not written down is sent again.
        """
        subscriber, waiting = await self._waiting(subscriber_id)
        if subscriber is None:
            await self._forget(subscriber_id)
            return Progress(None, "the subscriber is gone")
        sent, until = 0, self._clock.monotonic() + _LONGEST
        for delivery, happened in waiting:
            now, monotonic = self._clock.now(), self._clock.monotonic()
            if monotonic > until or not lease.holds(now, monotonic):
                break
            if happened is None:
                await self._bury(delivery)
                continue
            message = message_of(subscriber, happened, now)
            attempt = await self._outbound.post(subscriber.url, message.headers, message.body)
            counted = await self._record(delivery, attempt)
            sent += attempt.verdict is Verdict.TAKEN
            if not counted or attempt.verdict in {Verdict.AWAY, Verdict.GONE}:
                break
        return Progress(await self._next_due(subscriber_id), f"{sent} of {len(waiting)} sent" if waiting else "")

    async def _waiting(self, subscriber_id: str) -> tuple[Subscriber | None, _Waiting]:
        """What a subscriber is to be sent now, and the event of each."""
        async with self._database.reading() as session:
            subscriber = await SubscriberRepository(session, self._account, self._box).get(subscriber_id)
            now = await self._database.now(session)
            if subscriber is None or not subscriber.listens(now):
                return subscriber, ()
            due = await DeliveryRepository(session, self._account).due(subscriber_id, now, limit=_AT_ONCE)
            events = await EventRepository(session, self._account).of_ids([each.event_id for each in due])
        return subscriber, tuple((each, events.get(each.event_id)) for each in due)

    async def _forget(self, subscriber_id: str) -> None:
        """Nothing is kept for a subscriber that was removed while something was put here for it."""
        async with self._database.transaction() as session:
            await SubscriberRepository(session, self._account, self._box).remove(subscriber_id)

    async def _bury(self, delivery: Delivery) -> None:
        """Give up a delivery whose event is kept no more."""
        dead = replace(delivery, state=DeliveryState.DEAD, due_at=None, last_error="the event is kept no more")
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            await DeliveryRepository(session, self._account).record(dead, seen=delivery.attempts, now=now)
        self._tell(dead)

    async def _record(self, delivery: Delivery, attempt: Attempt) -> bool:
        """Write down what came of an attempt, and what it says about the receiver; returns whether it counted."""
        async with self._database.transaction() as session:
            subscriber = await SubscriberRepository(session, self._account, self._box).get(
                delivery.subscriber_id, held=True
            )
            now = await self._database.now(session)
            after = after_attempt(delivery, attempt, now, chance=self._chance())
            if subscriber is None or not await DeliveryRepository(session, self._account).record(
                after, seen=delivery.attempts, now=now
            ):
                return False
            await self._judge(session, subscriber, attempt, now, died=after.state is DeliveryState.DEAD)
        self._tell(after)
        return True

    async def _judge(
        self, session: Session, subscriber: Subscriber, attempt: Attempt, now: datetime, *, died: bool
    ) -> None:
        """Draw the conclusions about the receiver, at the end of the transaction."""
        subscribers = SubscriberRepository(session, self._account, self._box)
        match attempt.verdict:
            case Verdict.TAKEN:
                if subscriber.failing_since is not None:
                    await subscribers.note_taken(subscriber.id)
                if subscriber.failures >= BACK_AFTER:
                    await DeliveryRepository(session, self._account).bring_forward(subscriber.id, now)
            case Verdict.GONE:
                await self._disable(session, subscriber, "its receiver answered 410 Gone", now)
            case verdict:
                away = verdict is Verdict.AWAY
                rest = rest_after(subscriber.failures + 1, retry_after=attempt.retry_after) if away else None
                await subscribers.note_failure(subscriber.id, now, rest=rest)
                if died and gives_up_on(subscriber.failing_since, now):
                    since = f"{subscriber.failing_since:%Y-%m-%d %H:%M} UTC"
                    await self._disable(session, subscriber, f"its receiver has taken nothing since {since}", now)

    async def _disable(self, session: Session, subscriber: Subscriber, reason: str, now: datetime) -> None:
        subscribers = SubscriberRepository(session, self._account, self._box)
        await subscribers.set_state(subscriber.id, SubscriberState.DISABLED, reason, now)
        skipped = await DeliveryRepository(session, self._account).skip(subscriber.id, f"disabled: {reason}", now)
        _log.warning("subscriber_disabled", subscriber=subscriber.id, reason=reason, skipped=skipped)
        kind = EventType.SUBSCRIBER_DISABLED
        data: Data = {"name": subscriber.name, "reason": reason, "skipped": skipped}
        told = event(self._account, kind, subscriber.id, now.isoformat(), at=now, data=data)
        await self._events.record(session, [told])

    def _tell(self, after: Delivery) -> None:
        results = {DeliveryState.DELIVERED: "delivered", DeliveryState.DEAD: "dead"}
        self._metrics.deliveries.labels(results.get(after.state, "failed")).inc()
        if after.state is DeliveryState.DEAD:
            about = {"subscriber": after.subscriber_id, "event": after.event_id, "attempts": after.attempts}
            _log.warning("delivery_dead", error=after.last_error, **about)

    async def _next_due(self, subscriber_id: str) -> datetime | None:
        """When the next step makes sense; `None` when nothing waits, or nothing is to be sent."""
        async with self._database.reading() as session:
            subscriber = await SubscriberRepository(session, self._account, self._box).get(subscriber_id)
            deliveries = DeliveryRepository(session, self._account)
            now = await self._database.now(session)
            oldest = await deliveries.oldest_pending()
            due = await deliveries.next_due(subscriber_id)
        self._metrics.oldest_delivery.set(oldest.timestamp() if oldest else 0)
        if subscriber is None or subscriber.state is not SubscriberState.ACTIVE or due is None:
            return None
        return max(due, subscriber.rests_until or now, now)
