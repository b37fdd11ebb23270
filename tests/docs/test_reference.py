"""The reference is what the code says now."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def generate(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "docs.generate", *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_committed_pages_are_what_is_generated_whatever_the_environment() -> None:
    result = generate("--check", SOLEGATE_PORT="no number", SOLEGATE_CURRENCY="USD", COLUMNS="40", PYTHONHASHSEED="7")

    assert (result.returncode, result.stdout) == (0, ""), f"run `make docs`: {result.stdout}{result.stderr}"


def test_an_unknown_argument_writes_nothing() -> None:
    result = generate("--chekc")

    assert (result.returncode, result.stdout) == (2, "")
    assert "usage" in result.stderr
