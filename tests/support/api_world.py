"""A small world behind the HTTP API: something of everything that its routes are about, by name.

The names stand in examples and in generated requests for whatever the same thing is called in this world.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from solegate.background import local_loop
from solegate.simulator import Pace
from solegate.simulator.state.records import NewListing
from solegate.testing import SimulatorMount
from support.api import JumpClock, RunningApi, running_api
from support.selling import run_to_the_end

PANDA = "DD1391-100"
RECEIVER = "http://127.0.0.1:9/hooks/solegate"
"""Where subscribers are told: nobody listens on this port."""
BRIDGE_SECRET = "practice-bridge-secret"
"""Of the source `bridge`; it opens the door of this world alone."""
CALM = Pace(buyers_per_day=0.0, settle_failure=0.0, settle_seconds=(0.0, 0.0))
_V1 = "/api/v1"


@asynccontextmanager
async def opened_world(folder: Path, **changes: Any) -> AsyncIterator[tuple[RunningApi, dict[str, str]]]:
    """A started application with its world, and the names in it; by a clock that jumps, unless another is given."""
    known: dict[str, Any] = {"clock": JumpClock(ticking=True), "pace": CALM, "private_targets": True}
    async with running_api(folder, **known | changes) as api:
        yield api, await _filled(api)


async def _filled(api: RunningApi) -> dict[str, str]:
    names = {"product": api.product_id(PANDA), "sku": PANDA}
    await _ok(api, "POST", "/products/enrich", {"sku": PANDA})
    await _ok(api, "GET", f"/products/{names['product']}/market-data?maxAge=0")
    names |= await _listeners(api)
    names |= await _selling(api)
    names |= await _jobs(api, names["variant"])
    names |= await _callers(api)
    names |= await _watches(api, names["product"], names["variant"])
    names |= await _accounts(api)
    return names | await _happened(api)


async def _selling(api: RunningApi) -> dict[str, str]:
    """Listings, a sold pair with its label, and writes."""
    product = api.simulator.catalog.by_style(PANDA)
    assert product is not None
    pair = NewListing(variant_id=product.variants[8].id, amount=Decimal(150), currency="EUR")
    pairs = [api.simulator.listings.create(pair, api.clock.now()) for _ in range(4)]
    await _pass(api, 60)
    order = api.simulator.sell(pairs[3].id)
    draft = api.simulator.listings.create(replace(pair, active=False), api.clock.now())
    await _pass(api, 3 * 3600)
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
    pair = {"variantId": variant, "price": 200}
    rows: list[dict[str, object]] = [{**pair, "unit": f"shelf {number}"} for number in (1, 2)]
    done = await _ok(api, "POST", "/jobs", {"kind": "create", "rows": rows, "name": "spring"})
    failed = await _ok(api, "POST", "/jobs", {"kind": "enrich", "rows": [{"sku": "ZZ0000-000"}]})
    for job in (done, failed):
        await asyncio.wait_for(local_loop(api.services, "test", subject=job["id"]).run(until_done=True), 3600)
    waiting = []
    for name in ("first", "second", "third"):
        body = {"kind": "enrich", "name": name, "rows": [{"sku": "HQ4276"}], "again": True}
        waiting.append((await _ok(api, "POST", "/jobs", body))["id"])
    await _ok(api, "POST", f"/jobs/{waiting[1]}/pause")
    return {
        "job": done["id"],
        "failedJob": failed["id"],
        "waitingJob": waiting[0],
        "pausedJob": waiting[1],
        "spareJob": waiting[2],
    }


async def _pass(api: RunningApi, seconds: float) -> None:
    """Let time pass, and the market with it."""
    if isinstance(api.clock, JumpClock):
        api.clock.advance(seconds)
    else:
        await asyncio.sleep(seconds)
    api.simulator.advance(0)


async def _callers(api: RunningApi) -> dict[str, str]:
    """Keys, and whoever sends or is sent webhooks."""
    keys = [await _ok(api, "POST", "/keys", {"name": name, "scope": "read"}) for name in ("till", "old till")]
    await _ok(api, "POST", "/webhooks/sources", {"name": "bridge", "kind": "poke", "secret": BRIDGE_SECRET})
    for name in ("old-shop", "gone-shop"):
        await _ok(api, "POST", "/webhooks/sources", {"name": name, "kind": "standard"})
    headers = {"Authorization": f"Bearer {BRIDGE_SECRET}"}
    answer = await api.client.post("/webhooks/bridge", json={"event_type": "order.shipped"}, headers=headers)
    assert answer.status_code == 200, answer.text
    inbox = await _ok(api, "GET", "/webhooks")
    return {
        "key": keys[0]["id"],
        "spareKey": keys[1]["id"],
        "source": "bridge",
        "spareSource": "old-shop",
        "goneSource": "gone-shop",
        "bridgeSecret": BRIDGE_SECRET,
        "webhook": str(inbox["items"][0]["id"]),
    }


async def _listeners(api: RunningApi) -> dict[str, str]:
    """Who is told what happens; nobody listens there."""
    names = {"receiver": RECEIVER}
    for name in ("subscriber", "pausedSubscriber", "goneSubscriber"):
        wanted = {"url": RECEIVER, "types": ["*"]}
        names[name] = (await _ok(api, "POST", "/subscribers", wanted))["id"]
    await _ok(api, "POST", f"/subscribers/{names['pausedSubscriber']}/pause")
    return names


async def _watches(api: RunningApi, product: str, variant: str) -> dict[str, str]:
    """Prices that are waited for."""
    names = {}
    for name, size in (("watch", variant), ("goneWatch", None)):
        wanted = {"productId": product, "variantId": size, "direction": "below", "amount": "100", "currency": "EUR"}
        names[name] = (await _ok(api, "POST", "/watches", wanted))["id"]
    return names


async def _accounts(api: RunningApi) -> dict[str, str]:
    """Other StockX accounts, and one that comes back from its login."""
    known = api.simulator.config
    keys = {"clientId": known.client_id, "clientSecret": known.client_secret, "apiKey": known.api_key}
    for name in ("outlet", "old-outlet"):
        await _ok(api, "POST", "/accounts", {"account": name, **keys})
    begun = await _ok(api, "POST", "/accounts/outlet/login", {})
    asked = dict(parse_qsl(urlsplit(begun["authorizeUrl"]).query)) | {"decision": "allow"}
    mount = SimulatorMount(api.simulator.app)
    async with httpx2.AsyncClient(transport=mount, base_url="http://practice.test") as browser:
        back = await browser.post("/authorize/decision", data=asked)
    told = dict(parse_qsl(urlsplit(back.headers["location"]).query))
    return {
        "account": "default",
        "otherAccount": "outlet",
        "goneAccount": "old-outlet",
        "loginState": told["state"],
        "loginCode": told["code"],
    }


async def _happened(api: RunningApi) -> dict[str, str]:
    """An event that somebody is told of."""
    found = await _ok(api, "GET", "/deliveries?limit=1")
    return {"event": found["items"][0]["eventId"]}


async def _ok(api: RunningApi, method: str, path: str, body: object = None) -> Any:
    """The answer to a request that goes well."""
    answer = await api.client.request(method, f"{_V1}{path}", json=body)
    assert answer.is_success, (method, path, answer.text)
    return answer.json()
