"""Which process this is, and whether another one on the same machine still exists."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from contextlib import suppress
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")


def this_place() -> str:
    """The space in which process ids mean what they mean here: this boot of this machine, and this container.

    Where the system does not tell (it is no Linux), a place of its own: nobody can see this process from elsewhere.
    """
    with suppress(OSError):
        told = f"{_BOOT.read_text()} {_NAMESPACE.readlink()}"
        return hashlib.sha256(told.encode()).hexdigest()[:12]
    return secrets.token_hex(6)


def new_worker_id() -> str:
    """A name that no worker ever had: host, process, and four random bytes."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


def is_gone(pid: int) -> bool:
    """Whether a process of this place surely exists no more; one that is dead and not yet buried counts as gone."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    with suppress(OSError):
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return state[:1] == ["Z"]
    return False
