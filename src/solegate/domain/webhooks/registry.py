"""Every kind of source there is. A new one is a file under `sources/` and a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from solegate.domain.webhooks.proof import check_length
from solegate.domain.webhooks.sources import hmac_header, kicksdb, poke, standard
from solegate.domain.webhooks.values import Message, Request, Source, SourceKind
from solegate.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Kind:
    """What makes up a kind of source.

    Attributes:
        read: believes a request, or refuses it, and says what is in it.
        check_secret: refuses what cannot be a secret of this kind.
        options: that it knows.
        check_options: refuses options that cannot be used.
        makes_secrets: whether we choose the secret; otherwise the sender does.
    """

    read: Callable[[Source, Request, datetime], Message]
    check_secret: Callable[[str], None]
    options: tuple[str, ...] = ()
    check_options: Callable[[Mapping[str, str]], None] = lambda _options: None
    makes_secrets: bool = True


KINDS: Mapping[SourceKind, Kind] = MappingProxyType({
    SourceKind.STANDARD: Kind(standard.read, standard.check_secret, standard.OPTIONS),
    SourceKind.HMAC: Kind(
        hmac_header.read, check_length, hmac_header.OPTIONS, hmac_header.check_options
    ),
    SourceKind.KICKSDB: Kind(kicksdb.read, kicksdb.check_secret, makes_secrets=False),
    SourceKind.POKE: Kind(poke.read, check_length),
})  # fmt: skip


def check(kind: SourceKind, options: Mapping[str, str]) -> None:
    """Refuse options that a kind does not know or cannot use.

    Raises:
        InvalidInputError: there is one.
    """
    known = KINDS[kind]
    strange = sorted(set(options) - set(known.options))
    if strange:
        names = ", ".join(known.options) or "none"
        raise InvalidInputError(f"A source of the kind {kind} has no option '{strange[0]}'; it knows {names}.")
    known.check_options(options)
