"""What follows from a webhook, by the kind of its source. All of it is in the transaction that settles the entry.

- KicksDB's prices on StockX are kept with their source, as a history of its own: the snapshots of StockX's own answers
  have no place for hearsay, and a price that somebody else saw must not be sold as StockX's. What StockX itself said
  about those products is remembered no longer, so the next reader asks it. No request is spent here: a stranger's
  pushes must not use up the quota.
- A poke has the active orders read at once, and the detail of the order that it names; at most so often.
- What is signed otherwise becomes an event `webhook.received` for the subscribers.
"""

from __future__ import annotations

from datetime import datetime

from solegate.client.service import StockXService
from solegate.db import Session
from solegate.db.repositories.orders import OrderRepository
from solegate.db.repositories.sightings import MarkRepository, PriceSightingRepository
from solegate.db.repositories.syncs import SyncRepository
from solegate.domain.events.values import Data, EventType, event
from solegate.domain.sync import SyncName
from solegate.domain.webhooks.attempts import look_at
from solegate.domain.webhooks.prices import is_price_event, sightings_of
from solegate.domain.webhooks.sources.poke import poke_of
from solegate.domain.webhooks.values import Entry, EntryState, SourceKind, Verdict
from solegate.services.events.log import EventLog
from solegate.services.syncs import SyncService

_OLDER = "something newer about it came before"


class Effects:
    """What follows from the webhooks of one account.

    Args:
        stockx: whose remembered answers are forgotten.
        syncs: are brought forward.
        events: are recorded.
        account: whose.
    """

    def __init__(self, stockx: StockXService, syncs: SyncService, events: EventLog, *, account: str) -> None:
        self._stockx = stockx
        self._syncs = syncs
        self._events = events
        self._account = account

    async def apply(self, session: Session, entry: Entry, now: datetime) -> Verdict:
        """Do what follows from an entry, in the caller's transaction; twice does no more than once.

        Raises:
            Exception: it cannot be done now; nothing of it may be committed.
        """
        match entry.kind:
            case SourceKind.KICKSDB:
                return await self._prices(session, entry)
            case SourceKind.POKE:
                return await self._poke(session, entry, now)
            case SourceKind.STANDARD | SourceKind.HMAC:
                return await self._told(session, entry)

    async def _prices(self, session: Session, entry: Entry) -> Verdict:
        message = entry.message
        if not is_price_event(message.event_type):
            return Verdict(EntryState.IGNORED, f"nothing follows from '{message.event_type}'")
        read = sightings_of(message, entry.body)
        if read.unreadable and not read.found:
            return Verdict(EntryState.DEAD, f"none of its {read.unreadable} prices can be read")
        await PriceSightingRepository(session, self._account).keep(entry.source, read.found)
        marks = MarkRepository(session, self._account, entry.source)
        fresh = await marks.move({each.subject: each.occurred_at for each in read.found})
        if read.found and not fresh:
            return Verdict(EntryState.STALE, _OLDER)
        moved = [each for each in read.found if each.subject in fresh]
        # Before it is committed: should this process die now, it is done again.
        self._stockx.cache.invalidate(*{each.product_id for each in moved}, *{each.variant_id for each in moved})
        older, unread = len(read.found) - len(moved), read.unreadable
        return Verdict(EntryState.DONE, f"{len(moved)} prices kept; {older} were older, {unread} could not be read")

    async def _poke(self, session: Session, entry: Entry, now: datetime) -> Verdict:
        order = poke_of(entry.body).order_number
        known = bool(order) and await OrderRepository(session, self._account).look_again(order)
        last = await SyncRepository(session, self._account).load(SyncName.ORDERS_ACTIVE)
        due_at = look_at(now, last.started_at)
        await self._syncs.hasten(session, SyncName.ORDERS_ACTIVE, due_at)
        detail = f", and the detail of {order}" if known else ""
        return Verdict(EntryState.DONE, f"the active orders are read at {due_at:%H:%M:%S} UTC{detail}")

    async def _told(self, session: Session, entry: Entry) -> Verdict:
        message = entry.message
        if message.event_type == EventType.WEBHOOK_RECEIVED:
            return Verdict(EntryState.IGNORED, "it tells of a webhook that was received: it would go round in circles")
        if message.subject:
            marks = MarkRepository(session, self._account, entry.source)
            if not await marks.move({message.subject: message.occurred_at}):
                return Verdict(EntryState.STALE, _OLDER)
        data: Data = {"source": entry.source, "type": message.event_type, "subject": message.subject, "entry": entry.id}
        happened = event(
            self._account,
            EventType.WEBHOOK_RECEIVED,
            message.subject or entry.source,
            entry.source,
            message.identity,
            at=message.occurred_at,
            data=data,
        )
        await self._events.record(session, [happened])
        return Verdict(EntryState.DONE, "the subscribers are told")
