"""Bodies of listing writes as the wishes they stand for."""

from __future__ import annotations

from datetime import datetime

from solegate.simulator.state.records import NewListing, Wish
from solegate.simulator.wire import bodies
from solegate.simulator.wire.bodies import BadBodyError, Body
from solegate.simulator.world.catalog import Catalog


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
