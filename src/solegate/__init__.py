"""Solegate: run a StockX business through StockX's public API without tripping over it."""

from solegate.client.assembly import ClientConfig
from solegate.client.policy.call import Lane
from solegate.client.policy.oauth import Credentials
from solegate.client.policy.rate import GUIDE, OFFICIAL, LimitProfile
from solegate.client.service import CallOptions, StockXService
from solegate.errors import Outcome, SolegateError, StockXError

__version__ = "0.1.0"

__all__ = [
    "GUIDE",
    "OFFICIAL",
    "CallOptions",
    "ClientConfig",
    "Credentials",
    "Lane",
    "LimitProfile",
    "Outcome",
    "SolegateError",
    "StockXError",
    "StockXService",
]
