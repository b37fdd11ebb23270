"""The commands page, from the Typer application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from docs.generator import markdown
from docs.generator.markdown import code
from docs.generator.source import member_docs
from solegate.cli.failures import ExitCode
from solegate.cli.main import app


def page() -> str:
    """Every command with its arguments, options and examples."""
    return markdown.page(
        "Commands",
        "Every `solegate` command with its options. Results go to standard output; progress, notes and errors go to "
        "standard error. With `--json` a command prints one JSON document, and an error is one on standard error.",
        *(
            part
            for name, command in _commands(typer.main.get_command(app), "solegate")
            for part in _parts(name, command)
        ),
        "## Exit codes",
        "Scripts may rely on these numbers.",
        markdown.table(
            ("Code", "Name", "Meaning"),
            [(str(int(ExitCode[name])), code(name), text) for name, text in member_docs(ExitCode).items()],
        ),
    )


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - Typer's own click has no stubs
    """A command and those below it, by full name; most groups do nothing themselves."""
    below = getattr(command, "commands", None)
    if below is None or command.invoke_without_command:
        yield name, command
    for each, child in (below or {}).items():
        yield from _commands(child, f"{name} {each}")


def _parts(name: str, command: Any) -> Iterator[str]:  # noqa: ANN401 - as above
    context = typer.Context(command, info_name=name)
    records = [(each.param_type_name, *each.get_help_record(context)) for each in command.params]
    text, _, examples = str(command.help).partition("Examples:")
    yield f"## {name}"
    yield "\n\n".join(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))
    for kind, head in (("argument", "Argument"), ("option", "Option")):
        yield markdown.table((head, "Meaning"), [(code(what), help_) for its, what, help_ in records if its == kind])
    examples = examples or str(command.epilog or "").partition("Examples:")[2]
    if examples.strip():
        yield markdown.block("\n".join(map(str.strip, examples.strip().splitlines())), "sh")
