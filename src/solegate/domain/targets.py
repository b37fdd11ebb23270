"""Which addresses may be called on somebody's behalf (SSRF guard).

A web address that a caller names is judged twice: its text here, and every network address that its name resolves to,
just before one of them is connected to. Only what is public is called, unless receivers on the own network are
allowed; never called are the addresses that tell a machine's own secrets, and those that are no single machine's.

The blocks are those of IANA's registries of special-purpose addresses (RFC 6890, as kept on its site).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

LONGEST_URL = 2_000
_VISIBLE = re.compile(r"[!-\[\]-~]+")
"""ASCII without spaces and without the backslash, which some readers take for a slash."""
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?")
_WEB_PORTS = frozenset({80, 443})
_FIRST_FREE_PORT = 1024

_OWN = {
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"),
    "loopback": ("127.0.0.0/8", "::1/128"),
}
_NEVER = {
    "a metadata service": ("168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::254/128", "fd20:ce::254/128"),
    "unspecified": ("0.0.0.0/8", "::/128"),
    "link-local": ("169.254.0.0/16", "fe80::/10"),
    "multicast": ("224.0.0.0/4", "ff00::/8"),
    "reserved": (
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    ),
}
_GLOBAL_IPV6 = IPv6Network("2000::/3")
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """A web address, taken apart once, so that nobody reads it differently later.

    Attributes:
        scheme: `https`, or `http` where that is allowed.
        host: a name in ASCII, or a network address without brackets.
        port: as given, or the scheme's own.
        path: with its query.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}[self.scheme] else f"{host}:{self.port}"


def target_of(url: str, *, private: bool) -> Target | str:
    """Take a web address apart; where it cannot be called, say why.

    Args:
        url: as somebody gave it.
        private: whether receivers on the own network are allowed, and with them plain `http` and any port.
    """
    if len(url) > LONGEST_URL or not _VISIBLE.fullmatch(url):
        return f"it must be visible ASCII, at most {LONGEST_URL} characters, without spaces and backslashes"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "it is no web address"
    host = (parts.hostname or "").rstrip(".")
    reason = _wrong_parts(parts.scheme, parts.netloc, "#" in url, private=private) or _wrong_host(
        host, bracketed="[" in parts.netloc
    )
    if reason:
        return reason
    port = {"http": 80, "https": 443}[parts.scheme] if port is None else port
    if not port or not (private or port in _WEB_PORTS or port >= _FIRST_FREE_PORT):
        return f"port {port} is no port of a web service"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path)


def refusal(address: str, *, private: bool) -> str:
    """Why this network address must not be connected to; empty when it may be.

    Args:
        address: as a resolver gave it, maybe with a zone (`fe80::1%eth0`).
        private: whether receivers on the own network are allowed.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return "it is no network address"
    return _refusal(found, private=private)


def _refusal(address: Address, *, private: bool) -> str:
    inner = _carried(address)
    if inner is not None:
        return _refusal(inner, private=private)
    for blocks, what in ((_NEVER, True), (_OWN, not private)):
        for kind, networks in blocks.items():
            if what and any(address in ip_network(each) for each in networks):
                return f"it is {kind}"
    own = any(address in ip_network(each) for networks in _OWN.values() for each in networks)
    if isinstance(address, IPv6Address) and not own and address not in _GLOBAL_IPV6:
        return "it is reserved"
    return ""


def _carried(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, or behind a NAT64 gateway."""
    if isinstance(address, IPv6Address) and (address in _MAPPED or address in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _wrong_parts(scheme: str, authority: str, has_fragment: bool, *, private: bool) -> str:
    if scheme not in ({"https", "http"} if private else {"https"}):
        return "it must start with https://"
    if "@" in authority:
        return "it must not carry a user name or password"
    return "it must not have a fragment (#)" if has_fragment else ""


def _wrong_host(host: str, *, bracketed: bool) -> str:
    if not host or len(host) > 253:
        return "it names no host"
    if ":" in host or bracketed:
        return "" if ":" in host and "%" not in host and _is_address(host) else "its network address cannot be read"
    return "" if _NAME.fullmatch(host) else "its host name cannot be read; write it in ASCII"


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
