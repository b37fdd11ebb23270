"""The tutorial, done by a reader who types every command and compares what comes out."""

from __future__ import annotations

import re
import shlex
import shutil
import socket
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from support.cli import ROOT, Cli, Process, press_allow, read_url

FAST = {"SOLEGATE_REQUESTS_PER_SECOND": "200", "SOLEGATE_SECRET_KEY": ""}
"""The reader's patience: the market is started without limits, and the client may use that."""
BLOCK = re.compile(r"(<!-- sample: .+? -->\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Step:
    """A command of the tutorial, and the lines that it shows of the output; `...` stands for any others."""

    words: list[str]
    shown: list[str] = field(default_factory=list)


def steps() -> list[Step]:
    """The `solegate` commands of the tutorial in order; `make demo` has a test of its own."""
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    found: list[Step] = []
    for sample, language, block in BLOCK.findall(text):
        if language == "sh":
            lines = map(shlex.split, block.splitlines())
            found += [Step(words[1:]) for words in lines if words[0] == "solegate"]
        elif language == "text" and not sample:
            found[-1].shown += [line for line in block.splitlines() if line != "..."]
    return found


def exports(market: Process) -> dict[str, str]:
    """The settings that the practice market prints, as the reader copies them."""
    assert market.stdout is not None
    found = {}
    for line in market.stdout:
        if line.split()[:1] == ["export"]:
            name, _, value = line.split()[1].partition("=")
            found[name] = value
        elif "auth login" in line:
            break
    return found


def log_in(cli: Cli, words: list[str]) -> str:
    """Log in as in a browser, whose place the test takes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with cli.start(*words, BROWSER="true", SOLEGATE_STOCKX_REDIRECT_URI=f"http://localhost:{port}/callback") as login:
        with urllib.request.urlopen(press_allow(read_url(login)), timeout=10) as page:
            page.read()
        out, err = login.communicate(timeout=30)
    assert login.returncode == 0, err
    return out


def test_every_step_works_and_shows_what_the_page_shows(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    start, *rest = steps()
    assert start.words[0] == "simulator"

    with Cli(tmp_path).start(*start.words, "--port", "0", "--limits", "off") as market:
        cli = Cli(tmp_path, exports(market) | FAST)
        for step in rest:
            if step.words == ["auth", "login"]:
                out = log_in(cli, step.words)
            else:
                result = cli.run(*step.words)
                assert result.code == 0, (step.words, result.err)
                out = result.out
            printed = [" ".join(line.split()) for line in out.splitlines()]
            assert [line for line in step.shown if " ".join(line.split()) not in printed] == [], out
        market.terminate()

    assert {step.words[0] for step in rest} == {"auth", "search", "enrich", "market", "doctor"}
