"""The events page, from the catalogue of events."""

from __future__ import annotations

import json
from collections.abc import Iterator

from docs.generator import markdown
from docs.generator.markdown import code
from solegate.domain.events.catalogue import CATALOGUE, EventKind
from solegate.domain.events.values import EventType


def page() -> str:
    """Every kind of event, then what each says."""
    return markdown.page(
        "Events",
        "Every event that Solegate makes; [be told what happens](../how-to/events.md) tells how to hear of them. Each "
        "has an `id` that is made of what happened, so the same thing is told once; a `number` that counts the "
        "account's events without gaps; and `data`. Amounts are strings, times are RFC 3339 in UTC.",
        markdown.table(("Event", "What has happened", "Its `subject`"), _kinds()),
        *(_data(kind, told) for kind, told in CATALOGUE.items()),
    )


def _kinds() -> Iterator[tuple[str, str, str]]:
    for kind, told in CATALOGUE.items():
        yield code(kind.value), told.what, told.subject


def _data(kind: EventType, told: EventKind) -> str:
    rows = (
        (code(name), f"{note.kind} or null" if note.nullable else note.kind, note.what)
        for name, note in told.fields.items()
    )
    example = markdown.block(json.dumps(dict(told.example), indent=2), "json")
    return "\n\n".join((f"## `{kind.value}`", markdown.table(("Field of `data`", "Type", "Meaning"), rows), example))
