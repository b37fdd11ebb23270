"""The database's URL for a library that speaks to PostgreSQL by libpq instead of asyncpg: the durable engine."""

from __future__ import annotations

from sqlalchemy import make_url

_SAME = ("host", "port", "passfile", "target_session_attrs")
"""Options that mean the same to both."""


def libpq_url(url: str) -> str:
    """Translate the URL of a PostgreSQL database; options that only asyncpg knows are left out.

    It contains the password: for the library only, never for a log.
    """
    parsed = make_url(url)
    options = {name: parsed.query[name] for name in _SAME if name in parsed.query}
    encryption = parsed.query.get("sslmode", parsed.query.get("ssl"))
    if encryption is not None:
        options["sslmode"] = encryption
    return parsed.set(drivername="postgresql", query=options).render_as_string(hide_password=False)
