"""The layers hold, and the package builds and carries its types and migrations."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_import_contracts_are_kept():
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout


def test_every_folder_of_the_package_is_in_a_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    named = str(contracts)
    folders = [path.parent.name for path in (ROOT / "src" / "solegate").glob("*/__init__.py")]

    assert [folder for folder in folders if f"solegate.{folder}" not in named] == []


def test_the_wheel_holds_everything_it_needs(tmp_path):
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
        ".",
    ]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr

    (wheel,) = tmp_path.glob("solegate-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    entry_points = next(each for each in names if each.endswith("entry_points.txt"))

    assert {"solegate/py.typed", "solegate/db/migrations/env.py"} <= names
    assert any(each.startswith("solegate/db/migrations/versions/0001") for each in names)
    assert "solegate = solegate.cli.main:main" in zipfile.ZipFile(wheel).read(entry_points).decode()
