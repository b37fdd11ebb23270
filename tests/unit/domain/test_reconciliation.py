"""Whose listing is whose, for any mixture of lost answers: found when it is there, never one of somebody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.intents import Action, Intent, IntentState
from solegate.domain.money import Money
from solegate.domain.reconciliation import CLOCK_SLACK, NextStep, ReconcilePolicy, SeenListing, match, sent_from
from solegate.domain.tags import SECONDS_OF_A_DAY, carries_tag, tag_of, tagged_expiry

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = T0 + timedelta(seconds=5)
EXPIRY = datetime(2027, 3, 1, 12, tzinfo=UTC)
BEFORE = T0 - CLOCK_SLACK - timedelta(seconds=1)


def intent(number: int, *, variant: str = "v", price: int = 150, sent_at: datetime = T0) -> Intent:
    return Intent(
        id=f"i{number}",
        account="default",
        action=Action.CREATE,
        unit=f"pair-{number}",
        variant_id=variant,
        price=Money(Decimal(price), "EUR"),
        expires_at=tagged_expiry(EXPIRY, tag_of(f"i{number}")),
        state=IntentState.UNKNOWN,
        attempts=1,
        sent_at=sent_at,
        send_before=sent_at + timedelta(seconds=30),
        created_at=sent_at,
        updated_at=sent_at,
    )


def listing(name: str, of: Intent, **changes: object) -> SeenListing:
    """The listing that an intent makes."""
    seen = SeenListing(
        listing_id=name,
        variant_id=of.variant_id,
        status="ACTIVE",
        price=of.price,
        created_at=LATER,
        ask_expires_at=of.expires_at,
    )
    return replace(seen, **changes)  # type: ignore[arg-type]


def draft(name: str, of: Intent, **changes: object) -> SeenListing:
    return listing(name, of, **{"status": "INACTIVE", "ask_expires_at": None, **changes})


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, SECONDS_OF_A_DAY * 1000 - 1))
def test_an_expiry_carries_its_tag_and_is_never_earlier_than_wanted(wanted: datetime, tag: int) -> None:
    if wanted.year > 9000:
        return
    tagged = tagged_expiry(wanted, tag)
    assert wanted <= tagged < wanted + timedelta(days=1)
    assert carries_tag(tagged, tag)
    assert carries_tag(tagged.replace(microsecond=0), tag)  # should StockX cut the milliseconds
    assert not carries_tag(tagged, tag + 1)


def test_ten_thousand_ids_that_differ_little_have_tags_that_differ() -> None:
    tags = {tag_of(f"job-1-row-{number}") for number in range(10_000)}
    assert len(tags) > 9_990
    assert all(0 <= tag < SECONDS_OF_A_DAY * 1000 for tag in tags)


ARRIVALS = st.lists(
    st.tuples(st.sampled_from(["v", "w"]), st.sampled_from([150, 160]), st.integers(0, 3)), min_size=1, max_size=8
)


@given(ARRIVALS, st.randoms(use_true_random=False))
def test_by_tag_each_intent_finds_its_own_listing_and_all_others_of_it_are_surplus(
    arrivals: list[tuple[str, int, int]], order: object
) -> None:
    """Requests arrived never, once, or several times; strangers' listings of the same size and price lie between."""
    unknown = [intent(number, variant=each[0], price=each[1]) for number, each in enumerate(arrivals)]
    seen, own = [], {}
    for each, (_, _, copies) in zip(unknown, arrivals, strict=True):
        own[each.id] = [f"{each.id}-{copy}" for copy in range(copies)]
        seen += [listing(name, each) for name in own[each.id]]
        seen.append(listing(f"{each.id}-older", each, ask_expires_at=None, created_at=BEFORE))
    order.shuffle(seen)  # type: ignore[attr-defined]
    found = match(unknown, seen, owned=())
    assert found.missing == tuple(each.id for each in unknown if not own[each.id])
    assert all(found.adopt[name] in names for name, names in own.items() if names)
    every = {name for names in own.values() for name in names}
    assert set(found.surplus) == every - set(found.adopt.values())
    assert found.doubtful == ()


WORLD = st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=6)


