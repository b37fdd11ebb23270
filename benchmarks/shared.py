"""One account's limit shared by four processes, in real time on a real socket, over SQLite and over PostgreSQL."""

from __future__ import annotations

from typing import Literal

from benchmarks.crowd import Task, run_processes
from benchmarks.databases import databases
from benchmarks.server import Server, practice_server
from benchmarks.table import Row
from solegate import ClientConfig, Credentials, LimitProfile
from solegate.simulator import Limits, SimulatorConfig

PROCESSES, CALLERS, SECONDS = 4, 10, 20.0
PROFILE = LimitProfile("shared", capacity=20)


def _task(server: Server, database_url: str) -> Task:
    """The work of every process: details of products, for so many seconds."""
    known = SimulatorConfig()
    config = ClientConfig(
        Credentials(known.client_id, known.client_secret, known.api_key),
        api_url=f"{server.base_url}/v2",
        auth_url=server.base_url,
        limits=PROFILE,
    )
    return Task(config, server.tokens, server.product_ids, database_url, SECONDS, CALLERS)


def _measure(name: str, url: str, kind: Literal["sliding", "fixed"]) -> Row:
    limits = Limits(per_second=PROFILE.capacity, kind=kind)
    with practice_server(SimulatorConfig(limits=limits, latency=(0.0, 0.03))) as server:
        task = _task(server, url)
        seconds, done = run_processes(task, PROCESSES)
        refused = server.refused()
    requests = [each.requests for each in done]
    used = (sum(requests) - PROFILE.capacity) / PROFILE.rate / seconds
    cpu = 1000 * sum(each.cpu for each in done) / sum(requests)
    return Row(
        f"shared limit: {PROCESSES} processes, {PROFILE.capacity}/s {kind}, {name}",
        f"{refused} refused, {used:.1%} of the rate",
        f"{min(requests)} to {max(requests)} requests each, {cpu:.1f} ms CPU per request",
        "0, >= 93 %",
        refused == 0 and used >= 0.93,
    )


def measure() -> list[Row]:
    """Refusals, use of the rate and fairness, each case in real time (about two minutes together)."""
    with databases() as urls:
        return [_measure(name, url, kind) for name, url in urls.items() for kind in ("sliding", "fixed")]
