"""Listings asked of StockX: right by construction, or refused before anything is sent (FACTS 1.3, 1.9)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.client.inputs import LISTING_CURRENCIES, MOST_IDS
from solegate.client.requests import ListingChange, ListingFilter, NewListing
from solegate.domain.money import Money
from solegate.errors import InvalidInputError

EUR_150 = Money(Decimal(150), "EUR")
MOMENT = datetime(2027, 3, 1, 14, 30, 0, 123_456, tzinfo=timezone(timedelta(hours=2)))


def test_a_new_listing_is_written_as_stockx_wants_it() -> None:
    listing = NewListing("v1", EUR_150, active=False, expires_at=MOMENT, inventory_type="DIRECT")

    assert listing.wire() == {
        "variantId": "v1", "amount": "150", "currencyCode": "EUR", "active": False,
        "expiresAt": "2027-03-01T12:30:00.123Z", "inventoryType": "DIRECT",
    }  # fmt: skip


def test_without_an_expiry_stockx_chooses_its_own() -> None:
    assert NewListing("v1", EUR_150).wire() == {
        "variantId": "v1", "amount": "150", "currencyCode": "EUR", "active": True, "inventoryType": "STANDARD",
    }  # fmt: skip


def test_only_batches_know_a_quantity() -> None:
    listing = NewListing("v1", EUR_150, quantity=7)

    assert listing.batch_wire() == {**listing.wire(), "quantity": 7}
    assert "quantity" not in listing.wire()


@pytest.mark.parametrize("currency", LISTING_CURRENCIES)
def test_every_listing_currency_is_taken(currency: str) -> None:
    assert NewListing("v1", Money(Decimal(100), currency)).wire()["currencyCode"] == currency


def test_there_are_twelve_of_them() -> None:
    assert len(set(LISTING_CURRENCIES)) == 12


@given(st.integers(1, 10**12 - 1), st.integers(0, 6))
def test_a_whole_amount_is_written_in_digits_alone(amount: int, zeros: int) -> None:
    written = NewListing("v1", Money(Decimal(f"{amount}.{'0' * zeros}"), "USD")).wire()["amount"]

    assert written == str(amount)


@pytest.mark.parametrize("amount", ["0", "-1", "0.99", "150.5", "150.01", "NaN", "Infinity", "1E+12", "1E-9"])
def test_an_amount_that_is_not_whole_and_positive_is_refused(amount: str) -> None:
    with pytest.raises(InvalidInputError, match="whole amount"):
        NewListing("v1", Money(Decimal(amount), "EUR"))


@pytest.mark.parametrize("currency", ["PLN", "SEK", "CNY", "XXX"])
def test_a_currency_that_only_the_market_knows_is_refused(currency: str) -> None:
    with pytest.raises(InvalidInputError, match=currency):
        NewListing("v1", Money(Decimal(150), currency))


@pytest.mark.parametrize(
    "wrong",
    [
        {"variant_id": ""}, {"variant_id": "a b"}, {"variant_id": ".."}, {"inventory_type": "FLEX"},
        {"inventory_type": "standard"}, {"quantity": 0}, {"quantity": -3}, {"quantity": 101},
        {"expires_at": datetime(2027, 3, 1)},  # noqa: DTZ001 - a time without a zone is the point
    ],
)  # fmt: skip
def test_what_stockx_would_refuse_is_refused_here(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        NewListing(**{"variant_id": "v1", "price": EUR_150, **wrong})


def test_a_change_writes_only_what_changes() -> None:
    assert ListingChange("l1", EUR_150).batch_wire() == {"listingId": "l1", "amount": "150", "currencyCode": "EUR"}
    assert ListingChange("l1", active=False).batch_wire() == {"listingId": "l1", "active": False}
    assert ListingChange("l1", expires_at=MOMENT).wire() == {"expiresAt": "2027-03-01T12:30:00.123Z"}


@pytest.mark.parametrize(
    "wrong",
    [
        {}, {"price": Money(Decimal("1.5"), "EUR")}, {"price": Money(Decimal(5), "PLN")},
        {"listing_id": "", "active": True},
        {"expires_at": datetime(2027, 3, 1)},  # noqa: DTZ001 - as above
    ],
)  # fmt: skip
def test_a_change_that_changes_nothing_or_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        ListingChange(**{"listing_id": "l1", **wrong})


def test_every_filter_becomes_its_parameter() -> None:
    chosen = ListingFilter(
        product_ids=("p1", "p2"), variant_ids=("v1",), batch_ids=("b1",), from_date=date(2026, 1, 5),
        to_date=date(2026, 1, 5), listing_statuses=("ACTIVE", "MATCHED"), inventory_types=("STANDARD", "FLEX"),
        initiated_shipment_display_ids=("S-1",), include_expired=True,
    )  # fmt: skip

    assert chosen.query() == {
        "productIds": "p1,p2", "variantIds": "v1", "batchIds": "b1", "fromDate": "2026-01-05", "toDate": "2026-01-05",
        "listingStatuses": "ACTIVE,MATCHED", "inventoryTypes": "STANDARD,FLEX", "initiatedShipmentDisplayIds": "S-1",
        "isExpired": "true",
    }  # fmt: skip


def test_no_filter_asks_for_nothing_special() -> None:
    assert ListingFilter().query() == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"product_ids": ("p1,p2",)}, {"variant_ids": ("[v1]",)}, {"batch_ids": ('"b1"',)}, {"product_ids": ("'p'",)},
        {"product_ids": ("",)}, {"variant_ids": tuple(map(str, range(MOST_IDS + 1)))},
        {"listing_statuses": ("DELETED",)}, {"listing_statuses": ("SOLD",)}, {"inventory_types": ("DFS",)},
        {"from_date": date(2026, 1, 6), "to_date": date(2026, 1, 5)},
        {"from_date": datetime(2026, 1, 5, tzinfo=UTC), "to_date": date(2026, 1, 5)},
    ],
)  # fmt: skip
def test_a_filter_stockx_does_not_have_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        ListingFilter(**wrong)
