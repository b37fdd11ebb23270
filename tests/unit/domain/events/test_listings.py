"""Listings: each change is told once, by whoever sees it first; what is older than the mirror is not believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.events.listings import Sighting, listing_events, mirrored, supersedes
from solegate.domain.events.values import EventType
from solegate.domain.listing_findings import MirroredListing
from solegate.domain.money import Money

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ACTIVATED, DEACTIVATED, SOLD, EXPIRED, MOVED = (
    EventType.LISTING_ACTIVATED,
    EventType.LISTING_DEACTIVATED,
    EventType.LISTING_SOLD,
    EventType.LISTING_EXPIRED,
    EventType.LISTING_PRICE_MOVED,
)


def listing(status: str = "ACTIVE", price: int = 150, **more: Any) -> MirroredListing:
    known: dict[str, Any] = {"amount": Decimal(price), "currency": "EUR", "seen_at": NOW - HOUR}
    return MirroredListing(listing_id="l", status=status, **known | {"ask_expires_at": NOW + 9 * HOUR} | more)


LIVE, DRAFT, ENDED = listing(), listing("INACTIVE"), listing(ask_expires_at=NOW - 2 * HOUR)
RUN_OUT = listing(ask_expires_at=NOW - HOUR / 2)
"""For sale when it was seen last; its ask has ended since."""


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, LIVE, [ACTIVATED]),
        (None, DRAFT, []),
        (None, ENDED, []),
        (None, listing("MATCHED"), [SOLD]),
        (DRAFT, LIVE, [ACTIVATED]),
        (DRAFT, listing(price=140), [ACTIVATED]),
        (LIVE, LIVE, []),
        (LIVE, listing(price=140), [MOVED]),
        (LIVE, DRAFT, [DEACTIVATED]),
        (LIVE, listing("DELETED"), [DEACTIVATED]),
        (DRAFT, listing("DELETED"), []),
        (DRAFT, listing("INACTIVE", price=140), []),
        (LIVE, listing("MATCHED"), [SOLD]),
        (LIVE, listing("COMPLETED"), [SOLD]),
        (LIVE, listing("CANCELED"), [SOLD]),
        (listing("MATCHED"), listing("CANCELED"), []),
        (listing("MATCHED"), listing("COMPLETED"), []),
        (RUN_OUT, RUN_OUT, [EXPIRED]),
        (replace(RUN_OUT, seen_at=NOW), RUN_OUT, []),
        (ENDED, ENDED, []),
        (ENDED, LIVE, [ACTIVATED]),
        (RUN_OUT, LIVE, []),
        (LIVE, listing("SOMETHING_NEW"), []),
    ],
)
def test_a_look_tells_what_changed(
    before: MirroredListing | None, after: MirroredListing, told: list[EventType]
) -> None:
    assert [each.type for each in listing_events("a", before, after, NOW)] == told


def test_the_same_change_has_the_same_id_and_another_one_another() -> None:
    def moved(at: datetime) -> str:
        (told,) = listing_events("a", DRAFT, listing(updated_at=at), NOW)
        return told.id

    assert moved(NOW - HOUR) == moved(NOW - HOUR) != moved(NOW)


def test_whoever_sees_a_new_listing_first_tells_the_same() -> None:
    by_write = listing_events("a", None, listing(updated_at=NOW - HOUR), NOW)
    by_sync = listing_events("a", None, listing(updated_at=NOW, style_id="DD1391-100"), NOW + HOUR)

    assert [each.id for each in by_write] == [each.id for each in by_sync]


def test_what_is_older_than_the_mirror_is_not_believed() -> None:
    known = listing(updated_at=NOW)

    assert not supersedes(NOW - HOUR, known)
    assert supersedes(NOW, known)
    assert supersedes(None, known)
    assert supersedes(NOW, None)


HISTORY = (  # what StockX did to one listing, a minute apart
    ("INACTIVE", 150),
    ("ACTIVE", 150),
    ("ACTIVE", 145),
    ("INACTIVE", 145),
    ("ACTIVE", 140),
    ("ACTIVE", 150),
    ("MATCHED", 150),
)


def seen_as(place: int) -> Sighting:
    status, price = HISTORY[place]
    return Sighting(
        listing_id="l",
        status=status,
        price=Money(Decimal(price), "EUR"),
        ask_expires_at=NOW + 99 * HOUR,
        updated_at=NOW + timedelta(minutes=place),
    )


@given(st.lists(st.integers(0, 2), min_size=len(HISTORY), max_size=len(HISTORY)), st.randoms(use_true_random=False))
def test_writes_and_syncs_that_see_every_change_in_any_company_come_to_the_same_events(
    again: list[int], chance: Any
) -> None:
    """Each change is seen at least once when it is new; and, late and repeated, by others who looked before."""
    truth = told_by(range(len(HISTORY)))
    looks: list[int] = []
    for place, times in enumerate(again):
        looks.append(place)
        looks += [chance.randint(0, place) for _ in range(times)]

    assert told_by(looks) == truth
    assert len(truth) == 6


def told_by(looks: Any) -> set[str]:
    told: set[str] = set()
    known: MirroredListing | None = None
    for place in looks:
        seen = seen_as(place)
        if supersedes(seen.updated_at, known):
            after = mirrored(seen, known, NOW + HOUR)
            told |= {each.id for each in listing_events("a", known, after, NOW + HOUR)}
            known = after
    return told
