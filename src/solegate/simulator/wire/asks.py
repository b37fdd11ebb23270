"""Bodies of listing writes as the wishes they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from solegate.simulator.state.batches import BatchKind, Change
from solegate.simulator.state.records import NewListing, Wish
from solegate.simulator.wire import bodies
from solegate.simulator.wire.bodies import BadBodyError, Body
from solegate.simulator.world.catalog import Catalog

LARGEST_BATCH = 100
"""Listings in one call: documented for update and delete, assumed for create (FACTS 1.1)."""
TOO_MANY = f"a batch must not have more than {LARGEST_BATCH} items"


def new_listing(body: Body, catalog: Catalog, now: datetime) -> NewListing:
    """A create, alone or as an item of a batch.

    Raises:
        BadBodyError: something is missing or wrong, or nobody knows the variant.
    """
    amount, variant_id = bodies.amount(body), bodies.text(body, "variantId")
    if amount is None:
        raise BadBodyError("amount is required")
    if variant_id is None:
        raise BadBodyError("variantId is required")
    if catalog.by_variant(variant_id) is None:
        raise BadBodyError("Variant not found")
    return NewListing(
        variant_id=variant_id,
        amount=amount,
        currency=bodies.currency(body) or "USD",
        inventory_type=bodies.inventory_type(body),
        expires_at=bodies.expiry(body, now),
        active=bodies.flag(body, "active") is not False,  # active unless said otherwise (SPEC26)
    )


def wish(body: Body, now: datetime) -> Wish:
    """An update or an activation.

    Raises:
        BadBodyError: something is wrong.
    """
    return Wish(amount=bodies.amount(body), currency=bodies.currency(body), expires_at=bodies.expiry(body, now))


def batch_jobs(kind: BatchKind, body: Body, catalog: Catalog, now: datetime) -> tuple[NewListing | Change, ...]:
    """The items of a batch; one with a quantity stands for that many listings, and counts as that many.

    Raises:
        BadBodyError: there are none or too many, or one of them is wrong: its place stands in the text.
    """
    items = body.get("items")
    if not isinstance(items, list) or not items:
        raise BadBodyError("items must be a list of at least one item")
    if len(items) > LARGEST_BATCH:
        raise BadBodyError(TOO_MANY)
    jobs: list[NewListing | Change] = []
    for place, item in enumerate(items):
        try:
            jobs.extend(_jobs(kind, bodies.as_object(item), catalog, now))
        except BadBodyError as wrong:
            raise BadBodyError(f"items[{place}]: {wrong}") from wrong
    if len(jobs) > LARGEST_BATCH:
        raise BadBodyError(TOO_MANY)
    return tuple(jobs)


def _jobs(kind: BatchKind, item: Body, catalog: Catalog, now: datetime) -> Sequence[NewListing | Change]:
    if kind == "create":
        return (new_listing(item, catalog, now),) * _quantity(item)
    listing_id = bodies.text(item, "listingId")
    if listing_id is None:
        raise BadBodyError("listingId is required")
    if kind == "delete":
        return (Change(listing_id, Wish()),)
    wished = replace(wish(item, now), active=bodies.flag(item, "active"))
    if wished == Wish():
        raise BadBodyError("at least one of amount, currencyCode, expiresAt and active is required")
    return (Change(listing_id, wished),)


def _quantity(item: Body) -> int:
    """How many listings an item makes; SPEC26 requires it."""
    value = item.get("quantity")
    if isinstance(value, int | float) and not isinstance(value, bool) and value in range(1, LARGEST_BATCH + 1):
        return int(value)
    raise BadBodyError(f"quantity must be a whole number from 1 to {LARGEST_BATCH}")
