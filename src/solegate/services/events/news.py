"""What own writes tell: a listing that was read back goes into the mirror, and the difference becomes events.

So the sync that sees it next finds nothing new, and what both see at once is told once.
"""

from __future__ import annotations

from collections.abc import Iterable

from solegate.db import Session
from solegate.db.repositories.listings import ListingRepository
from solegate.domain.events.listings import Sighting, listing_events, mirrored, supersedes
from solegate.domain.events.values import Event
from solegate.services.events.log import EventLog


class ListingNews:
    """Tells what is new about listings of one account that its own writes have changed."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def keep(self, session: Session, seen: Iterable[Sighting]) -> tuple[Event, ...]:
        """Keep what was read back in the mirror. Call it first in a transaction: syncs lock listings before writes.

        Returns:
            What is to be told at the end of the transaction.
        """
        looked_at = {each.listing_id: each for each in seen}
        if not looked_at:
            return ()
        listings, now = ListingRepository(session, self._log.account), await self._log.now(session)
        known = await listings.locked(sorted(looked_at))
        newer = [each for each in looked_at.values() if supersedes(each.updated_at, known.get(each.listing_id))]
        after = [mirrored(each, known.get(each.listing_id), now) for each in newer]
        await listings.save(after)
        told = (listing_events(self._log.account, known.get(each.listing_id), each, now) for each in after)
        return tuple(event for events in told for event in events)

    async def tell(self, session: Session, events: Iterable[Event]) -> None:
        """Record what `keep` gave; last in the transaction."""
        await self._log.record(session, tuple(events))
