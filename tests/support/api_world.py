"""A small world behind the HTTP API: something of everything that its routes are about, by name.

The names stand in examples and in generated requests for whatever the same thing is called in this world.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from solegate.background import local_loop
from solegate.simulator import Pace
from solegate.simulator.state.records import NewListing
from support.api import JumpClock, RunningApi, running_api
from support.selling import offer, run_to_the_end

PANDA = "DD1391-100"
BRIDGE_SECRET = "practice-bridge-secret"
"""Of the source `bridge`; it opens the door of this world alone."""
CALM = Pace(buyers_per_day=0.0, settle_failure=0.0)
_V1 = "/api/v1"


@asynccontextmanager
async def opened_world(folder: Path, **changes: Any) -> AsyncIterator[tuple[RunningApi, dict[str, str]]]:
    """A started application with its world, and the names in it."""
    async with running_api(folder, clock=JumpClock(ticking=True), pace=CALM, **changes) as api:
        yield api, await _filled(api)


async def _filled(api: RunningApi) -> dict[str, str]:
    names = {"product": api.product_id(PANDA), "sku": PANDA, "gtin": ""}
    await _ok(api, "POST", "/products/enrich", {"sku": PANDA})
    await _ok(api, "GET", f"/products/{names['product']}/market-data?maxAge=0")
    names |= await _selling(api)
    names |= await _jobs(api, names["variant"])
    names |= await _callers(api)
    return names


async def _selling(api: RunningApi) -> dict[str, str]:
    """Listings, a sold pair with its label, and writes."""
    pairs = [offer(api, price=price) for price in (150, 160, 170, 180)]
    order = api.simulator.sell(pairs[3].id)
    draft = api.simulator.listings.create(
        NewListing(variant_id=pairs[0].variant_id, amount=Decimal(190), currency="EUR", active=False), api.clock.now()
    )
    api.clock.advance(3 * 3600)
    api.simulator.advance(0)
    for sync in ("orders-active", "orders-history", "listings"):
        await run_to_the_end(api, sync)
    wanted = {"variantId": pairs[0].variant_id, "price": "155", "currency": "EUR"}
    write = await _ok(api, "POST", "/listings?wait=30", wanted)
    planned = await _ok(api, "POST", "/listings?wait=0", {**wanted, "price": "156"})
    return {
        "variant": pairs[0].variant_id,
        "listing": pairs[0].id,
        "otherListing": pairs[1].id,
        "spareListing": pairs[2].id,
        "draft": draft.id,
        "order": order,
        "write": write["id"],
        "plannedWrite": planned["id"],
    }


async def _jobs(api: RunningApi, variant: str) -> dict[str, str]:
    """A job that is over, with a row that failed; and others that nobody works on."""
    rows: list[dict[str, object]] = [
        {"variantId": variant, "price": 200, "unit": f"shelf {number}"} for number in (1, 2)
    ]
    done = await _ok(api, "POST", "/jobs", {"kind": "create", "rows": [*rows, {"sku": "A1"}], "skipInvalid": True})
    await asyncio.wait_for(local_loop(api.services, "test", subject=done["id"]).run(until_done=True), 30)
    waiting = []
    for name in ("first", "second", "third"):
        body = {"kind": "enrich", "name": name, "rows": [{"sku": "HQ4276"}], "again": True}
        waiting.append((await _ok(api, "POST", "/jobs", body))["id"])
    await _ok(api, "POST", f"/jobs/{waiting[1]}/pause")
    return {"job": done["id"], "waitingJob": waiting[0], "pausedJob": waiting[1], "spareJob": waiting[2]}


async def _callers(api: RunningApi) -> dict[str, str]:
    """Keys, and whoever sends or is sent webhooks."""
    keys = [await _ok(api, "POST", "/keys", {"name": name, "scope": "read"}) for name in ("till", "old till")]
    await _ok(api, "POST", "/webhooks/sources", {"name": "bridge", "kind": "poke", "secret": BRIDGE_SECRET})
    await _ok(api, "POST", "/webhooks/sources", {"name": "old-shop", "kind": "standard"})
    headers = {"Authorization": f"Bearer {BRIDGE_SECRET}"}
    answer = await api.client.post("/webhooks/bridge", json={"event_type": "order.shipped"}, headers=headers)
    assert answer.status_code == 200, answer.text
    inbox = await _ok(api, "GET", "/webhooks")
    return {
        "key": keys[0]["id"],
        "spareKey": keys[1]["id"],
        "source": "bridge",
        "spareSource": "old-shop",
        "webhook": str(inbox["items"][0]["id"]),
    }


async def _ok(api: RunningApi, method: str, path: str, body: object = None) -> Any:
    """The answer to a request that goes well."""
    answer = await api.client.request(method, f"{_V1}{path}", json=body)
    assert answer.is_success, (method, path, answer.text)
    return answer.json()
