"""JSON schemas in few words, for settings and for the HTTP API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from docs.generator.markdown import code

Json = Mapping[str, Any]

_BOUNDS = {
    "minimum": ">= {}",
    "exclusiveMinimum": "> {}",
    "maximum": "<= {}",
    "exclusiveMaximum": "< {}",
    "maxLength": "at most {} characters",
}


def main_variant(schema: Json) -> Json:
    """The schema itself, or the first choice of one that may be null."""
    variant: Json = schema.get("anyOf", [schema])[0]
    return variant


def bounds(schema: Json) -> str:
    """What a number or a text is bound to."""
    main = main_variant(schema)
    return ", ".join(text.format(f"{main[name]:g}") for name, text in _BOUNDS.items() if name in main)


def choices(schema: Json) -> str:
    """The values of an enumeration or a constant; nothing for anything else."""
    main = main_variant(schema)
    values = main.get("enum", [main["const"]] if "const" in main else [])
    return ", ".join(map(code, values))


@dataclass(frozen=True)
class Shapes:
    """The named schemas of a document."""

    schemas: Mapping[str, Json] = field(default_factory=dict)

    def type_of(self, schema: Json) -> str:
        """A type: `string`, a link to a body, `list of ...`, the choices of an enumeration."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return f"[{name}](#{name.lower()})" if "properties" in self.schemas[name] else choices(self.schemas[name])
        if "anyOf" in schema:
            return " or ".join(dict.fromkeys(self.type_of(each) for each in schema["anyOf"]))
        if schema.get("type") == "array":
            return f"list of {self.type_of(schema['items'])}"
        return choices(schema) or str(schema.get("format") or schema.get("type") or "any")
