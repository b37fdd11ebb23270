"""For your own tests: a practice market in the same process, virtual time, and a scripted transport.

def test_reprices():
    async def story():
        async with practice_client() as market:
            found = await market.service.search_stockx_catalog("DD1391-100")
            ...
    run_virtual(story())
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, NoReturn, TypeVar
from urllib.parse import parse_qsl

import httpx2

from solegate.client.assembly import ClientConfig
from solegate.client.auth import MemoryTokenStore
from solegate.client.policy.oauth import Credentials
from solegate.client.policy.outcome import Failed, Received
from solegate.client.policy.rate import LimitProfile
from solegate.client.service import StockXService
from solegate.client.transport import HttpTransport, WireRequest
from solegate.clock import Clock, LoopClock
from solegate.domain.accounts import TokenRecord
from solegate.simulator import ConnectionDropped, Limits, Simulator, SimulatorConfig

T = TypeVar("T")

_LONGEST_SILENCE = 30.0
"""Real seconds without timer, socket or thread after which a story in virtual time counts as stuck."""

UNLIMITED = LimitProfile("unlimited", capacity=100_000, per_day=None, items=None)
"""For tests of something else than limits."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer when nothing else is left to do.

    Real sockets and threads work, but do not hold time back: use it for code that waits on timers only, or let it wait
    for them in a `held` block.
    """

    def __init__(self) -> None:
        self._virtual_now = 0.0
        self._holds = 0
        super().__init__(_JumpingSelector(self._jump, lambda: self._holds > 0))

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._virtual_now

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let no time pass in a block that waits for a socket or a thread."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - the loop's own shape
        """Wait for the threads in real time: a timeout in virtual time would be over at once."""
        await super().shutdown_default_executor()

    def _jump(self, seconds: float) -> None:
        self._virtual_now += seconds


class _JumpingSelector(selectors.DefaultSelector):
    """Looks for ready sockets without waiting; where the loop would wait for a timer, time jumps, unless it is held."""

    def __init__(self, jump: Callable[[float], None], held: Callable[[], bool]) -> None:
        super().__init__()
        self._jump = jump
        self._held = held

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or (timeout > 0 and self._held()):
            return super().select(_LONGEST_SILENCE) or _give_up()
        ready = super().select(0)
        if not ready and timeout > 0:
            self._jump(timeout)
        return ready


def _give_up() -> NoReturn:
    raise RuntimeError("the story waits for something that never comes")


def run_virtual(story: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in virtual time."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(story)


@dataclass(slots=True)
class ScriptedTransport:
    """A transport that answers from a script and keeps what it was asked; the last line repeats for ever.

    A line is an answer, a failure, or a function of the request that gives one.
    """

    script: list[Received | Failed | Callable[[WireRequest], Received | Failed]]
    latency: float = 0.0
    requests: list[WireRequest] = field(default_factory=list)

    async def send(self, request: WireRequest) -> Received | Failed:
        """See `Transport.send`."""
        self.requests.append(request)
        line = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        await asyncio.sleep(self.latency)
        return line(request) if callable(line) else line

    async def aclose(self) -> None:
        """See `Transport.aclose`."""


class SimulatorMount(httpx2.ASGITransport):
    """Reaches a simulator in the same process; a connection it drops looks like one dropped on a socket."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request to the simulator."""
        await _trace(request, "connection.connect_tcp.started")
        await _trace(request, "http11.send_request_headers.started")
        await _trace(request, "http11.send_request_body.started")
        try:
            return await super().handle_async_request(request)
        except ConnectionDropped as error:
            broken = httpx2.ReadError if error.reset else httpx2.RemoteProtocolError
            raise broken(str(error), request=request) from error


class SeveralMarkets(httpx2.AsyncBaseTransport):
    """Reaches several simulators, each of them StockX as one seller sees it, at one address.

    Whose a request is, is told by its API key, or by the client id of a login. What carries neither goes to the first.

    Args:
        simulators: whose keys differ.
    """

    def __init__(self, simulators: Iterable[Simulator]) -> None:
        known = {each: SimulatorMount(each.app) for each in simulators}
        self._first = next(iter(known.values()))
        self._by_key = {each.config.api_key: mount for each, mount in known.items()}
        self._by_client = {each.config.client_id: mount for each, mount in known.items()}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request to the simulator whose it is."""
        mount = self._by_key.get(request.headers.get("x-api-key", ""))
        if mount is None:
            client = dict(parse_qsl((await request.aread()).decode())).get("client_id", "")
            mount = self._by_client.get(client, self._first)
        return await mount.handle_async_request(request)


async def _trace(request: httpx2.Request, event: str) -> None:
    trace = request.extensions.get("trace")
    if trace is not None:
        await trace(event, {})


@dataclass(frozen=True, slots=True)
class PracticeMarket:
    """A client and the simulator it talks to, on one clock."""

    service: StockXService
    simulator: Simulator
    clock: Clock


def practice_config(simulator: Simulator, base_url: str = "http://practice.test") -> ClientConfig:
    """The client's configuration for this simulator; `dataclasses.replace` changes the rest."""
    known = simulator.config
    credentials = Credentials(known.client_id, known.client_secret, known.api_key)
    return ClientConfig(credentials, api_url=f"{base_url}/v2", auth_url=base_url, limits=UNLIMITED)


@asynccontextmanager
async def practice_client(
    *,
    limits: Limits | None = None,
    profile: LimitProfile = UNLIMITED,
    seed: int = 1,
    clock: Clock | None = None,
    simulator: Simulator | None = None,
    connected: bool = True,
    **changes: Any,  # noqa: ANN401 - any field of ClientConfig
) -> AsyncIterator[PracticeMarket]:
    """A client connected to a simulator in the same process.

    Args:
        limits: what the simulator enforces; nothing unless given.
        profile: what the client believes to be permitted.
        seed: of the simulator's catalog and markets.
        clock: of both; the event loop's time unless given.
        simulator: one that exists already.
        connected: whether the account has tokens.
        changes: fields of `ClientConfig`.
    """
    clock = clock or LoopClock()
    simulator = simulator or Simulator(SimulatorConfig(seed=seed, limits=limits or Limits.off()), clock=clock)
    config = replace(practice_config(simulator), limits=profile, **changes)
    store = MemoryTokenStore(*([fresh_tokens(simulator, clock)] if connected else []))
    transport = HttpTransport(mount=SimulatorMount(simulator.app))
    async with StockXService(config, token_store=store, transport=transport, clock=clock) as service:
        yield PracticeMarket(service, simulator, clock)


def fresh_tokens(simulator: Simulator, clock: Clock, account: str = "default") -> TokenRecord:
    """A record of tokens that the simulator has just issued."""
    issued = simulator.issue_tokens()
    expires_at = clock.now() + timedelta(seconds=issued.expires_in)
    return TokenRecord(account, 1, issued.access_token, issued.refresh_token, expires_at)
