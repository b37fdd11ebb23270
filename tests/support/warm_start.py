"""Commands that start warm: a process that has imported the command line, and becomes a copy of itself for each.

A command is a process of its own all the same, with its own environment, folder and streams. It only need not import
everything again, which takes a second of a core, and the tests start hundreds. Run as a script, this is that process.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LARGEST_ORDER = 1 << 20


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


class WarmStarts:
    """Starts commands; the process behind it lives as long as this one.

    Args:
        source: the folder of the package.
        seconds: longest a command may take.
    """

    def __init__(self, source: Path, *, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            env=environment | {"PYTHONPATH": str(source)},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        atexit.register(self.close)

    def close(self) -> None:
        """End the process: it ends with the other end of its socket."""
        self._socket.close()
        self._process.wait(10)

    def run(self, words: Sequence[str], *, folder: Path, environment: Mapping[str, str], typed: str) -> Ended:
        """Run a command to its end.

        Raises:
            subprocess.TimeoutExpired: it took too long, and was killed.
        """
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        pipes = [os.pipe() for _ in range(3)]
        (stdin_read, stdin_write), (out_read, out_write), (err_read, err_write) = pipes
        order = json.dumps({"words": list(words), "folder": str(folder), "environment": dict(environment)}).encode()
        with self._lock:
            socket.send_fds(self._socket, [order], [stdin_read, out_write, err_write, theirs.fileno()])
        for each in (stdin_read, out_write, err_write):
            os.close(each)
        theirs.close()
        with mine, open(out_read, "rb") as out, open(err_read, "rb") as err:  # noqa: PTH123 - pipes
            said: dict[str, bytes] = {}
            readers = [threading.Thread(target=lambda: said.update(out=out.read())),
                       threading.Thread(target=lambda: said.update(err=err.read()))]  # fmt: skip
            for reader in readers:
                reader.start()
            _type(stdin_write, typed)
            pid = int.from_bytes(mine.recv(8), "big")
            code = self._code(mine, pid, words)
            for reader in readers:
                reader.join()
        return Ended(code, said["out"].decode(), said["err"].decode())

    def _code(self, mine: socket.socket, pid: int, words: Sequence[str]) -> int:
        mine.settimeout(self._seconds)
        try:
            return int.from_bytes(mine.recv(4), "big", signed=True)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            raise subprocess.TimeoutExpired(list(words), self._seconds) from None


def _type(stdin: int, typed: str) -> None:
    """Type into a command; it may have ended before it reads."""
    try:
        with open(stdin, "w", encoding="utf-8") as keyboard:
            keyboard.write(typed)
    except BrokenPipeError:
        pass


def _serve(orders: socket.socket) -> None:
    """Become a copy for each order, and end when nobody can send one any more."""
    while True:
        order, streams, _flags, _address = socket.recv_fds(orders, _LARGEST_ORDER, 4)
        if not order:
            return
        if os.fork() == 0:
            orders.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _keep(json.loads(order), streams)
        for each in streams:
            os.close(each)


def _keep(order: dict[str, object], streams: list[int]) -> None:
    """Start the command, and tell its pid and how it ends."""
    told = socket.socket(fileno=streams.pop())
    pid = os.fork()
    if pid == 0:
        told.close()
        os._exit(_command(order, streams))
    for each in streams:
        os.close(each)
    told.send(pid.to_bytes(8, "big"))
    _pid, status = os.waitpid(pid, 0)
    told.send(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))
    os._exit(0)


def _command(order: dict[str, object], streams: list[int]) -> int:
    """Be the command; its exit code."""
    for target, each in enumerate(streams):
        os.dup2(each, target)
        os.close(each)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for the process
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, "utf-8", "backslashreplace", closefd=False)  # noqa: SIM115
    os.chdir(str(order["folder"]))
    os.environ.clear()
    os.environ.update(order["environment"])  # type: ignore[call-overload]
    main = sys.modules["solegate.cli.main"].main
    try:
        return int(main(order["words"]))
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()


if __name__ == "__main__":
    __import__("solegate.cli.main")
    __import__("gc").freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _serve(socket.socket(fileno=int(sys.argv[1])))
