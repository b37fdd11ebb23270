"""Events in words, one presenter for each type; a type without one is told by its name and its data."""

from __future__ import annotations

from solegate.domain.deliveries.notices import Notice
from solegate.domain.deliveries.values import Happened

_MOST_FACTS = 8


def notice_of(event: Happened) -> Notice:
    """An event in words."""
    return Notice(_title(event.type), event.subject, _facts(event))


def _title(event_type: str) -> str:
    words = event_type.replace(".", " ").replace("_", " ")
    return words[:1].upper() + words[1:]


def _facts(event: Happened) -> tuple[tuple[str, str], ...]:
    plain = {name: value for name, value in event.data.items() if isinstance(value, str | int | float) and value != ""}
    return tuple((_title(name), str(value)) for name, value in list(plain.items())[:_MOST_FACTS])
