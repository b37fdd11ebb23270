"""Nothing is undocumented: settings, metrics, errors, commands, routes, and where everything is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from solegate.app import create_app
from solegate.cli.failures import CommandError
from solegate.cli.main import app
from solegate.cli.practice import PracticeSettings
from solegate.client.policy.call import OPERATIONS
from solegate.errors import SolegateError
from solegate.metrics import Metrics
from solegate.settings import Settings

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "solegate"


def reference(page: str) -> str:
    return (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")


def documented(page: str) -> set[str]:
    """Everything a page writes as code."""
    return set(re.findall(r"`([^`\n]+)`", reference(page)))


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    for each, child in getattr(command, "commands", {}).items():
        yield from commands(child, f"{name} {each}")
    if not hasattr(command, "commands") or command.invoke_without_command:
        yield name, command


COMMANDS = dict(commands(typer.main.get_command(app), "solegate"))


def errors(base: type[SolegateError]) -> Iterator[type[SolegateError]]:
    for child in base.__subclasses__():
        if child.__module__.startswith("solegate."):
            yield child
            yield from errors(child)


def test_every_setting():
    wanted = {f"SOLEGATE_{name}".upper() for name in Settings.model_fields}

    assert wanted - documented("settings.md") == set()
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_metric():
    families = {family.name: family.type for family in Metrics().registry.collect()}
    wanted = {f"{name}_total" if kind == "counter" else name for name, kind in families.items()}

    assert len(wanted) > 10
    assert wanted - documented("metrics.md") == set()


def test_every_error():
    found: set[type[SolegateError]] = {SolegateError, *errors(SolegateError)}

    assert CommandError in found
    assert {each.__name__ for each in found} - documented("errors.md") == set()
    assert {each.code for each in found} - documented("errors.md") == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_with_its_options(name):
    _, _, section = reference("cli.md").partition(f"\n## {name}\n")
    section = section.partition("\n## ")[0]

    options = [option for parameter in COMMANDS[name].params for option in parameter.opts if option.startswith("--")]
    assert section
    assert [option for option in options if f"`{option}" not in section] == []


def test_every_route():
    paths = create_app(PracticeSettings()).openapi()["paths"]
    wanted = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}

    assert len(wanted) >= 8
    assert wanted - documented("http-api.md") == set()


def test_every_operation():
    assert {operation.name for operation in OPERATIONS} - documented("operations.md") == set()


def test_every_file_and_folder_has_its_place_on_the_architecture_page():
    page = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w/.]+)`", page))
    layers = [path.parent for path in PACKAGE.glob("*/__init__.py")]
    top = [path for path in PACKAGE.iterdir() if path.is_file()]
    below = [path for layer in layers for path in layer.iterdir() if path.name not in {"__init__.py", "__pycache__"}]
    there = {str(path.relative_to(PACKAGE)) for path in [*top, *below]}

    assert there - named == set(), "say in docs/explanation/architecture.md what this is for"
    inside = {name for name in named if name.split("/")[0] in {layer.name for layer in layers} and "/" in name}
    assert {name for name in inside if not (PACKAGE / name).exists()} == set(), "the page names what is not there"


def test_the_architecture_page_has_the_layers_that_are_checked():
    page = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for layers in re.findall(r"^layers = \[\n(.*?)^\]", contracts, re.MULTILINE | re.DOTALL):
        shown = "\n".join(line.strip().strip('",') for line in layers.splitlines())
        assert f"```text\n{shown}\n```" in page
