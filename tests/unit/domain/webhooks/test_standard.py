"""Standard Webhooks: what the reference implementation signs is believed, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.rotation import Secret
from solegate.domain.webhooks.sources import standard as kind
from solegate.domain.webhooks.values import Request, SourceKind
from solegate.errors import InvalidInputError, SignatureError
from support.webhooks import BODY, NOW, PUBLIC_KEY, SECRET, digest, request, source, standard, standard_v1a

SHOP = source(SourceKind.STANDARD, SECRET, subject="data.id")
BOTH = source(SourceKind.STANDARD, SECRET, PUBLIC_KEY)
OTHER = "whsec_" + "b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3RoZXI="


def test_what_the_reference_implementation_signs_is_believed():
    message = kind.read(SHOP, request(standard()), NOW)

    assert message.identity == "msg_1"
    assert message.digest == digest(BODY)
    assert (message.event_type, message.subject) == ("order.sent", "o-1")
    assert message.occurred_at == datetime(2026, 1, 1, 11, 59, 58, tzinfo=UTC)


def test_an_ed25519_signature_is_believed_by_its_public_key():
    assert kind.read(BOTH, request(standard_v1a()), NOW).identity == "msg_1"
    with pytest.raises(SignatureError):
        kind.read(SHOP, request(standard_v1a()), NOW)


def test_one_of_several_signatures_is_enough_and_unknown_schemes_are_passed_over():
    right, wrong = standard(), standard(secret=OTHER)
    several = right | {
        "webhook-signature": f"v9,xyz {wrong['webhook-signature']} v1a,AAAA {right['webhook-signature']}"
    }

    assert kind.read(SHOP, request(several), NOW).identity == "msg_1"


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_a_clock_may_be_five_minutes_off(seconds):
    at = NOW + timedelta(seconds=seconds)

    assert kind.read(SHOP, request(standard(at=at)), NOW).identity == "msg_1"


@pytest.mark.parametrize("seconds", [-301, 301, -86_400, 86_400 * 365 * 100])
def test_what_is_older_or_newer_is_refused_however_well_it_is_signed(seconds):
    with pytest.raises(SignatureError, match=r"old|ahead"):
        kind.read(SHOP, request(standard(at=NOW + timedelta(seconds=seconds))), NOW)


def test_during_a_rotation_both_secrets_count_and_afterwards_the_old_one_does_not():
    until = NOW + timedelta(hours=1)
    rotating = source(SourceKind.STANDARD, SECRET, Secret(OTHER, until))

    for secret in (SECRET, OTHER):
        assert kind.read(rotating, request(standard(secret=secret)), NOW).identity == "msg_1"
    with pytest.raises(SignatureError):
        kind.read(rotating, request(standard(secret=OTHER, at=until)), until)
    assert kind.read(rotating, request(standard(at=until)), until).identity == "msg_1"


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-id": "msg.1"},
        {"webhook-id": "x" * 201},
        {"webhook-timestamp": str(int(NOW.timestamp()) + 1)},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": f"{int(NOW.timestamp())}.0"},
        {"webhook-timestamp": f" {int(NOW.timestamp())}\u0660"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,not base64 at all"},
        {"webhook-signature": "v1a,AAAA"},
        {"webhook-signature": standard()["webhook-signature"].replace("v1,", "v2,")},
        {"webhook-signature": standard()["webhook-signature"].replace("v1,", "")},
    ],
)
def test_whatever_else_the_headers_say_is_refused(changes):
    with pytest.raises(SignatureError):
        kind.read(SHOP, request(standard() | changes), NOW)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_header_that_is_missing_or_comes_twice_is_refused(name):
    headers = standard()
    without = {key: value for key, value in headers.items() if key != name}
    twice = Request((*headers.items(), (name.upper(), headers[name])), BODY)

    for wrong in (request(without), twice):
        with pytest.raises(SignatureError, match=name):
            kind.read(SHOP, wrong, NOW)


def test_a_full_stop_moved_from_the_body_into_the_id_is_no_other_message():
    # `a` + `.1.` + `2.x` and `a.1` + `.2.` + `x` are signed by the same bytes.
    seconds = int(NOW.timestamp())
    body = f"{seconds}.x".encode()
    signed = standard(body, message_id="a")
    moved = signed | {"webhook-id": f"a.{seconds}"}

    assert kind.read(SHOP, request(signed, body), NOW).identity == "a"
    with pytest.raises(SignatureError):
        kind.read(SHOP, request(moved, b"x"), NOW)


def test_a_body_that_is_no_json_is_believed_and_says_nothing():
    message = kind.read(SHOP, request(standard(b"hello"), b"hello"), NOW)

    assert (message.event_type, message.subject, message.occurred_at) == ("", "", NOW)


def test_a_body_that_tells_of_the_future_happened_when_it_was_sent():
    body = b'{"type":"x","timestamp":"2027-01-01T00:00:00Z"}'

    assert kind.read(SHOP, request(standard(body), body), NOW).occurred_at == NOW


@given(place=st.integers(0, len(BODY) - 1), bit=st.integers(0, 7))
def test_no_bit_of_the_body_can_be_changed(place, bit):
    changed = bytearray(BODY)
    changed[place] ^= 1 << bit

    with pytest.raises(SignatureError):
        kind.read(SHOP, Request(tuple(standard().items()), bytes(changed)), NOW)


@given(
    headers=st.lists(
        st.tuples(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text(max_size=60)),
        max_size=6,
    ),
    body=st.binary(max_size=300),
)
def test_nothing_that_anybody_makes_up_is_believed_or_breaks_it(headers, body):
    with pytest.raises(SignatureError):
        kind.read(BOTH, Request(tuple(headers), body), NOW)


@given(body=st.text(max_size=300))
def test_any_text_that_is_signed_is_believed(body):
    raw = body.encode(errors="replace")
    message = kind.read(SHOP, request(standard(raw), raw), NOW)

    assert message.event_type.isprintable()
    assert message.subject.isprintable()


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", "whpk_AAAA", "secret", PUBLIC_KEY[:-5], "whsec_ä"])
def test_what_cannot_be_a_secret_is_refused(secret):
    with pytest.raises(InvalidInputError):
        kind.check_secret(secret)


@pytest.mark.parametrize("secret", [SECRET, PUBLIC_KEY, OTHER, SECRET.rstrip("=")])
def test_what_can_be_one_is_taken(secret):
    kind.check_secret(secret)


def test_without_a_secret_that_counts_nothing_is_believed():
    nobody = replace(SHOP, secrets=(Secret(SECRET, NOW),))

    with pytest.raises(SignatureError):
        kind.read(nobody, request(standard()), NOW)
