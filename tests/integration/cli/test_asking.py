"""A write on a terminal: it asks, and takes no for an answer."""

from __future__ import annotations

import os

import pytest

from support.cli import SECONDS, Cli, Market

WORDS = ("listings", "create", "DD1391-100", "--size", "US M 10", "--price", "150")


def answered(cli: Cli, answer: bytes) -> tuple[int, str]:
    """Run the command with a terminal for its input; its exit code and what it said on the side."""
    keyboard, terminal = os.openpty()
    try:
        with cli.start(*WORDS, stdin=terminal) as process:
            os.write(keyboard, answer)
            _, told = process.communicate(timeout=SECONDS)
    finally:
        os.close(keyboard)
        os.close(terminal)
    return process.returncode, told


@pytest.mark.parametrize(("answer", "code", "sent"), [(b"y\n", 0, 1), (b"n\n", 130, 0), (b"\n", 130, 0)])
def test_only_a_yes_is_sent(cli: Cli, market: Market, answer: bytes, code: int, sent: int) -> None:
    before = market.simulator.report().count("Create")

    ended, told = answered(cli, answer)

    assert ended == code, told
    assert "List DD1391-100 in US M 10 for EUR 150?" in told
    assert market.simulator.report().count("Create") == before + sent
    assert ("Not sent" in told) == (not sent)
