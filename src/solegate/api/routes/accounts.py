"""StockX accounts over HTTP, for who has a key with the scope `admin`; the way back from StockX's login is open.

What a browser brings back from StockX carries no API key. It is tied to the login that was begun by its `state`, which
nobody can guess, is good once and for ten minutes, and says whose login it is.
"""

from __future__ import annotations

from html import escape
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from solegate.api.dependencies import House
from solegate.api.idempotency import CallerKey
from solegate.api.openapi import CHANGE_FAILURES, problems
from solegate.api.parameters import Cursor, Limit
from solegate.api.problems import kind_of
from solegate.api.schemas.accounts import (
    AccountOut,
    AccountsOut,
    LoginIn,
    LoginOut,
    NewAccountIn,
    NewKeysIn,
    RemovedOut,
)
from solegate.api.schemas.base import LINE_PATTERN
from solegate.errors import SolegateError
from solegate.services.account_directory import Standing

router = APIRouter(prefix="/api/v1/accounts", tags=["accounts"])

Account = Annotated[str, Path(min_length=1, max_length=100, pattern=LINE_PATTERN, description="Name of the account.")]
Given = Annotated[str | None, Query(max_length=4000, description="As StockX sent it.")]
_PLAIN_PAGE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_HTML: dict[str, Any] = {"text/html": {"schema": {"type": "string"}}}


def _pages(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Answers that are a page for a person; some of them are a problem when the request cannot even be read."""
    return {
        status: {"description": answer["description"], "content": answer["content"] | _HTML}
        for status, answer in problems(*statuses).items()
    }


@router.get("", operation_id="listAccounts", summary="Every account, by name", responses=problems(404, 422, 500, 503))
async def list_accounts(
    house: House,
    *,
    standing: Annotated[Standing | None, Query(description="Only those that stand so.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> AccountsOut:
    """Whether each is connected, and which one is in use. No secret is in it."""
    return AccountsOut.of(await house.accounts.page(standing, cursor=cursor, limit=limit))


@router.post(
    "",
    operation_id="addAccount",
    summary="Add an account",
    status_code=201,
    responses=problems(404, *CHANGE_FAILURES, 500, 503),
)
async def add_account(house: House, wanted: NewAccountIn, response: Response, _key: CallerKey) -> AccountOut:
    """Keep its keys, encrypted. It is connected by a login: POST to its `login`."""
    added = await house.accounts.add(wanted.account, wanted.keys(), currency=wanted.currency, use=wanted.use)
    response.headers["Location"] = f"/api/v1/accounts/{quote(added.account, safe='')}"
    return AccountOut.of(added)


@router.get(
    "/callback",
    operation_id="finishLogin",
    summary="Where StockX sends the browser after a login",
    response_class=HTMLResponse,
    status_code=200,
    responses={
        200: {"description": "The account is connected.", "content": _HTML},
        303: {"description": "The account is connected, and the browser goes on to the login's `returnTo`."},
        **_pages(404, 422, 500, 502, 503),
    },
)
async def finish_login(
    request: Request,
    house: House,
    state: Annotated[str, Query(min_length=1, max_length=500, description="Ties it to the login that was begun.")],
    *,
    code: Given = None,  # noqa: ARG001 - documents what is read from the address as a whole
    error: Given = None,  # noqa: ARG001
    error_description: Given = None,  # noqa: ARG001
) -> Response:
    """For browsers: asks for no API key, because `state` proves where it comes from. It answers with a page."""
    del state
    try:
        finished = await house.logins.finish(str(request.url))
    except SolegateError as failure:
        status, title = kind_of(type(failure))
        return _page(title, f"{failure.message} {failure.hint}", status)
    if finished.return_to:
        return RedirectResponse(finished.return_to, status_code=303)
    account = finished.status.account
    return _page("Connected", f"Account '{account}' is connected to StockX. You can close this page.", 200)


@router.get("/{account}", operation_id="getAccount", summary="One account", responses=problems(404, 422, 500, 503))
async def get_account(house: House, account: Account) -> AccountOut:
    """How it stands. No secret is in it."""
    return AccountOut.of(await house.accounts.get(account))


@router.delete(
    "/{account}",
    operation_id="removeAccount",
    summary="Remove an account",
    responses=problems(404, *CHANGE_FAILURES, 500, 503),
)
async def remove_account(
    house: House,
    account: Account,
    _key: CallerKey,
    *,
    force: Annotated[bool, Query(description="Even while writes or jobs are under way; nobody follows them.")] = False,
) -> RemovedOut:
    """Forget its keys, tokens and logins. Its listings, orders, writes, jobs and prices stay: they are the history."""
    return RemovedOut.of(account, await house.accounts.remove(account, force=force))


@router.post(
    "/{account}/use",
    operation_id="useAccount",
    summary="Let an account be meant when none is named",
    responses=problems(404, *CHANGE_FAILURES, 500, 503),
)
async def use_account(house: House, account: Account, _key: CallerKey) -> AccountOut:
    """In place of the one before; where SOLEGATE_ACCOUNT names one, that stays in use there."""
    return AccountOut.of(await house.accounts.use(account))


@router.put(
    "/{account}/application",
    operation_id="rotateAccountKeys",
    summary="Give an account other keys",
    responses=problems(404, *CHANGE_FAILURES, 500, 503),
)
async def rotate_keys(house: House, account: Account, wanted: NewKeysIn, _key: CallerKey) -> AccountOut:
    """In force here at once, in other processes within five seconds. The account keeps everything else."""
    return AccountOut.of(await house.accounts.rotate(account, wanted.keys()))


@router.post(
    "/{account}/login",
    operation_id="beginLogin",
    summary="Begin a login, for the first time or again",
    status_code=201,
    responses=problems(404, *CHANGE_FAILURES, 500, 503),
)
async def begin_login(house: House, account: Account, wanted: LoginIn) -> LoginOut:
    """Open `authorizeUrl` in a browser and allow it there; the browser comes back to the callback by itself.

    The account keeps everything it has, and stays as it is until then. The address holds a secret that is good once,
    so no answer is kept and this takes no `Idempotency-Key`.
    """
    return LoginOut.of(await house.logins.begin(account, return_to=wanted.return_to))


def _page(title: str, text: str, status: int) -> HTMLResponse:
    body = (
        f'<!doctype html><meta charset="utf-8"><title>{escape(title)} - Solegate</title>'
        '<div style="font:1.1rem system-ui;margin:20vh auto;max-width:32rem">'
        f"<h1>{escape(title)}</h1><p>{escape(text)}</p></div>"
    )
    return HTMLResponse(body, status, headers={"Content-Security-Policy": _PLAIN_PAGE})
