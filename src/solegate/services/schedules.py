"""What this application does again and again, and what that takes of the day (issue 4).

Requests in a day at the usual intervals, of the official 25,000: 720 for active orders, 8 for the history, 48 for each
100 listings. What is new costs a request each on top: an order's detail, a listing that is missing; and the market of
what is for sale one for each product and hour, at most 4,800. `solegate worker status` shows the sum in force.
"""

from __future__ import annotations

from solegate.client.policy.call import Lane
from solegate.domain.schedules import DAY, Schedule
from solegate.settings import Settings

_LANES = list(Lane)
_ORDERS, _WRITES, _BACKGROUND = (_LANES.index(lane) for lane in (Lane.ORDERS, Lane.WRITES, Lane.BACKGROUND))

EVENTS_EVERY = 60.0
"""Seconds between two looks at what only the time brings about; they cost no request."""


def schedules_of(settings: Settings) -> tuple[Schedule, ...]:
    """Every recurring task, at the intervals of the settings; 0 switches one off."""
    return (
        Schedule(
            kind="sync",
            subject="orders-active",
            lane=_ORDERS,
            every=settings.orders_sync_interval,
            requests=1,  # for each 100; and one for each new or changed order
        ),
        Schedule(
            kind="sync",
            subject="orders-history",
            lane=_BACKGROUND,
            every=settings.history_sync_interval,
            requests=2,  # what is new, with an overlap
        ),
        Schedule(
            kind="sync",
            subject="listings",
            lane=_BACKGROUND,
            every=settings.listings_sync_interval,
            requests=1,  # for each 100; and one for each that is missing
        ),
        Schedule(kind="market", lane=_BACKGROUND, every=settings.market_refresh_interval, requests=0),
        Schedule(kind="reconcile", lane=_WRITES, every=settings.reconcile_interval),
        Schedule(kind="events", lane=_BACKGROUND, every=EVENTS_EVERY),
        Schedule(kind="tokens", lane=_ORDERS, every=3600.0),  # a step knows better when it is due
        Schedule(kind="retention", lane=_BACKGROUND, every=DAY),
    )
