"""Watching prices: what is watched, and looking at what was read of markets since."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from solegate.client.inputs import checked_currency
from solegate.db import Database, Session
from solegate.db.repositories.watches import MOST_WATCHES, WatchRepository
from solegate.domain.catalog import MarketQuote
from solegate.domain.cursors import Page, cursor_of, read_cursor
from solegate.domain.events.values import Event
from solegate.domain.events.watches import Direction, PriceWatch, WatchedPrice, look
from solegate.errors import InvalidInputError, NoSuchRecordError

_WATCHES_PER_STEP = 100
_MOMENTS_PER_LOOK = 200
"""Quotes of one market that one look takes in, so that a step stays short; the next takes the rest."""


class WatchBook:
    """The price watches of one account.

    It asks StockX nothing: it looks at what was read, by the market refresh or by whoever else.

    Args:
        database: holds watches and readings.
        account: whose.
        new_id: makes ids that are sorted by when they were made.
    """

    def __init__(self, database: Database, *, account: str, new_id: Callable[[datetime], str]) -> None:
        self._database = database
        self._account = account
        self._new_id = new_id

    async def add(
        self,
        product_id: str,
        *,
        price: WatchedPrice,
        direction: Direction,
        amount: Decimal,
        currency: str,
        variant_id: str | None = None,
        note: str = "",
    ) -> PriceWatch:
        """Watch a price of a product, or of one of its sizes.

        Raises:
            InvalidInputError: the amount or the currency cannot be, or there are too many watches.
        """
        if not amount.is_finite() or amount <= 0:
            raise InvalidInputError("The threshold of a watch is an amount above 0.")
        checked = checked_currency(currency)
        async with self._database.transaction() as session:
            watches, now = WatchRepository(session, self._account), await self._database.now(session)
            if await watches.count() >= MOST_WATCHES:
                raise InvalidInputError(f"There are {MOST_WATCHES} watches already; remove some.")
            watch = PriceWatch(
                id=self._new_id(now),
                account=self._account,
                product_id=product_id,
                variant_id=variant_id,
                currency=checked,
                price=price,
                direction=direction,
                amount=amount,
                note=note,
                created_at=now,
            )
            await watches.add(watch)
        return watch

    async def get(self, watch_id: str) -> PriceWatch:
        """One watch.

        Raises:
            NoSuchRecordError: there is no such watch.
        """
        async with self._database.reading() as session:
            watch = await WatchRepository(session, self._account).get(watch_id)
        if watch is None:
            raise _unknown(watch_id)
        return watch

    async def page(self, *, cursor: str | None = None, limit: int) -> Page[PriceWatch]:
        """Watches, the oldest first.

        Raises:
            NoSuchRecordError: the cursor is none of this list.
        """
        after = None if cursor is None else read_cursor(cursor, 1)[0]
        async with self._database.reading() as session:
            found = await WatchRepository(session, self._account).page(after, limit=limit + 1)
        return Page(found[:limit], cursor_of(found[limit - 1].id) if len(found) > limit else None)

    async def remove(self, watch_id: str) -> None:
        """Watch no more.

        Raises:
            NoSuchRecordError: there is no such watch.
        """
        async with self._database.transaction() as session:
            if not await WatchRepository(session, self._account).remove(watch_id):
                raise _unknown(watch_id)

    async def look(self, session: Session) -> tuple[Event, ...]:
        """Look at what was read since the last look; returns the crossings, for the caller to record."""
        watches = WatchRepository(session, self._account)
        told: list[Event] = []
        for watch in await watches.unread(limit=_WATCHES_PER_STEP):
            known = await watches.as_of(watch)
            # What was known when it was made is no news, and tells on which side the price was.
            seen = watch if watch.side or not known else look(watch, known.values(), watch.created_at).watch
            for moment, quotes in _moments(await watches.readings(watch, limit=_MOMENTS_PER_LOOK)):
                known |= {each.variant_id: each for each in quotes}
                found = look(seen, known.values(), moment)
                seen = found.watch
                told += [found.event] if found.event else []
            await watches.save(seen)
        return tuple(told)


def _moments(quotes: tuple[MarketQuote, ...]) -> Iterator[tuple[datetime, list[MarketQuote]]]:
    """The quotes of each moment together."""
    for moment, together in groupby(quotes, key=lambda each: each.fetched_at):
        yield moment, list(together)


def _unknown(watch_id: str) -> NoSuchRecordError:
    return NoSuchRecordError(f"There is no watch '{watch_id}'.", hint="`solegate watches list` shows them.")
