"""The inbox of webhooks, and who may send some."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from solegate.api.dependencies import Opened
from solegate.api.idempotency import CallerKey
from solegate.api.openapi import CHANGE_FAILURES, problems
from solegate.api.parameters import Cursor, Limit
from solegate.api.schemas.base import LINE_PATTERN
from solegate.api.schemas.webhooks import (
    NAME_PATTERN,
    NewSourceIn,
    RotationIn,
    SourceMadeOut,
    SourceOut,
    SourcesOut,
    WebhookDetails,
    WebhookOut,
    WebhooksOut,
)
from solegate.domain.webhooks.payload import LONGEST_TEXT
from solegate.domain.webhooks.values import EntryFilter, EntryState

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"])

WebhookId = Annotated[int, Path(alias="webhookId", ge=1, le=2**31 - 1, description="Our id of the webhook.")]
SourceName = Annotated[str, Path(alias="name", pattern=NAME_PATTERN, description="Name of the source.")]
OfSource = Annotated[str | None, Query(pattern=NAME_PATTERN, description="Only of this source.")]
OfType = Annotated[
    str | None,
    Query(
        alias="eventType",
        min_length=1,
        max_length=LONGEST_TEXT,
        pattern=LINE_PATTERN,
        description="Only events that call themselves so.",
    ),
]
States = Annotated[list[EntryState] | None, Query(description="Any of these states; may come several times.")]


@router.get(
    "", operation_id="listWebhooks", summary="Webhooks that came in, newest first", responses=problems(404, 422, 503)
)
async def list_webhooks(
    services: Opened,
    *,
    source: OfSource = None,
    event_type: OfType = None,
    state: States = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> WebhooksOut:
    """What was believed, and what became of it; what was refused at the door is in the log alone."""
    wanted = EntryFilter(source=source, event_type=event_type, states=tuple(state or ()))
    return WebhooksOut.of(await services.webhooks.inbox.page(wanted, cursor=cursor, limit=limit))


@router.get("/sources", operation_id="listSources", summary="Sources of webhooks", responses=problems(404, 503))
async def list_sources(services: Opened) -> SourcesOut:
    """Who may send webhooks; no secret is in it."""
    return SourcesOut(items=tuple(map(SourceOut.of, await services.webhooks.sources.all())))


@router.post(
    "/sources",
    operation_id="addSource",
    summary="Add a source",
    status_code=201,
    responses=problems(404, *CHANGE_FAILURES, 503),
)
async def add_source(services: Opened, wanted: NewSourceIn, response: Response) -> SourceMadeOut:
    """The answer holds the secret, this once, unless you gave it. So this takes no `Idempotency-Key`."""
    new = await services.webhooks.sources.add(
        wanted.name, wanted.kind, options=wanted.options, secret=wanted.secret.strip()
    )
    response.headers["Location"] = f"/api/v1/webhooks/sources/{wanted.name}"
    return SourceMadeOut.made(new)


@router.get("/sources/{name}", operation_id="getSource", summary="One source", responses=problems(404, 422, 503))
async def get_source(services: Opened, name: SourceName) -> SourceOut:
    """How it signs, and how many of its secrets count."""
    return SourceOut.of(await services.webhooks.sources.get(name))


@router.post(
    "/sources/{name}/rotate",
    operation_id="rotateSource",
    summary="Give a source a new secret",
    responses=problems(404, *CHANGE_FAILURES, 503),
)
async def rotate_source(services: Opened, name: SourceName, wanted: RotationIn) -> SourceMadeOut:
    """Its old secrets count as well for a while. The answer holds the new one, this once, unless you gave it."""
    overlap = timedelta(hours=wanted.overlap_hours)
    return SourceMadeOut.made(
        await services.webhooks.sources.rotate(name, secret=wanted.secret.strip(), overlap=overlap)
    )


@router.delete(
    "/sources/{name}",
    operation_id="removeSource",
    summary="Remove a source",
    responses=problems(404, *CHANGE_FAILURES, 503),
)
async def remove_source(services: Opened, name: SourceName, _key: CallerKey) -> SourceOut:
    """Nothing of it is taken in any more, within five seconds in every process; what it sent stays in the inbox."""
    return SourceOut.of(await services.webhooks.sources.remove(name))


@router.get("/{webhookId}", operation_id="getWebhook", summary="One webhook", responses=problems(404, 422, 503))
async def get_webhook(services: Opened, webhook_id: WebhookId) -> WebhookDetails:
    """With its body, as it came."""
    return WebhookDetails.of(await services.webhooks.inbox.get(webhook_id))


@router.post(
    "/{webhookId}/replay",
    operation_id="replayWebhook",
    summary="Process a webhook again",
    status_code=202,
    responses=problems(404, *CHANGE_FAILURES, 503),
)
async def replay_webhook(services: Opened, webhook_id: WebhookId, _key: CallerKey, response: Response) -> WebhookOut:
    """As if it had just come: for one that is dead. What followed from it before does not follow twice."""
    entry = await services.webhooks.inbox.replay(webhook_id)
    response.headers["Location"] = f"/api/v1/webhooks/{webhook_id}"
    return WebhookOut.of(entry)
