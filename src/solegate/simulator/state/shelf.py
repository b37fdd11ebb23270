"""Where listings lie: found by id, by variant, by batch, and as lists, newest first.

Deleted listings leave every list but are still found by id (FACTS 1.7). The lists asked for last are kept and each
change is entered into them, so that paging through ten thousand costs one pass, even while others come and go.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from solegate.simulator.state.records import Listing
from solegate.simulator.world.dice import dice

LISTS_KEPT = 8
VIEW_LIFE = timedelta(days=1)
"""How long the `batchIds` filter finds a listing; FACTS 1.7 says it is emptied, not when."""
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingFilter:
    """What `GetAllListings` can be asked for; empty sets and `None` let everything through.

    Attributes:
        from_date, to_date: days of creation (UTC), both included.
        shipments: display ids of Flex shipments; no listing of the practice market has one.
        expired: whether expired asks are shown too; by default they are not (SPEC26).
    """

    products: frozenset[str] = frozenset()
    variants: frozenset[str] = frozenset()
    batches: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    inventory_types: frozenset[str] = frozenset()
    shipments: frozenset[str] = frozenset()
    from_date: date | None = None
    to_date: date | None = None
    expired: bool = False

    def passes(self, listing: Listing, now: datetime) -> bool:
        """Whether a listing is shown; batches are looked at elsewhere, they have a time of their own."""
        return (
            (not self.statuses or listing.status in self.statuses)
            and (self.expired or not listing.is_expired(now))
            and (not self.products or listing.product_id in self.products)
            and (not self.variants or listing.variant_id in self.variants)
            and (not self.inventory_types or listing.inventory_type in self.inventory_types)
            and not self.shipments
            and (self.from_date is None or listing.created_at.date() >= self.from_date)
            and (self.to_date is None or listing.created_at.date() <= self.to_date)
        )


@dataclass(slots=True)
class _Made:
    """A list that is kept, oldest first; right until the next of its asks runs out."""

    until: datetime
    listings: list[Listing]


class Shelf:
    """All listings of the account."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._by_id: dict[str, Listing] = {}
        self._listed: dict[str, Listing] = {}
        self._by_variant: defaultdict[str, dict[str, Listing]] = defaultdict(dict)
        self._by_batch: defaultdict[str, list[Listing]] = defaultdict(list)
        self._made: dict[ListingFilter, _Made] = {}

    def put(self, listing: Listing) -> None:
        """A new listing; its number is the highest so far."""
        self._by_id[listing.id] = self._listed[listing.id] = listing
        self._by_variant[listing.variant_id][listing.id] = listing
        if listing.batch:
            self._by_batch[listing.batch.batch_id].append(listing)
        self._enter(listing, listing.created_at)

    def touched(self, listing: Listing, at: datetime) -> None:
        """Something changed by which lists choose: its status, or its ask's expiry."""
        if listing.status == "DELETED":
            self._listed.pop(listing.id, None)
            self._by_variant[listing.variant_id].pop(listing.id, None)
        self._enter(listing, at)

    def get(self, listing_id: str) -> Listing | None:
        """The listing with this id, deleted or not."""
        return self._by_id.get(listing_id)

    def all(self) -> Iterable[Listing]:
        """Every listing, deleted ones too, oldest first."""
        return self._by_id.values()

    def of_variant(self, variant_id: str) -> Iterable[Listing]:
        """The listings of a variant that are not deleted, oldest first."""
        return self._by_variant[variant_id].values() if variant_id in self._by_variant else ()

    def select(self, wanted: ListingFilter, now: datetime, view_seconds: tuple[float, float]) -> Sequence[Listing]:
        """The listings that pass, newest first.

        Args:
            wanted: the filter.
            now: virtual time.
            view_seconds: how long a listing of a batch takes to show under `batchIds`, the least and the most.
        """
        if wanted.batches:
            found = (listing for batch_id in wanted.batches for listing in self._by_batch.get(batch_id, ()))
            shown = [each for each in found if self._in_view(each, now, view_seconds) and wanted.passes(each, now)]
            return sorted(shown, key=_number, reverse=True)
        made = self._made.get(wanted)
        if made is None or made.until <= now:
            made = self._make(wanted, now)
        return made.listings[::-1]

    def _make(self, wanted: ListingFilter, now: datetime) -> _Made:
        candidates: Iterable[Listing] = self._listed.values()
        if wanted.variants:
            of_variants = (each for variant_id in wanted.variants for each in self.of_variant(variant_id))
            candidates = sorted(of_variants, key=_number)
        listings = [each for each in candidates if wanted.passes(each, now)]
        until = NEVER if wanted.expired else min((each.ask.expires_at for each in listings if each.ask), default=NEVER)
        self._made.pop(wanted, None)
        while len(self._made) >= LISTS_KEPT:
            del self._made[next(iter(self._made))]
        made = self._made[wanted] = _Made(until, listings)
        return made

    def _enter(self, listing: Listing, at: datetime) -> None:
        """Put a listing into the kept lists that it belongs to now, and take it out of the others."""
        for wanted, made in self._made.items():
            place = bisect_left(made.listings, listing.number, key=_number)
            there = place < len(made.listings) and made.listings[place] is listing
            fits = listing.status != "DELETED" and wanted.passes(listing, at)
            if there and not fits:
                del made.listings[place]
            elif fits and not there:
                made.listings.insert(place, listing)
            if fits and listing.ask and not wanted.expired:
                made.until = min(made.until, listing.ask.expires_at)

    def _in_view(self, listing: Listing, now: datetime, view_seconds: tuple[float, float]) -> bool:
        if listing.batch is None or listing.status == "DELETED":
            return False
        least, most = view_seconds
        shown_at = listing.batch.at + timedelta(seconds=within(least, most, self._seed, listing.id, "view"))
        return shown_at <= now < listing.batch.at + VIEW_LIFE


def within(least: float, most: float, *parts: object) -> float:
    """A number from `least` to `most` that depends on nothing but the parts."""
    return least + (most - least) * dice(*parts)[0]


def _number(listing: Listing) -> int:
    return listing.number
