"""The processes of the product in a benchmark: started, killed with SIGKILL, replaced, measured."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from random import Random


class Company:
    """The processes of the product, and their end."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._environment = environment
        self._folder = folder
        self.workers: list[Process] = []
        self.apis: list[Process] = []
        self.megabytes = 0.0

    async def hire(self, workers: int, apis: int) -> None:
        """Start what is missing, and wait until the workers are at work."""
        while len(self.workers) < workers:
            worker = await self._start("-m", "solegate.worker")
            self.workers.append(worker)
            if worker.stdout is not None:
                await worker.stdout.readline()  # it says so
        while len(self.apis) < apis:
            self.apis.append(await self._start("-m", "solegate", "serve", "--open", "--port", "0"))

    def is_short_of(self, workers: int, apis: int) -> bool:
        """Whether somebody is missing."""
        return len(self.workers) < workers or len(self.apis) < apis

    async def kill_one(self, dice: Random) -> bool:
        """Kill one of them at random with SIGKILL; whether it was a worker."""
        victim = dice.choice([*self.workers, *self.apis])
        self.measure()
        victim.send_signal(signal.SIGKILL)
        await victim.wait()
        is_worker = victim in self.workers
        (self.workers if is_worker else self.apis).remove(victim)
        return is_worker

    async def close(self) -> None:
        """End all of them."""
        self.measure()
        everybody = [*self.workers, *self.apis]
        for each in everybody:
            with suppress(ProcessLookupError):
                each.send_signal(signal.SIGKILL)
        for each in everybody:
            await each.wait()

    def measure(self) -> None:
        """Note the largest memory of a worker so far."""
        for each in self.workers:
            with suppress(OSError):
                for line in Path(f"/proc/{each.pid}/status").read_text().splitlines():
                    if line.startswith("VmHWM:"):
                        self.megabytes = max(self.megabytes, int(line.split()[1]) / 1024)

    def check(self) -> None:
        """See that nobody ended who was not killed.

        Raises:
            RuntimeError: somebody did.
        """
        for each in [*self.workers, *self.apis]:
            if each.returncode is not None:
                said = (self._folder / "processes.log").read_text()[-2_000:]
                raise RuntimeError(f"a process ended by itself with {each.returncode}: {said}")

    async def _start(self, *arguments: str) -> Process:
        log = (self._folder / "processes.log").open("a")
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable, *arguments, env=self._environment, stdout=PIPE, stderr=log
            )
        finally:
            log.close()
