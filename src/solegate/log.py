"""Structured logs with redaction: stable event names, and never a secret.

Redaction works twice: by key (anything named like a secret) and by value (bearer tokens and the secrets that were
registered), so a secret inside an error text or a URL is caught too.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.contextvars import merge_contextvars
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import JSONRenderer, TimeStamper, add_log_level, format_exc_info
from structlog.stdlib import BoundLogger, ProcessorFormatter, filter_by_level
from structlog.typing import Processor

REDACTED = "[redacted]"
_SECRET_KEY = re.compile(
    r"authorization|api[-_]?key|secret|password|(?:access|refresh|id)_token|^token$|^code$|code_verifier",
    re.IGNORECASE,
)
_SECRET_TEXT = re.compile(
    r"(?i)((?:bearer|basic)\s+)[\w.~+/=-]+"
    r"|((?:access_token|refresh_token|id_token|client_secret|api_key|x-api-key)[\\\"']*\s*[=:]\s*[\\\"']*)[^\s&\\\"',}]+"
    r"|([?&]code=)[^\s&\"']+"
    r"|(://[^:/@\s]*:)[^/\s]+(?=@)"
)


class Redactor:
    """A structlog processor that replaces secrets in every value of an event."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        shapes = {shape for secret in secrets for shape in (secret, secret.strip(), repr(secret)[1:-1])}
        self._secrets = sorted((shape for shape in shapes if len(shape) >= 6), key=len, reverse=True)

    def text(self, value: str) -> str:
        """The text with every secret replaced."""
        for secret in self._secrets:
            value = value.replace(secret, REDACTED)
        return _SECRET_TEXT.sub(lambda found: "".join(part for part in found.groups() if part) + REDACTED, value)

    def value(self, key: str, value: object) -> object:
        """Any value, redacted by its key and, inside, by its text."""
        if _SECRET_KEY.search(key):
            return REDACTED
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return {name: self.value(str(name), inner) for name, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value("", inner) for inner in value]
        return self.text(value.decode("utf-8", "replace") if isinstance(value, bytes) else repr(value))

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Redact one event in place; structlog calls this for every line."""
        for key in event:
            event[key] = self.value(key, event[key])
        return event


def configure_logging(
    *, level: str = "WARNING", style: str = "console", secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Set up logging for the whole process, other libraries' included. Call it once, at the edge.

    Args:
        level: least severe level written.
        style: `console` for people, `json` for machines.
        secrets: literal secrets to remove from every text.
        stream: where lines go; standard error unless given, so that output can be piped.
    """
    stream = stream or sys.stderr
    common: list[Processor] = [add_log_level, TimeStamper(fmt="iso", utc=True)]
    renderer: Processor = (
        JSONRenderer()
        if style == "json"
        else ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain_traceback)
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[ProcessorFormatter.remove_processors_meta, format_exc_info, Redactor(secrets), renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for talkative in ("aiosqlite", "alembic", "httpx2", "httpcore2"):  # every statement, request with its URL, check
        logging.getLogger(talkative).setLevel(max(logging.WARNING, root.level))


def get_logger(name: str) -> BoundLogger:
    """The logger of a part, below `solegate.` in Python's own logging, so that a host application rules over it."""
    logger: BoundLogger = structlog.wrap_logger(
        logging.getLogger(f"solegate.{name}"),
        wrapper_class=BoundLogger,
        processors=[
            filter_by_level,
            merge_contextvars,
            add_log_level,
            TimeStamper(fmt="iso", utc=True),
            Redactor(),
            ProcessorFormatter.wrap_for_formatter,
        ],
    )
    return logger
