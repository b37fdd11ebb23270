"""What we sign, the `standardwebhooks` package verifies."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from solegate.domain.deliveries.signing import headers_of, secret_of, signature
from solegate.domain.deliveries.values import is_pattern, wants

OLD, NEW, OTHER = (secret_of(bytes([each]) * 32) for each in (1, 2, 3))


@given(st.binary(min_size=24, max_size=64), st.text(st.characters(codec="utf-8"), max_size=50))
def test_the_signature_is_that_of_standard_webhooks(key, text):
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)

    theirs = Webhook(secret_of(key)).sign("msg_1", moment, text)

    assert signature(secret_of(key), "msg_1", int(moment.timestamp()), text.encode()) == theirs


def test_during_a_rotation_the_old_secret_and_the_new_one_both_verify():
    body = b'{"type":"order.created"}'
    headers = dict(headers_of((NEW, OLD), "msg_1", int(time.time()), body))

    for secret in (OLD, NEW):
        assert Webhook(secret).verify(body, headers) == {"type": "order.created"}
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(body + b" ", headers)


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [("*", True), ("order.*", True), ("order.created", True), ("order", False), ("listing.*", False), ("ord*", False)],
)
def test_a_pattern_names_types(pattern, wanted):
    assert wants((pattern,), "order.created") is wanted


@pytest.mark.parametrize("text", ["*", "order.*", "order.created", "order.ship_by_soon", "a.b.*"])
def test_patterns(text):
    assert is_pattern(text)


@pytest.mark.parametrize("text", ["", "ord*", "*.created", "Order.*", "order.", ".order", "order created", "x" * 101])
def test_what_is_no_pattern(text):
    assert not is_pattern(text)
