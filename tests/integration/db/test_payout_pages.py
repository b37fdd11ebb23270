"""Payouts out of the mirror: sums are exact on either database, and nothing is guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from solegate.db import Database
from solegate.db.repositories.orders import OrderRepository
from solegate.domain.money import Money
from solegate.domain.order_deadlines import MirroredOrder
from solegate.domain.payouts import PayoutQuery, PayoutSort, PayoutState, PayoutSum
from solegate.services.payouts import PayoutBook

END_OF_JANUARY = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
FEBRUARY = datetime(2026, 2, 1, tzinfo=UTC)


def order(
    number: int, status: str, payout: str | None = None, currency: str | None = "EUR", sold: datetime | None = FEBRUARY
) -> MirroredOrder:
    return MirroredOrder(
        order_number=f"N-{number}",
        is_active=False,
        status=status,
        amount=Decimal(100),
        currency="EUR",
        created_at=sold,
        seen_at=FEBRUARY,
        changed_at=FEBRUARY,
        payout=None if payout is None else Decimal(payout),
        payout_currency=None if payout is None else currency,
    )


ORDERS = [
    order(1, "COMPLETED", "0.1"),
    order(2, "PAYOUTCOMPLETED", "0.2"),
    order(3, "COMPLETED", "900719925474099.0001", "USD"),
    order(4, "COMPLETED"),
    order(5, "PAYOUTPENDING", "88.5", sold=END_OF_JANUARY),
    order(6, "CREATED", "90", sold=END_OF_JANUARY),
    order(7, "CANCELED", sold=None),
    order(8, "RETURNED", "77"),
    order(9, "SOMETHINGNEW", "5"),
]


async def book(database: Database) -> PayoutBook:
    async with database.transaction() as session:
        await OrderRepository(session, "default").save(ORDERS)
        await OrderRepository(session, "another").save([order(1, "COMPLETED", "1000000")])
    return PayoutBook(database, account="default")


async def test_sums_are_exact_by_month_state_and_currency(database: Database):
    payouts = await book(database)

    found = await payouts.sums(PayoutQuery())

    assert found == (
        PayoutSum("2026-02", PayoutState.PAID, 1, None),
        PayoutSum("2026-02", PayoutState.PAID, 2, Money(Decimal("0.3"), "EUR")),
        PayoutSum("2026-02", PayoutState.PAID, 1, Money(Decimal("900719925474099.0001"), "USD")),
        PayoutSum("2026-02", PayoutState.UNKNOWN, 2, Money(Decimal(82), "EUR")),
        PayoutSum("2026-01", PayoutState.EXPECTED, 1, Money(Decimal(90), "EUR")),
        PayoutSum("2026-01", PayoutState.PENDING, 1, Money(Decimal("88.5"), "EUR")),
        PayoutSum(None, PayoutState.NONE, 1, None),
    )


async def test_payouts_are_listed_by_how_far_they_are_and_what_they_come_to(database: Database):
    payouts = await book(database)

    async def listed(wanted: PayoutQuery, order: PayoutSort = PayoutSort.PAYOUT_DESCENDING) -> list[str]:
        return [each.order_number for each in (await payouts.page(wanted, order, limit=50)).rows]

    assert await listed(PayoutQuery()) == ["N-3", "N-6", "N-5", "N-8", "N-9", "N-2", "N-1", "N-7", "N-4"]
    assert await listed(PayoutQuery(states=(PayoutState.PAID,), currency="EUR")) == ["N-2", "N-1"]
    assert await listed(PayoutQuery(states=(PayoutState.UNKNOWN, PayoutState.PENDING))) == ["N-5", "N-8", "N-9"]
    assert await listed(PayoutQuery(sold_before=FEBRUARY)) == ["N-6", "N-5"]
    assert await listed(PayoutQuery(states=(PayoutState.NONE,), sold_from=END_OF_JANUARY)) == []
    assert (await listed(PayoutQuery(), PayoutSort.SOLD))[:2] == ["N-5", "N-6"]


async def test_a_list_of_payouts_goes_on_where_the_page_ended(database: Database):
    payouts = await book(database)
    found: list[str] = []
    cursor = None
    for _ in range(5):
        page = await payouts.page(PayoutQuery(), PayoutSort.PAYOUT, cursor=cursor, limit=2)
        found += [each.order_number for each in page.rows]
        cursor = page.next_cursor
    assert cursor is None
    assert found == ["N-1", "N-2", "N-9", "N-8", "N-5", "N-6", "N-3", "N-4", "N-7"]
