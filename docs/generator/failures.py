"""The errors page: the error tree with what each class means to HTTP and to the shell."""

from __future__ import annotations

from collections.abc import Iterator

from docs.generator import markdown
from docs.generator.markdown import code
from docs.generator.source import first_line, member_docs
from solegate.api.problems import kind_of
from solegate.cli.failures import CommandError, describe
from solegate.errors import Outcome, ProductNotFoundError, SolegateError, StockXError

_INDENT = "&nbsp;" * 4


def page() -> str:
    """The tree, outcomes and attributes."""
    return markdown.page(
        "Errors",
        "Every error that Solegate raises on purpose, as a tree: who catches a class catches what stands indented "
        "below it. `code` is stable, in Python (`error.code`), in JSON and in problem documents. All of them are in "
        "`solegate.errors`, except `CommandError`, which only the command line raises.",
        markdown.table(("Class", "`code`", "When", "HTTP", "Exit code"), _rows()),
        "Every error has `message` and `hint`, which says what to do next. A `StockXError` has these too:",
        markdown.table(("Attribute", "Meaning"), _attributes()),
        "## Outcomes",
        "`outcome` says what is known about the effect of the call that failed.",
        markdown.table(
            ("Outcome", "Meaning"),
            [(code(Outcome[name].value), text) for name, text in member_docs(Outcome).items()],
        ),
        "The statuses stand in problem documents ([HTTP API](http-api.md)), the exit codes are explained with the "
        "[commands](cli.md#exit-codes).",
    )


def _rows() -> Iterator[tuple[str, ...]]:
    for depth, error in _tree(SolegateError, 0):
        name = f"{_INDENT * depth}{code(error.__name__)}"
        if error is CommandError:
            yield name, code(error.code), first_line(error), "", "as the command says"
        else:
            status, _title = kind_of(error)
            yield name, code(error.code), first_line(error), str(status), str(int(describe(_example(error)).exit_code))


def _tree(error: type[SolegateError], depth: int) -> Iterator[tuple[int, type[SolegateError]]]:
    yield depth, error
    for child in error.__subclasses__():
        yield from _tree(child, depth + 1)


def _example(error: type[SolegateError]) -> SolegateError:
    """An error of a class."""
    if issubclass(error, StockXError):
        return error("", operation="Search")
    return error("DD1391-100") if issubclass(error, ProductNotFoundError) else error("")


def _attributes() -> Iterator[tuple[str, str]]:
    """The attributes that the docstring of `StockXError` lists."""
    _, _, listed = (StockXError.__doc__ or "").partition("Attributes:")
    for line in filter(None, map(str.strip, listed.splitlines())):
        name, _, meaning = line.partition(": ")
        yield code(name), meaning
