"""What Python forgets at run time and only the source still says."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from enum import Enum

_CITATION = re.compile(r"\s*\((?:FACTS|guide|design)\b[^)]*\)")
"""A pointer to the house's own papers, which a reader of these pages does not have."""


def plain(text: str) -> str:
    """A text on one line, without pointers to papers."""
    return _CITATION.sub("", " ".join(text.split()))


def first_line(thing: object) -> str:
    """The first paragraph of a docstring, on one line."""
    return plain((inspect.getdoc(thing) or "").split("\n\n")[0])


def class_body(kind: type) -> list[ast.stmt]:
    """The statements of a class."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    if not isinstance(definition, ast.ClassDef):
        raise TypeError(f"{kind} is no class")
    return definition.body


def member_docs(kind: type[Enum]) -> dict[str, str]:
    """The text below each member of an enumeration, by the member's name; empty where there is none."""
    found: dict[str, str] = {}
    last = ""
    for statement in class_body(kind):
        match statement:
            case ast.Assign(targets=[ast.Name(id=last)]):
                found[last] = ""
            case ast.Expr(value=ast.Constant(value=str() as text)) if last:
                found[last] = plain(text)
    return found
