"""Bulk jobs over HTTP: started once, followed as events, reported, and steered."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from solegate.background import local_loop
from solegate.simulator.world.sellable import is_sellable
from support.api import JumpClock, RunningApi, running_api

JOBS = "/api/v1/jobs"


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[RunningApi]:
    async with running_api(tmp_path, clock=JumpClock(ticking=True)) as running:
        yield running


def pairs(api: RunningApi, count: int = 3) -> list[dict[str, object]]:
    """Pairs of sizes that can be sold."""
    seed = api.simulator.config.seed
    sizes = [
        variant.id
        for product in api.simulator.catalog.products
        for variant in product.variants
        if is_sellable(seed, product, variant)
    ]
    return [{"variantId": size, "price": 150} for size in sizes[:count]]


async def start(api: RunningApi, status: int = 202, key: str = "", **body: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    answer = await api.client.post(JOBS, json={"kind": "create", **body}, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def work(api: RunningApi, job_id: str) -> None:
    """What a worker does with the job."""
    await asyncio.wait_for(local_loop(api.services, "test", subject=job_id).run(until_done=True), 30)


def events(text: str) -> list[tuple[str, str, Any]]:
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found


async def test_a_job_is_stored_worked_off_and_reported(api: RunningApi) -> None:
    answer = await api.client.post(JOBS, json={"kind": "create", "rows": pairs(api), "name": "autumn"})
    job = answer.json()
    await work(api, job["id"])

    assert answer.status_code == 202
    assert answer.headers["location"] == f"{JOBS}/{job['id']}"
    assert (job["state"], job["total"], job["isNew"], job["rows"]["READY"]) == ("RUNNING", 3, True, 3)
    done = (await api.client.get(answer.headers["location"])).json()
    assert (done["state"], done["isOver"], done["rows"]["DONE"], done["name"]) == ("DONE", True, 3, "autumn")
    report = await api.client.get(job["links"]["report"])
    assert report.headers["content-type"] == "text/csv; charset=utf-8"
    assert [line.split(",")[6] for line in report.text.splitlines()] == ["state", "DONE", "DONE", "DONE"]
    rows = (await api.client.get(f"{JOBS}/{job['id']}/report.json")).json()
    assert len({row["listing_id"] for row in rows}) == 3


async def test_the_same_rows_or_the_same_key_start_one_job(api: RunningApi) -> None:
    first = await start(api, rows=pairs(api))
    same = await start(api, rows=pairs(api))
    keyed = await start(api, key="monday", kind="enrich", rows=[{"sku": "HQ4276"}])
    again = await start(api, key="monday", kind="enrich", rows=[{"sku": "HQ4276"}])
    other = await start(api, kind="enrich", rows=[{"sku": "HQ4276"}], again=True)

    assert (same["id"], same["isNew"]) == (first["id"], False)
    assert again == keyed
    assert other["id"] != keyed["id"]
    page = (await api.client.get(JOBS, params={"limit": 2})).json()
    rest = (await api.client.get(JOBS, params={"cursor": page["nextCursor"]})).json()
    assert [job["id"] for job in (*page["items"], *rest["items"])] == [other["id"], keyed["id"], first["id"]]
    assert rest["nextCursor"] is None


async def test_a_dry_run_shows_the_plan_and_stores_nothing(api: RunningApi) -> None:
    rows = [*pairs(api), {"variantId": "two words", "price": "0"}]
    draft = await start(api, 200, rows=rows, dryRun=True)

    assert (draft["refused"], draft["plan"]["rows"], draft["plan"]["items"]) == (True, 3, 3)
    assert draft["plan"]["value"] == [{"amount": "450", "currency": "EUR"}]
    assert [(each["line"], each["code"]) for each in draft["problems"]] == [
        (4, "variant_id_wrong"),
        (4, "price_zero"),
    ]
    assert (await api.client.get(JOBS)).json()["items"] == []


async def test_rows_that_cannot_be_done_are_refused_each_with_its_reason(api: RunningApi) -> None:
    problem = await start(api, 422, rows=[*pairs(api), {"sku": "A1", "price": -1}])

    assert problem["code"] == "invalid_input"
    assert [each["field"] for each in problem["errors"]] == ["rows.4.size_missing", "rows.4.price_negative"]
    assert problem["errors"][1]["message"] == "The price -1 is negative. Write what a buyer shall pay."
    assert api.requests_sent() == 0
    assert (await start(api, rows=[*pairs(api), {"sku": "A1", "price": -1}], skipInvalid=True))["rows"]["FAILED"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"rows": [{"sku": "A1"}], "csv": "sku\nA1\n"},
        {},
        {"rows": []},
        {"csv": "shelf\nA1\n"},
        {"kind": "sell", "rows": []},
        {"rows": [], "colour": "red"},
        {"rows": ["A1"]},
    ],
)
async def test_a_body_that_cannot_be_used_is_refused(api: RunningApi, body: dict[str, Any]) -> None:
    await start(api, 422, **body)


async def test_more_unknown_style_codes_than_somebody_waits_for_are_refused(api: RunningApi) -> None:
    rows = [{"sku": f"X{number}", "size": "9", "price": 150} for number in range(26)]

    assert "Enrich them first" in (await start(api, 422, rows=rows))["hint"]
    assert api.requests_sent() == 0


async def test_a_csv_file_is_uploaded_or_sent_as_text(api: RunningApi) -> None:
    variants = [str(pair["variantId"]) for pair in pairs(api)]
    text = "\ufeffvariant;price;shelf\r\n" + "".join(f"{each};150;A\r\n" for each in variants)

    uploaded = await api.client.post(
        f"{JOBS}/upload", data={"kind": "create", "skipInvalid": "true"}, files={"file": ("pairs.csv", text.encode())}
    )
    sent = await start(api, csv=text)
    broken = await api.client.post(
        f"{JOBS}/upload", data={"kind": "create"}, files={"file": ("pairs.csv", b"\xff\xfe\0")}
    )

    assert uploaded.status_code == 202, uploaded.text
    assert (uploaded.json()["name"], uploaded.json()["total"]) == ("pairs.csv", 3)
    assert uploaded.json()["warnings"] == ["Column `shelf` is not read by a job of kind create."]
    assert (sent["id"], sent["isNew"]) == (uploaded.json()["id"], False), "the same rows, however they come"
    assert (broken.status_code, broken.json()["detail"]) == (422, "The file is not UTF-8 text.")


async def test_rows_come_in_pages_and_by_state(api: RunningApi) -> None:
    job = await start(api, rows=[*pairs(api), {"sku": "A1"}], skipInvalid=True)
    here = f"{JOBS}/{job['id']}/rows"

    first = (await api.client.get(here, params={"limit": 3})).json()
    rest = (await api.client.get(here, params={"cursor": first["nextCursor"]})).json()
    failed = (await api.client.get(here, params={"state": "FAILED"})).json()
    assert [row["number"] for row in (*first["items"], *rest["items"])] == [1, 2, 3, 4]
    assert [(row["line"], row["reason"]) for row in failed["items"]] == [(4, "No size of A1. No price.")]
    assert (rest["nextCursor"], failed["nextCursor"]) == (None, None)


async def test_the_batch_calls_of_a_job_carry_stockxs_ids_once_they_are_sent(api: RunningApi) -> None:
    job = await start(api, rows=pairs(api))
    (before,) = (await api.client.get(job["links"]["chunks"])).json()["items"]
    await work(api, job["id"])
    page = (await api.client.get(job["links"]["chunks"], params={"limit": 1})).json()
    (after,) = page["items"]

    assert (before["state"], before["rows"], before["batchId"]) == ("READY", 3, None)
    assert (after["state"], page["nextCursor"]) == ("DONE", None)
    assert api.simulator.batches.get("create", after["batchId"]) is not None
    assert after["sentAt"] is not None


async def test_a_job_is_paused_resumed_cancelled_repeated_and_taken_back(api: RunningApi) -> None:
    job = await start(api, rows=pairs(api))

    async def ask(what: str, job_id: str = job["id"]) -> Any:
        return await api.client.post(f"{JOBS}/{job_id}/{what}")

    assert (await ask("pause")).json()["state"] == "PAUSED"
    assert (await ask("resume")).json()["state"] == "RUNNING"
    early = await ask("undo")
    assert (early.status_code, early.json()["detail"]) == (422, f"Job {job['id']} is not over.")
    await work(api, job["id"])
    undo = await ask("undo")
    assert (undo.status_code, undo.json()["kind"], undo.json()["parentId"]) == (202, "deactivate", job["id"])
    assert undo.headers["location"] == f"{JOBS}/{undo.json()['id']}"
    assert (await ask("cancel", undo.json()["id"])).json()["rows"]["SKIPPED"] == 3
    assert (await ask("retry")).status_code == 422, "nothing failed"
    assert (await ask("pause")).status_code == 422, "it has ended"


async def test_a_listener_hears_of_every_change_until_the_end(api: RunningApi) -> None:
    job = await start(api, rows=pairs(api))
    listening = asyncio.create_task(api.client.get(job["links"]["events"]))
    await work(api, job["id"])
    answer = await asyncio.wait_for(listening, 30)

    heard = events(answer.text)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("retry: 2000\n\n")
    assert heard[0][1:] == ("progress", heard[0][2])
    assert heard[0][2]["rows"]["READY"] + heard[0][2]["rows"]["SUBMITTED"] > 0
    assert (heard[-1][1], heard[-1][2]["rows"]["DONE"]) == ("end", 3)
    assert all(one[0] != next_[0] for one, next_ in itertools.pairwise(heard)), "no state comes twice in a row"


async def test_a_listener_that_was_cut_off_hears_only_what_it_missed(api: RunningApi) -> None:
    job = await start(api, rows=pairs(api))
    await api.client.post(f"{JOBS}/{job['id']}/pause")
    ((known, name, _),) = events((await api.client.get(job["links"]["events"])).text)

    again = await api.client.get(job["links"]["events"], headers={"Last-Event-ID": known})
    await api.client.post(f"{JOBS}/{job['id']}/cancel")
    changed = await api.client.get(job["links"]["events"], headers={"Last-Event-ID": known})

    assert name == "end"
    assert (again.status_code, again.text) == (204, ""), "which tells a browser not to ask again"
    assert [(event, data["state"]) for _, event, data in events(changed.text)] == [("end", "CANCELLED")]


async def test_a_stream_is_never_silent_for_long(api: RunningApi) -> None:
    job = await start(api, rows=pairs(api))
    listening = asyncio.create_task(api.client.get(job["links"]["events"]))
    for _ in range(200):
        await api.clock.sleep(0.5)
        await asyncio.sleep(0.005)
    await api.client.post(f"{JOBS}/{job['id']}/cancel")
    text = (await asyncio.wait_for(listening, 30)).text

    assert text.count(": still here\n\n") >= 3
    assert [event for _, event, _ in events(text)] == ["progress", "end"]


@pytest.mark.parametrize("path", ["", "/rows", "/report.csv", "/events"])
async def test_a_job_that_is_not_there_is_404(api: RunningApi, path: str) -> None:
    answer = await api.client.get(f"{JOBS}/nothing{path}")

    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_record")
    assert (await api.client.post(f"{JOBS}/nothing/cancel")).status_code == 404
