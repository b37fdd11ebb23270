"""The other kinds of sources: an HMAC in a header, KicksDB, and the poke."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.rotation import Secret, rotated
from solegate.domain.webhooks.registry import KINDS, check
from solegate.domain.webhooks.sources import hmac_header, kicksdb, poke
from solegate.domain.webhooks.values import Request, SourceKind
from solegate.errors import InvalidInputError, SignatureError, WebhookPayloadError
from support.webhooks import (
    BODY,
    HMAC_SECRET,
    KICKSDB_SECRET,
    NOW,
    POKE_SECRET,
    digest,
    hmac_hex,
    price,
    prices,
    request,
    source,
)

GITHUB = source(SourceKind.HMAC, HMAC_SECRET, header="X-Hub-Signature-256", prefix="sha256=", subject="data.id")
TIMED = source(
    SourceKind.HMAC, HMAC_SECRET, header="X-Sig", timestamp_header="X-Time", template="v0:{timestamp}:{body}"
)
KICKSDB = source(SourceKind.KICKSDB, KICKSDB_SECRET)
N8N = source(SourceKind.POKE, POKE_SECRET)
SECONDS = int(NOW.timestamp())


# An HMAC in a header


def test_githubs_way_of_signing_is_believed():
    message = hmac_header.read(GITHUB, request({"x-hub-signature-256": f"sha256={hmac_hex()}"}), NOW)

    assert message.identity == digest(BODY)
    assert (message.event_type, message.subject, message.occurred_at) == ("order.sent", "o-1", NOW)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
def test_each_algorithm_in_either_encoding(algorithm):
    raw = hmac.new(HMAC_SECRET.encode(), BODY, algorithm).digest()
    for encoding, text in (("hex", raw.hex()), ("hex", raw.hex().upper()), ("base64", base64.b64encode(raw).decode())):
        sender = source(SourceKind.HMAC, HMAC_SECRET, header="X-Sig", algorithm=algorithm, encoding=encoding)
        assert hmac_header.read(sender, request({"X-Sig": text}), NOW).digest == digest(BODY)


def test_slacks_way_of_signing_is_believed_for_five_minutes():
    signed = hmac_hex(f"v0:{SECONDS}:".encode() + BODY)
    headers = {"X-Sig": signed, "X-Time": str(SECONDS)}

    assert hmac_header.read(TIMED, request(headers), NOW).identity == digest(f"v0:{SECONDS}:".encode() + BODY)
    for late in (timedelta(seconds=301), timedelta(seconds=-301)):
        with pytest.raises(SignatureError):
            hmac_header.read(TIMED, request(headers), NOW + late)


def test_a_signed_id_is_the_identity():
    sender = source(
        SourceKind.HMAC, HMAC_SECRET, header="X-Sig", id_header="X-Id", template="{id}|{body}", occurred_at="timestamp"
    )
    message = hmac_header.read(sender, request({"X-Sig": hmac_hex(b"e-7|" + BODY), "X-Id": "e-7"}), NOW)

    assert message.identity == "e-7"
    assert message.occurred_at == datetime(2026, 1, 1, 11, 59, 58, tzinfo=UTC)


def test_a_signed_time_in_the_body_bounds_how_old_it_may_be():
    sender = source(SourceKind.HMAC, HMAC_SECRET, header="X-Sig", occurred_at="timestamp")
    headers = {"X-Sig": hmac_hex()}

    assert hmac_header.read(sender, request(headers), NOW + timedelta(days=3, hours=23)).identity == digest(BODY)
    for moment in (NOW + timedelta(days=4, seconds=1), NOW - timedelta(seconds=400)):
        with pytest.raises(SignatureError):
            hmac_header.read(sender, request(headers), moment)


def test_any_of_several_signatures_and_any_secret_in_force_is_enough():
    rotating = source(
        SourceKind.HMAC, "the new one, long enough", Secret(HMAC_SECRET, NOW + timedelta(hours=1)), header="X"
    )
    headers = {"X": f"{'0' * 64}, {hmac_hex()}"}

    assert hmac_header.read(rotating, request(headers), NOW).digest == digest(BODY)
    with pytest.raises(SignatureError):
        hmac_header.read(rotating, request(headers), NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    "value", ["", hmac_hex(), f"sha256={hmac_hex()[:-1]}", f"sha256={hmac_hex(BODY + b' ')}", "sha256="]
)
def test_any_other_value_is_refused(value):
    with pytest.raises(SignatureError):
        hmac_header.read(GITHUB, request({"X-Hub-Signature-256": value}), NOW)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"header": ""},
        {"header": "two words"},
        {"header": "X", "algorithm": "md5"},
        {"header": "X", "encoding": "rot13"},
        {"header": "X", "template": "{timestamp}"},
        {"header": "X", "template": "{timestamp}.{body}"},
        {"header": "X", "template": "{body}{body}"},
        {"header": "X", "timestamp-header": "T", "template": "{body}"},
        {"header": "X", "id-header": "I"},
        {"header": "X", "surprise": "1"},
        {"header": "X", "prefix": "a\nb"},
        {"header": "X", "prefix": "a" * 201},
    ],
)
def test_options_of_which_no_scheme_can_be_made_are_refused(options):
    with pytest.raises(InvalidInputError):
        check(SourceKind.HMAC, options)


# KicksDB


def test_a_price_event_with_the_secret_is_believed():
    body = prices(price("v-1", 180))
    message = kicksdb.read(KICKSDB, request({"X-Secret-Key": KICKSDB_SECRET}, body), NOW)

    assert message.identity == message.digest == digest(body)
    assert (message.event_type, message.occurred_at) == ("stockx.price.updated.usd", NOW)


@pytest.mark.parametrize("given", ["", "k" * 36, "k" * 38, "K" * 37, f"Bearer {KICKSDB_SECRET}"])
def test_any_other_secret_is_refused_whatever_the_body(given):
    for body in (prices(), b"nonsense"):
        with pytest.raises(SignatureError):
            kicksdb.read(KICKSDB, request({"X-Secret-Key": given}, body), NOW)


def test_its_time_may_be_as_old_as_a_repetition_is_remembered_and_not_ahead():
    headers = {"X-Secret-Key": KICKSDB_SECRET}
    for off in (timedelta(seconds=300), timedelta(days=-4)):
        assert kicksdb.read(KICKSDB, request(headers, prices(at=NOW + off)), NOW).occurred_at == NOW + off
    for off in (timedelta(seconds=301), timedelta(days=-4, seconds=-1), timedelta(days=900)):
        with pytest.raises(SignatureError):
            kicksdb.read(KICKSDB, request(headers, prices(at=NOW + off)), NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"{" * 100_000,
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"event":"x","timestamp":1767268800}',
        b'{"event":"x","timestamp":"soon","data":[]}',
        b'{"event":"x","timestamp":1e400,"data":[]}',
        b'{"event":"x","timestamp":NaN,"data":[]}',
        b'{"event":"x","timestamp":true,"data":[]}',
        b'{"event":"","timestamp":1767268800,"data":[]}',
        b'{"event":["x"],"timestamp":1767268800,"data":[]}',
        b'{"event":"x","timestamp":1767268800,"data":{}}',
        b'{"event":"x","timestamp":' + b"9" * 5000 + b',"data":[]}',
    ],
)
def test_a_body_that_is_no_event_is_refused(body):
    with pytest.raises(WebhookPayloadError):
        kicksdb.read(KICKSDB, request({"X-Secret-Key": KICKSDB_SECRET}, body), NOW)


# The poke


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({}, ("", "")),
        ({"event_type": "order.shipped", "data": {"order_id": "01-A", "status": "SHIPPED"}}, ("order.shipped", "01-A")),
        ({"event_type": "x", "order_id": "01-B", "status": "SHIPPED"}, ("x", "01-B")),
        ({"data": {"order_id": 77}}, ("", "77")),
        ({"data": {"order_id": ["a"]}, "order_id": "01-C"}, ("", "01-C")),
        ({"data": "x", "event_type": {"a": 1}}, ("", "")),
    ],
)
def test_an_order_is_found_in_the_data_or_at_the_top(document, expected):
    message = poke.read(N8N, bearer(json.dumps(document).encode()), NOW)

    assert (message.event_type, message.subject) == expected


def test_the_same_words_count_once_in_a_minute_and_again_later():
    first, again, later = (
        poke.read(N8N, bearer(b"{}"), NOW + timedelta(seconds=seconds)).identity for seconds in (0, 59, 60)
    )

    assert first == again != later


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer ", POKE_SECRET, f"Basic {POKE_SECRET}", f"Bearer {POKE_SECRET}x"]
)
def test_any_other_authorization_is_refused(value):
    with pytest.raises(SignatureError):
        poke.read(N8N, request({"Authorization": value}, b"{}"), NOW)


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"1", b"\x00", b"{"])
def test_what_is_no_object_is_refused(body):
    with pytest.raises(WebhookPayloadError):
        poke.read(N8N, bearer(body), NOW)


# All of them


@given(
    kind=st.sampled_from([GITHUB, TIMED, KICKSDB, N8N]),
    headers=st.lists(
        st.tuples(
            st.sampled_from(["X-Hub-Signature-256", "X-Sig", "X-Time", "X-Secret-Key", "Authorization"]),
            st.text(max_size=60),
        ),
        max_size=5,
    ),
    body=st.binary(max_size=200),
)
def test_nothing_that_anybody_makes_up_is_believed_or_breaks_it(kind, headers, body):
    with pytest.raises(SignatureError):
        KINDS[kind.kind].read(kind, Request(tuple(headers), body), NOW)


@given(body=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: json.dumps({"event": text}).encode()))
def test_whatever_comes_with_the_right_secret_is_read_or_refused(body):
    for kind, wrapped in ((KICKSDB, request({"X-Secret-Key": KICKSDB_SECRET}, body)), (N8N, bearer(body))):
        try:
            message = KINDS[kind.kind].read(kind, wrapped, NOW)
        except (WebhookPayloadError, SignatureError):
            continue
        assert message.event_type.isprintable()


def test_secrets_are_compared_as_bytes_in_constant_time():
    umlaut = source(SourceKind.POKE, "ä secret of sixteen and more")

    with pytest.raises(SignatureError):
        poke.read(umlaut, request({"Authorization": "Bearer Ã¤ nearly"}, b"{}"), NOW)


def test_a_rotation_ends_old_secrets_at_the_end_of_the_overlap_or_before():
    old = (Secret("a"), Secret("b", NOW + timedelta(hours=1)), Secret("c", NOW))
    after = rotated(old, "new", NOW, timedelta(hours=24))

    assert after == (Secret("new"), Secret("a", NOW + timedelta(hours=24)), Secret("b", NOW + timedelta(hours=1)))
    assert rotated(old, "new", NOW, timedelta(0)) == (Secret("new"),)


def test_no_secret_is_shown_by_a_source_or_a_request():
    shown = repr(KICKSDB) + repr(request({"X-Secret-Key": KICKSDB_SECRET}, BODY)) + repr(KICKSDB.secrets)

    assert KICKSDB_SECRET not in shown


def bearer(body: bytes) -> Request:
    return request({"Authorization": f"Bearer {POKE_SECRET}"}, body)


def test_sha1_is_as_github_wrote_it_once():
    sender = source(SourceKind.HMAC, HMAC_SECRET, header="X-Hub-Signature", prefix="sha1=", algorithm="sha1")
    signed = hmac.new(HMAC_SECRET.encode(), BODY, hashlib.sha1).hexdigest()

    assert hmac_header.read(sender, request({"X-Hub-Signature": f"sha1={signed}"}), NOW).digest == digest(BODY)
