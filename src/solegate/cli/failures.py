"""What went wrong, in words and as an exit code: the one place where the error tree meets the shell."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import typer
from pydantic import ValidationError

from solegate.cli.output import Json, Output
from solegate.errors import (
    AuthenticationError,
    ConfigurationError,
    CredentialsMissingError,
    DatabaseError,
    GuardRailError,
    IdempotencyConflictError,
    IdempotencyMismatchError,
    InvalidInputError,
    KeyRequiredError,
    NoSuchRecordError,
    NotFoundError,
    OperationFailedError,
    Outcome,
    PermissionDeniedError,
    ProductNotFoundError,
    RequestRejectedError,
    ScopeMissingError,
    SignatureError,
    SolegateError,
    StillPendingError,
    StockXError,
    TooManyRequestsError,
    UnitBusyError,
    WebhookConflictError,
    WriteFailedError,
    WritesStoppedError,
)


class ExitCode(IntEnum):
    """How a command ended. Scripts may rely on these numbers."""

    OK = 0
    """Done."""
    UNEXPECTED = 1
    """A bug or something nobody foresaw."""
    BAD_INPUT = 2
    """The input, an option or a setting cannot be used; nothing was sent or written."""
    INCOMPLETE = 3
    """Not found, or some of the items did not succeed; the rest did."""
    LOGIN_NEEDED = 4
    """StockX does not accept the login, the API key or the application's credentials, or they are missing."""
    STOCKX_UNAVAILABLE = 5
    """StockX is failing, or its limit or the day's quota is used up: try again later."""
    LOCAL_TROUBLE = 6
    """This machine: the database, a file, a port."""
    INTERRUPTED = 130
    """Ctrl-C."""


class CommandError(SolegateError):
    """Raised by a command for what only the command line knows, such as a port in use or an interruption."""

    code = "command"

    def __init__(self, message: str, *, exit_code: ExitCode, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.exit_code = exit_code


_EXIT_CODES: tuple[tuple[type[Exception], ExitCode], ...] = (
    (ValidationError, ExitCode.BAD_INPUT),
    (NoSuchRecordError, ExitCode.INCOMPLETE),
    (InvalidInputError, ExitCode.BAD_INPUT),
    (GuardRailError, ExitCode.BAD_INPUT),
    (WritesStoppedError, ExitCode.INCOMPLETE),
    (WriteFailedError, ExitCode.INCOMPLETE),
    (WebhookConflictError, ExitCode.INCOMPLETE),
    (SignatureError, ExitCode.BAD_INPUT),
    (KeyRequiredError, ExitCode.LOGIN_NEEDED),
    (ScopeMissingError, ExitCode.LOGIN_NEEDED),
    (TooManyRequestsError, ExitCode.INCOMPLETE),
    (UnitBusyError, ExitCode.INCOMPLETE),
    (IdempotencyConflictError, ExitCode.INCOMPLETE),
    (IdempotencyMismatchError, ExitCode.BAD_INPUT),
    (CredentialsMissingError, ExitCode.LOGIN_NEEDED),
    (ConfigurationError, ExitCode.BAD_INPUT),
    (RequestRejectedError, ExitCode.BAD_INPUT),
    (ProductNotFoundError, ExitCode.INCOMPLETE),
    (OperationFailedError, ExitCode.INCOMPLETE),
    (StillPendingError, ExitCode.INCOMPLETE),
    (NotFoundError, ExitCode.INCOMPLETE),
    (AuthenticationError, ExitCode.LOGIN_NEEDED),
    (PermissionDeniedError, ExitCode.LOGIN_NEEDED),
    (StockXError, ExitCode.STOCKX_UNAVAILABLE),
    (DatabaseError, ExitCode.LOCAL_TROUBLE),
    (OSError, ExitCode.LOCAL_TROUBLE),
)
"""The first class that fits decides."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure as it is shown.

    Attributes:
        exit_code: how the command ends.
        code: stable and machine-readable.
        message: what happened and, where it matters, whether it took effect.
        hint: what to do next.
        details: more for machines.
    """

    exit_code: ExitCode
    code: str
    message: str
    hint: str = ""
    details: Mapping[str, Json] = field(default_factory=dict)

    def show(self, output: Output) -> None:
        """Write it to standard error, as text or as JSON."""
        if output.as_json:
            told: dict[str, Json] = {
                "code": self.code,
                "message": self.message,
                "hint": self.hint,
                "exitCode": int(self.exit_code),
            }
            output.error_document({"error": told | dict(self.details)})
            return
        opening = "Stopped" if self.exit_code is ExitCode.INTERRUPTED else "Error"
        output.note(f"{opening}: {self.message}", style="red")
        if self.hint:
            output.note(f"  {self.hint}")


def describe(error: Exception) -> Failure:
    """How an error is shown and which exit code it means."""
    match error:
        case typer.TyperException():
            return Failure(ExitCode.BAD_INPUT, "usage", error.format_message(), _usage_hint(error))
        case ValidationError():
            return Failure(_exit_code(error), "configuration", wrong_settings(error), "Nothing was started.")
        case StockXError():
            return Failure(_exit_code(error), error.code, _stockx_message(error), error.hint, _stockx_details(error))
        case SolegateError():
            return Failure(_exit_code(error), error.code, error.message, error.hint)
        case OSError():
            place = f"{error.filename}: " if error.filename else ""
            message = f"{place}{error.strerror or error}."
            return Failure(_exit_code(error), "local", message, "Check that it exists and that you may use it.")
    return Failure(
        ExitCode.UNEXPECTED,
        "unexpected",
        f"Unexpected {type(error).__name__}: {error}",
        "This is a bug in Solegate. Set SOLEGATE_LOG_LEVEL=DEBUG and run it again to see where.",
    )


def _stockx_message(error: StockXError) -> str:
    """What happened, then whether it took effect, then when to try again."""
    effect = {
        Outcome.NOT_APPLIED: "",
        Outcome.APPLIED: "StockX did act on it.",
        Outcome.UNKNOWN: "Whether StockX acted on it is unknown; read back before repeating.",
    }[error.outcome]
    later = f"Try again after {error.retry_at:%Y-%m-%d %H:%M:%S} UTC." if error.retry_at else ""
    return " ".join(part for part in (error.message, effect, later) if part)


def _stockx_details(error: StockXError) -> Mapping[str, Json]:
    return {
        "operation": error.operation,
        "outcome": error.outcome.value,
        "status": error.status,
        "attempts": error.attempts,
        "retryAt": error.retry_at.isoformat() if error.retry_at else None,
        "requestId": error.request_id or None,
    }


def wrong_settings(error: ValidationError) -> str:
    """Every wrong setting by the name of its environment variable, without its value, which may be a secret."""
    reasons = []
    for each in error.errors(include_url=False, include_input=False, include_context=False):
        name = "_".join(str(part) for part in each["loc"]).upper()
        reason = each["msg"].removeprefix("Value error, ").removeprefix("Input ")
        reasons.append(f"SOLEGATE_{name}: {reason}" if name else reason)
    return f"Wrong settings: {'; '.join(reasons)}."


def traceback_of(error: Exception) -> str:
    """The traceback, for whoever asked for it."""
    return "".join(traceback.format_exception(error))


def _exit_code(error: Exception) -> ExitCode:
    if isinstance(error, CommandError):
        return error.exit_code
    return next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), ExitCode.UNEXPECTED)


def _usage_hint(error: typer.TyperException) -> str:
    """Where the help is; the context knows which command was meant."""
    context = getattr(error, "ctx", None)
    return f"`{context.command_path if context else 'solegate'} --help` explains the command."
