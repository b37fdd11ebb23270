"""No secret ever leaves through an answer, whatever goes wrong."""

from __future__ import annotations

import pytest

from solegate.client.policy.oauth import Credentials
from solegate.simulator import Fault, FaultKind
from support.api import CANARY, SKU, UNKNOWN_ID, RunningApi

EVERYWHERE = (
    "/healthz",
    "/readyz",
    "/metrics",
    "/docs",
    "/openapi.json",
    "/api/v1/products/search-stockx?query=nike",
    f"/api/v1/products/{UNKNOWN_ID}",
    f"/api/v1/products/{UNKNOWN_ID}/variants",
    f"/api/v1/products/{UNKNOWN_ID}/market-data",
)
TALKATIVE = '{{"message": "Key {key} and secret {secret} with Bearer {token} and access_token={token} are wrong"}}'


@pytest.mark.parametrize("talks", [False, True], ids=["all is well", "StockX repeats what it was sent"])
async def test_no_answer_holds_a_secret(api: RunningApi, talks: bool, caplog: pytest.LogCaptureFixture):
    record = await api.services.stockx.tokens.status()
    assert record is not None
    credentials: Credentials = api.services.stockx.config.credentials
    secrets = {CANARY, credentials.client_secret, credentials.api_key, record.access_token, record.refresh_token}
    if talks:
        body = TALKATIVE.format(key=credentials.api_key, secret=credentials.client_secret, token=record.access_token)
        for status in (400, 401, 403):
            api.simulator.inject(Fault(kind=FaultKind.STATUS, status=status, body=body, times=3))
    answers = [await api.client.get(path) for path in EVERYWHERE] + [await api.enrich(SKU)]
    texts = [answer.text + str(answer.headers) for answer in answers] + [caplog.text]
    assert not [text for text in texts if any(secret in text for secret in secrets)]
    assert talks == any("[redacted]" in text for text in texts)
