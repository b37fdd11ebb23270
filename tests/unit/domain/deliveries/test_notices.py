"""Events in words, and as Slack and Discord take them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.deliveries.messages import message_of
from solegate.domain.deliveries.notices import Notice, discord_body, slack_body
from solegate.domain.deliveries.presenters import PRESENTERS, notice_of
from solegate.domain.deliveries.values import Subscriber, SubscriberKind
from solegate.domain.events.values import Data, Event, EventType

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ORDER: Data = {
    "sku": "DD1391-100",
    "size": "9",
    "product": "Nike Dunk Low",
    "price": "145",
    "currency": "EUR",
    "ship_by": "2026-01-05T22:00:00Z",
    "payout": "131.2",
    "payout_currency": "EUR",
    "tracking_number": None,
}


CROSSED: Data = {
    "price": "lowest_ask",
    "direction": "below",
    "threshold": "150",
    "value": "149",
    "currency": "EUR",
    "note": "my pair",
}
ODD: Data = {"ship_by": "soon", "failed": 3, "price": 5}


def happened(kind: EventType, data: Data, subject: str = "323314425") -> Event:
    return Event(account="default", id="evt_1", type=kind, subject=subject, occurred_at=NOW, data=data, seq=7)


@pytest.mark.parametrize(
    ("kind", "data", "line"),
    [
        (
            EventType.ORDER_CREATED,
            ORDER,
            "Sold: Nike Dunk Low (DD1391-100), size 9, 145 EUR; ship by Mon 05 Jan 22:00 UTC",
        ),
        (EventType.ORDER_PAID, ORDER, "Paid: Nike Dunk Low (DD1391-100), size 9, 145 EUR"),
        (EventType.ORDER_FAILED, {}, "Sale failed: 323314425"),
        (
            EventType.LISTING_PRICE_MOVED,
            {"sku": "DD1391-100", "price": "140", "previous_price": "145", "currency": "EUR"},
            "Price changed: DD1391-100: 145 EUR → 140 EUR",
        ),
        (
            EventType.PRICE_CROSSED,
            CROSSED,
            "Price alert: my pair: the lowest ask fell to 149 EUR (watched for: 150 EUR)",
        ),
        (
            EventType.JOB_FINISHED,
            {"kind": "create", "name": "week 1", "state": "COMPLETED", "rows": 10},
            "Job finished: create 'week 1' completed",
        ),
        (
            EventType.QUOTA_REACHED,
            {"day": "2026-01-01", "used": 20000, "limit": 25000, "percent": 80},
            "Quota: 20000 of 25000 requests of 2026-01-01 are used (80 %)",
        ),
    ],
)  # fmt: skip
def test_what_happened_in_one_line(kind, data, line):
    assert notice_of(happened(kind, data)).line == line


@pytest.mark.parametrize("kind", EventType)
def test_every_type_is_told_in_its_own_words_whatever_it_says(kind):
    assert kind in PRESENTERS
    for data in ({}, ORDER, ODD):
        notice = notice_of(happened(kind, data))
        assert notice.title
        assert "None" not in notice.line
        assert all(value for _, value in notice.facts)


def sent(kind: SubscriberKind, event: Event) -> Any:
    subscriber = Subscriber(
        account="default", id="s", name="s", kind=kind, url="https://chat.example", created_at=NOW, updated_at=NOW
    )
    message = message_of(subscriber, event, NOW)
    assert message.headers == {"content-type": "application/json"}
    return json.loads(message.body)


def test_a_sale_on_slack():
    told = sent(SubscriberKind.SLACK, happened(EventType.ORDER_CREATED, ORDER))

    assert told["text"].startswith("Sold: Nike Dunk Low (DD1391-100), size 9, 145 EUR; ship by")
    assert [block["type"] for block in told["blocks"]] == ["header", "section", "section", "context"]
    assert [each["text"] for each in told["blocks"][2]["fields"]] == ["*Order*\n323314425", "*Payout*\n131.2 EUR"]


def test_a_sale_on_discord():
    told = sent(SubscriberKind.DISCORD, happened(EventType.ORDER_CREATED, ORDER))

    (embed,) = told["embeds"]
    assert told["content"].startswith("Sold: Nike Dunk Low")
    assert told["allowed_mentions"] == {"parse": []}
    assert embed["title"] == "Sold"
    assert embed["fields"][0] == {"name": "Order", "value": "323314425", "inline": True}


def test_what_stockx_wrote_calls_nobody_and_is_no_markup():
    event = happened(EventType.ORDER_PAID, {"product": "<!channel> @everyone [x](https://evil.example) *b* & co"})
    slack, discord = sent(SubscriberKind.SLACK, event), sent(SubscriberKind.DISCORD, event)

    assert "&lt;!channel&gt;" in slack["text"]
    assert "<" not in json.dumps(slack["blocks"])
    assert r"\[x\]\(https://evil.example\) \*b\*" in discord["content"]
    assert discord["allowed_mentions"] == {"parse": []}


TEXT = st.text(st.sampled_from("a<&>*_`[]()|~\\ \n€😀"), max_size=60).map(lambda text: text * 80)


@given(TEXT, TEXT, st.lists(st.tuples(TEXT, TEXT), max_size=30))
def test_the_limits_of_slack_and_discord_are_kept(title, text, facts):
    notice = Notice(title, text, tuple(facts))
    slack, discord = json.loads(slack_body(notice, text)), json.loads(discord_body(notice, text))
    (embed,) = discord["embeds"]

    assert len(slack["text"]) <= 3000
    for block in slack["blocks"]:
        assert len(block.get("text", {"text": ""})["text"]) <= (150 if block["type"] == "header" else 3000)
        assert len(block.get("fields", ())) <= 10
        assert all(len(field["text"]) <= 2000 for field in block.get("fields", ()))
    assert 1 <= len(discord["content"]) <= 2000
    assert len(embed["title"]) <= 256
    assert len(embed.get("description", "")) <= 4096
    assert len(embed["fields"]) <= 25
    assert all(1 <= len(each["name"]) <= 256 and 1 <= len(each["value"]) <= 1024 for each in embed["fields"])
    shown = [embed["title"], embed.get("description", ""), embed["footer"]["text"]]
    shown += [each[part] for each in embed["fields"] for part in ("name", "value")]
    assert sum(map(len, shown)) <= 6000
