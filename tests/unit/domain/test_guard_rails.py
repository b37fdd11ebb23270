"""Guard rails: what they refuse, exactly at the bound, and that they never refuse the way back to safety."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.guard_rails import OFFERS, DayUse, GuardRails, Rail, Wanted
from solegate.domain.intents import Action
from solegate.domain.money import Money

EUR_20 = {"EUR": Decimal(20)}
OFFER = st.sampled_from(sorted(OFFERS))
AMOUNT = st.decimals(1, 10_000, places=0)


def eur(amount: str | int | Decimal) -> Money:
    return Money(Decimal(amount), "EUR")


def create(amount: str | int | Decimal) -> Wanted:
    return Wanted(Action.CREATE, eur(amount))


def update(new: str | int | Decimal, old: str | int | Decimal) -> Wanted:
    return Wanted(Action.UPDATE, eur(new), eur(old))


def codes(rails: GuardRails, wanted: Wanted, used: DayUse | None = None) -> list[Rail]:
    return [reason.code for reason in rails.check(wanted, used)]


@pytest.mark.parametrize("action", list(Action))
def test_without_rails_everything_may_be_sent(action: Action):
    assert GuardRails().check(Wanted(action, eur(1)), DayUse(10**6, {"EUR": Decimal(10**12)})) == ()


@pytest.mark.parametrize(("amount", "broken"), [("19.99", [Rail.FLOOR]), ("20", []), ("20.01", [])])
def test_the_floor_itself_is_allowed(amount: str, broken: list[Rail]):
    assert codes(GuardRails(floor=EUR_20), create(amount)) == broken


@pytest.mark.parametrize(("amount", "broken"), [("20.01", [Rail.CEILING]), ("20", []), ("1", [])])
def test_the_ceiling_itself_is_allowed(amount: str, broken: list[Rail]):
    assert codes(GuardRails(ceiling=EUR_20), create(amount)) == broken


def test_a_currency_without_a_bound_is_refused_when_others_have_one():
    rails = GuardRails(floor=EUR_20, ceiling={"EUR": Decimal(500), "USD": Decimal(500)})
    (reason,) = rails.check(Wanted(Action.CREATE, Money(Decimal(150), "USD")))
    assert reason.code is Rail.CURRENCY
    assert "no floor" in reason.message
    assert "SOLEGATE_PRICE_FLOOR" in reason.hint
    (reason,) = rails.check(Wanted(Action.CREATE, Money(Decimal(150), "JPY")))
    assert "no floor and no ceiling" in reason.message


@pytest.mark.parametrize(
    ("new", "old", "broken"),
    [
        (80, 100, []),
        (120, 100, []),
        ("79.99", 100, [Rail.MOVE]),
        ("120.01", 100, [Rail.MOVE]),
        (100, 100, []),
        (1, 0, []),
    ],
)
def test_a_move_up_to_the_share_is_allowed(new: str | int, old: int, broken: list[Rail]):
    assert codes(GuardRails(largest_move=Decimal("0.2")), update(new, old)) == broken


def test_a_move_into_another_currency_cannot_be_measured_and_is_refused():
    wanted = Wanted(Action.UPDATE, Money(Decimal(100), "USD"), eur(100))
    assert codes(GuardRails(largest_move=Decimal(5)), wanted) == [Rail.MOVE]


def test_a_new_pair_has_no_old_price_to_move_from():
    assert codes(GuardRails(largest_move=Decimal("0.01")), create(500)) == []


def test_an_activation_at_its_own_price_is_held_against_the_bounds():
    assert codes(GuardRails(floor=EUR_20), Wanted(Action.ACTIVATE, None, eur(5))) == [Rail.FLOOR]


def test_the_day_ends_when_its_writes_are_used_up():
    rails = GuardRails(daily_writes=2)
    assert codes(rails, create(50), DayUse(1)) == []
    assert codes(rails, create(50), DayUse(2)) == [Rail.DAILY_WRITES]
    assert codes(GuardRails(daily_writes=0), create(50), DayUse()) == [Rail.DAILY_WRITES]


def test_the_days_value_counts_pairs_put_up_for_sale_and_not_repricing():
    rails = GuardRails(daily_value={"EUR": Decimal(100)})
    used = DayUse(1, {"EUR": Decimal(60)})
    assert codes(rails, create(40), used) == []
    assert codes(rails, create(41), used) == [Rail.DAILY_VALUE]
    assert codes(rails, update(90, 80), used) == []
    assert codes(rails, Wanted(Action.CREATE, Money(Decimal(1), "USD")), used) == [Rail.CURRENCY]


def test_every_broken_rail_is_named():
    rails = GuardRails(floor=EUR_20, largest_move=Decimal("0.1"), daily_writes=0)
    assert codes(rails, update(5, 100), DayUse()) == [Rail.FLOOR, Rail.MOVE, Rail.DAILY_WRITES]


def test_what_may_be_sent_counts_for_the_next_and_what_is_refused_does_not():
    rails = GuardRails(floor=EUR_20, daily_value={"EUR": Decimal(100)})
    found = rails.check_all([create(60), create(5), create(41), create(40), create(20)], DayUse())
    assert [[each.code for each in reasons] for reasons in found] == [
        [],
        [Rail.FLOOR],
        [Rail.DAILY_VALUE],
        [],
        [Rail.DAILY_VALUE],
    ]


@given(st.sampled_from([Action.DEACTIVATE, Action.DELETE]), AMOUNT)
def test_what_takes_a_pair_off_sale_is_never_refused_and_never_counted(action: Action, amount: Decimal):
    strict = GuardRails(EUR_20, EUR_20, Decimal("0.01"), 0, {"EUR": Decimal(1)})
    wanted = Wanted(action, eur(amount), eur(amount))
    assert strict.check(wanted, DayUse(5)) == ()
    assert DayUse(5).plus(wanted) == DayUse(5)


@given(OFFER, AMOUNT, AMOUNT, AMOUNT, AMOUNT, st.decimals("0.01", 3, places=2))
def test_a_write_passes_exactly_when_it_breaks_no_rule(
    action: Action, new: Decimal, old: Decimal, floor: Decimal, ceiling: Decimal, share: Decimal
):
    rails = GuardRails({"EUR": floor}, {"EUR": ceiling}, share)
    allowed = floor <= new <= ceiling and old * (1 - share) <= new <= old * (1 + share)
    assert (rails.check(Wanted(action, eur(new), eur(old))) == ()) is allowed


@given(st.lists(st.tuples(OFFER, AMOUNT), max_size=30), st.integers(0, 20), AMOUNT)
def test_what_passes_together_never_exceeds_the_day(writes: list[tuple[Action, Decimal]], count: int, value: Decimal):
    rails = GuardRails(daily_writes=count, daily_value={"EUR": value})
    wanted = [Wanted(action, eur(amount)) for action, amount in writes]
    passed = [each for each, reasons in zip(wanted, rails.check_all(wanted, DayUse()), strict=True) if not reasons]
    used = DayUse()
    for each in passed:
        used = used.plus(each)
    assert used.writes <= count
    assert used.value.get("EUR", Decimal(0)) <= value


@given(AMOUNT, st.decimals(1, 10_000, places=0))
def test_every_reason_names_the_price_and_what_to_do(amount: Decimal, floor: Decimal):
    for reason in GuardRails(floor={"EUR": floor}).check(create(amount)):
        assert str(eur(amount)) in reason.message
        assert reason.hint.endswith(".")
        assert str(reason) == f"{reason.message} {reason.hint}"
