"""One tree of errors: each says what happened, what it changed, and what to do."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime

import pytest

from solegate import errors
from solegate.client.failures import failure, not_sent
from solegate.client.limiter import PausedTooLongError, QuotaUsedUpError
from solegate.client.policy.outcome import Health, Kind, Verdict
from solegate.client.policy.retry import Why
from solegate.errors import Outcome, ProductNotFoundError, SolegateError, StockXError
from support.client import read

TREE = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, SolegateError)]
CALLS = [each for each in TREE if issubclass(each, StockXError)]
LATER = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("error", TREE)
def test_every_error_says_when_it_is_raised_and_has_a_code_of_its_own(error: type[SolegateError]) -> None:
    assert error.__doc__
    assert "code" in vars(error)
    assert error.code == error.code.lower()
    assert error is SolegateError or error is StockXError or error.__name__.endswith("Error")


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in TREE]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("error", CALLS)
@pytest.mark.parametrize(
    ("outcome", "effect"),
    [
        (Outcome.NOT_APPLIED, "Nothing was changed"),
        (Outcome.APPLIED, "did act on it"),
        (Outcome.UNKNOWN, "is unknown; read back"),
    ],
)
def test_a_failed_call_tells_effect_hint_and_time(error: type[StockXError], outcome: Outcome, effect: str) -> None:
    raised = error("It failed.", operation="GetProduct", outcome=outcome, retry_at=LATER, hint="Do this.")
    text = str(raised)
    assert text.startswith("It failed. ")
    assert effect in text
    assert "Do this." in text
    assert "Try again after 2026-01-02 03:04:05 UTC." in text
    assert error.hint in str(error("It failed.", operation="GetProduct"))


@pytest.mark.parametrize("error", CALLS)
def test_an_error_for_another_caller_is_equal_and_its_own(error: type[StockXError]) -> None:
    raised = error(
        "m", operation="o", outcome=Outcome.UNKNOWN, status=5, attempts=2, retry_at=LATER, request_id="r", hint="h"
    )
    again = raised.anew()
    assert type(again) is error
    assert again is not raised
    assert vars(again) == vars(raised)
    assert str(again) == str(raised)


def test_an_error_knows_its_call() -> None:
    raised = StockXError("m", operation="Search")
    assert (raised.outcome, raised.status, raised.attempts, raised.retry_at) == (Outcome.NOT_APPLIED, None, 0, None)
    assert isinstance(raised, SolegateError)


def test_an_unknown_sku_is_a_value_error_with_alternatives() -> None:
    assert str(ProductNotFoundError("XX-1")) == "XX-1 not found on StockX. Check the style code on the box label."
    found = ProductNotFoundError("XX-1", alternatives=("XX-2", "XX-3"))
    assert isinstance(found, ValueError)
    assert "XX-2, XX-3" in str(found)
    assert (found.sku, found.alternatives) == ("XX-1", ("XX-2", "XX-3"))


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.OK])
@pytest.mark.parametrize("why", Why)
@pytest.mark.parametrize("message", ["", "Something is wrong.", "你好"])
def test_every_verdict_has_an_error_with_words(kind: Kind, why: Why, message: str) -> None:
    verdict = Verdict(kind, Outcome.UNKNOWN, Health.BAD, message)
    raised = failure(verdict, operation="Search", why=why, status=418, attempts=2, retry_at=LATER)
    assert raised.message.startswith("Search ")
    assert "(HTTP 418)" in raised.message
    assert message.rstrip(".") in raised.message
    assert ".." not in raised.message
    assert (raised.outcome, raised.status, raised.attempts, raised.retry_at) == (Outcome.UNKNOWN, 418, 2, LATER)


def test_a_known_cause_gets_its_own_hint() -> None:
    verdict = Verdict(Kind.REJECTED, Outcome.NOT_APPLIED, Health.GOOD, "Please set billing and shipping first")
    raised = failure(verdict, operation="GetMarketData", why=Why.FINAL, status=400, attempts=1, retry_at=None)
    assert "Set up billing and shipping in your StockX account" in str(raised)


@pytest.mark.parametrize(("attempts", "words"), [(0, "was not sent:"), (2, "was not sent again:")])
@pytest.mark.parametrize(
    ("error", "code"),
    [(TimeoutError(), "deadline_exceeded"), (QuotaUsedUpError(LATER), "quota_exhausted"),
     (PausedTooLongError(LATER), "rate_limited")],
)  # fmt: skip
def test_a_turn_that_did_not_come_is_told_apart(
    error: TimeoutError | QuotaUsedUpError | PausedTooLongError, code: str, attempts: int, words: str
) -> None:
    raised = not_sent(error, read(), attempts=attempts)
    assert (raised.code, raised.outcome) == (code, Outcome.NOT_APPLIED)
    assert words in raised.message
    assert raised.retry_at == getattr(error, "retry_at", None)
