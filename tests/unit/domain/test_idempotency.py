"""Idempotency keys: their syntax, what makes two requests the same, and what is done with a repetition."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.idempotency import (
    KEPT_FOR,
    LONGEST_KEY,
    Answer,
    Decision,
    KeyRecord,
    begun,
    decide,
    fingerprint,
    parse_key,
)
from solegate.errors import IdempotencyKeyError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=15)
VISIBLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=LONGEST_KEY)


def begin(known: KeyRecord | None = None, request: str = "f", now: datetime = NOW) -> KeyRecord:
    return begun(known, scope="default", key="k", request=request, now=now, lease=LEASE)


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ('"8e03978e-40d5-43dd-bc93-6894a57f9324"', "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ('  "a b"\t', "a b"),
        (r'"say \"hi\" \\ bye"', r'say "hi" \ bye'),
        ("order:17/retry=1", "order:17/retry=1"),
        ("x" * 255, "x" * 255),
    ],
)
def test_a_key_is_a_quoted_string_or_bare_text(header: str, key: str):
    assert parse_key(header) == key


@pytest.mark.parametrize(
    "header",
    [
        "",
        '""',
        "a b",
        "a, b",
        '"a", "b"',
        '"a',
        'a"',
        r'"a\n"',
        '"a";p=1',
        "ä",
        '"ä"',
        "a\x00b",
        "x" * 256,
        '"' + "x" * 256 + '"',
        r"a\b",
    ],
)
def test_anything_else_is_refused(header: str):
    with pytest.raises(IdempotencyKeyError):
        parse_key(header)


@given(VISIBLE)
def test_every_printable_key_can_be_sent_quoted(key: str):
    quoted = '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert parse_key(quoted) == key


@given(st.text(max_size=300))
def test_a_header_gives_a_bounded_key_or_is_refused(header: str):
    try:
        key = parse_key(header)
    except IdempotencyKeyError:
        return
    assert 1 <= len(key) <= LONGEST_KEY
    assert key.isascii()
    assert key.isprintable()


def test_method_path_query_and_body_make_a_request():
    known = fingerprint("POST", "/a", [("x", "1")], b"body")
    others = [
        fingerprint("PUT", "/a", [("x", "1")], b"body"),
        fingerprint("POST", "/b", [("x", "1")], b"body"),
        fingerprint("POST", "/a", [("x", "2")], b"body"),
        fingerprint("POST", "/a", [], b"body"),
        fingerprint("POST", "/a", [("x", "1")], b"body "),
        fingerprint("POST", "/ax", [("", "1")], b"body"),
    ]
    assert len({known, *others}) == 7


def test_how_long_to_wait_and_the_order_of_parameters_do_not_matter():
    assert fingerprint("post", "/a", [("y", "2"), ("wait", "3"), ("x", "1")]) == fingerprint(
        "POST", "/a", [("x", "1"), ("y", "2"), ("wait", "30")]
    )


def test_a_form_is_the_same_whatever_its_boundary():
    def sent(boundary: str, text: str) -> str:
        body = f'--{boundary}\r\nContent-Disposition: form-data; name="file"\r\n\r\n{text}\r\n--{boundary}--\r\n'
        return fingerprint("POST", "/jobs", (), body.encode(), f'multipart/form-data; boundary="{boundary}"')

    assert sent("1f2e", "sku,price") == sent("9d8c", "sku,price")
    assert sent("1f2e", "sku,price") != sent("1f2e", "sku,prize")


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=3), st.binary(max_size=6))
def test_what_is_cut_differently_is_another_request(query: list[tuple[str, str]], body: bytes):
    shifted = [(name + "a", value) for name, value in query]
    same = shifted == query
    assert (fingerprint("POST", "/a", shifted, body) == fingerprint("POST", "/a", query, body)) is same


def test_a_new_key_begins():
    assert decide(None, "f", NOW) is Decision.BEGIN
    record = begin()
    assert (record.fence, record.lease_until, record.expires_at) == (1, NOW + LEASE, NOW + KEPT_FOR)


def test_a_repetition_waits_while_the_lease_holds_and_begins_again_when_it_has_lapsed():
    record = begin()
    assert decide(record, "f", NOW) is Decision.WAIT
    assert decide(record, "f", NOW + LEASE - timedelta(microseconds=1)) is Decision.WAIT
    assert decide(record, "f", NOW + LEASE) is Decision.BEGIN


def test_an_answer_is_given_again_until_the_key_is_forgotten():
    record = replace(begin(), answer=Answer(201))
    assert decide(record, "f", NOW + KEPT_FOR - timedelta(microseconds=1)) is Decision.REPLAY
    assert decide(record, "f", NOW + KEPT_FOR) is Decision.BEGIN
    assert decide(record, "other", NOW + KEPT_FOR) is Decision.BEGIN


@pytest.mark.parametrize("answer", [None, Answer(201)])
@pytest.mark.parametrize("later", [timedelta(), LEASE, LEASE * 2])
def test_another_request_is_refused_whatever_became_of_the_first(answer: Answer | None, later: timedelta):
    assert decide(replace(begin(), answer=answer), "other", NOW + later) is Decision.MISMATCH


def test_who_begins_again_finds_what_the_first_did_by_the_same_caller_key():
    first = begin()
    again = begin(first, now=NOW + LEASE)
    assert (again.caller_key, again.expires_at, again.fence) == (first.caller_key, first.expires_at, 2)


def test_a_key_used_anew_after_its_time_is_another_caller_key():
    first = replace(begin(), answer=Answer(201))
    anew = begin(first, "other", NOW + KEPT_FOR)
    assert anew.caller_key != first.caller_key
    assert (anew.fence, anew.answer, anew.expires_at) == (2, None, NOW + 2 * KEPT_FOR)


@given(st.integers(100, 599))
def test_successes_alone_are_kept(status: int):
    assert Answer(status).is_kept is (status // 100 == 2)


@given(
    st.booleans(),
    st.sampled_from(["f", "other"]),
    st.integers(-10, 400_000).map(lambda seconds: NOW + timedelta(seconds=seconds)),
)
def test_at_most_one_of_those_who_ask_at_the_same_time_begins(answered: bool, request_: str, now: datetime):
    known = replace(begin(), answer=Answer(200) if answered else None)
    if decide(known, request_, now) is Decision.BEGIN:
        taken = begin(known, request_, now)
        assert decide(taken, request_, now) is Decision.WAIT
        assert taken.fence == known.fence + 1
