"""Events in words, one presenter for each type; a type without one is told by its name and its data.

What an event says is in `domain.events`; whatever is missing there is left out here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from solegate.domain.deliveries.notices import Notice
from solegate.domain.deliveries.values import Happened

_MOST_FACTS = 8
_MISSING = (None, "")

Presenter = Callable[[Happened], Notice]


def notice_of(event: Happened) -> Notice:
    """An event in words."""
    return PRESENTERS.get(str(event.type), _unknown)(event)


def _order(title: str, *, urgent: bool = False, deadline: bool = False) -> Presenter:
    """An order: what was sold, for how much, and where that matters until when it has to leave."""

    def present(event: Happened) -> Notice:
        ship_by = f"ship by {_moment(event, 'ship_by')}" if deadline and _moment(event, "ship_by") else ""
        text = "; ".join(filter(None, (_pair(event), ship_by)))
        payout = _money(event, "payout", "payout_currency")
        facts = _given(
            ("Order", event.subject), ("Payout", payout), ("Tracking", _text(event, "tracking_number")), _status(event)
        )
        return Notice(title, text, facts, urgent)

    return present


def _listing(title: str) -> Presenter:
    def present(event: Happened) -> Notice:
        facts = _given(("Listing", event.subject), ("Order", _text(event, "order_number")), _status(event))
        return Notice(title, _pair(event), facts)

    return present


def _price_moved(event: Happened) -> Notice:
    before, after = _money(event, "previous_price", "currency"), _money(event, "price", "currency")
    change = f"{before} → {after}" if before and after else after
    return Notice(
        "Price changed", f"{_what(event)}: {change}" if change else _what(event), (("Listing", event.subject),)
    )


def _price_crossed(event: Happened) -> Notice:
    price = _text(event, "price").replace("_", " ") or "price"
    direction = {"below": "fell to", "above": "rose to"}.get(_text(event, "direction"), "is")
    value, threshold = _money(event, "value", "currency"), _money(event, "threshold", "currency")
    about = _text(event, "note") or f"product {_text(event, 'product_id')}"
    text = f"{about}: the {price} {direction} {value} (watched for: {threshold})"
    return Notice("Price alert", text, _given(("Watch", event.subject), ("Size", _text(event, "variant_id"))))


def _job_finished(event: Happened) -> Notice:
    name = _text(event, "name") or event.subject
    failed = _text(event, "failed") not in ("", "0")
    text = f"{_text(event, 'kind')} '{name}' {_text(event, 'state').lower() or 'ended'}"
    counts = [(each.capitalize(), _text(event, each)) for each in ("rows", "done", "failed", "skipped")]
    return Notice("Job finished", text.strip(), _given(("Job", event.subject), *counts), urgent=failed)


def _needs_reauth(event: Happened) -> Notice:
    command = _text(event, "mend") or "solegate auth login"
    return Notice(
        "Login needed", f"StockX wants a person to log in again for '{event.subject}': {command}", urgent=True
    )


def _connected(event: Happened) -> Notice:
    return Notice("Connected again", f"The account '{event.subject}' is logged in at StockX.")


def _quota_reached(event: Happened) -> Notice:
    text = f"{_text(event, 'used')} of {_text(event, 'limit')} requests of {_text(event, 'day')} are used"
    return Notice("Quota", f"{text} ({_text(event, 'percent')} %)", urgent=True)


def _subscriber_disabled(event: Happened) -> Notice:
    text = f"{_text(event, 'name') or event.subject}: {_text(event, 'reason')}".removesuffix(": ")
    return Notice("Subscriber disabled", text, _given(("Skipped", _text(event, "skipped"))), urgent=True)


def _webhook_received(event: Happened) -> Notice:
    return Notice("Webhook received", event.subject, _facts(event))


def _ping(event: Happened) -> Notice:
    return Notice("Test", _text(event, "message"), (("Subscriber", event.subject),))


def _unknown(event: Happened) -> Notice:
    return Notice(_words(event.type), event.subject, _facts(event))


PRESENTERS: Mapping[str, Presenter] = MappingProxyType({
    "listing.activated": _listing("For sale"),
    "listing.deactivated": _listing("Off sale"),
    "listing.sold": _listing("Listing sold"),
    "listing.expired": _listing("Listing expired"),
    "listing.price_moved": _price_moved,
    "order.created": _order("Sold", urgent=True, deadline=True),
    "order.ship_by_soon": _order("Ship today", urgent=True, deadline=True),
    "order.shipped": _order("Shipped"),
    "order.authenticated": _order("Authenticated"),
    "order.failed": _order("Sale failed", urgent=True),
    "order.paid": _order("Paid"),
    "price.crossed": _price_crossed,
    "job.finished": _job_finished,
    "account.needs_reauth": _needs_reauth,
    "account.connected": _connected,
    "quota.reached": _quota_reached,
    "subscriber.disabled": _subscriber_disabled,
    "webhook.received": _webhook_received,
    "ping": _ping,
})  # fmt: skip
"""By type of event."""


def _pair(event: Happened) -> str:
    """What it is about and its price, in one line."""
    return ", ".join(filter(None, (_what(event), _money(event, "price", "currency"))))


def _what(event: Happened) -> str:
    """Product, style code and size, as far as they are known."""
    product, sku, size = (_text(event, name) for name in ("product", "sku", "size"))
    name = f"{product} ({sku})" if product and sku else product or sku
    return f"{name}, size {size}" if name and size else name or event.subject


def _status(event: Happened) -> tuple[str, str]:
    return "Status", _text(event, "status")


def _money(event: Happened, amount: str, currency: str) -> str:
    found = _text(event, amount)
    return f"{found} {_text(event, currency)}".strip() if found else ""


def _moment(event: Happened, name: str) -> str:
    text = _text(event, name)
    try:
        return f"{datetime.fromisoformat(text):%a %d %b %H:%M} UTC" if text else ""
    except ValueError:
        return text


def _text(event: Happened, name: str) -> str:
    value = event.data.get(name)
    return "" if value in _MISSING else str(value)


def _given(*facts: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in facts if value)


def _facts(event: Happened) -> tuple[tuple[str, str], ...]:
    facts = [(_words(name), _text(event, name)) for name in event.data]
    return _given(*facts)[:_MOST_FACTS]


def _words(name: str) -> str:
    """An identifier as people write it."""
    words = name.replace(".", " ").replace("_", " ")
    return words[:1].upper() + words[1:]
