"""Requests to addresses that somebody named: webhooks that go out. Nothing of this is StockX's.

Besides `transport` the only file that knows the HTTP library. A name is resolved here, every address it has is judged
(`domain.targets`), and the connection goes to the very address that was judged, whatever the name resolves to a moment
later; certificate and `Host` are still the name's. No proxy, no redirection, no connection used twice, and of an
answer nothing but its status and `Retry-After` is read.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

import httpx2

from solegate.client.policy.retry import parse_retry_after
from solegate.clock import Clock
from solegate.domain.deliveries.schedule import Attempt
from solegate.domain.targets import Target, refusal, target_of
from solegate.errors import AddressRefusedError

TIMEOUT = 10.0
"""Seconds for one request, from resolving the name to the answer's headers."""
_MOST_CONNECTIONS = 100
_MOST_ADDRESSES = 3
"""Addresses of a name that are tried; the next one only if the one before cannot be connected to."""
_LONGEST_REASON = 200

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Every network address of a name. Raises OSError when there is none."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver, as any program does."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


class Outbound:
    """Sends to addresses that were judged just before.

    Args:
        clock: for a `Retry-After` that is a date.
        private: whether receivers on the own network are allowed.
        resolver: the system's unless given.
        tls: whom to trust; the system's authorities unless given.
        timeout: see `TIMEOUT`.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        private: bool = False,
        resolver: Resolver = resolve,
        tls: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._clock = clock
        self._private = private
        self._resolve = resolver
        self._tls = tls
        self._timeout = timeout
        self._client: httpx2.AsyncClient | None = None

    async def check(self, url: str) -> None:
        """See whether an address can be called now.

        Raises:
            AddressRefusedError: it must not be called from here, or its name does not resolve.
        """
        try:
            async with asyncio.timeout(self._timeout):
                await self._judged(url)
        except TimeoutError:
            raise AddressRefusedError("The address cannot be used: its name is not resolved in time.") from None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Attempt:
        """Send a body, once. Whatever goes wrong is told in the result."""
        try:
            async with asyncio.timeout(self._timeout):
                target, addresses = await self._judged(url)
                return await self._send(target, addresses, headers, body)
        except AddressRefusedError as error:
            return Attempt(None, error.message)
        except TimeoutError:
            return Attempt(None, f"no answer within {self._timeout:g} s")
        except (httpx2.RequestError, OSError) as error:
            return Attempt(None, _describe(error))

    async def aclose(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.aclose()

    async def _judged(self, url: str) -> tuple[Target, Sequence[str]]:
        """The address taken apart, and the network addresses of its host, each of them fit to be connected to.

        Raises:
            AddressRefusedError: one of them is not, or there is none.
        """
        target = target_of(url, private=self._private)
        if isinstance(target, str):
            raise AddressRefusedError(f"The address cannot be used: {target}.")
        try:
            addresses = await self._resolve(target.host, target.port)
        except (OSError, UnicodeError):
            addresses = ()
        if not addresses:
            raise AddressRefusedError(f"The address cannot be used: the name {target.host} does not resolve.")
        for address in addresses:
            if reason := refusal(address, private=self._private):
                raise AddressRefusedError(f"{target.host} must not be called: {reason}.")
        return target, addresses

    async def _send(self, target: Target, addresses: Sequence[str], headers: Mapping[str, str], body: bytes) -> Attempt:
        *others, last = addresses[:_MOST_ADDRESSES]
        for address in others:
            with suppress(httpx2.ConnectError):
                return await self._send_to(address, target, headers, body)
        return await self._send_to(last, target, headers, body)

    async def _send_to(self, address: str, target: Target, headers: Mapping[str, str], body: bytes) -> Attempt:
        place = f"[{address}]" if ":" in address else address
        client = self._opened()
        request = client.build_request(
            "POST",
            f"{target.scheme}://{place}:{target.port}{target.path}",
            headers={**headers, "host": target.authority, "accept-encoding": "identity", "user-agent": "solegate"},
            content=body,
            timeout=self._timeout,
            extensions={"sni_hostname": target.host},
        )
        answer = await client.send(request, stream=True)
        await answer.aclose()
        wait = parse_retry_after(answer.headers.get("retry-after"), now=self._clock.now())
        error = "" if answer.is_success else f"the receiver answered {answer.status_code}"
        return Attempt(answer.status_code, error, wait)

    def _opened(self) -> httpx2.AsyncClient:
        """The client; made when it is first needed, for reading the authorities takes a while."""
        if self._client is None:
            self._client = httpx2.AsyncClient(
                verify=self._tls or httpx2.create_ssl_context(),
                trust_env=False,
                follow_redirects=False,
                limits=httpx2.Limits(max_connections=_MOST_CONNECTIONS, max_keepalive_connections=0),
            )
        return self._client


def _describe(error: httpx2.RequestError | OSError) -> str:
    """Why it failed, without the address, which may be a secret."""
    if isinstance(error, httpx2.LocalProtocolError):
        return "the request cannot be written"
    return (str(error) or type(error).__name__)[:_LONGEST_REASON]
