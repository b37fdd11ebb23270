"""An HMAC in a header, as most senders have it: the options say in which one, by which algorithm, of what.

The identity is the digest of what is signed, or the sender's id where that is signed as well. Where nothing signed
tells a time, a repetition is known for as long as the inbox remembers, and no longer.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from solegate.domain.webhooks.payload import at_path, moment_of, parsed, text_of
from solegate.domain.webhooks.proof import MOST_SIGNATURES, digest_of, same_as_one, sent_at, within_window
from solegate.domain.webhooks.values import Message, Request, Source
from solegate.errors import InvalidInputError, SignatureError

OPTIONS = (
    "header", "algorithm", "encoding", "prefix", "timestamp-header", "id-header", "template", "type", "subject",
    "occurred-at",
)  # fmt: skip
"""See `Scheme`."""
_ALGORITHMS = ("sha256", "sha512", "sha1")
_ENCODINGS = ("hex", "base64")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
_PARTS = re.compile(r"(\{body\}|\{timestamp\}|\{id\})")
_LONGEST_OPTION = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """How a sender signs.

    Attributes:
        header: where the signatures are; several are separated by commas or spaces.
        algorithm: `sha256`, `sha512` or `sha1`.
        encoding: `hex` or `base64`.
        prefix: of each signature, such as `sha256=`.
        timestamp_header: where the time of sending is, in Unix seconds; it has to be in the template.
        id_header: where the message's id is; it has to be in the template.
        template: what is signed, of `{id}`, `{timestamp}` and `{body}`.
        type, subject, occurred_at: where in the body these stand, such as `data.id`.
    """

    header: str
    algorithm: str = "sha256"
    encoding: str = "hex"
    prefix: str = ""
    timestamp_header: str = ""
    id_header: str = ""
    template: str = "{body}"
    type: str = "type"
    subject: str = ""
    occurred_at: str = ""


def scheme_of(options: Mapping[str, str]) -> Scheme:
    """The options of a source as a scheme.

    Raises:
        InvalidInputError: one of them cannot be used.
    """
    if any(len(value) > _LONGEST_OPTION or not value.isprintable() for value in options.values()):
        raise InvalidInputError(f"An option is one line of at most {_LONGEST_OPTION} characters.")
    if "header" not in options:
        raise InvalidInputError("Say in which header the signature is: header=X-Signature.")
    given = {name.replace("-", "_"): value for name, value in options.items()}
    if options.get("timestamp-header"):
        given.setdefault("template", "{timestamp}.{body}")
    scheme = Scheme(**given)
    _check(scheme)
    return scheme


def check_options(options: Mapping[str, str]) -> None:
    """Refuse options of which no scheme can be made.

    Raises:
        InvalidInputError: they are such.
    """
    scheme_of(options)


def read(source: Source, request: Request, now: datetime) -> Message:
    """What a signed message says.

    Raises:
        SignatureError: it is not signed by the source, or not now.
    """
    scheme = scheme_of(source.options)
    timestamp = request.header(scheme.timestamp_header) if scheme.timestamp_header else ""
    sent = sent_at(timestamp, now) if timestamp or scheme.timestamp_header else None
    message_id = request.header(scheme.id_header) if scheme.id_header else ""
    if scheme.id_header and _ID.fullmatch(message_id) is None:
        raise SignatureError("the id cannot be used")
    content = _signed(scheme, message_id, timestamp, request.body)
    given = re.split(r"[,\s]+", request.header(scheme.header))[:MOST_SIGNATURES]
    bare = [each.removeprefix(scheme.prefix) for each in given if each.startswith(scheme.prefix)]
    right = [_signature(scheme, secret, content) for secret in source.secrets_at(now)]
    # Hexadecimal digits may be written large.
    if not same_as_one([_plain(scheme, each) for each in bare], right):
        raise SignatureError("no signature fits")
    body = parsed(request.body)
    happened = moment_of(at_path(body, scheme.occurred_at)) if scheme.occurred_at else None
    return Message(
        identity=message_id or digest_of(content),
        digest=digest_of(request.body),
        event_type=text_of(at_path(body, scheme.type)),
        subject=text_of(at_path(body, scheme.subject)) if scheme.subject else "",
        occurred_at=within_window(happened, now) if happened is not None else sent or now,
    )


def _signature(scheme: Scheme, secret: str, content: bytes) -> bytes:
    made = hmac.new(secret.encode(), content, scheme.algorithm)
    return made.hexdigest().encode() if scheme.encoding == "hex" else base64.b64encode(made.digest()).rstrip(b"=")


def _plain(scheme: Scheme, given: str) -> bytes:
    return given.lower().encode() if scheme.encoding == "hex" else given.encode().rstrip(b"=")


def _signed(scheme: Scheme, message_id: str, timestamp: str, body: bytes) -> bytes:
    known = {"{body}": body, "{timestamp}": timestamp.encode(), "{id}": message_id.encode()}
    return b"".join(known.get(part, part.encode()) for part in _PARTS.split(scheme.template))


def _check(scheme: Scheme) -> None:
    names = [each for each in (scheme.header, scheme.timestamp_header, scheme.id_header) if each]
    if any(_HEADER.fullmatch(each) is None for each in names) or not scheme.header:
        raise InvalidInputError("That is no name of a header.")
    if scheme.algorithm not in _ALGORITHMS or scheme.encoding not in _ENCODINGS:
        raise InvalidInputError(f"algorithm is one of {', '.join(_ALGORITHMS)}; encoding {' or '.join(_ENCODINGS)}.")
    parts = _PARTS.findall(scheme.template)
    wanted = {"{timestamp}": scheme.timestamp_header, "{id}": scheme.id_header}
    if parts.count("{body}") != 1 or any((part in parts) != bool(header) for part, header in wanted.items()):
        raise InvalidInputError(
            "The template holds {body} once, {timestamp} if there is a timestamp-header, and {id} if there is an "
            "id-header: what is not signed proves nothing."
        )
