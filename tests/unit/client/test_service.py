"""`StockXService`: what each method asks, and what it makes of the answer. A scripted StockX, virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from solegate.client.assembly import ClientConfig
from solegate.client.auth import MemoryTokenStore
from solegate.client.cache import MemoryCacheStore
from solegate.client.models.base import Source
from solegate.client.policy.outcome import Received
from solegate.client.quota import MemoryLimitStore
from solegate.client.service import CallOptions, StockXService
from solegate.client.transport import WireRequest
from solegate.clock import LoopClock
from solegate.errors import (
    InvalidInputError,
    NotFoundError,
    ReauthenticationRequiredError,
    UnexpectedResponseError,
)
from solegate.testing import UNLIMITED, ScriptedTransport, run_virtual
from support.client import CANARY, CREDENTIALS, FAILING, Wire, answer, grant, read, tokens_of


def service(*script: Any, cache_store: MemoryCacheStore | None = None, **changes: Any) -> tuple[StockXService, Wire]:
    wire, clock = Wire(ScriptedTransport(list(script))), LoopClock()
    config = ClientConfig(CREDENTIALS, api_url="http://api.test/v2", auth_url="http://login.test", limits=UNLIMITED)
    made = StockXService(
        config, token_store=MemoryTokenStore(tokens_of(clock)), transport=wire, clock=clock, cache_store=cache_store,
        **changes,
    )  # fmt: skip
    return made, wire


def page(*ids: str, number: int = 1, more: bool = False) -> Received:
    products = [{"productId": each} for each in ids]
    return answer(200, {"count": 9, "pageSize": 50, "pageNumber": number, "hasNextPage": more, "products": products})


MARKET = answer(200, [{"productId": "p", "variantId": "v", "currencyCode": "GBP", "lowestAskAmount": "204"}])
VARIANT = answer(200, {"productId": "p", "variantId": "v"})


@pytest.mark.parametrize(
    ("ask", "reply", "target"),
    [
        (lambda stockx: stockx.search_stockx_catalog(" a  b ", 2, 5), page("x"),
         "/catalog/search?query=a+b&pageNumber=2&pageSize=5"),
        (lambda stockx: stockx.get_product_details("p"), answer(200, {"productId": "p"}), "/catalog/products/p"),
        (lambda stockx: stockx.get_all_product_variants("p"), answer(200, []), "/catalog/products/p/variants"),
        (lambda stockx: stockx.get_product_variant("p", "v"), VARIANT, "/catalog/products/p/variants/v"),
        (lambda stockx: stockx.get_variants_by_gtin(" 4006381333931"), VARIANT,
         "/catalog/products/variants/gtins/4006381333931"),
        (lambda stockx: stockx.get_market_data_from_stockx("p", "gbp"), MARKET,
         "/catalog/products/p/market-data?currencyCode=GBP"),
        (lambda stockx: stockx.get_variant_market_data("p", "v"), answer(200, {
            "productId": "p", "variantId": "v", "currencyCode": "EUR"}),
         "/catalog/products/p/variants/v/market-data?currencyCode=EUR"),
    ],
)  # fmt: skip
def test_each_method_asks_its_operation_once_and_remembers(
    ask: Callable[[StockXService], Awaitable[Any]], reply: Received, target: str
) -> None:
    async def story() -> None:
        stockx, wire = service(reply)
        first, second = await ask(stockx), await ask(stockx)
        assert [request.url for request in wire.api.requests] == [f"http://api.test/v2{target}"]
        assert (first.provenance.source, second.provenance.source) == (Source.LIVE, Source.CACHE)
        assert (first.provenance.attempts, second.provenance.attempts) == (1, 0)
        await stockx.aclose()

    run_virtual(story())


@pytest.mark.parametrize(
    "ask",
    [
        lambda stockx: stockx.search_stockx_catalog(""), lambda stockx: stockx.search_stockx_catalog("a", 0),
        lambda stockx: stockx.get_product_details(""), lambda stockx: stockx.get_product_details(".."),
        lambda stockx: stockx.get_product_variant("p", "v v"), lambda stockx: stockx.get_variants_by_gtin("123"),
        lambda stockx: stockx.get_market_data_from_stockx("p", "XXX"),
        lambda stockx: stockx.get_variant_market_data("p", "", "EUR"),
    ],
)  # fmt: skip
def test_bad_input_sends_nothing(ask: Callable[[StockXService], Awaitable[Any]]) -> None:
    async def story() -> None:
        stockx, wire = service(answer())
        with pytest.raises(InvalidInputError):
            await ask(stockx)
        assert wire.api.requests == []

    run_virtual(story())


def test_the_answers_own_currency_counts() -> None:
    async def story() -> None:
        stockx, _ = service(MARKET, answer(200, []))
        assert (await stockx.get_market_data_from_stockx("p", "EUR")).currency_code == "GBP"
        empty = await stockx.get_market_data_from_stockx("q", "EUR")
        assert (empty.currency_code, len(empty)) == ("EUR", 0)

    run_virtual(story())


def test_without_the_cache_stockx_is_asked_and_the_answer_remembered() -> None:
    async def story() -> None:
        stockx, wire = service(MARKET)
        for _ in range(3):
            assert (await stockx.get_market_data_from_stockx("p", use_cache=False)).provenance.source is Source.LIVE
        assert (await stockx.get_market_data_from_stockx("p")).provenance.source is Source.CACHE
        young = CallOptions(max_age=0.0)
        assert (await stockx.get_market_data_from_stockx("p", options=young)).provenance.source is Source.LIVE
        assert len(wire.api.requests) == 4

    run_virtual(story())


def test_warm_market_data_is_served_marked_stale_while_stockx_is_dead() -> None:
    async def story() -> None:
        stockx, wire = service(MARKET, FAILING)
        await stockx.get_market_data_from_stockx("p")
        await asyncio.sleep(1_000.0)
        for _ in range(200):
            served = await stockx.get_market_data_from_stockx("p")
            assert served.provenance.stale
            assert served.provenance.age >= 1_000.0
        assert len(wire.api.requests) == 1 + 5

    run_virtual(story())


@pytest.mark.parametrize(
    ("body", "where"),
    [(b"", "body"), (b"<html>", "body"), (b'[{"productId":"p"', "body"), (b"{}", "body"), (b"null", "body"),
     (b'[{"productId":"p","variantId":"v","currencyCode":"EUR","lowestAskAmount":"abc"}]', "lowestAskAmount"),
     (b'[{"variantId":"v","currencyCode":"EUR"}]', "productId")],
)  # fmt: skip
def test_an_answer_that_cannot_be_understood_is_a_typed_error(body: bytes, where: str) -> None:
    async def story() -> None:
        stockx, _ = service(answer(200, body))
        with pytest.raises(UnexpectedResponseError, match=where) as caught:
            await stockx.get_market_data_from_stockx("p")
        assert (caught.value.status, caught.value.attempts) == (200, 1)
        assert caught.value.request_id

    run_virtual(story())


class TestIterSearch:
    async def ids(self, stockx: StockXService, **options: Any) -> list[str]:
        return [product.product_id async for product in stockx.iter_search("x", **options)]

    def test_goes_through_all_pages_and_gives_each_product_once(self) -> None:
        async def story() -> None:
            stockx, wire = service(page("a", "b", more=True), page("b", "c", number=2, more=True), page("d", number=3))
            assert await self.ids(stockx) == ["a", "b", "c", "d"]
            assert [parse_qs(request.url)["pageNumber"] for request in wire.api.requests] == [["1"], ["2"], ["3"]]

        run_virtual(story())

    @pytest.mark.parametrize(("limit", "found", "pages"), [(1, "a", 1), (3, "abc", 3), (9, "abcd", 3)])
    def test_stops_at_a_limit(self, limit: int, found: str, pages: int) -> None:
        async def story() -> None:
            stockx, wire = service(page("a", "b", more=True), page("c", more=True), page("d"))
            assert await self.ids(stockx, limit=limit) == list(found)
            assert len(wire.api.requests) <= pages

        run_virtual(story())

    def test_asks_for_no_page_that_a_limit_makes_useless(self) -> None:
        async def story() -> None:
            stockx, wire = service(page("a", "b", more=True), page("c"))
            assert await self.ids(stockx, limit=2) == ["a", "b"]
            assert len(wire.api.requests) == 1

        run_virtual(story())

    @pytest.mark.parametrize("endless", [page("a", more=True), page(more=True)], ids=["repeated", "empty"])
    def test_ends_whatever_the_server_claims(self, endless: Received) -> None:
        async def story() -> None:
            def once_more(_request: WireRequest) -> Received:
                assert len(wire.api.requests) < 10, "it pages for ever"
                return endless

            stockx, wire = service(once_more)
            assert await self.ids(stockx) in (["a"], [])
            assert len(wire.api.requests) <= 2

        run_virtual(story())


def test_a_reader_that_goes_away_does_not_hold_up_the_account() -> None:
    async def story() -> None:
        wire, clock = Wire(ScriptedTransport([VARIANT], latency=0.5)), LoopClock()
        store = MemoryTokenStore(tokens_of(clock))
        async with StockXService(ClientConfig(CREDENTIALS), token_store=store, transport=wire, clock=clock) as stockx:
            reader = asyncio.ensure_future(stockx.get_product_variant("p", "v"))
            await asyncio.sleep(0.1)
            reader.cancel()
            await stockx.get_product_variant("p", "other")
            assert asyncio.get_running_loop().time() <= 3.0

    run_virtual(story())


def test_any_call_can_be_made_raw() -> None:
    async def story() -> None:
        stockx, wire = service(answer(200, b"whatever", x_header="kept"))
        for _ in range(2):
            reply = await stockx.execute(read())
            assert (reply.status, reply.body, reply.headers["x-header"]) == (200, b"whatever", "kept")
        assert len(wire.api.requests) == 2

    run_virtual(story())


def test_a_given_cache_store_is_used_even_when_it_is_empty() -> None:
    async def story() -> None:
        store = MemoryCacheStore(10)
        stockx, _ = service(MARKET, cache_store=store)
        await stockx.get_market_data_from_stockx("p")
        assert len(store) == 1

    run_virtual(story())


def test_a_404_is_remembered() -> None:
    async def story() -> None:
        stockx, wire = service(answer(404, {"message": "Could not decode market data"}))
        for _ in range(3):
            with pytest.raises(NotFoundError, match="Could not decode market data"):
                await stockx.get_product_details("p")
        assert len(wire.api.requests) == 1

    run_virtual(story())


def test_opened_and_closed_it_reads_and_returns_the_quota() -> None:
    async def story() -> None:
        store = MemoryLimitStore()
        wire, clock = Wire(ScriptedTransport([VARIANT])), LoopClock()
        config = ClientConfig(CREDENTIALS, refresh_token=f"{CANARY}-refresh-0")
        wire.login = ScriptedTransport([grant()])
        async with StockXService(config, limit_store=store, transport=wire, clock=clock) as stockx:
            await stockx.get_product_variant("p", "v")
            assert (stockx.limits().used, stockx.limits().left) == (1, 24_999)
        assert await store.used("default", clock.now().date()) == 1
        assert len(wire.login.requests) == 1

    run_virtual(story())


def test_without_any_tokens_it_asks_for_a_login() -> None:
    async def story() -> None:
        wire = Wire(ScriptedTransport([answer()]))
        async with StockXService(ClientConfig(CREDENTIALS), transport=wire, clock=LoopClock()) as stockx:
            with pytest.raises(ReauthenticationRequiredError, match="solegate auth login"):
                await stockx.get_product_details("p")
        assert wire.api.requests == []

    run_virtual(story())


def test_the_configuration_shows_no_secret() -> None:
    config = ClientConfig(CREDENTIALS, refresh_token=CANARY)
    assert CANARY not in repr(config) + str(config)
