"""The house's shape: small rooms, imports at the top, pure decisions, secrets out of sight."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "solegate").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TOOLS = sorted([*(ROOT / "benchmarks").rglob("*.py"), *(ROOT / "docs").rglob("*.py")])


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("path", SOURCES + TESTS + TOOLS, ids=name)
def test_files_stay_under_300_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", SOURCES + TOOLS, ids=name)
def test_functions_stay_under_60_lines(path):
    long = {each.name: (each.end_lineno or 0) - each.lineno + 1 for each in functions(path)}
    assert {name: lines for name, lines in long.items() if lines > 60} == {}


@pytest.mark.parametrize("path", SOURCES + TOOLS, ids=name)
def test_imports_stand_at_the_top(path):
    inside = [
        each.name
        for each in functions(path)
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(each))
    ]
    assert inside == []


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_lint_exception_says_why_and_every_type_exception_names_its_code(path):
    text = path.read_text(encoding="utf-8")
    excepted = set(re.findall(r"[A-Z]+\d+", " ".join(re.findall(r"# noqa: ([A-Z0-9, ]+)", text))))
    explained = set(re.findall(r"[A-Z]+\d+", " ".join(re.findall(r"# noqa: ([A-Z0-9, ]+) - \w", text))))
    assert excepted - explained == set(), "the first exception from a rule in a file says why"
    assert re.findall(r"# noqa(?!: [A-Z])|type: ignore(?!\[)", text) == []


def test_broad_excepts_are_rare():
    handlers = [
        node
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and isinstance(node.type, ast.Name) and node.type.id == "Exception"
    ]
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES)
    assert len(handlers) / lines * 1000 <= 1.5


def test_nothing_is_mocked():
    pattern = re.compile(r"unittest\.mock|\b(?:AsyncMock|MagicMock)\b|monkeypatch\.setattr")
    assert [name(path) for path in TESTS if path != Path(__file__) and pattern.search(path.read_text("utf-8"))] == []


def test_no_module_keeps_mutable_state():
    """Nothing declares `global`, and a list, dict or set at module level is a constant by its name."""
    mutable = ast.List | ast.Dict | ast.Set
    guilty = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            lower_case = (
                isinstance(node, ast.Module)
                and [each for each in node.body if isinstance(each, ast.Assign) and isinstance(each.value, mutable)]
            ) or []
            names = [target.id for each in lower_case for target in each.targets if isinstance(target, ast.Name)]
            if isinstance(node, ast.Global) or any(
                not each.lstrip("_").isupper() for each in names if each != "__all__"
            ):
                guilty.append(name(path))
    assert guilty == []


def test_the_pins_name_no_index_and_no_address():
    for path in ROOT.glob("requirements/*.txt"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"://|--(?:extra-)?index|--find-links", text), name(path)
        assert re.search(r"--hash=sha256:", text), name(path)
