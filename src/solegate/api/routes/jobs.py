"""Bulk jobs: thousands of rows at once, checked first, worked off in the background, followed as events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Form, Header, Path, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse

from solegate.api.closing import Closing
from solegate.api.dependencies import Actor, ApiServices, Opened
from solegate.api.idempotency import CallerKey
from solegate.api.openapi import CHANGE_FAILURES, STOCKX_FAILURES, problems
from solegate.api.origin import Asked
from solegate.api.parameters import JobId
from solegate.api.schemas.jobs import (
    JobDraftOut,
    JobFormIn,
    JobIn,
    JobOptionsIn,
    JobOut,
    JobStartedOut,
)
from solegate.api.sse import MEDIA_TYPE as EVENTS
from solegate.api.sse import Event, event_stream
from solegate.domain.jobs import JobKind, RowState
from solegate.errors import InvalidInputError
from solegate.services.bulk.control import Started
from solegate.services.bulk.plan import Draft, JobOptions
from solegate.services.bulk.progress import JobProgress
from solegate.services.bulk.report import ReportFormat, write_report
from solegate.services.bulk.rows import RowSource, rows_of_text, rows_of_values
from solegate.services.ledger import Origin

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])

MOST_LOOKUPS = 25
"""Unknown style codes that are looked up while a caller waits; more are enriched first, by a job."""

_CHANGES = (404, *CHANGE_FAILURES, 500, 503)
_STARTS: dict[int | str, dict[str, Any]] = {
    200: {"model": JobDraftOut, "description": "A dry run: the rows as they were checked, and the plan."},
    202: {
        "model": JobStartedOut,
        "description": "It is stored, and worked on in the background.",
    },
}
_REPORTS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}, "application/json": {}}}}
_FOLLOWS: dict[int | str, dict[str, Any]] = {
    200: {"content": {EVENTS: {}}},
    204: {"description": "The listener has heard the end."},
}


@router.post(
    "",
    operation_id="startJob",
    summary="Start a bulk job",
    status_code=202,
    response_model=None,
    responses=_STARTS | problems(*CHANGE_FAILURES, 423, *STOCKX_FAILURES),
)
async def start_job(
    services: Opened, response: Response, *, wanted: JobIn, caller: Asked
) -> JobStartedOut | JobDraftOut:
    """Every row is checked first; one that cannot be done refuses all of them, each with its reason, unless
    `skipInvalid` is set. The same rows, or the same `Idempotency-Key`, start one job and never two.
    """  # noqa: D205 - shown as a paragraph in the API's documentation
    source = rows_of_values(wanted.rows or (), wanted.kind) if wanted.csv is None else _csv(wanted.csv, wanted.kind)
    return await _start(services, response, source, wanted, caller)


@router.post(
    "/upload",
    operation_id="uploadJob",
    summary="Start a bulk job from a CSV file",
    status_code=202,
    response_model=None,
    responses=_STARTS | problems(*CHANGE_FAILURES, 423, *STOCKX_FAILURES),
)
async def upload_job(
    services: Opened,
    response: Response,
    file: UploadFile,
    options: Annotated[JobFormIn, Form()],
    caller: Asked,
) -> JobStartedOut | JobDraftOut:
    """The same with a file: UTF-8, with a header, and `,`, `;` or a tab between cells."""
    try:
        text = (await file.read()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInputError("The file is not UTF-8 text.", hint="Save it as CSV UTF-8.") from error
    return await _start(services, response, _csv(text, options.kind, file.filename or ""), options, caller)


@router.get("/{jobId}", operation_id="getJob", summary="How far a job is", responses=problems(404, 422, 500, 503))
async def get_job(services: Opened, job_id: JobId) -> JobOut:
    """Counted from its rows as they are now, whichever process works on them."""
    return JobOut.of(await services.jobs.progress(job_id))


@router.get(
    "/{jobId}/report.{form}",
    operation_id="getJobReport",
    summary="The report of a job",
    response_class=StreamingResponse,
    responses=_REPORTS | problems(404, 422, 500, 503),
)
async def get_job_report(
    services: Opened, job_id: JobId, form: Annotated[ReportFormat, Path(description="CSV or JSON.")]
) -> StreamingResponse:
    """Every row with its result, as `report.csv` or `report.json`; streamed, however long it is."""
    await services.jobs.get(job_id)
    return StreamingResponse(
        write_report(services.jobs.each_row(job_id), form),
        media_type="text/csv; charset=utf-8" if form is ReportFormat.CSV else "application/json",
        headers={"Content-Disposition": f'attachment; filename="job-{job_id}.{form}"'},
    )


@router.get(
    "/{jobId}/events",
    operation_id="followJob",
    summary="Follow a job",
    response_class=StreamingResponse,
    responses=_FOLLOWS | problems(404, 422, 500, 503),
)
async def follow_job(
    services: Opened,
    closing: Closing,
    job_id: JobId,
    last_event_id: Annotated[str | None, Header(description="The last event that was heard.")] = None,
) -> Response:
    """Server-sent events: `progress` whenever something changed, with the job as `getJob` gives it, and `end` when
    nothing more happens to it. It looks at the shared rows, so any process can be asked. Who knows the end already is
    answered with 204, which tells a browser not to ask again.
    """  # noqa: D205 - shown as a paragraph in the API's documentation
    progress = await services.jobs.progress(job_id)
    if progress.has_stopped and last_event_id == _event(progress).id:
        return Response(status_code=204)
    return event_stream(_events(services, job_id), clock=services.clock, last_id=last_event_id, closing=closing)


@router.post("/{jobId}/pause", operation_id="pauseJob", summary="Pause a job", responses=problems(*_CHANGES))
async def pause_job(services: Opened, actor: Actor, job_id: JobId, _key: CallerKey) -> JobOut:
    """Nothing more is sent for now; what was sent is followed to its end."""
    await services.jobs.pause(job_id, actor=actor)
    return JobOut.of(await services.jobs.progress(job_id))


@router.post("/{jobId}/resume", operation_id="resumeJob", summary="Resume a job", responses=problems(*_CHANGES))
async def resume_job(services: Opened, actor: Actor, job_id: JobId, _key: CallerKey) -> JobOut:
    """A paused job goes on."""
    await services.jobs.resume(job_id, actor=actor)
    return JobOut.of(await services.jobs.progress(job_id))


@router.post("/{jobId}/cancel", operation_id="cancelJob", summary="Cancel a job", responses=problems(*_CHANGES))
async def cancel_job(services: Opened, actor: Actor, job_id: JobId, _key: CallerKey) -> JobOut:
    """What was not sent is given up; what was sent is followed to its end."""
    await services.jobs.cancel(job_id, actor=actor)
    return JobOut.of(await services.jobs.progress(job_id))


@router.post(
    "/{jobId}/retry",
    operation_id="retryJob",
    summary="Repeat the rows that failed",
    status_code=202,
    responses=problems(*_CHANGES, 423),
)
async def retry_job(
    services: Opened, actor: Actor, response: Response, *, job_id: JobId, _key: CallerKey
) -> JobStartedOut:
    """In a job of their own."""
    return await _started(services, response, await services.jobs.retry_failed(job_id, actor=actor))


@router.post(
    "/{jobId}/undo",
    operation_id="undoJob",
    summary="Take off sale what a job put up for sale",
    status_code=202,
    responses=problems(*_CHANGES, 423),
)
async def undo_job(
    services: Opened, actor: Actor, response: Response, *, job_id: JobId, _key: CallerKey
) -> JobStartedOut:
    """In a job of their own; the first one has to be over."""
    return await _started(services, response, await services.jobs.undo(job_id, actor=actor))


def _csv(text: str, kind: JobKind, name: str = "") -> RowSource:
    return rows_of_text(text, kind, name)


async def _start(
    services: ApiServices, response: Response, source: RowSource, wanted: JobOptionsIn, caller: Origin
) -> JobStartedOut | JobDraftOut:
    options = JobOptions(currency=wanted.currency, skip_invalid=wanted.skip_invalid, most_asked=MOST_LOOKUPS)
    draft = await services.jobs.draft(
        wanted.kind, source, key=caller.caller_key, again=wanted.again, name=wanted.name, options=options
    )
    if wanted.dry_run:
        response.status_code = 200
        return JobDraftOut.of(draft)
    if draft.is_refused:
        raise _refusal(draft)
    return await _started(
        services, response, await services.jobs.start_draft(draft, actor=caller.actor), draft.warnings
    )


def _refusal(draft: Draft) -> RequestValidationError:
    """Every problem of every row, as what is wrong with the request."""
    return RequestValidationError(
        [
            {"loc": ("rows", each.line, each.fault.value), "msg": f"{each.reason} {each.advice}"}
            for each in draft.checked.problems
        ]
    )


async def _started(
    services: ApiServices, response: Response, started: Started, warnings: tuple[str, ...] = ()
) -> JobStartedOut:
    out = JobOut.of(await services.jobs.progress(started.job.id))
    response.headers["Location"] = f"/api/v1/jobs/{started.job.id}"
    return JobStartedOut(**out.model_dump(), is_new=started.is_new, warnings=warnings)


async def _events(services: ApiServices, job_id: str) -> AsyncIterator[Event]:
    async for progress in services.jobs.watch(job_id):
        yield _event(progress)


def _event(progress: JobProgress) -> Event:
    """What is told of a job; the id names its state and its counts, the same in every process."""
    name = "end" if progress.has_stopped else "progress"
    state = ".".join((name, progress.job.state.value, *(str(progress.rows[state]) for state in RowState)))
    return Event(state, name, JobOut.of(progress).model_dump_json(by_alias=True, exclude_none=True))
