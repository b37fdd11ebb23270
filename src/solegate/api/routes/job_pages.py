"""Bulk jobs, their rows and their chunks, page by page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from solegate.api.dependencies import Opened
from solegate.api.openapi import problems
from solegate.api.parameters import Cursor, JobId, Limit
from solegate.api.schemas.jobs import JobChunksOut, JobOut, JobRowsOut, JobsOut
from solegate.domain.jobs import JobState, RowState

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])


@router.get("", operation_id="listJobs", summary="Bulk jobs, newest first", responses=problems(404, 422, 500, 503))
async def list_jobs(
    services: Opened,
    *,
    state: Annotated[list[JobState] | None, Query(description="Any of these states; may come several times.")] = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> JobsOut:
    """Each with how far it is."""
    page = await services.job_pages.jobs(states=state or (), cursor=cursor, limit=limit)
    progresses = [await services.jobs.progress(each.id) for each in page.rows]
    return JobsOut(items=tuple(map(JobOut.of, progresses)), next_cursor=page.next_cursor)


@router.get(
    "/{jobId}/rows", operation_id="listJobRows", summary="Rows of a job", responses=problems(404, 422, 500, 503)
)
async def list_job_rows(
    services: Opened,
    job_id: JobId,
    *,
    state: Annotated[list[RowState] | None, Query(description="Any of these states; may come several times.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> JobRowsOut:
    """Each with its result, the reason, and what to do next."""
    return JobRowsOut.of(await services.job_pages.rows(job_id, states=state or (), cursor=cursor, limit=limit))


@router.get(
    "/{jobId}/chunks",
    operation_id="listJobChunks",
    summary="The batch calls of a job",
    responses=problems(404, 422, 500, 503),
)
async def list_job_chunks(services: Opened, job_id: JobId, *, cursor: Cursor = None, limit: Limit = 50) -> JobChunksOut:
    """Each chunk of up to 100 rows goes out in one batch call, by whose id StockX knows it."""
    return JobChunksOut.of(await services.job_pages.chunks(job_id, cursor=cursor, limit=limit))
