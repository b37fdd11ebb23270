"""Where the tokens of accounts are kept, as the token manager sees it, and a place in memory."""

from __future__ import annotations

from typing import Protocol

from solegate.domain.accounts import TokenRecord


class TokenStore(Protocol):
    """Keeps the tokens of accounts. Implementations: `MemoryTokenStore`, `db.SqlTokenStore`."""

    async def load(self, account: str) -> TokenRecord | None:
        """The account's current record, or `None` when it was never connected."""
        ...

    async def save(self, record: TokenRecord, *, expected_version: int | None) -> bool:
        """Write the record if the stored version is still the expected one (`None`: no record yet); ends the lease."""
        ...

    async def lease(self, record: TokenRecord, *, owner: str, seconds: float) -> bool:
        """Take the sole right to renew this version; `False`: somebody else has it, or has renewed it already."""
        ...

    async def release(self, account: str, *, owner: str) -> None:
        """Give the right back unused."""
        ...


class MemoryTokenStore:
    """A store that forgets with the process, and leases with it: they end when they are given back."""

    def __init__(self, *records: TokenRecord) -> None:
        self._records = {record.account: record for record in records}
        self._leases: dict[str, str] = {}

    async def load(self, account: str) -> TokenRecord | None:
        """See `TokenStore.load`."""
        return self._records.get(account)

    async def save(self, record: TokenRecord, *, expected_version: int | None) -> bool:
        """See `TokenStore.save`."""
        stored = self._records.get(record.account)
        if (stored.version if stored else None) != expected_version:
            return False
        self._records[record.account] = record
        self._leases.pop(record.account, None)
        return True

    async def lease(self, record: TokenRecord, *, owner: str, seconds: float) -> bool:  # noqa: ARG002 - ends otherwise
        """See `TokenStore.lease`."""
        stored = self._records.get(record.account)
        return stored == record and self._leases.setdefault(record.account, owner) == owner

    async def release(self, account: str, *, owner: str) -> None:
        """See `TokenStore.release`."""
        if self._leases.get(account) == owner:
            del self._leases[account]
