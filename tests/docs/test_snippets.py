"""What the documentation shows is true: Python runs, commands exist with their options, links lead somewhere."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from solegate.cli.main import app
from solegate.simulator import Simulator, parse_scenario
from support.cli import KEY, Market

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS]
NOT_EXECUTED = {"README.md": 1}
"""How many Python blocks of a page are not executed. Each says why, above it; adding one is a decision."""

BLOCK = re.compile(
    r"(?:^<!-- not executed: (?P<reason>.+?) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A block of code on a page; `reason` says why it is not executed."""

    page: Path
    line: int
    language: str
    text: str
    reason: str | None


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, *languages: str) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        if found["language"] in languages:
            line = text.count("\n", 0, found.start("text"))
            yield Block(page, line, found["language"], found["text"], found["reason"])


def prose(page: Path) -> str:
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


# Python


@pytest.fixture
def practice_environment(market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tutorial's reader has by then: the settings of a practice market, and a login there."""
    shutil.copy(market.database, tmp_path / "solegate.db")
    own = {"SOLEGATE_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'solegate.db'}", "SOLEGATE_SECRET_KEY": KEY}
    for variable, value in (market.variables | own).items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.chdir(tmp_path)


def execute(page: Path) -> None:
    """Run a page's blocks in order, in one namespace; what awaits at the top level runs in an event loop."""
    namespace: dict[str, Any] = {"__name__": "__docs__"}
    with asyncio.Runner() as runner:
        for block in blocks(page, "python"):
            if block.reason is None:
                tree = ast.increment_lineno(ast.parse(block.text), block.line)
                code = compile(tree, str(page), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
                started = eval(code, namespace)
                if code.co_flags & inspect.CO_COROUTINE:
                    runner.run(started)


@pytest.mark.parametrize("page", [page for page in PAGES if list(blocks(page, "python"))], ids=name)
@pytest.mark.usefixtures("practice_environment")
def test_python_runs(page: Path) -> None:
    execute(page)


def test_a_wrong_block_would_be_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# T\n\n```python\nimport asyncio\n```\n\n```python\nawait asyncio.sleep(0)\nassert 1 == 2\n```\n")

    with pytest.raises(AssertionError) as caught:
        execute(page)

    assert caught.traceback[-1].lineno == 8  # counted from 0


def test_what_is_not_executed_says_why() -> None:
    skipped = [block for page in PAGES for block in blocks(page, "python") if block.reason is not None]

    assert {name(page): sum(block.page == page for block in skipped) for page in {b.page for b in skipped}} == (
        NOT_EXECUTED
    )
    assert [block for block in skipped if len((block.reason or "").split()) < 3] == []


# Commands


def commands(page: Path) -> Iterator[tuple[str, bool]]:
    """Command lines of shell blocks, and those in running text, which may be short of an argument."""
    for block in blocks(page, "sh", "console"):
        for line in block.text.splitlines():
            yield line.removeprefix("$ "), True
    for found in re.findall(r"`((?:solegate|make) [^`]+)`", prose(page)):
        yield " ".join(found.split()), False


def check_command(line: str, *, whole: bool) -> None:
    """Parse a `solegate` line with the real commands, without running it; look a `make` target up."""
    words = shlex.split(line, comments=True)
    if words[:1] == ["make"]:
        assert [each for each in words[1:] if "=" not in each and each not in targets()] == [], line
    if words[:1] != ["solegate"]:
        return
    command: Any = typer.main.get_command(app)
    rest = [word for word in words[1:] if word not in {"--help", "--version"}]
    while rest and hasattr(command, "commands") and not rest[0].startswith("-"):
        command = command.commands[rest.pop(0)]
    try:
        if not hasattr(command, "commands") or (rest and command.invoke_without_command):
            command.make_context(command.name, rest)
    except typer.TyperException as error:
        if whole or type(error).__name__ != "MissingParameter":
            pytest.fail(f"{line}: {error.format_message()}")


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_exist_with_their_options(page: Path) -> None:
    for line, whole in commands(page):
        check_command(line, whole=whole)


@pytest.mark.parametrize(
    "line",
    ["solegate serach x", "solegate search x --brnd Nike", "solegate search", "solegate demo --skus many", "make dmeo"],
)
def test_a_wrong_command_would_be_noticed(line: str) -> None:
    with pytest.raises((AssertionError, KeyError, pytest.fail.Exception)):
        check_command(line, whole=True)


# Links


def links(page: Path) -> list[str]:
    found = re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose(page))
    return [link for link in found if not re.match(r"https?://", link)]


def anchors(page: Path) -> set[str]:
    """What a heading is called in a link, as code hosts do it."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_nowhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return not target.exists() or (bool(anchor) and anchor not in anchors(target))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    assert [link for link in links(page) if leads_nowhere(page, link)] == []


def test_the_index_leads_to_every_page() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / link).resolve() for link in links(index)}

    assert [name(page) for page in DOCS if page not in linked | {index}] == []


@pytest.mark.parametrize("page", DOCS, ids=name)
def test_a_page_starts_with_its_title_and_what_it_is_for(page: Path) -> None:
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line and not line.startswith("<!--")]

    assert lines[0].startswith("# ")
    assert re.match(r"This page|Every|After this page|Which", lines[1]), lines[1]


# Scenarios


def test_the_scenario_shown_can_be_played() -> None:
    (shown,) = blocks(ROOT / "docs" / "how-to" / "practise-bad-days.md", "yaml")

    Simulator(scenario=parse_scenario(shown.text)).advance(2 * 3_600)
