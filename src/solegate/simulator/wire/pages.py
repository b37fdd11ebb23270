"""The pages of the practice login. Everything that came in a request is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from solegate.simulator.wire.answer import Answer, html_answer

SAFETY = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
}

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:12vh auto;padding:0 1rem;color:#1a1a1a}"
    "button{font:inherit;padding:.5rem 1.4rem;margin-right:.6rem;border:1px solid #006340;border-radius:4px}"
    "button[value=allow]{background:#006340;color:#fff}"
    "small{color:#666}"
)


def consent_page(request: Mapping[str, str]) -> Answer:
    """Asks whether the application may use the account. The form carries the request on, in hidden fields."""
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in request.items()
    )
    return _page(
        "Practice StockX",
        f"<p>The application <b>{escape(request['client_id'])}</b> asks to use your practice seller account.</p>"
        f"<p><small>Scope: {escape(request['scope'])}<br>Returns to: {escape(request['redirect_uri'])}</small></p>"
        f'<form method="post" action="/authorize/decision">{fields}'
        '<button name="decision" value="allow">Allow</button>'
        '<button name="decision" value="deny">Deny</button></form>',
    )


def home_page() -> Answer:
    """Where a login with unknown scopes ends, without a word (FACTS 2)."""
    return _page("Practice StockX", "<p>Welcome to the practice market. There is nothing to see here.</p>")


def refusal_page(reason: str) -> Answer:
    """Shown where it would be unsafe to send the browser back."""
    return _page("Practice StockX: login refused", f"<p>{escape(reason)}</p>", 403)


def _page(title: str, body: str, status: int = 200) -> Answer:
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    page = f'<!DOCTYPE html><html lang="en"><head>{head}</head><body><h1>{title}</h1>{body}</body></html>'
    return html_answer(page, status, SAFETY)
