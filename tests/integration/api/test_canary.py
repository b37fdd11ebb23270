"""A canary in every field that holds a secret: it sings nowhere else, whatever is asked for and whatever fails."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import secrets
import traceback
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from solegate.api.scopes import TABLE
from solegate.bootstrap import open_house
from solegate.db.tables import LoginRow
from solegate.domain.keys import Scope
from solegate.errors import SolegateError
from solegate.log import configure_logging
from solegate.settings import Settings
from support.api import RunningApi
from support.api_world import opened_world
from support.door import bearer, house_behind, key_of

ENDLESS = "/api/v1/events/stream"
"""It has no end, and tells what `/api/v1/events` lists, which is asked."""
NAMES = {
    "productId": "product", "listingId": "listing", "orderNumber": "order", "writeId": "write", "jobId": "job",
    "keyId": "key", "subscriberId": "subscriber", "eventId": "event", "watchId": "watch", "account": "otherAccount",
    "source": "source", "name": "source", "webhookId": "webhook",
}  # fmt: skip
"""What a parameter of a path is called in the world."""


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged, all of it, as the product writes it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging(level="DEBUG", style="json", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
async def world(tmp_path: Path, log: io.StringIO) -> AsyncIterator[tuple[RunningApi, dict[str, str]]]:
    async with opened_world(tmp_path, open_on_loopback=True) as opened:
        yield opened


async def planted(api: RunningApi) -> dict[str, str]:
    """Every kind of secret that there is, by what it is; each was put where it belongs."""
    settings, canary = api.settings, f"canary-{secrets.token_hex(8)}"
    record = await api.services.stockx.tokens.status()
    assert record is not None
    post = api.client.post
    found = {
        "client secret of the environment": settings.stockx_client_secret.get_secret_value(),
        "API key of the environment": settings.stockx_api_key.get_secret_value(),
        "secret key": settings.secret_key.get_secret_value(),
        "access token": record.access_token,
        "refresh token": record.refresh_token,
        "client secret of an account": f"{canary}-client-secret",
        "API key of an account": f"{canary}-stockx-key",
        "secret of a poke source": f"{canary}-poke",
        "secret of a KicksDB source": f"{canary}-kicksdb",
        "path of a chat's address": f"{canary}-chat",
        "our API key": await key_of(api, Scope.READ),
    }
    account = {"account": "canary", "clientId": "canary-client", "clientSecret": found["client secret of an account"]}
    made = await post("/api/v1/accounts", json=account | {"apiKey": found["API key of an account"]})
    assert made.status_code == 201, made.text
    begun = (await post("/api/v1/accounts/canary/login", json={})).json()
    found["state of a login"] = re.search(r"state=([\w-]+)", begun["authorizeUrl"])[1]  # type: ignore[index]
    found["PKCE verifier"] = await verifier(api, "canary")
    for name, kind in (("canary-poke", "poke"), ("canary-kicks", "kicksdb"), ("canary-own", "standard")):
        given = {"secret": found[f"secret of a {'poke' if kind == 'poke' else 'KicksDB'} source"]}
        wanted = {"name": name, "kind": kind} | (given if kind != "standard" else {})
        made = await post("/api/v1/webhooks/sources", json=wanted)
        assert made.status_code == 201, made.text
        if kind == "standard":
            found["secret of a standard source"] = made.json()["secret"]
    made = await post("/api/v1/subscribers", json={"url": "http://127.0.0.1:9/canary", "types": ["*"]})
    found["secret of a subscriber"] = made.json()["secret"]
    chat = {"url": f"http://127.0.0.1:9/services/{found['path of a chat' + chr(39) + 's address']}", "kind": "slack"}
    assert (await post("/api/v1/subscribers", json=chat)).status_code == 201
    key = (await post("/api/v1/keys", json={"name": "canary", "scope": "read"})).json()["key"]
    return found | {"another API key": key, "our API key's secret": key.split("_", 2)[2]}


async def verifier(api: RunningApi, account: str) -> str:
    house = house_behind(api)
    async with house.database.reading() as session:
        sealed = await session.scalar(select(LoginRow.code_verifier).where(LoginRow.account == account))
    return house.box.open(str(sealed))


async def everything_asked(api: RunningApi, names: Mapping[str, str], key: str) -> dict[str, str]:
    """What every route that reads answers, whole, with its headers."""
    answers = {}
    for method, path in TABLE:
        if method != "GET" or path == ENDLESS:
            continue
        for form in ("csv", "json") if "{form}" in path else ("",):
            known = {name: names.get(word, "x") for name, word in NAMES.items()} | {"form": form, "name": "canary-poke"}
            url = path.format_map({name: quote(value, "") for name, value in known.items()})
            answer = await api.client.get(url, headers=bearer(key))
            answers[f"{path} {form} {answer.status_code}"] = answer.text + str(answer.headers)
    return answers


async def everything_wrong(api: RunningApi, found: Mapping[str, str]) -> dict[str, str]:
    """What requests that carry secrets and fail answer."""
    secret = found["client secret of an account"]
    tries: list[tuple[str, str, Any, dict[str, str]]] = [
        ("POST", "/api/v1/accounts", {"account": "no/name", "clientSecret": secret, "apiKey": 7}, {}),
        (
            "POST",
            "/api/v1/accounts",
            {"account": "canary", "clientId": "x", "clientSecret": secret, "apiKey": secret},
            {},
        ),
        ("PUT", "/api/v1/accounts/canary/application", {"clientSecret": [secret]}, {}),
        ("POST", "/api/v1/webhooks/sources", {"name": "x y", "kind": "poke", "secret": secret}, {}),
        ("POST", "/api/v1/webhooks/sources", {"name": "canary-poke", "kind": "poke", "secret": secret}, {}),
        ("POST", "/api/v1/subscribers", {"url": f"http://user:{secret}@127.0.0.1/", "types": ["*"]}, {}),
        ("GET", f"/api/v1/accounts/callback?state={found['state of a login']}x&code={secret}", None, {}),
        ("GET", "/api/v1/keys", None, {"Authorization": f"Bearer {found['another API key']}x"}),
        ("GET", "/api/v1/keys", None, {"Authorization": f"Basic {secret}"}),
        ("GET", "/api/v1/nothing", None, bearer(found["another API key"])),
        ("POST", "/webhooks/canary-poke", {"event_type": 1}, {"Authorization": f"Bearer {secret}"}),
        ("POST", "/webhooks/canary-poke", {"event_type": 1}, bearer(found["secret of a poke source"])),
        ("POST", "/webhooks/canary-kicks", {"x": 1}, {"X-Secret-Key": found["secret of a KicksDB source"]}),
        ("POST", "/webhooks/canary-own", {"x": 1}, {"webhook-id": "1", "webhook-signature": f"v1,{secret}"}),
    ]
    answers = {}
    for number, (method, path, body, headers) in enumerate(tries):
        answer = await api.client.request(method, path, json=body, headers=headers)
        answers[f"{number} {method} {path[:40]} {answer.status_code}"] = answer.text + str(answer.headers)
    for each in (await api.client.get("/api/v1/subscribers")).json()["items"]:
        ping = await api.client.post(f"/api/v1/subscribers/{each['id']}/ping")
        answers[f"ping {each['id']} {ping.status_code}"] = ping.text
    return answers


def sings(text: str | bytes, secret: str) -> bool:
    """Whether a secret is in it, as it is, in base64, or as part of an address."""
    data = text if isinstance(text, bytes) else text.encode()
    shapes = {secret, quote(secret, ""), json.dumps(secret)[1:-1], base64.b64encode(secret.encode()).decode()}
    return any(shape.encode() in data for shape in shapes)


async def test_no_secret_is_anywhere_but_where_it_belongs(
    world: tuple[RunningApi, dict[str, str]], log: io.StringIO
) -> None:
    api, names = world
    found = await planted(api)
    admin = await key_of(api, Scope.ADMIN, per_minute=100_000)
    texts: dict[str, str | bytes] = {}
    texts |= await everything_asked(api, names, admin)
    texts |= await everything_wrong(api, found)
    await api.sql("DROP TABLE subscribers")
    texts |= {f"broken {name}": text for name, text in (await everything_asked(api, names, admin)).items()}
    texts["log"] = log.getvalue()
    texts["settings"] = repr(api.settings) + str(api.settings)
    texts["objects"] = repr(api.services) + repr(await api.services.stockx.tokens.status())
    for file in api.database_file.parent.glob("solegate.db*"):
        texts[f"bytes of {file.name}"] = file.read_bytes()

    told = {where: what for where, text in texts.items() for what, secret in found.items() if sings(text, secret)}

    assert told == {}
    assert len(found) >= 17
    assert len(texts) > 80
    assert any(name.startswith("/api/v1/jobs/{jobId}/report") and name.endswith("200") for name in texts)
    assert {name[-3:] for name in texts if name.startswith("broken")} >= {"200", "503"}
    assert '"event": "api.failed"' in log.getvalue() or '"level": "debug"' in log.getvalue()


async def test_the_log_would_show_what_is_not_redacted(log: io.StringIO) -> None:
    logging.getLogger("solegate.test").debug("a canary that nobody knows to be one")

    assert sings(log.getvalue(), "a canary that nobody knows to be one")


async def test_no_failure_to_open_the_database_tells_its_password_or_key() -> None:
    password, key = f"canary-{secrets.token_hex(8)}", Fernet.generate_key().decode()
    settings = Settings(
        _env_file=None, database_url=f"postgresql+asyncpg://me:{password}@127.0.0.1:9/none", secret_key=key
    )
    with pytest.raises(SolegateError) as failed:
        async with open_house(settings):
            pass
    wrong = Settings(_env_file=None, database_url=settings.database_url, secret_key=f"{password}-no-key")
    with pytest.raises(SolegateError) as refused:
        async with open_house(wrong):
            pass

    for error in (failed.value, refused.value):
        text = "".join(traceback.format_exception(error)) + repr(error) + error.message + error.hint
        assert not sings(text, password)
        assert not sings(text, key)
    assert not sings(repr(settings) + str(settings), password)
