"""Write the reference pages, or with `--check` say which of them are out of date: `python -m docs.generate`.

The same code gives the same pages, whatever the machine, the environment and the time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.generator import api, commands, failures, happenings, measures, operations, options

REFERENCE = Path(__file__).parent / "reference"
PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": options.page,
    "metrics.md": measures.page,
    "events.md": happenings.page,
    "errors.md": failures.page,
    "cli.md": commands.page,
    "http-api.md": api.page,
    "operations.md": operations.page,
}


def main(arguments: list[str]) -> int:
    """Write what changed; with `--check` write nothing and return 1 if anything would change."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m docs.generate [--check]\n")
        return 2
    wanted = {REFERENCE / name: make() for name, make in PAGES.items()}
    outdated = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    surplus = sorted(set(REFERENCE.glob("*.md")) - set(wanted))
    for path in (*outdated, *surplus):
        sys.stdout.write(f"{'outdated' if arguments else 'written' if path in wanted else 'removed'}: {path.name}\n")
    if arguments:
        return 1 if outdated or surplus else 0
    REFERENCE.mkdir(exist_ok=True)
    for path in outdated:
        path.write_text(wanted[path], encoding="utf-8")
    for path in surplus:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
