"""Real processes that are killed with SIGKILL in the middle of a job: the next ones finish it, each pair listed once.

The harness is that of the benchmark `bulk`, in small; `make benchmarks` does it with 10,000 pairs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]


def fought(*options: str) -> dict[str, Any]:
    """What came of 600 pairs and up to three kills."""
    command = [sys.executable, "-m", "benchmarks.bulk_kills", "--rows", "600", "--kills", "3", *options]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert ended.returncode == 0, ended.stderr[-3_000:]
    outcome: dict[str, Any] = json.loads(ended.stdout)
    return outcome


def ends_well(outcome: dict[str, Any]) -> None:
    """Each pair is listed once or says why not."""
    assert 1 <= outcome["kills"] <= 3
    assert outcome["double_asks"] == {}
    assert outcome["rows"]["DONE"] == outcome["listed"]
    assert outcome["rows"]["DONE"] + outcome["rows"].get("FAILED", 0) == 600
    assert outcome["failed_without_reason"] == 0
    assert outcome["refused"] == 0


def test_one_process_on_sqlite_is_killed_and_the_next_one_finishes_the_job(sqlite_url: str) -> None:
    ends_well(fought("--database-url", sqlite_url))


def test_of_many_processes_on_postgresql_some_are_killed_and_the_others_finish_the_job(postgres_url: str) -> None:
    ends_well(fought("--database-url", postgres_url, "--workers", "3", "--apis", "2"))
