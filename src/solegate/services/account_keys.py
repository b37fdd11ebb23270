"""The keys of a StockX application as somebody types or pastes them, and what is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from solegate.errors import InvalidInputError
from solegate.settings import LISTING_CURRENCIES

LONGEST_KEY = 500
"""Characters of an id, secret, key or address."""
SAME_KEY = "The API key is the same as the client id; StockX's developer portal shows another value."
_SENDABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What StockX's developer portal shows of an application."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    redirect_uri: str = ""


def checked_keys(keys: Keys, *, whole: bool) -> Keys:
    """The keys without white space around them, which comes from copying.

    Raises:
        InvalidInputError: one of them cannot be sent, or is missing; its value is not repeated.
    """
    found = {name: getattr(keys, name).strip() for name in ("client_id", "client_secret", "api_key", "redirect_uri")}
    named = {name: name.replace("_", " ").replace("api", "API") for name in found}
    for name, value in found.items():
        if value and (not _SENDABLE.fullmatch(value) or len(value) > LONGEST_KEY):
            raise InvalidInputError(f"The {named[name]} must be up to {LONGEST_KEY} plain characters without spaces.")
    missing = [named[name] for name in ("client_id", "client_secret", "api_key") if not found[name]]
    if whole and missing:
        raise InvalidInputError(
            f"The {', '.join(missing)} must not be empty.", hint="StockX's developer portal shows all three."
        )
    if not any(found.values()):
        raise InvalidInputError("No new key was given.", hint="Give a client id, client secret, API key or redirect.")
    if found["api_key"] and found["api_key"] == found["client_id"]:
        raise InvalidInputError(SAME_KEY)
    if found["redirect_uri"] and not _is_web_address(found["redirect_uri"]):
        raise InvalidInputError("The redirect address must start with http:// or https:// and name a host.")
    return Keys(**found)


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def checked_currency(code: str) -> str:
    """The currency that an account sells in; empty: the setting's.

    Raises:
        InvalidInputError: StockX does not list in it.
    """
    if code and code.upper() not in LISTING_CURRENCIES:
        raise InvalidInputError(f"StockX lists in {', '.join(LISTING_CURRENCIES)}.")
    return code.upper()
