"""No secret gets into a log line, by whatever way it comes."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import pytest
from pydantic import SecretStr

from solegate.log import REDACTED, Redactor, configure_logging, get_logger

CANARY = "canary-7f3e9d"


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    "key",
    ["authorization", "Authorization", "api_key", "api-key", "apikey", "x-api-key", "client_secret", "password",
     "db_password", "access_token", "refresh_token", "id_token", "token", "code", "code_verifier", "secret_key"],
)  # fmt: skip
@pytest.mark.parametrize("value", [CANARY, [CANARY], {"a": CANARY}, CANARY.encode(), 12345])
def test_what_is_named_like_a_secret_is_hidden(key: str, value: object) -> None:
    assert Redactor()(None, "info", {key: value}) == {key: REDACTED}


@pytest.mark.parametrize("key", ["status_code", "currency_code", "tokens", "event", "operation", "codec"])
def test_other_names_are_not(key: str) -> None:
    assert Redactor()(None, "info", {key: "plain"}) == {key: "plain"}


@pytest.mark.parametrize(
    "text",
    [
        f"Bearer {CANARY}", f"authorization: bearer  {CANARY}", f"access_token={CANARY}&x=1",
        f'{{"refresh_token": "{CANARY}"}}', f"{{'id_token': '{CANARY}'}}", f"client_secret = {CANARY}",
        f"x-api-key: {CANARY}", f"api_key={CANARY}", f"http://localhost/callback?code={CANARY}&state=s",
        f"http://h/cb?state=s&code={CANARY}", f"postgresql+asyncpg://user:{CANARY}@db.test/solegate",
        f"grant_type=refresh_token&refresh_token={CANARY}",
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_is_hidden_in_any_text(text: str) -> None:
    redacted = Redactor().text(text)
    assert CANARY not in redacted
    assert REDACTED in redacted


@pytest.mark.parametrize(
    "text",
    ["HTTP status code: 404", "currencyCode=EUR", "styleCode=DD1391-100", "https://api.stockx.com/v2/catalog/search?query=a",
     "error: invalid_grant", "a:b@c"],
)  # fmt: skip
def test_what_only_resembles_a_secret_stays_readable(text: str) -> None:
    assert Redactor().text(text) == text


@pytest.mark.parametrize(
    "text",
    [f"redis://:{CANARY}@host/0", f"Authorization: Basic {CANARY}", f'{{\\"access_token\\": \\"{CANARY}\\"}}',
     f"postgresql://user:p@{CANARY}@host/db"],
)  # fmt: skip
def test_rarer_shapes_are_hidden_too(text: str) -> None:
    assert CANARY not in Redactor().text(text)


class Custom:
    def __repr__(self) -> str:
        return f"Custom(access_token={CANARY})"


@pytest.mark.parametrize(
    "value",
    [
        f"x {CANARY} y", [CANARY], (CANARY,), {CANARY}, frozenset({CANARY}), {"a": {"b": [CANARY]}}, CANARY.encode(),
        ValueError(f"no: {CANARY}"), MappingProxyType({"a": CANARY}), Custom(), SecretStr(CANARY),
        {"nested": [{"deep": (CANARY, {"er": CANARY})}]},
    ],
)  # fmt: skip
def test_a_registered_secret_is_hidden_in_any_value(value: object) -> None:
    assert CANARY not in str(Redactor([CANARY])(None, "info", {"value": value}))


def test_of_overlapping_secrets_nothing_is_left() -> None:
    assert Redactor(["canary", "canary-7f3e9d-long"]).text("canary-7f3e9d-long") == REDACTED


def test_very_short_secrets_do_not_eat_the_text() -> None:
    assert Redactor(["", "a", "abc"]).text("abcdef") == "abcdef"


def test_plain_values_keep_their_type() -> None:
    event = {"count": 3, "share": 0.5, "fine": True, "none": None}
    assert Redactor()(None, "info", dict(event)) == event


def shout(log: Any) -> None:
    """Log a secret in every way a careless person might."""
    log.info("plain", refresh_token=CANARY, body=f"access_token={CANARY}", nested={"deep": [CANARY]})
    event = f"in the event itself: {CANARY}"
    log.warning(event)
    try:
        raise ValueError(f"boom {CANARY}")
    except ValueError as error:
        log.exception("failed", error=error)
        log.info("failed again", exc_info=True, raw=CANARY.encode())
    log.bind(api_key=CANARY).info("bound")


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("style", ["json", "console"])
def test_a_canary_survives_no_way_of_logging(style: str) -> None:
    stream = io.StringIO()
    configure_logging(level="DEBUG", style=style, secrets=[CANARY], stream=stream)
    shout(get_logger("test"))
    logging.getLogger("another.library").warning("foreign %s", CANARY)
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("another.library").exception("foreign failure")
    text = stream.getvalue()
    assert CANARY not in text
    assert text.count(REDACTED) >= 9
    for event in ("plain", "in the event itself", "failed again", "ValueError", "bound", "foreign", "foreign failure"):
        assert event in text


@pytest.mark.usefixtures("restored")
def test_json_lines_can_be_read_by_machines() -> None:
    stream = io.StringIO()
    configure_logging(level="INFO", style="json", stream=stream)
    get_logger("part").info("stockx.something", operation="Search", attempts=2)
    get_logger("part").debug("too quiet")
    (line,) = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (line["event"], line["level"], line["operation"], line["attempts"]) == (
        "stockx.something",
        "info",
        "Search",
        2,
    )
    assert line["timestamp"].endswith("Z")


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize(("level", "written"), [("DEBUG", 4), ("INFO", 3), ("WARNING", 2), ("ERROR", 1)])
def test_the_level_is_obeyed(level: str, written: int) -> None:
    stream = io.StringIO()
    configure_logging(level=level, style="json", stream=stream)
    log = get_logger("part")
    log.debug("a")
    log.info("b")
    log.warning("c")
    log.error("d")
    assert len(stream.getvalue().splitlines()) == written


@pytest.mark.usefixtures("restored")
def test_configured_twice_it_writes_once() -> None:
    first, second = io.StringIO(), io.StringIO()
    configure_logging(level="INFO", style="json", stream=first)
    configure_logging(level="INFO", style="json", stream=second)
    get_logger("part").info("once")
    assert (first.getvalue(), len(second.getvalue().splitlines())) == ("", 1)


def test_as_a_library_it_leaves_logging_to_its_host(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level("WARNING"):
        get_logger("stockx.part").warning("stockx.news", access_token=CANARY)
    assert caplog.records[0].name == "solegate.stockx.part"
    assert CANARY not in caplog.text
    assert capsys.readouterr().out == ""
