"""Webhooks on a real socket: a crowd that sends the same thing at once, and the whole way to its effect."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import uvicorn

from solegate.app import create_app
from solegate.bootstrap import House
from solegate.client.transport import HttpTransport
from solegate.clock import SystemClock
from solegate.domain.webhooks.values import EntryFilter, SourceKind
from solegate.simulator import Simulator, SimulatorConfig
from solegate.testing import SimulatorMount
from support.api import api_settings
from support.webhooks import BODY, SECRET, standard

CROWD = 100


@asynccontextmanager
async def served(folder: Path, url: str, *, works: bool = False) -> AsyncIterator[tuple[str, House]]:
    """The application on a socket, with one source; gives its address."""
    simulator = Simulator(SimulatorConfig(), clock=SystemClock())
    settings = api_settings(folder, simulator, database_url=url)
    app = create_app(settings, transport=HttpTransport(mount=SimulatorMount(simulator.app)), works=works)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    with socket.create_server(("127.0.0.1", 0), backlog=CROWD) as listening:
        running = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        house: House = app.state.house
        services = await house.of(house.default)
        await services.webhooks.sources.add("shop", SourceKind.STANDARD, secret=SECRET)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/webhooks/shop", house
        finally:
            server.should_exit = True
            await running


async def test_a_hundred_at_once_are_one_row_and_one_effect(tmp_path: Path, upgraded_url: str) -> None:
    async with served(tmp_path, upgraded_url) as (address, house), httpx2.AsyncClient(trust_env=False) as client:
        headers = standard(at=datetime.now(UTC))
        answers = await asyncio.gather(
            *(client.post(address, content=BODY, headers=headers) for _sender in range(CROWD))
        )
        services = await house.of(house.default)
        while (await services.webhooks.steps.step()).next_due is not None:
            pass
        entries = await services.webhooks.inbox.after(0, EntryFilter(), limit=CROWD)
        async with services.database.reading() as session:
            connection = await session.connection()
            events = [tuple(row) for row in await connection.exec_driver_sql("SELECT subject FROM events")]

    assert {each.status_code for each in answers} == {200}
    assert sorted(each.json()["status"] for each in answers) == ["accepted", *["duplicate"] * (CROWD - 1)]
    assert [(each.state.value, each.attempts) for each in entries] == [("done", 1)]
    assert events == [("shop",)]


async def test_a_server_that_works_processes_what_comes_in_by_itself(tmp_path: Path, sqlite_url: str) -> None:
    async with served(tmp_path, sqlite_url, works=True) as (address, house):
        async with httpx2.AsyncClient(trust_env=False) as client:
            await client.post(address, content=BODY, headers=standard(at=datetime.now(UTC)))
        services = await house.of(house.default)
        async with asyncio.timeout(20):
            while (await services.webhooks.inbox.get(1)).state.value != "done":  # noqa: ASYNC110 - polled as a person would
                await asyncio.sleep(0.05)


async def test_a_sender_that_hangs_up_in_the_middle_leaves_nothing_behind(tmp_path: Path, sqlite_url: str) -> None:
    async with served(tmp_path, sqlite_url) as (address, house):
        port = int(address.split(":")[2].split("/")[0])
        for part in (b"", b'{"half": "a'):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /webhooks/shop HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n" + part)
            await writer.drain()
            await asyncio.sleep(0.05)
            writer.close()
            assert (await reader.read()).startswith((b"", b"HTTP/1.1 400"))
        async with httpx2.AsyncClient(trust_env=False) as client:
            answer = await client.post(address, content=BODY, headers=standard(at=datetime.now(UTC)))
        services = await house.of(house.default)
        entries = await services.webhooks.inbox.after(0, EntryFilter(), limit=10)

    assert answer.json() == {"status": "accepted"}
    assert len(entries) == 1
