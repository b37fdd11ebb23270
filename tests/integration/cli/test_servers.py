"""`solegate simulator` and `solegate serve`: they say where they are, and end well."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import urllib.request
from dataclasses import replace

import pytest
import uvicorn

from solegate.cli.failures import CommandError, ExitCode
from solegate.cli.serve import _listening, serve_until_stopped
from support.cli import Cli


def first_line(process: subprocess.Popen[str]) -> str:
    """What a server says once it listens."""
    assert process.stdout is not None
    return process.stdout.readline()


def test_the_simulator_prints_what_reaches_it_and_ends_on_ctrl_c(new_cli: Cli) -> None:
    with new_cli.start("simulator", "--port", "0", "--seed", "7", "--limits", "guide", "--tls") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(12)]
        exports = dict(line.split()[1].split("=", 1) for line in lines if line.startswith("  export"))
        context = ssl.create_default_context(cafile=exports["SOLEGATE_STOCKX_CA_FILE"])
        with urllib.request.urlopen(f"{exports['SOLEGATE_STOCKX_AUTH_URL']}/_sim/report", context=context) as answer:
            report = json.load(answer)
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=20)

    assert process.returncode == 0
    assert report["limits"]["per_second"] == 10
    assert exports["SOLEGATE_LIMIT_PROFILE"] == "guide"
    assert err == "The practice market is closed.\n"
    assert not os.path.exists(exports["SOLEGATE_STOCKX_CA_FILE"])  # noqa: PTH110


def test_a_polite_stop_ends_what_a_script_started_in_the_background(new_cli: Cli) -> None:
    background = replace(new_cli, launcher=("sh", "-c", "trap '' INT; exec \"$@\"", "sh"))

    with background.start("simulator", "--port", "0") as process:
        first_line(process)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=20)

    assert (process.returncode, err) == (0, "The practice market is closed.\n")


def test_the_api_answers_and_ends_on_a_polite_stop(cli: Cli) -> None:
    with cli.start("serve", "--port", "0") as process:
        url = re.search(r"http://127\.0\.0\.1:\d+", first_line(process))
        assert url is not None
        with urllib.request.urlopen(f"{url[0]}/healthz", timeout=10) as answer:
            assert answer.status == 200
        taken = cli.run("serve", "--port", url[0].rpartition(":")[2], "--json")
        also_taken = cli.run("simulator", "--port", url[0].rpartition(":")[2])
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=20)

    assert (process.returncode, err) == (0, "The API is closed.\n")
    assert (taken.code, taken.error["code"], taken.out) == (6, "command", "")
    assert also_taken.code == 6
    assert "in use" in also_taken.err
    assert "Traceback" not in also_taken.err


def test_the_api_does_not_start_on_a_broken_database(new_cli: Cli) -> None:
    new_cli.database.parent.mkdir()
    new_cli.database.write_bytes(b"no database" * 100)

    result = new_cli.run("serve", "--port", "0")

    assert (result.code, result.out) == (6, "")
    assert "not a database" in result.err


def test_an_application_that_does_not_start_is_a_failure() -> None:
    async def broken(scope: object, receive: object, send: object) -> None:
        raise RuntimeError("it cannot be opened")

    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(CommandError, match="did not start") as failed:
        serve_until_stopped(uvicorn.Config(broken, lifespan="on", log_config=None), server)

    assert failed.value.exit_code is ExitCode.LOCAL_TROUBLE


def test_an_answer_that_is_written_in_two_parts_does_not_wait_for_the_network_in_between() -> None:
    with _listening("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _address = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