@given(WORLD, WORLD, st.booleans())
def test_by_price_as_many_intents_as_possible_get_a_listing_that_can_be_theirs(
    sent: list[tuple[int, bool]], made: list[tuple[int, bool]], drafts: bool
) -> None:
    """Drafts show no tag. Each intent was sent in some minute, each listing made in some minute, of two prices."""
    unknown = [
        intent(number, price=150 if cheap else 160, sent_at=T0 + timedelta(minutes=2 * minute))
        for number, (minute, cheap) in enumerate(sent)
    ]
    seen = [
        draft(f"l{number}", intent(99, price=150 if cheap else 160), created_at=T0 + timedelta(minutes=2 * minute))
        for number, (minute, cheap) in enumerate(made)
    ]
    found = match(unknown, seen, owned={"l0"}, drafts=drafts)
    by_id = {each.listing_id: each for each in seen}
    assert len(set(found.adopt.values())) == len(found.adopt)
    assert {*found.adopt, *found.missing} == {each.id for each in unknown}
    assert len(found.adopt) + len(found.missing) == len(unknown)
    for each in unknown:
        if each.id in found.adopt:
            assert can_be(each, by_id[found.adopt[each.id]])
    assert "l0" not in {*found.adopt.values(), *found.surplus, *found.doubtful}
    assert found.surplus == ()
    assert len(found.adopt) == most_matches(unknown, [each for each in seen if each.listing_id != "l0"])


def can_be(each: Intent, seen: SeenListing) -> bool:
    return each.price == seen.price and seen.created_at >= sent_from(each) - CLOCK_SLACK


def most_matches(unknown: Sequence[Intent], seen: Sequence[SeenListing]) -> int:
    """By trying every order."""
    best = 0
    for order in permutations(unknown):
        left = list(seen)
        count = 0
        for each in order:
            mine = next((one for one in left if can_be(each, one)), None)
            if mine is not None:
                left.remove(mine)
                count += 1
        best = max(best, count)
    return best


def test_a_listing_of_somebody_else_is_not_taken_and_not_removed() -> None:
    mine = intent(1)
    others = [
        draft("older", mine, created_at=BEFORE),
        draft("dearer", mine, price=Money(Decimal(151), "EUR")),
        draft("in dollars", mine, price=Money(Decimal(150), "USD")),
        draft("other size", mine, variant_id="w"),
        draft("deleted", mine, status="DELETED"),
    ]
    found = match([mine], others, owned=())
    assert found.missing == ("i1",)
    assert found.surplus == found.doubtful == ()


def test_amounts_are_compared_as_numbers_and_ends_by_whole_seconds() -> None:
    mine, other = intent(1), intent(2)
    assert mine.expires_at
    cut = listing("l", mine, ask_expires_at=mine.expires_at.replace(microsecond=0), price=None)
    four = draft("m", other, price=Money(Decimal("150.0000"), "EUR"))
    assert match([mine, other], [cut, four], owned=()).adopt == {"i1": "l", "i2": "m"}


def test_a_draft_is_never_found_in_a_listing_that_is_for_sale() -> None:
    mine = intent(1)
    assert match([mine], [listing("l", mine)], owned=(), drafts=True).missing == ("i1",)
    assert match([mine], [draft("l", mine)], owned=(), drafts=True).adopt == {"i1": "l"}


def test_more_of_the_same_price_than_intents_is_told_and_left_alone() -> None:
    mine = intent(1)
    found = match([mine], [draft("b", mine, created_at=LATER + timedelta(1)), draft("a", mine)], owned=())
    assert found.adopt == {"i1": "a"}
    assert found.doubtful == ("b",)
    assert found.surplus == ()


def test_what_was_sent_twice_may_have_been_made_since_it_was_planned() -> None:
    again = replace(intent(1, sent_at=T0 + timedelta(hours=1)), attempts=2, created_at=T0)
    early = draft("l", again, created_at=LATER)
    assert match([again], [early], owned=()).adopt == {"i1": "l"}
    assert match([replace(again, attempts=1)], [early], owned=()).missing == ("i1",)


@pytest.mark.parametrize(
    ("looks", "seconds_after", "step"),
    [
        (0, 30, NextStep.LOOK_AGAIN),
        (0, 9_999, NextStep.LOOK_AGAIN),  # however late: one look is not believed
        (1, 599, NextStep.LOOK_AGAIN),
        (1, 600, NextStep.SEND_AGAIN),
        (5, 599, NextStep.LOOK_AGAIN),
    ],
)
def test_it_is_sent_again_only_after_two_looks_in_vain_the_last_one_after_the_grace(
    looks: int, seconds_after: float, step: NextStep
) -> None:
    looked = replace(intent(1), looks=looks)
    end = T0 + timedelta(seconds=30)
    assert ReconcilePolicy().after_look_in_vain(looked, end + timedelta(seconds=seconds_after)) is step


def test_the_first_look_is_soon_the_next_after_the_grace_and_never_two_at_once() -> None:
    policy, end = ReconcilePolicy(), T0 + timedelta(seconds=30)
    assert policy.next_look(intent(1)) == end + timedelta(seconds=5)
    assert policy.next_look(replace(intent(1), looks=1)) == end + timedelta(minutes=10)
    late = T0 + timedelta(hours=1)
    assert policy.next_look(replace(intent(1), looks=1, updated_at=late)) == late + timedelta(seconds=30)
