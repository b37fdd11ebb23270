"""What a request cannot carry must not come back in an error's words."""

from __future__ import annotations

from solegate.client.policy.outcome import Failed
from solegate.client.transport import HttpTransport, WireRequest
from solegate.simulator import Simulator, running_server

CANARY = "canary-key-7f3e9d"


async def test_a_key_that_fits_no_header_is_not_shown():
    async with running_server(Simulator()) as server:
        transport = HttpTransport()
        result = await transport.send(WireRequest("GET", f"{server.api_url}/x", {"x-api-key": f"{CANARY}\n"}))
        await transport.aclose()

    assert isinstance(result, Failed)
    assert result.detail == "the request cannot be written"
    assert CANARY not in repr(result)
