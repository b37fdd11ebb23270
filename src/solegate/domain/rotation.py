"""Secrets that take turns: a new one counts at once and the old one goes on for a while, until both sides have it.

Webhooks that come in prove themselves by such secrets, and those that go out are signed with them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret, and until when it counts; `None`: until it is rotated."""

    text: str = field(repr=False)
    until: datetime | None = None


def in_force(secrets: Iterable[Secret], now: datetime) -> tuple[str, ...]:
    """Those that count now; during a rotation more than one."""
    return tuple(each.text for each in secrets if each.until is None or now < each.until)


def rotated(secrets: Iterable[Secret], new: str, now: datetime, overlap: timedelta) -> tuple[Secret, ...]:
    """The secrets after a rotation: the new one first; those that count go on for the overlap at most.

    Without an overlap they count no more, as it must be when one of them is known to strangers.
    """
    end = now + overlap
    old = (replace(each, until=min(each.until or end, end)) for each in secrets if each.text != new)
    return (Secret(new), *(each for each in old if each.until is not None and now < each.until))
