"""Faults that last, faults of the account, and answers of an odd shape."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from solegate.simulator import Fault, FaultKind, Limits
from solegate.simulator.faults import LASTING
from unit.simulator.helpers import START, HandClock, caller, headers, unlimited

SEARCH = "/catalog/search?query=nike"


async def hit(fault: Fault, path: str = SEARCH, clock: HandClock | None = None):
    simulator = unlimited(clock)
    simulator.inject(fault)
    async with caller(simulator) as client:
        return await client.get(path)


def test_there_are_at_least_25_kinds_and_each_says_what_it_is():
    assert len(FaultKind) >= 25


async def test_an_auth_storm_refuses_good_tokens_until_it_is_over():
    clock = HandClock()
    simulator = unlimited(clock)
    fault_id = simulator.inject(Fault(kind=FaultKind.AUTH_STORM, delay=60, after=1, times=1))
    statuses = []
    async with caller(simulator) as client:
        for _ in range(5):
            statuses.append((await client.get(SEARCH)).status_code)
            clock.elapsed += 25
    assert statuses == [200, 401, 401, 401, 200]
    assert simulator.report().faults_fired == {fault_id: 3}


async def test_a_brownout_is_slow_and_refuses_a_share_until_it_is_over():
    clock = HandClock()
    simulator = unlimited(clock)
    simulator.inject(Fault(kind=FaultKind.BROWNOUT, delay=600, times=1))
    statuses = []
    async with caller(simulator) as client:
        while clock.elapsed < 600:
            statuses.append((await client.get(SEARCH)).status_code)
            clock.elapsed += 1
        after = [(await client.get(SEARCH)).status_code for _ in range(20)]
    assert set(statuses) == {200, 503}
    assert 0.2 < statuses.count(503) / len(statuses) < 0.5
    assert max(clock.slept) > 3
    assert after == [200] * 20


async def test_a_revoked_session_takes_its_refresh_token_along_and_spares_others():
    simulator = unlimited()
    other = headers(simulator)
    tokens = simulator.issue_tokens()
    mine = {**other, "authorization": f"Bearer {tokens.access_token}"}
    form = {
        "grant_type": "refresh_token",
        "client_id": "practice-client",
        "client_secret": "practice-secret",
        "refresh_token": tokens.refresh_token,
    }
    simulator.inject(Fault(kind=FaultKind.REVOKE_SESSION, times=1))
    async with caller(simulator, authorised=False) as client:
        assert (await client.get(SEARCH, headers=mine)).status_code == 401
        assert (await client.get(SEARCH, headers=mine)).status_code == 401
        refreshed = await client.post("http://practice/oauth/token", data=form)
        assert (refreshed.status_code, refreshed.json()["error"]) == (403, "invalid_grant")
        assert (await client.get(SEARCH, headers=other)).status_code == 200


async def test_a_quota_cut_ends_the_day_at_what_was_used():
    clock = HandClock()
    simulator = unlimited(clock)
    simulator.inject(Fault(kind=FaultKind.QUOTA_CUT, after=2, times=1))
    async with caller(simulator) as client:
        statuses = [(await client.get(SEARCH)).status_code for _ in range(5)]
        assert simulator.report().limits.per_day == 3
        simulator.set_limits(Limits.off())
        statuses.append((await client.get(SEARCH)).status_code)
    assert statuses == [200, 200, 429, 429, 429, 200]


@pytest.mark.parametrize(("retry_after", "seconds"), [(None, 5), ("40", 40)])
async def test_a_skewed_clock_shows_in_both_dates_alike(retry_after, seconds):
    answer = await hit(Fault(kind=FaultKind.CLOCK_SKEW, delay=7200, retry_after=retry_after))
    its_now = parsedate_to_datetime(answer.headers["date"])
    assert (answer.status_code, its_now) == (429, START + timedelta(hours=2))
    assert parsedate_to_datetime(answer.headers["retry-after"]) == its_now + timedelta(seconds=seconds)


async def test_without_a_fault_the_date_is_the_markets_time():
    simulator = unlimited()
    simulator.advance(86_400)
    async with caller(simulator) as client:
        answer = await client.get(SEARCH)
    assert parsedate_to_datetime(answer.headers["date"]) == START + timedelta(days=1)


async def test_empty_body():
    answer = await hit(Fault(kind=FaultKind.EMPTY_BODY))
    assert (answer.status_code, answer.content) == (200, b"")


async def test_garbage_is_no_text():
    answer = await hit(Fault(kind=FaultKind.GARBAGE))
    assert answer.status_code == 200
    with pytest.raises(UnicodeDecodeError):
        answer.content.decode()


async def test_batch_limit_has_the_captured_body():
    answer = await hit(Fault(kind=FaultKind.BATCH_LIMIT))
    assert answer.status_code == 429
    assert answer.json() == {"httpStatusCode": 429, "message": "Batch usage limit exceeded"}


async def test_an_account_that_is_not_ready():
    answer = await hit(Fault(kind=FaultKind.NOT_READY))
    assert answer.status_code == 400
    assert "billing and shipping" in answer.json()["message"]


async def test_an_id_that_vanished():
    simulator = unlimited()
    path = f"/catalog/products/{simulator.catalog.products[0].id}"
    assert (await hit(Fault(kind=FaultKind.VANISHED), path)).status_code == 404


async def test_an_error_of_an_unheard_of_shape():
    answer = await hit(Fault(kind=FaultKind.ERROR_SHAPE, status=502))
    assert answer.status_code == 502
    assert not {"message", "errorMessage", "error", "statusCode"} & set(answer.json())


@pytest.mark.parametrize(("asked", "answered"), [("USD", "EUR"), ("GBP", "USD")])
async def test_the_answer_is_in_another_currency(asked, answered):
    product = unlimited().catalog.products[0]
    path = f"/catalog/products/{product.id}/market-data?currencyCode={asked}"
    body = (await hit(Fault(kind=FaultKind.WRONG_CURRENCY), path)).json()
    assert {each["currencyCode"] for each in body} == {answered}


@pytest.mark.parametrize("kind", [*sorted(LASTING), FaultKind.HANG, FaultKind.HANG_AFTER, FaultKind.CLOCK_SKEW])
def test_kinds_that_are_all_about_time_need_some(kind):
    with pytest.raises(ValueError, match="delay must be more than 0"):
        Fault(kind=kind)


def test_a_skewed_clock_writes_seconds_only():
    with pytest.raises(ValueError, match="whole seconds"):
        Fault(kind=FaultKind.CLOCK_SKEW, delay=1, retry_after="soon")
