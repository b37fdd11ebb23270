"""Events about the account, and the catalogue that tells what every kind of event says."""

from __future__ import annotations

from datetime import UTC, date, datetime

import jsonschema
import pytest

from solegate.domain.accounts import AccountState
from solegate.domain.events.catalogue import CATALOGUE
from solegate.domain.events.listings import listing_events
from solegate.domain.events.orders import order_events
from solegate.domain.events.others import job_finished, login_changed, quota_reached
from solegate.domain.events.values import Event, EventType, event_id
from solegate.domain.jobs import Job, JobKind, JobState, RowState
from solegate.domain.listing_findings import MirroredListing
from solegate.domain.order_deadlines import MirroredOrder

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
DAY = date(2026, 1, 5)
NEEDY, CONNECTED = AccountState.NEEDS_REAUTH, AccountState.CONNECTED


@pytest.mark.parametrize(("used", "limit", "told"), [(19_999, 25_000, False), (20_000, 25_000, True), (9, None, False)])
def test_the_quota_is_told_of_at_four_fifths(used: int, limit: int | None, told: bool) -> None:
    assert (quota_reached("a", DAY, used=used, per_day=limit, now=NOW) is not None) is told


def test_the_quota_is_told_of_once_a_day() -> None:
    def told(day: date, used: int) -> str | None:
        event = quota_reached("a", day, used=used, per_day=100, now=NOW)
        return event.id if event else None

    assert told(DAY, 80) == told(DAY, 95) != told(date(2026, 1, 6), 80)


@pytest.mark.parametrize(
    ("state", "last", "told"),
    [
        (NEEDY, None, EventType.ACCOUNT_NEEDS_REAUTH),
        (NEEDY, EventType.ACCOUNT_CONNECTED, EventType.ACCOUNT_NEEDS_REAUTH),
        (NEEDY, EventType.ACCOUNT_NEEDS_REAUTH, None),
        (CONNECTED, EventType.ACCOUNT_NEEDS_REAUTH, EventType.ACCOUNT_CONNECTED),
        (CONNECTED, EventType.ACCOUNT_CONNECTED, None),
        (CONNECTED, None, None),
    ],
)
def test_a_login_is_told_of_when_it_breaks_and_when_it_is_mended(
    state: AccountState, last: EventType | None, told: EventType | None
) -> None:
    event = login_changed("a", state, 3, last=last, now=NOW)

    assert (event and event.type) == told


def test_every_kind_of_event_is_in_the_catalogue_and_its_example_keeps_its_schema() -> None:
    assert set(CATALOGUE) == set(EventType)
    for kind in CATALOGUE.values():
        jsonschema.Draft202012Validator.check_schema(kind.schema)
        jsonschema.validate(dict(kind.example), kind.schema)


def made() -> list[Event]:
    job = Job(id="j", account="a", kind=JobKind.UPDATE, key="k", total=3, created_at=NOW)
    order = MirroredOrder(order_number="1", is_active=True, status="RETURNED", seen_at=NOW, changed_at=NOW)
    login = login_changed("a", NEEDY, 1, last=None, now=NOW)
    quota = quota_reached("a", DAY, used=90, per_day=100, now=NOW)
    assert login is not None
    assert quota is not None
    return [
        job_finished(job, JobState.DONE, {RowState.DONE: 2, RowState.FAILED: 1}, NOW),
        login,
        quota,
        *order_events("a", None, order, NOW),
        *listing_events("a", None, MirroredListing(listing_id="l", status="ACTIVE", seen_at=NOW), NOW),
    ]


@pytest.mark.parametrize("event", made(), ids=lambda event: event.type)
def test_what_events_say_is_what_the_catalogue_says(event: Event) -> None:
    jsonschema.validate(dict(event.data), CATALOGUE[event.type].schema)


def test_ids_tell_accounts_kinds_subjects_and_changes_apart() -> None:
    one = event_id("a", EventType.ORDER_PAID, "1")
    others = {
        event_id("b", EventType.ORDER_PAID, "1"),
        event_id("a", EventType.ORDER_FAILED, "1"),
        event_id("a", EventType.ORDER_PAID, "2"),
        event_id("a", EventType.ORDER_PAID, "1", "x"),
        event_id("a", EventType.ORDER_PAID, "1x"),
    }

    assert len(others | {one}) == 6
    assert one == event_id("a", EventType.ORDER_PAID, "1")
