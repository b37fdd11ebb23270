"""An event in words for people: a title, a line, a few facts; and the same as Slack and Discord take it.

The limits are those of Slack's section and header blocks and of Discord's webhooks and embeds, as both document them.
What StockX wrote stays text: it can neither notify everybody nor become a link.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

_SLACK_HEADER, _SLACK_TEXT, _SLACK_FIELD, _SLACK_FIELDS = 150, 3_000, 2_000, 10
_DISCORD_CONTENT, _DISCORD_TITLE, _DISCORD_TEXT = 2_000, 256, 3_000
_DISCORD_NAME, _DISCORD_VALUE, _DISCORD_FIELDS = 100, 200, 8
"""Less than Discord's own: together they stay under the 6,000 characters that all embeds of a message may have."""
_MARKDOWN = re.compile(r"([\\*_~`|>\[\]()#])")
_COLOURS = {True: 0xC0392B, False: 0x2E7D32}


@dataclass(frozen=True, slots=True)
class Notice:
    """An event in words.

    Attributes:
        title: what happened, in two or three words.
        text: one line.
        facts: names and values.
        urgent: whether a person should act.
    """

    title: str
    text: str
    facts: tuple[tuple[str, str], ...] = ()
    urgent: bool = False

    @property
    def line(self) -> str:
        """Title and text in one line."""
        return f"{self.title}: {self.text}" if self.text else self.title


def slack_body(notice: Notice, source: str) -> bytes:
    """The notice as a message for a Slack incoming webhook, or one that is compatible.

    Args:
        notice: what is said.
        source: where it comes from, in small print.
    """
    blocks: list[dict[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": _cut(notice.title, _SLACK_HEADER), "emoji": False}},
    ]
    if notice.text:
        blocks.append({"type": "section", "text": _mrkdwn(_slack_cut(notice.text, _SLACK_TEXT))})
    if notice.facts:
        fields = [_slack_field(name, value) for name, value in notice.facts[:_SLACK_FIELDS]]
        blocks.append({"type": "section", "fields": fields})
    blocks.append({"type": "context", "elements": [_mrkdwn(_slack_cut(source, _SLACK_FIELD))]})
    return _encoded({"text": _slack_cut(notice.line, _SLACK_TEXT), "blocks": blocks})


def discord_body(notice: Notice, source: str) -> bytes:
    """The notice as a message for a Discord webhook; see `slack_body`."""
    embed: dict[str, object] = {
        "title": _discord_cut(notice.title, _DISCORD_TITLE),
        "color": _COLOURS[notice.urgent],
        "footer": {"text": _cut(source, _DISCORD_VALUE)},
        "fields": [
            {"name": _discord_cut(name, _DISCORD_NAME), "value": _discord_cut(value, _DISCORD_VALUE), "inline": True}
            for name, value in notice.facts[:_DISCORD_FIELDS]
        ],
    }
    if notice.text:
        embed["description"] = _discord_cut(notice.text, _DISCORD_TEXT)
    content = _discord_cut(notice.line, _DISCORD_CONTENT)
    return _encoded({"content": content, "embeds": [embed], "allowed_mentions": {"parse": []}})


def _slack_field(name: str, value: str) -> dict[str, object]:
    return _mrkdwn(f"*{_slack_cut(name, 200)}*\n{_slack_cut(value, _SLACK_FIELD - 300)}")


def _mrkdwn(text: str) -> dict[str, object]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _slack_cut(text: str, most: int) -> str:
    """Without Slack's control characters, and short enough when they are written out."""
    return _fitting(text, most, lambda part: part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _discord_cut(text: str, most: int) -> str:
    """Without markup, and short enough when that is written out. Never empty: Discord refuses empty fields."""
    return _fitting(text or "-", most, lambda part: _MARKDOWN.sub(r"\\\1", part))


def _fitting(text: str, most: int, written: Callable[[str], str]) -> str:
    whole = written(text)
    if len(whole) <= most:
        return whole
    room = most - 1
    parts, used = [], 0
    for each in text:
        part = written(each)
        used += len(part)
        if used > room:
            break
        parts.append(part)
    return "".join(parts) + "…"


def _cut(text: str, most: int) -> str:
    return _fitting(text or "-", most, str)


def _encoded(message: object) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
