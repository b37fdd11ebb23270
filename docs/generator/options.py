"""The settings page, from `Settings`."""

from __future__ import annotations

from typing import Any

from docs.generator import markdown
from docs.generator.markdown import code
from docs.generator.shapes import Json, bounds, choices, main_variant
from solegate.settings import Settings


def page() -> str:
    """Every setting in the code's order."""
    return markdown.page(
        "Settings",
        "Every setting with its default. A setting is an environment variable, or a line in a file `.env` in the "
        "working directory; the environment wins. `solegate doctor` says which of them is wrong. An empty default "
        "means: not set.",
        markdown.table(("Variable", "Default", "Accepted", "Meaning"), _rows()),
    )


def _rows() -> list[tuple[str, str, str, str]]:
    prefix = Settings.model_config["env_prefix"]
    properties = Settings.model_json_schema()["properties"]
    return [
        (code(f"{prefix}{name}".upper()), _default(field.default), _accepted(properties[name]), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def _default(value: Any) -> str:  # noqa: ANN401 - a default can be anything
    if value is None or value == {}:
        return ""
    plain = value.get_secret_value() if hasattr(value, "get_secret_value") else value
    return code(str(plain).lower() if isinstance(plain, bool) else plain)


def _accepted(schema: Json) -> str:
    """Choices and bounds; nothing where any value of the type will do."""
    switch = "`true`, `false`" if main_variant(schema).get("type") == "boolean" else ""
    return ", ".join(filter(None, (choices(schema), bounds(schema), switch)))
