"""What became of creates whose answer was lost: which listing is whose, and when to look again or send again.

StockX lets one list a pair twice and does not tell whether a request arrived (FACTS 1.7), so the account's listings
are read and compared with what was sent. Pure decisions; what they lead to is done in `services/ledger`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from solegate.domain.intents import Intent
from solegate.domain.listings import ListingStatus
from solegate.domain.money import Money

CLOCK_SLACK = timedelta(seconds=60)
"""How much earlier than we sent it a listing may seem to be made: StockX's clock is not ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenListing:
    """A listing of the account, as a list shows it; a draft has no `ask_expires_at`."""

    listing_id: str
    variant_id: str
    status: str
    price: Money | None
    created_at: datetime
    ask_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Matches:
    """Which listing is whose.

    Attributes:
        adopt: the listing of each intent that has one.
        surplus: listings that carry the tag of an intent which has one already: the pair is listed twice.
        doubtful: listings that an intent could have made as well, by price and time alone; somebody else may have.
        missing: intents without a listing.
    """

    adopt: Mapping[str, str] = field(default_factory=dict)
    surplus: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def match(
    unknown: Sequence[Intent],
    seen: Sequence[SeenListing],
    owned: Collection[str],
    *,
    drafts: bool = False,
    slack: timedelta = CLOCK_SLACK,
) -> Matches:
    """Find the listings of creates whose outcome is unknown.

    First by tag, which only that intent's listing carries; then by size, price and time, where equal pairs are
    interchangeable and as many intents as possible get one. An older listing is never taken for a new one.

    Args:
        unknown: the creates, of any sizes.
        seen: the account's listings of these sizes.
        owned: listings that other intents of the ledger made.
        drafts: whether the creates were sent as drafts: then only drafts are theirs, and no tag shows.
        slack: how much earlier than sent a listing may seem to be made.
    """
    listings = sorted(
        (each for each in seen if each.listing_id not in owned and each.status != ListingStatus.DELETED),
        key=lambda each: (each.created_at, each.listing_id),
    )
    intents = sorted(unknown, key=lambda each: (sent_from(each), each.id))
    if drafts:
        adopt, surplus = dict[str, str](), list[str]()
        listings = [each for each in listings if each.status == ListingStatus.INACTIVE and each.ask_expires_at is None]
    else:
        adopt, surplus = _by_tag(intents, listings, slack)
    taken = {*adopt.values(), *surplus}
    rest = [each for each in listings if each.listing_id not in taken]
    more, doubtful = _by_price([each for each in intents if each.id not in adopt], rest, slack)
    adopt |= more
    missing = tuple(each.id for each in intents if each.id not in adopt)
    return Matches(adopt, tuple(surplus), tuple(doubtful), missing)


def sent_from(intent: Intent) -> datetime:
    """The earliest moment at which a listing of this intent can have been made."""
    return intent.sent_at if intent.sent_at is not None and intent.attempts <= 1 else intent.created_at


def _by_tag(
    intents: Sequence[Intent], listings: Sequence[SeenListing], slack: timedelta
) -> tuple[dict[str, str], list[str]]:
    """Listings whose ask ends at the very second that an intent gave it. The oldest is kept, others are surplus."""
    waiting: defaultdict[tuple[str, datetime], list[Intent]] = defaultdict(list)
    for intent in intents:
        if intent.expires_at is not None:
            waiting[intent.variant_id, _second(intent.expires_at)].append(intent)
    tagged = set(waiting)
    adopt: dict[str, str] = {}
    surplus: list[str] = []
    for listing in listings:
        key = (listing.variant_id, _second(listing.ask_expires_at)) if listing.ask_expires_at else None
        if key is None or key not in tagged:
            continue
        owner = _first_that_can(waiting[key], listing, slack)
        if owner is not None:
            waiting[key].remove(owner)
            adopt[owner.id] = listing.listing_id
        elif not waiting[key]:
            surplus.append(listing.listing_id)
    return adopt, surplus


def _by_price(
    intents: Sequence[Intent], listings: Sequence[SeenListing], slack: timedelta
) -> tuple[dict[str, str], list[str]]:
    """Listings of the same size and price, made since. Both come oldest first, so no order serves more intents."""
    waiting: defaultdict[tuple[str, Money], list[Intent]] = defaultdict(list)
    for intent in intents:
        if intent.price is not None:
            waiting[intent.variant_id, intent.price].append(intent)
    wanted = {key: sent_from(group[0]) - slack for key, group in waiting.items()}
    adopt: dict[str, str] = {}
    doubtful: list[str] = []
    for listing in listings:
        key = (listing.variant_id, listing.price) if listing.price is not None else None
        if key is None or key not in wanted or listing.created_at < wanted[key]:
            continue
        owner = _first_that_can(waiting[key], listing, slack)
        if owner is not None:
            waiting[key].remove(owner)
            adopt[owner.id] = listing.listing_id
        elif not waiting[key]:
            doubtful.append(listing.listing_id)
    return adopt, doubtful


def _first_that_can(intents: Sequence[Intent], listing: SeenListing, slack: timedelta) -> Intent | None:
    return next((each for each in intents if listing.created_at >= sent_from(each) - slack), None)


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


class NextStep(StrEnum):
    """What follows a look that did not find the listing."""

    LOOK_AGAIN = "look_again"
    SEND_AGAIN = "send_again"


@dataclass(frozen=True, slots=True)
class ReconcilePolicy:
    """When an unknown create is looked for, and when it counts as never arrived. Times from the end of sending.

    Attributes:
        first_look: until the listing is looked for.
        grace: from when on a look in vain is believed; longer than StockX takes to show a listing (FACTS 1.7: five
            minutes and a round).
        looks: how many in vain it takes; the last one after `grace`.
        apart: least time from one look to the next, also where all of them come late.
    """

    first_look: timedelta = timedelta(seconds=5)
    grace: timedelta = timedelta(minutes=10)
    looks: int = 2
    apart: timedelta = timedelta(seconds=30)

    def next_look(self, intent: Intent) -> datetime:
        """When to look the next time."""
        end = end_of_sending(intent)
        if intent.looks == 0:
            return end + self.first_look
        return max(end + self.grace, intent.updated_at + self.apart)

    def after_look_in_vain(self, intent: Intent, now: datetime) -> NextStep:
        """What to do after a look at `now` that found nothing; `intent.looks` are those before it."""
        believed = intent.looks + 1 >= self.looks and now >= end_of_sending(intent) + self.grace
        return NextStep.SEND_AGAIN if believed else NextStep.LOOK_AGAIN


def end_of_sending(intent: Intent) -> datetime:
    """When its last byte can have left at the latest."""
    moments = [each for each in (intent.sent_at, intent.send_before) if each is not None]
    return max(moments, default=intent.updated_at)
