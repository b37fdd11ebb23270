"""Upkeep: the token is renewed before it ends; what is of no more use goes, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from solegate.db import Database
from solegate.db.repositories.audit import AuditRepository
from solegate.db.tables import AuditRow, Base, ChunkRow, IdempotencyRow, JobItemRow, JobRow, TaskRow
from solegate.domain.audit import AuditEntry
from solegate.errors import UpstreamError
from solegate.services.upkeep import Keeping, Retention, TokenRenewal
from solegate.simulator import Fault, FaultKind
from support.sync import ACCOUNT, World, play

HOUR = timedelta(hours=1)


async def count(database: Database, table: type[Base]) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def add(database: Database, *rows: Base) -> None:
    async with database.transaction() as session:
        for row in rows:
            session.add(row)
            await session.flush()


def test_a_token_is_renewed_a_while_before_its_end_and_not_earlier(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        renewal = TokenRenewal(world.stockx, clock=world.clock)
        first = await world.stockx.tokens.status()
        assert first is not None
        looks = 0
        while world.now < first.expires_at - timedelta(minutes=16):
            progress = await renewal.step()
            assert progress.next_due is not None
            assert world.now < progress.next_due <= world.now + HOUR
            assert (await world.stockx.tokens.status()) == first
            await world.settle((progress.next_due - world.now).total_seconds())
            looks += 1

        progress = await renewal.step()
        await world.settle(5)

        renewed = await world.stockx.tokens.status()
        assert renewed is not None
        assert renewed.version == first.version + 1
        assert looks <= 13
        assert world.simulator.report().count("token") == 1

    play(upgraded_url, story)


def test_a_login_server_that_fails_is_asked_again(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        renewal = TokenRenewal(world.stockx, clock=world.clock)
        record = await world.stockx.tokens.status()
        assert record is not None
        await world.settle((record.expires_at - world.now).total_seconds() - 60)
        world.simulator.inject(Fault(kind=FaultKind.STATUS, operation="token", status=503, times=1))

        with pytest.raises(UpstreamError):
            await renewal.step()
        await renewal.step()

        renewed = await world.stockx.tokens.status()
        assert renewed is not None
        assert renewed.version == record.version + 1

    play(upgraded_url, story)


def test_old_rows_go_and_young_ones_stay(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        now, old = world.now, timedelta(days=91)
        await add(
            world.database,
            *_job("old", now - old), *_job("young", now - old + timedelta(days=2)), *_job("running", None),
            _key("old", now - HOUR), _key("young", now + HOUR), _key("busy", now - HOUR, lease=now + HOUR),
        )  # fmt: skip
        await _audit(world.database, now - timedelta(days=401), now - timedelta(days=399))
        retention = Retention(world.database, account=ACCOUNT, clock=world.clock)

        progress = await retention.step()

        assert progress.next_due is None
        assert "1 audit lines" in progress.did
        async with world.database.reading() as session:
            jobs = set(await session.scalars(select(JobRow.id)))
            keys = set(await session.scalars(select(IdempotencyRow.key)))
        assert jobs == {"young", "running"}
        assert keys == {"young", "busy"}
        assert await count(world.database, JobItemRow) == 2 * 3
        assert await count(world.database, ChunkRow) == 2
        assert await count(world.database, AuditRow) == 1
        assert (await retention.step()).did == ""

    play(upgraded_url, story)


def test_many_rows_go_in_short_steps(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        long_ago = world.now - timedelta(days=500)
        await _audit(world.database, *[long_ago] * 2_300)
        retention = Retention(world.database, account=ACCOUNT, clock=world.clock)

        left = []
        while (await retention.step()).next_due is not None:
            left.append(await count(world.database, AuditRow))

        assert left == [1_300, 300]
        assert await count(world.database, AuditRow) == 0

    play(upgraded_url, story)


def test_how_long_things_are_kept_is_a_matter_of_choice(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        await _audit(world.database, world.now - timedelta(days=2))
        keeping = Keeping(audit=timedelta(days=1))

        await Retention(world.database, account="another", clock=world.clock, keeping=keeping).step()
        assert await count(world.database, AuditRow) == 1
        await Retention(world.database, account=ACCOUNT, clock=world.clock, keeping=keeping).step()
        assert await count(world.database, AuditRow) == 0
        assert await count(world.database, TaskRow) == 0

    play(upgraded_url, story)


def _job(id_: str, finished_at: datetime | None) -> list[Base]:
    common: dict[str, Any] = {
        "account": ACCOUNT, "kind": "create", "key": id_, "name": "", "actor": "", "options": {}, "total": 3,
        "note": "", "created_at": finished_at or datetime.fromisoformat("2020-01-01T00:00:00Z"),
    }  # fmt: skip
    state = "DONE" if finished_at else "RUNNING"
    items = [
        JobItemRow(
            job_id=id_, number=number, line=number, state=state, unit="", reason="", advice="",
            updated_at=common["created_at"],
        )
        for number in range(3)
    ]  # fmt: skip
    chunk = ChunkRow(job_id=id_, number=0, state=state, size=3, looks=0, reason="")
    return [JobRow(id=id_, state=state, finished_at=finished_at, **common), *items, chunk]


def _key(key: str, expires_at: datetime, *, lease: datetime | None = None) -> IdempotencyRow:
    past = expires_at - timedelta(days=3)
    return IdempotencyRow(
        scope=ACCOUNT, key=key, fingerprint="", fence=1, lease_until=lease or past, headers={}, created_at=past,
        expires_at=expires_at,
    )  # fmt: skip


async def _audit(database: Database, *moments: datetime) -> None:
    entries = [AuditEntry(at=at, account=ACCOUNT, what="noted") for at in moments]
    async with database.transaction() as session:
        await AuditRepository(session).add(entries)
