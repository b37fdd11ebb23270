"""What goes wrong on our side: settings, input, records, and who may do what."""

from __future__ import annotations

from typing import ClassVar

from solegate.errors.base import SolegateError


class ConfigurationError(SolegateError):
    """Raised when a setting is missing or wrong; nothing was started."""

    code = "configuration"
    hint = "Run `solegate doctor` to see what is missing."


class CredentialsMissingError(ConfigurationError):
    """Raised when client id, client secret or API key of the StockX application are not set; nothing was sent."""

    code = "credentials_missing"
    hint = (
        "Set SOLEGATE_STOCKX_CLIENT_ID, SOLEGATE_STOCKX_CLIENT_SECRET and SOLEGATE_STOCKX_API_KEY; "
        "StockX's developer portal shows all three."
    )


class InvalidInputError(SolegateError, ValueError):
    """Raised before anything is sent or written: the caller's input cannot be used."""

    code = "invalid_input"


class NoSuchRecordError(InvalidInputError):
    """Raised when our own records hold no such thing: a write, a job, or a page by its cursor."""

    code = "no_such_record"


class DatabaseError(SolegateError):
    """Raised when the local database cannot be opened, read or written; the transaction was rolled back."""

    code = "database"
    hint = "Check SOLEGATE_DATABASE_URL and its permissions; `solegate doctor` looks for you."


class AlreadyListedError(InvalidInputError):
    """Raised when a pair shall be listed that another intent holds: it is listed, or about to be. Nothing was sent."""

    code = "already_listed"
    hint = "Name another pair, or delete that listing first."


class UnitBusyError(SolegateError):
    """Raised when somebody else has a write on the same listing or pair under way, or just moved it on."""

    code = "unit_busy"


class ProductNotFoundError(SolegateError, ValueError):
    """Raised when no StockX product carries the style code asked for.

    `alternatives` are style codes that StockX found similar: they need a person's look, never an automatic pick.
    It is a `ValueError` too, as the guide's tests expect (guide section 3).
    """

    code = "product_not_found"
    hint = "Check the style code on the box label."

    def __init__(self, sku: str, *, alternatives: tuple[str, ...] = ()) -> None:
        similar = f"StockX found similar ones, please review: {', '.join(alternatives)}." if alternatives else ""
        super().__init__(f"{sku} not found on StockX.", hint=similar)
        self.sku, self.alternatives = sku, alternatives


class GuardRailError(SolegateError):
    """Raised before anything is sent: the write breaks a guard rail. The message names each that it breaks."""

    code = "guard_rail"
    hint = "Nothing was sent. `solegate guard show` lists the rails."


class WritesStoppedError(SolegateError):
    """Raised before anything is sent: somebody has stopped every write of this account."""

    code = "writes_stopped"
    hint = "Nothing was sent. `solegate guard show` tells who stopped them, `solegate guard go` lets them go on."


class WriteFailedError(SolegateError):
    """Raised when a write is surely not in effect and will not be: refused, failed, cancelled or superseded."""

    code = "write_failed"


class IdempotencyKeyError(InvalidInputError):
    """Raised when a request's idempotency key cannot be used, or is missing where one is required."""

    code = "idempotency_key"


class IdempotencyMismatchError(SolegateError):
    """Raised when an idempotency key comes again with another request than the one it was first used for."""

    code = "idempotency_mismatch"
    hint = "Give every request a key of its own; only a repetition of the same request has the same key."


class IdempotencyConflictError(SolegateError):
    """Raised while the first request with an idempotency key is worked on; `retry_after` is in seconds."""

    code = "idempotency_conflict"
    hint = "Send the same request with the same key again a little later; it does nothing twice."
    retry_after: ClassVar[float] = 2.0


class NoSuchAccountError(NoSuchRecordError):
    """Raised when no StockX account of that name is known here, or the caller's API key does not reach it."""

    code = "no_such_account"
    hint = "`solegate accounts list` names the accounts."


class KeyRequiredError(SolegateError):
    """Raised when a request carries no API key, or one that is unknown, revoked or expired. Nothing was done."""

    code = "key_required"
    hint = "Send `Authorization: Bearer KEY`; `solegate keys create` makes a key."


class ScopeMissingError(SolegateError):
    """Raised when an API key is good, but not for this operation. Nothing was done."""

    code = "scope_missing"
    hint = "Use a key with the scope that the message names."


class TooManyRequestsError(SolegateError):
    """Raised when an API key asks more often than it may; `retry_after` is in seconds. Nothing was done."""

    code = "too_many_requests"
    hint = "Slow down; the RateLimit headers of every answer tell what is left."

    def __init__(self, message: str, *, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SignatureError(SolegateError):
    """Raised when a webhook is not signed by its source, or too old or too new to be trusted. Nothing was kept."""

    code = "bad_signature"
    hint = "Check the secret on both sides, and the sender's clock."


class WebhookPayloadError(InvalidInputError):
    """Raised when a webhook is its source's, and its body is none that such a source sends. Nothing was kept."""

    code = "webhook_payload"


class WebhookConflictError(SolegateError):
    """Raised when a webhook comes again under the same id with other content. The first one stands."""

    code = "webhook_conflict"


class AddressRefusedError(InvalidInputError):
    """Raised when an address must not be called from here: private, local, or no plain web address."""

    code = "address_refused"
    hint = "SOLEGATE_PRIVATE_TARGETS=true allows private addresses, for receivers on your own network."
