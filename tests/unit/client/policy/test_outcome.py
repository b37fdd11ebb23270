"""Every answer StockX was seen to give, and every way not to give one, has one verdict (FACTS 1.4)."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.client.policy.call import Effect
from solegate.client.policy.outcome import Failed, FailureKind, Health, Kind, Received, classify, error_message
from solegate.errors import Outcome

WRITES = (Effect.SAFE_WRITE, Effect.CREATE)
NOTHING, UNKNOWN = Outcome.NOT_APPLIED, Outcome.UNKNOWN


def got(status: int, body: bytes = b"") -> Received:
    return Received(status, {}, body)


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_success_is_applied_and_good(status: int, effect: Effect) -> None:
    verdict = classify(effect, got(status))
    assert (verdict.kind, verdict.outcome, verdict.health) == (Kind.OK, Outcome.APPLIED, Health.GOOD)


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Kind.REJECTED), (304, Kind.REJECTED), (400, Kind.REJECTED), (401, Kind.UNAUTHORIZED),
        (402, Kind.REJECTED), (403, Kind.FORBIDDEN), (404, Kind.NOT_FOUND), (405, Kind.REJECTED), (409, Kind.REJECTED),
        (410, Kind.NOT_FOUND), (413, Kind.REJECTED), (415, Kind.REJECTED), (422, Kind.REJECTED), (429, Kind.THROTTLED),
        (499, Kind.REJECTED),
    ],
)  # fmt: skip
def test_a_refusal_changed_nothing_and_says_nothing_against_stockx(status: int, kind: Kind, effect: Effect) -> None:
    verdict = classify(effect, got(status))
    assert (verdict.kind, verdict.outcome, verdict.health) == (kind, NOTHING, Health.GOOD)


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize(
    ("status", "kind"),
    [(408, Kind.TIMEOUT), (500, Kind.UPSTREAM), (502, Kind.UPSTREAM), (503, Kind.UPSTREAM), (504, Kind.TIMEOUT),
     (520, Kind.UPSTREAM), (599, Kind.UPSTREAM)],
)  # fmt: skip
def test_a_failing_stockx_leaves_the_effect_of_a_write_unknown(status: int, kind: Kind, effect: Effect) -> None:
    verdict = classify(effect, got(status))
    assert (verdict.kind, verdict.health) == (kind, Health.BAD)
    assert verdict.outcome is (NOTHING if effect is Effect.READ else UNKNOWN)


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize(
    ("failure", "kind", "health"),
    [
        (FailureKind.CONNECT, Kind.CONNECTION, Health.BAD),
        (FailureKind.TIMEOUT, Kind.TIMEOUT, Health.BAD),
        (FailureKind.BROKEN, Kind.CONNECTION, Health.BAD),
        (FailureKind.RECYCLED, Kind.RECYCLED, Health.NEUTRAL),
    ],
)
def test_without_an_answer_only_a_sent_write_is_unknown(
    failure: FailureKind, kind: Kind, health: Health, sent: bool, effect: Effect
) -> None:
    verdict = classify(effect, Failed(failure, sent, "why"))
    assert (verdict.kind, verdict.health, verdict.message) == (kind, health, "why")
    assert verdict.outcome is (UNKNOWN if sent and effect in WRITES else NOTHING)


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("sent", [True, False])
def test_what_was_held_back_did_nothing_even_if_its_headers_left(effect: Effect, sent: bool) -> None:
    verdict = classify(effect, Failed(FailureKind.HELD_BACK, sent, "why"))
    assert (verdict.kind, verdict.outcome, verdict.health) == (Kind.HELD_BACK, NOTHING, Health.NEUTRAL)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"statusCode":500,"errorMessage":"Failed to fetch flex market data"}', "Failed to fetch flex market data"),
        (b'{"statusCode":400,"message":"Variant does not belong to the product"}',
         "Variant does not belong to the product"),
        (b'{"message":"Unauthorized"}', "Unauthorized"),
        (b'{"error":"rate_limit_exceeded"}', "rate_limit_exceeded"),
        (b'{"error":"invalid_grant","error_description":"Unknown refresh token"}', "Unknown refresh token"),
        (b'{"detail":"no"}', "no"),
        (b'{"message":"","errorMessage":"second"}', "second"),
        (b'{"message":null,"error":"second"}', "second"),
        (b'{"message":{"deep":"object"},"detail":"text"}', "text"),
        (b'{"appId":"PX16uD0kOF","jsClientSrc":"/16uD0kOF/init.js","vid":""}', ""),
        ('{"error":"该商品不可售"}'.encode(), "该商品不可售"),
        (b"", ""),
        (b"Too Many Requests", "Too Many Requests"),
        (b"  upstream \n request\ttimeout ", "upstream request timeout"),
        (b"<html><head><TITLE lang='en'>Access to this page\n has been denied</TITLE></head><body>x</body></html>",
         "Access to this page has been denied"),
        (b"<html><body>no title</body></html>", "<html><body>no title</body></html>"),
        (b"[]", ""), (b'["a","b"]', ""), (b"null", ""), (b"42", ""), (b'"text"', ""), (b"true", ""),
        (b"\xff\xfe\xfa", "\N{REPLACEMENT CHARACTER}" * 3),
        (b'{"message":"cut', '{"message":"cut'),
    ],
)  # fmt: skip
def test_the_readable_part_of_an_error_body_is_found(body: bytes, message: str) -> None:
    assert error_message(body) == message


@pytest.mark.parametrize(
    "body",
    [b"x" * 1_000_000, b'{"message":"' + b"y" * 1_000_000 + b'"}', b"<title>" + b"z" * 1_000_000 + b"</title>"],
)
def test_a_huge_body_is_cut_to_a_readable_length(body: bytes) -> None:
    assert len(error_message(body)) == 300


@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_any_body_gives_a_short_text(body: bytes) -> None:
    assert len(error_message(body)) <= 300


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["message", "errorMessage", "error", "detail", "x"]), inner, max_size=4
    ),
    max_leaves=10,
)  # fmt: skip


@given(json_values, st.integers(100, 999), st.sampled_from(Effect))
def test_any_json_and_any_status_has_a_verdict(value: object, status: int, effect: Effect) -> None:
    verdict = classify(effect, got(status, json.dumps(value).encode()))
    assert (verdict.kind is Kind.OK) == (200 <= status < 300)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_a_bottomless_body_is_only_text(opening: bytes) -> None:
    assert classify(Effect.READ, got(500, opening * 100_000)).kind is Kind.UPSTREAM


def test_a_malicious_page_is_read_quickly() -> None:
    started = time.process_time()
    error_message(b"<title>" * 6_000)
    assert time.process_time() - started < 0.1


def test_an_answer_does_not_show_its_body() -> None:
    assert "canary" not in repr(got(200, b'{"access_token": "canary"}'))
