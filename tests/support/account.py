"""A token manager over a scripted login server."""

from __future__ import annotations

from solegate.client.auth import MemoryTokenStore, TokenManager
from solegate.client.policy.outcome import Failed, Received
from solegate.clock import LoopClock
from solegate.domain.accounts import TokenRecord
from solegate.metrics import Metrics
from solegate.testing import ScriptedTransport
from support.client import CANARY, CREDENTIALS, grant, tokens_of


class Account:
    """A token manager over a scripted login server."""

    def __init__(
        self, *script: Received | Failed, expires_in: float = 43_200, latency: float = 0.5, connected: bool = True,
        store: MemoryTokenStore | None = None,
    ) -> None:  # fmt: skip
        self.clock, self.metrics = LoopClock(), Metrics()
        self.login = ScriptedTransport([*script] or [grant()], latency)
        stored = [tokens_of(self.clock, expires_in=expires_in)] if connected else []
        self.store = store or MemoryTokenStore(*stored)
        self.processes = 0
        self.tokens = self.another_process()

    def another_process(self) -> TokenManager:
        self.processes += 1
        return TokenManager(
            CREDENTIALS, account="default", owner=f"process {self.processes}", auth_url="http://login.test",
            store=self.store, transport=self.login, clock=self.clock, metrics=self.metrics,
        )  # fmt: skip

    async def stored(self) -> TokenRecord:
        record = await self.store.load("default")
        assert record is not None
        return record

    @property
    def calls(self) -> int:
        return len(self.login.requests)

    def refreshes(self, result: str) -> float:
        return self.metrics.registry.get_sample_value("stockx_token_refreshes_total", {"result": result}) or 0.0

    def needs_reauth(self) -> float | None:
        return self.metrics.registry.get_sample_value("stockx_account_needs_reauth")


def access(number: int) -> str:
    return f"{CANARY}-access-{number}"
