"""The guide's rate-limit test (section 1), for our names and against a simulator that keeps the limit strictly."""

from __future__ import annotations

import asyncio
import time

from solegate import GUIDE
from solegate.clock import SystemClock
from solegate.simulator import Limits
from solegate.testing import practice_client


async def test_rate_limiting():
    async with practice_client(limits=Limits.guide(), profile=GUIDE, clock=SystemClock()) as market:
        products = [product.id for product in market.simulator.catalog.products[:15]]

        start_time = time.perf_counter()
        await asyncio.gather(*(market.service.get_product_details(product_id) for product_id in products))
        elapsed = time.perf_counter() - start_time

        assert elapsed >= 1.0, "10 a second: the last five have to wait"
        events = market.simulator.events()
        assert len(events) == 15
        assert [event.status for event in events] == [200] * 15, "none was refused"
