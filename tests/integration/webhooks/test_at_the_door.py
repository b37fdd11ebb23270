"""The door for webhooks: what is kept, what is refused, and what nobody learns from it."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

from solegate.domain.webhooks.values import LARGEST_BODY, SourceKind
from support.api import CANARY
from support.webhooks import (
    BODY,
    HMAC_SECRET,
    KICKSDB_SECRET,
    POKE_SECRET,
    SECRET,
    Headers,
    Inbox,
    hmac_hex,
    inbox,
    price,
    prices,
    standard,
)

Attack = tuple[str, str, bytes, Headers, int]
"""Name, source, body, headers, and the only status that is right."""
UNAUTHORIZED, BAD, CONFLICT, TOO_LARGE = 401, 400, 409, 413


async def test_what_is_signed_is_kept_and_processed_later(box: Inbox) -> None:
    answer = await box.shop()

    assert (answer.status_code, answer.json()) == (200, {"status": "accepted"})
    (entry,) = await box.entries()
    assert (entry.state.value, entry.source, entry.account, entry.body) == ("received", "shop", "default", BODY)
    assert entry.message.subject == "o-1"
    assert await box.rows("SELECT account, kind FROM tasks WHERE kind = 'inbox'") == [("default", "inbox")]


async def test_a_repetition_is_answered_alike_and_kept_once(box: Inbox) -> None:
    await box.shop()
    box.clock.advance(200)  # signed anew, at another time
    again = await box.shop()

    assert (again.status_code, again.json()) == (200, {"status": "duplicate"})
    assert len(await box.entries()) == 1


async def test_the_same_id_with_other_content_is_a_conflict_and_the_first_stands(box: Inbox) -> None:
    await box.shop()
    other = await box.shop(BODY.replace(b"o-1", b"o-2"))

    assert (other.status_code, other.json()["code"]) == (409, "webhook_conflict")
    assert [each.body for each in await box.entries()] == [BODY]


async def test_the_same_id_of_another_source_is_another_webhook(one_box: Inbox) -> None:
    await one_box.webhooks.sources.add("second", SourceKind.STANDARD, secret=SECRET)
    await one_box.shop()
    answer = await one_box.post("second", BODY, standard(at=one_box.clock.now()))

    assert answer.json() == {"status": "accepted"}
    assert len(await one_box.entries()) == 2


async def test_each_kind_of_source_comes_in(one_box: Inbox) -> None:
    answers = [
        await one_box.shop(),
        await one_box.post("github", BODY, {"X-Hub-Signature-256": f"sha256={hmac_hex()}"}),
        await one_box.kicksdb(prices(price("v-1", 100), at=one_box.clock.now())),
        await one_box.poke({"event_type": "order.shipped", "data": {"order_id": "01-A"}}),
    ]

    assert [each.status_code for each in answers] == [200] * 4
    assert [each.kind.value for each in await one_box.entries()] == ["standard", "hmac", "kicksdb", "poke"]


def attacks(box: Inbox) -> Iterator[Attack]:
    """Hundreds of requests of which not one may be kept."""
    now = box.clock.now()
    late, early = now - timedelta(seconds=301), now + timedelta(seconds=301)
    good = standard(at=now, message_id="msg_attack")
    sources = (
        "shop",
        "github",
        "kicksdb",
        "n8n",
        "nobody",
        "Shop",
        "shop ",
        "%00",
        "shop.",
        "a" * 300,
        "ünknown",
    )
    bodies = (b"", BODY, b"null", b"\x00" * 100, b"[" * 5_000, b"\xff" * 50, json.dumps({"a": "\ud800"}).encode())
    for name, body in itertools.product(sources, bodies):  # nothing proves it
        yield "unsigned", name, body, {}, UNAUTHORIZED
    proofs: tuple[tuple[str, Headers], ...] = (
        ("signed by another", standard(at=now, secret="whsec_" + "QUFB" * 10)),
        ("signed long ago", standard(at=late)),
        ("signed in the future", standard(at=early)),
        ("another body", standard(BODY + b" ", at=now)),
        ("another id", good | {"webhook-id": "msg_other"}),
        ("another time", good | {"webhook-timestamp": str(int(now.timestamp()) - 1)}),
        ("no time", {key: value for key, value in good.items() if key != "webhook-timestamp"}),
        ("no id", {key: value for key, value in good.items() if key != "webhook-id"}),
        ("no scheme", good | {"webhook-signature": good["webhook-signature"].removeprefix("v1,")}),
        ("a million signatures", good | {"webhook-signature": "v1,AAAA " * 1_000}),
        ("hexadecimal", good | {"webhook-signature": "v1," + "0" * 64}),
        ("another algorithm", {"X-Hub-Signature-256": f"sha256={hmac_hex(algorithm='sha1')}"}),
        ("another prefix", {"X-Hub-Signature-256": f"sha1={hmac_hex()}"}),
        ("another header", {"X-Hub-Signature": f"sha256={hmac_hex()}"}),
        ("half a signature", {"X-Hub-Signature-256": f"sha256={hmac_hex()[:32]}"}),
        ("an empty key", {"X-Secret-Key": ""}),
        ("a key that begins well", {"X-Secret-Key": KICKSDB_SECRET[:-1]}),
        ("a key and more", {"X-Secret-Key": KICKSDB_SECRET + "k"}),
        ("the wrong scheme", {"Authorization": f"Basic {POKE_SECRET}"}),
        ("no scheme at all", {"Authorization": POKE_SECRET}),
        ("an API key", {"Authorization": "Bearer sg_abcdefgh_" + "x" * 43}),
    )
    for (title, headers), name in itertools.product(proofs, ("shop", "github", "kicksdb", "n8n", "nobody")):
        yield title, name, BODY, headers, UNAUTHORIZED
    key = {"X-Secret-Key": KICKSDB_SECRET}
    for at in (late - timedelta(days=5), early, now + timedelta(days=400)):
        yield "of another time", "kicksdb", prices(at=at), key, UNAUTHORIZED
    for body in (
        *bodies[:1],
        *bodies[2:],
        b'{"event":1}',
        b'{"event":"x","timestamp":"x","data":[]}',
        b"NaN",
        b"1e999999",
    ):
        yield "no event", "kicksdb", body, key, BAD
    for body in (b"", b"null", b"[]", b"7", b"{", b"[" * 5_000, b"\xff", b'{"a":NaN}'):
        yield "no poke", "n8n", body, {"Authorization": f"Bearer {POKE_SECRET}"}, BAD
    for size, name in itertools.product((1, 10_000, LARGEST_BODY * 3), ("shop", "kicksdb", "nobody", "n8n")):
        yield "too large", name, b"x" * (LARGEST_BODY + size), key | good, TOO_LARGE
    changed = json.dumps({"type": "x", "n": 1}).encode()
    for number in range(10):
        body = changed.replace(b"1", str(number).encode())
        yield "the same id again", "shop", body, standard(body, at=now, message_id="msg_taken"), CONFLICT


async def test_hundreds_of_bad_requests_are_refused_as_they_should_be_and_none_is_kept(one_box: Inbox) -> None:
    taken = b'{"type":"first"}'
    assert (await one_box.shop(taken, message_id="msg_taken")).status_code == 200
    count = 0
    for title, name, body, headers, expected in attacks(one_box):
        answer = await one_box.post(name, body, headers)
        assert answer.status_code == expected, (title, name, body[:40], answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        for secret in (SECRET, HMAC_SECRET, KICKSDB_SECRET, POKE_SECRET, CANARY):
            assert secret not in answer.text
        count += 1

    assert count >= 200
    assert [each.body for each in await one_box.entries()] == [taken]


async def test_an_unknown_source_and_a_wrong_signature_are_answered_alike(one_box: Inbox) -> None:
    answers = [await one_box.post(name, BODY, standard(secret="whsec_" + "QUFB" * 10)) for name in ("shop", "nobody")]
    known, unknown = (
        {key: value for key, value in each.json().items() if key not in {"instance", "requestId"}} for each in answers
    )

    assert known == unknown
    assert (known["status"], known["code"]) == (401, "bad_signature")


async def test_a_body_that_comes_in_parts_is_bounded_as_well(one_box: Inbox) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _part in range(10_000):
            yield b"x" * 65_536

    answer = await one_box.api.client.post("/webhooks/shop", content=endless(), headers=standard())

    assert answer.status_code == 413


async def test_a_webhook_of_the_largest_size_is_kept_whole(box: Inbox) -> None:
    body = b'{"type":"x","pad":"' + b"y" * (LARGEST_BODY - 21) + b'"}'
    answer = await box.shop(body)

    assert answer.status_code == 200
    assert (await box.entries())[0].body == body
    assert len(body) == LARGEST_BODY


async def test_it_is_open_to_those_who_have_no_api_key_and_come_by_another_name(tmp_path, sqlite_url) -> None:
    async with inbox(tmp_path, sqlite_url, open_on_loopback=False) as closed:
        headers = standard(at=closed.clock.now()) | {"Host": "shop.tunnel.example", "Sec-Fetch-Site": "cross-site"}
        assert (await closed.post("shop", BODY, headers)).status_code == 200
        assert (await closed.api.client.get("/api/v1/webhooks")).status_code == 401
        assert (
            await closed.api.client.get("/api/v1/webhooks", headers={"Host": "shop.tunnel.example"})
        ).status_code == 421


async def test_a_database_that_fails_is_503_and_the_sender_tries_again(box: Inbox) -> None:
    await box.shop(message_id="before")
    await box.api.sql("ALTER TABLE inbox RENAME TO elsewhere")
    failed = await box.shop(message_id="during")
    await box.api.sql("ALTER TABLE elsewhere RENAME TO inbox")
    again = await box.shop(message_id="during")

    assert (failed.status_code, failed.json()["code"]) == (503, "database")
    assert (again.status_code, again.json()) == (200, {"status": "accepted"})


async def test_a_new_secret_counts_within_a_second_and_an_ended_one_no_more(one_box: Inbox) -> None:
    await one_box.shop(message_id="1")
    new = (await one_box.webhooks.sources.rotate("shop", overlap=timedelta(0))).secret
    one_box.clock.advance(1.1)
    now = one_box.clock.now()
    with_new = await one_box.post("shop", BODY, standard(at=now, message_id="2", secret=new))
    with_old = await one_box.post("shop", BODY, standard(at=now, message_id="3"))

    assert (with_new.status_code, with_old.status_code) == (200, 401)


async def test_a_source_that_was_removed_is_unknown_and_what_it_sent_stays(one_box: Inbox) -> None:
    await one_box.shop()
    await one_box.webhooks.sources.remove("shop")
    one_box.clock.advance(5.1)
    answer = await one_box.shop(message_id="2")

    assert answer.status_code == 401
    assert len(await one_box.entries()) == 1
