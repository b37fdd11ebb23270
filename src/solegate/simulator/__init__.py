"""The practice StockX: stateful, seeded, strict. It imports nothing of the product it tests.

Rooms: `world` (products and markets, pure), `state` (what it remembers), `wire` (bodies), `routes` (what can be asked),
`gate` (the order of processing), `app` (ASGI), `server` (sockets), `simulator` (all of it in one object).
"""

from solegate.simulator.clock import SimClock
from solegate.simulator.config import Limits, Pace, SimulatorConfig
from solegate.simulator.faults import ConnectionDropped, Fault, FaultKind
from solegate.simulator.report import Report
from solegate.simulator.scenario import Scenario, ScenarioError, load_scenario, parse_scenario, shipped_scenarios
from solegate.simulator.server import ServerHandle, running_server
from solegate.simulator.simulator import Simulator
from solegate.simulator.state.events import Event
from solegate.simulator.state.tokens import IssuedTokens
from solegate.simulator.world.catalog import Catalog

__all__ = [
    "Catalog",
    "ConnectionDropped",
    "Event",
    "Fault",
    "FaultKind",
    "IssuedTokens",
    "Limits",
    "Pace",
    "Report",
    "Scenario",
    "ScenarioError",
    "ServerHandle",
    "SimClock",
    "Simulator",
    "SimulatorConfig",
    "load_scenario",
    "parse_scenario",
    "running_server",
    "shipped_scenarios",
]
