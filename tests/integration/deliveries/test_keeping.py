"""Deliveries that came to their end are kept for thirty days, those that wait as long as they wait."""

from __future__ import annotations

from datetime import timedelta

from solegate.domain.deliveries.values import DeliveryState
from solegate.domain.events.values import EventType
from solegate.services.upkeep import Retention
from support.mailroom import ACCOUNT, mailroom
from support.receiver import receiving


async def test_what_came_to_its_end_goes_after_thirty_days(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        await room.subscribe(receiver.url, name="shop")
        await room.subscribe(receiver.url, name="paused")
        await room.subscribers.pause("paused")
        retention = Retention(room.database, account=ACCOUNT, clock=room.clock)
        await room.happen(EventType.ORDER_CREATED)
        await room.work()
        kept = []
        for days in (29, 2):
            room.clock.advance(timedelta(days=days).total_seconds())
            await retention.step()
            kept.append([each.state for each in await room.deliveries()])

    delivered, pending = DeliveryState.DELIVERED, DeliveryState.PENDING
    assert kept == [[pending, delivered], [pending]]
