"""Accounts on one installation never meet: whatever one asks for or changes is its own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from solegate.api.scopes import TABLE
from solegate.background import house_loop
from solegate.clock import SystemClock
from solegate.db.repositories.usage import SqlUsageStore
from solegate.simulator.state.records import NewListing
from support.town import Seller, Town, town

COUNT = 5
SKU = "DD1391-100"
SAME = {"Idempotency-Key": "the-same-everywhere"}
OWN_NAMES = {"name": "source", "account": "account", "webhookId": "webhook", "eventId": "event"}
"""Parameters of routes, and the things that are meant, where their names differ."""
SHARED = {"productId", "form", "source"}
"""Parameters that name nothing of an account: StockX's catalog is the same for all; the door asks for a secret."""
SKIPPED = {"/api/v1/events/stream", "/api/v1/accounts/callback"}
"""Without an end of its own; without a key."""


@pytest.fixture
async def several(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, COUNT, private_targets=True) as opened:
        for seller in opened.sellers:
            await settle(opened, seller)
        yield opened


async def settle(opened: Town, seller: Seller) -> None:
    """Give a seller one of everything."""
    product = seller.simulator.catalog.by_style(SKU)
    assert product is not None
    pair = {"variantId": product.variants[8].id, "price": "150", "currency": "EUR"}
    write = await seller.done("POST", "/listings?wait=0", pair, **SAME)
    listings = [offer(opened, seller, product.variants[size].id) for size in (9, 10)]
    await bring_up_to_date(seller)  # what was there before is no event
    order = seller.simulator.sell(listings[1])
    job = {"kind": "create", "rows": [{"variantId": product.variants[5].id, "price": 200}]}
    seller.ids |= {
        "writeId": write["id"],
        "listingId": listings[0],
        "orderNumber": order,
        "jobId": (await seller.done("POST", "/jobs", job))["id"],
        "keyId": (await seller.done("POST", "/keys", {"name": "assistant", "scope": "read"}))["id"],
        "source": f"bridge-of-{seller.account}",
        "account": seller.account,
    }
    wanted = {"url": "http://127.0.0.1:9/hooks", "types": ["*"]}
    seller.ids["subscriberId"] = (await seller.done("POST", "/subscribers", wanted))["id"]
    watch = {"productId": product.id, "direction": "below", "amount": "100", "currency": "EUR"}
    seller.ids["watchId"] = (await seller.done("POST", "/watches", watch))["id"]
    secret = f"secret-of-the-bridge-of-{seller.account}"
    await seller.done("POST", "/webhooks/sources", {"name": seller.ids["source"], "kind": "poke", "secret": secret})
    knock = await seller.client.post(
        f"/webhooks/{seller.ids['source']}",
        json={"event_type": "order.shipped"},
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert knock.is_success, knock.text
    await bring_up_to_date(seller)
    seller.ids["webhook"] = str((await seller.done("GET", "/webhooks"))["items"][0]["id"])
    seller.ids["event"] = (await seller.done("GET", "/events?limit=1"))["items"][0]["id"]


async def bring_up_to_date(seller: Seller) -> None:
    """Run its syncs."""
    for name in ("orders-active", "listings"):
        while (await seller.services.syncs.step(name)).next_due is not None:
            pass


def offer(opened: Town, seller: Seller, variant_id: str) -> str:
    """Put a pair up for sale, behind Solegate's back; returns its listing."""
    wanted = NewListing(variant_id=variant_id, amount=Decimal(150), currency="EUR")
    for _ in range(20):  # an activation may fail by chance
        listing = seller.simulator.listings.create(wanted, opened.clock.now())
        opened.clock.advance(600)
        seller.simulator.advance(0)
        if listing.is_live(opened.clock.now()):
            return listing.id
    raise AssertionError("nothing could be put up for sale")


def routes(*, with_parameters: bool) -> Iterator[tuple[str, str]]:
    """Every route that is about accounts."""
    for (method, path), needed in TABLE.items():
        private = set(re.findall(r"{(\w+)}", path)) - SHARED
        if needed is not None and path not in SKIPPED and bool(private) == with_parameters:
            yield method, path


def filled(path: str, seller: Seller) -> str:
    """A path about a seller's things."""
    names = {"form": "json", "productId": "unknown", **seller.ids, "name": seller.ids["source"]}
    return re.sub(r"{(\w+)}", lambda found: names[OWN_NAMES.get(found[1], found[1])], path)


def body_of(document: Mapping[str, Any], method: str, path: str) -> Any:
    content = document["paths"][path][method.lower()].get("requestBody", {}).get("content", {})
    return next((each.get("example", {}) for each in content.values()), None)


async def test_nobody_is_shown_anything_of_another(several: Town):
    paths = [path for method, path in routes(with_parameters=False) if method == "GET" and "{" not in path]
    assert len(paths) > 15
    for made in ("writeId", "listingId"):  # with the same idempotency key and body
        assert len({seller.ids[made] for seller in several.sellers}) == COUNT
    for seller in several.sellers:
        answers = {path: (await seller.client.get(path, params={"query": "dunk"})).text for path in paths}
        everything = "\n".join(answers.values())
        assert {name for name, its in seller.ids.items() if its not in everything} <= {"webhook"}
        for other in several.sellers:
            private = {**other.secrets, **(other.ids if other is not seller else {})}
            private.pop("webhook", None)  # a small number
            shown = {(name, path) for name, its in private.items() for path, text in answers.items() if its in text}
            assert shown == set(), f"{seller.account} is shown things of {other.account}"


async def test_nothing_of_another_can_be_read_or_changed_by_naming_it(several: Town):
    thief, victim = several.sellers[1], several.sellers[3]
    document = (await thief.client.get("/openapi.json")).json()
    before = await things_of(victim), victim.requests_seen()
    tried, let_in = 0, []
    for method, path in routes(with_parameters=True):
        if path == "/api/v1/syncs/{name}/runs":  # names are the same for all
            continue
        body = body_of(document, method, path)
        answer = await thief.client.request(method, filled(path, victim), json=body)
        at_own_stockx = "{listingId}" in path and method != "GET"  # it looks for the listing there, and finds none
        if answer.status_code not in {403, 404} and not (at_own_stockx and answer.status_code < 500):
            let_in.append((method, path, answer.status_code, answer.text))
        assert not [name for name, its in victim.secrets.items() if its in answer.text]
        tried += 1
    assert [each[:3] for each in let_in] == [], "\n".join(map(str, let_in))
    assert tried > 30
    assert (await things_of(victim), victim.requests_seen()) == before


async def things_of(seller: Seller) -> dict[str, str]:
    """What a seller has, but for what changes with time; its StockX tells by itself who asks it."""
    found = {}
    for path in ("/writes", "/audit", "/jobs", "/watches", "/subscribers", "/webhooks", "/keys", "/webhooks/sources"):
        answer = await seller.done("GET", path)
        found[path] = re.sub(r"'(ageSeconds|lastUsedAt|doneAt|secondsLeft)': [^,}]*", "", str(answer))
    return found


async def test_each_account_pays_for_its_own_requests_and_keeps_its_own_answers(tmp_path: Path):
    async with town(tmp_path, 3) as opened:
        for number, seller in enumerate(opened.sellers):
            for _ in range(2):  # the second answer is remembered, for whoever asked
                for question in range(number + 1):
                    await seller.done("GET", f"/products/search-stockx?query=jordan-{question}")

        day = opened.clock.now().date()
        for number, seller in enumerate(opened.sellers):
            told = await seller.done("GET", "/limits")
            used = await SqlUsageStore(opened.house.database).of_day(seller.account, day)
            assert told["requestsUsed"] == sum(used.values()) == seller.requests_seen() == number + 1
            assert (await seller.client.get("/metrics")).status_code == 403, "that is about every account"


async def test_one_loop_works_for_all_of_them_each_with_its_own_stockx(tmp_path: Path):
    async with town(tmp_path, COUNT, clock=SystemClock()) as opened:  # leases are not to be jumped over
        lost = opened.sellers[2]
        lost.simulator.expire_access_tokens()
        lost.simulator.revoke_refresh_tokens()
        others = [seller for seller in opened.sellers if seller is not lost]

        loop = house_loop(opened.house, "w", lanes=(0,), grace=1.0)
        running = asyncio.create_task(loop.run())
        try:
            async with asyncio.timeout(20):
                while not all([await synced(seller) for seller in others]):  # noqa: ASYNC110 - it is in the database
                    await asyncio.sleep(0.05)
        finally:
            loop.drain()
            await running

        for seller in others:
            assert {each.operation for each in seller.simulator.events()} == {"GetOrders"}
        assert not await synced(lost)


async def synced(seller: Seller) -> bool:
    """Whether its orders were read."""
    return (await seller.services.syncs.run("orders-active")).succeeded_at is not None
