"""Accounts over HTTP: added, connected by a login in the browser, chosen, given other keys, removed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2
import pytest

from solegate.db.repositories import SqlTokenStore
from solegate.domain.accounts import AccountState, TokenRecord
from solegate.errors import NoSuchAccountError
from solegate.testing import SimulatorMount
from support.api import CANARY, RunningApi

ACCOUNTS = "/api/v1/accounts"
SEARCH = "/api/v1/products/search-stockx?query=dunk"
BACK = f"http://127.0.0.1{ACCOUNTS}/callback"


def keys(api: RunningApi, **more: Any) -> dict[str, Any]:
    """The simulator's application, as an account's."""
    config = api.simulator.config
    return {
        "clientId": config.client_id,
        "clientSecret": config.client_secret,
        "apiKey": config.api_key,
        "redirectUri": BACK,
    } | more


async def add(api: RunningApi, account: str, **more: Any) -> httpx2.Response:
    return await api.client.post(ACCOUNTS, json=keys(api, account=account, **more))


async def begin(api: RunningApi, account: str, **more: Any) -> dict[str, Any]:
    answer = await api.client.post(f"{ACCOUNTS}/{account}/login", json=more)
    assert answer.status_code == 201, answer.text
    begun: dict[str, Any] = answer.json()
    return begun


async def decide(api: RunningApi, begun: dict[str, Any], decision: str = "allow") -> str:
    """What a person does at StockX; returns the address that the browser is sent to."""
    query = dict(parse_qsl(urlsplit(begun["authorizeUrl"]).query)) | {"decision": decision}
    async with httpx2.AsyncClient(transport=SimulatorMount(api.simulator.app), base_url="http://practice.test") as page:
        answer = await page.post("/authorize/decision", data=query)
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


async def come_back(api: RunningApi, redirect: str) -> httpx2.Response:
    """What the browser does then; a callback on another address is carried over by hand."""
    return await api.client.get(f"{ACCOUNTS}/callback?{urlsplit(redirect).query}")


async def account(api: RunningApi, name: str) -> dict[str, Any]:
    answer = await api.client.get(f"{ACCOUNTS}/{name}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def problem(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_an_account_is_added_connected_by_a_login_and_works(api: RunningApi) -> None:
    added = await add(api, "shop-b", currency="jpy")
    assert (added.status_code, added.headers["location"]) == (201, f"{ACCOUNTS}/shop-b")
    assert (added.json()["standing"], added.json()["currency"]) == ("never_connected", "JPY")

    begun = await begin(api, "shop-b")
    assert urlsplit(begun["authorizeUrl"]).query.count("code_challenge_method=S256") == 1
    page = await come_back(api, await decide(api, begun))

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "shop-b" in page.text
    assert (await account(api, "shop-b"))["standing"] == "connected"
    found = await api.client.get(SEARCH, headers={"Solegate-Account": "shop-b"})
    assert found.status_code == 200


async def test_no_answer_holds_a_secret(one_api: RunningApi) -> None:
    answers = [
        await add(one_api, "shop-b"),
        await add(one_api, "shop-b"),
        await one_api.client.get(ACCOUNTS),
        await one_api.client.put(f"{ACCOUNTS}/shop-b/application", json={"apiKey": f"{CANARY} with spaces"}),
        await one_api.client.post(ACCOUNTS, json={"account": "c", "clientSecret": f"{CANARY}" * 100}),
        await one_api.client.post(f"{ACCOUNTS}/shop-b/login", json={}),
        await one_api.client.delete(f"{ACCOUNTS}/shop-b"),
    ]

    assert [each.status_code for each in answers] == [201, 422, 200, 422, 422, 201, 200]
    assert all(CANARY not in each.text for each in answers)


async def test_a_denied_login_leaves_the_account_as_it_was(one_api: RunningApi) -> None:
    begun = await begin(one_api, "default")

    redirect = await decide(one_api, begun, "deny")
    page = await come_back(one_api, redirect)

    assert (page.status_code, page.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert "denied" in page.text
    assert (await account(one_api, "default"))["standing"] == "connected"
    assert (await come_back(one_api, redirect)).status_code == 422


async def test_a_redirect_is_good_once_and_for_ten_minutes(one_api: RunningApi) -> None:
    redirect = await decide(one_api, await begin(one_api, "default"))
    late = await decide(one_api, await begin(one_api, "default"))

    first, again = await come_back(one_api, redirect), await come_back(one_api, redirect)
    one_api.clock.advance(timedelta(minutes=10).total_seconds())

    assert (first.status_code, again.status_code) == (200, 422)
    assert (await come_back(one_api, late)).status_code == 422
    assert (await come_back(one_api, f"{BACK}?code=x&state=guessed")).status_code == 422
    assert (await come_back(one_api, f"{BACK}?code=x")).status_code == 422


async def test_codes_of_two_logins_at_once_cannot_be_mixed_up(one_api: RunningApi) -> None:
    for name in ("a", "b"):
        await add(one_api, name)
    of_a, of_b = [await decide(one_api, await begin(one_api, name)) for name in ("a", "b")]
    code = parse_qs(urlsplit(of_a).query)["code"]
    state = parse_qs(urlsplit(of_b).query)["state"]

    page = await come_back(one_api, f"{BACK}?{urlencode({'code': code[0], 'state': state[0]})}")

    assert page.status_code == 503  # the code belongs to the other login's verifier, so StockX refuses it
    assert [(await account(one_api, name))["standing"] for name in ("a", "b")] == ["never_connected"] * 2
    assert (await come_back(one_api, of_a)).status_code == 200
    assert [(await account(one_api, name))["standing"] for name in ("a", "b")] == ["connected", "never_connected"]


async def test_the_browser_goes_on_to_a_path_of_this_host_only(one_api: RunningApi) -> None:
    page = await come_back(one_api, await decide(one_api, await begin(one_api, "default", returnTo="/docs?from=login")))
    assert (page.status_code, page.headers["location"]) == (303, "/docs?from=login")

    for elsewhere in ("https://evil.test/", "//evil.test", "/\\evil.test", "docs", "/a\nb", "/" + "x" * 2000):
        answer = await one_api.client.post(f"{ACCOUNTS}/default/login", json={"returnTo": elsewhere})
        assert answer.status_code == 422, elsewhere


async def test_an_account_that_has_to_log_in_again_is_seen_everywhere_and_mended_by_one_login(
    one_api: RunningApi,
) -> None:
    store = SqlTokenStore(one_api.services.database, one_api.app.state.house.box)
    tokens = await store.load("default")
    assert tokens is not None
    dead = TokenRecord(
        "default", tokens.version + 1, "", tokens.refresh_token, tokens.expires_at, AccountState.NEEDS_REAUTH
    )
    assert await store.save(dead, expected_version=tokens.version)

    listed = (await one_api.client.get(ACCOUNTS, params={"standing": "needs_reauth"})).json()["items"]
    asked = await one_api.get("/search-stockx", query="dunk")
    ready = await one_api.client.get("/readyz")

    assert [each["login"] for each in listed] == [f"{ACCOUNTS}/default/login"]
    assert problem(asked) == (503, "needs_reauth")
    assert f"POST {ACCOUNTS}/default/login" in asked.json()["hint"]
    assert ready.status_code == 503
    assert (await come_back(one_api, await decide(one_api, await begin(one_api, "default")))).status_code == 200
    assert (await one_api.get("/search-stockx", query="dunk")).status_code == 200
    assert (await one_api.client.get("/readyz")).status_code == 200
    again = await store.load("default")
    assert again is not None
    assert again.version == dead.version + 1


async def test_other_accounts_that_are_not_connected_are_counted_not_named_where_no_key_is_asked_for(
    one_api: RunningApi,
) -> None:
    await add(one_api, "shop-b")

    ready = await one_api.client.get("/readyz")

    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert "1 of 2 accounts" in ready.text
    assert "shop-b" not in ready.text


async def test_other_keys_are_in_force_at_once(one_api: RunningApi) -> None:
    await add(one_api, "shop-b", apiKey="not-the-key")
    await come_back(one_api, await decide(one_api, await begin(one_api, "shop-b")))
    wrong = await one_api.client.get(SEARCH, headers={"Solegate-Account": "shop-b"})

    rotated = await one_api.client.put(
        f"{ACCOUNTS}/shop-b/application", json={"apiKey": one_api.simulator.config.api_key}
    )
    right = await one_api.client.get(SEARCH, headers={"Solegate-Account": "shop-b"})

    assert (wrong.status_code >= 500, rotated.status_code, right.status_code) == (True, 200, 200)
    assert rotated.json()["standing"] == "connected"
    assert problem(await one_api.client.put(f"{ACCOUNTS}/shop-b/application", json={})) == (422, "invalid_input")
    assert problem(await one_api.client.put(f"{ACCOUNTS}/default/application", json={"apiKey": "x"}))[0] == 422


async def test_the_account_in_use_is_the_one_that_is_meant(one_api: RunningApi) -> None:
    await add(one_api, "shop-b")
    house = one_api.app.state.house

    assert (await one_api.client.post(f"{ACCOUNTS}/shop-b/use")).json()["inUse"] is True
    assert house.default == "shop-b"
    assert problem(await one_api.get("/search-stockx", query="dunk")) == (503, "needs_reauth")
    await one_api.client.post(f"{ACCOUNTS}/default/use")
    assert (await one_api.get("/search-stockx", query="dunk")).status_code == 200
    in_use = [each["account"] for each in (await one_api.client.get(ACCOUNTS)).json()["items"] if each["inUse"]]
    assert in_use == ["default"]


async def test_a_removed_account_is_gone_and_one_of_the_environment_stays(one_api: RunningApi) -> None:
    await add(one_api, "shop-b")
    house = one_api.app.state.house
    await house.of("shop-b")

    removed = await one_api.client.delete(f"{ACCOUNTS}/shop-b")

    assert (removed.status_code, removed.json()) == (200, {"account": "shop-b", "writes": 0, "jobs": 0})
    assert problem(await one_api.client.get(f"{ACCOUNTS}/shop-b")) == (404, "no_such_account")
    with pytest.raises(NoSuchAccountError, match="There are: default"):
        await house.of("shop-b")
    assert problem(await one_api.client.delete(f"{ACCOUNTS}/default")) == (422, "invalid_input")


async def test_an_account_with_work_under_way_is_removed_by_force_only(api: RunningApi) -> None:
    await add(api, "shop-b")
    await api.sql(
        "INSERT INTO jobs (id, account, kind, state, key, name, actor, options, total, created_at, note) "
        "VALUES ('j', 'shop-b', 'create', 'PAUSED', 'k', '', '', '{}', 1, '2026-01-01 12:00:00', '')"
    )

    refused = await api.client.delete(f"{ACCOUNTS}/shop-b")
    forced = await api.client.delete(f"{ACCOUNTS}/shop-b", params={"force": "true"})

    assert problem(refused) == (409, "unit_busy")
    assert "1 job under way" in refused.json()["detail"]
    assert (forced.status_code, forced.json()["jobs"]) == (200, 1)
    again = await add(api, "shop-b")
    assert again.status_code == 201
    shown = await api.client.get("/api/v1/jobs", headers={"Solegate-Account": "shop-b"})
    assert [each["id"] for each in shown.json()["items"]] == ["j"]


async def test_the_list_comes_page_by_page(one_api: RunningApi) -> None:
    for name in ("c", "a", "b"):
        await add(one_api, name)

    first = (await one_api.client.get(ACCOUNTS, params={"limit": 3})).json()
    rest = (await one_api.client.get(ACCOUNTS, params={"limit": 3, "cursor": first["nextCursor"]})).json()

    assert [each["account"] for each in first["items"] + rest["items"]] == ["a", "b", "c", "default"]
    assert rest["nextCursor"] is None
    assert problem(await one_api.client.get(ACCOUNTS, params={"cursor": "!"})) == (404, "no_such_record")


@pytest.mark.parametrize("name", ["callback", "", "a/b", "a b", "-a", "x" * 65, "\N{SNOWMAN}"])
async def test_names_that_no_address_can_carry_are_refused(idle_api: RunningApi, name: str) -> None:
    assert (await add(idle_api, name)).status_code == 422
