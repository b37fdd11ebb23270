"""Database failures in words: what failed, where, and what to do next. Passwords never appear."""

from __future__ import annotations

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from solegate.errors import DatabaseError

_PERMISSION = "Check that you may write the file and its folder, or set SOLEGATE_DATABASE_URL to another place."
_TOO_MANY = "Lower SOLEGATE_DATABASE_POOL, or let the server take more connections (max_connections)."

_ADVICE = (
    ("no such table", "Run `solegate db upgrade`."),
    ("constraint", "Nothing was written; please report this as a defect of Solegate."),
    ("relation", "Run `solegate db upgrade`."),
    ('database "', "Create that database first."),
    ('role "', "Check the user in SOLEGATE_DATABASE_URL."),
    ("unexpected keyword", "Remove the unknown option from SOLEGATE_DATABASE_URL."),
    ("deadlock", "Nothing was written: try again."),
    ("too many clients", _TOO_MANY),
    ("connection slots", _TOO_MANY),
    ("queuepool", "Raise SOLEGATE_DATABASE_POOL, or let fewer calls run at once."),
    ("locked", "Another process holds the write lock: stop it, or try again."),
    ("busy", "Another process holds the write lock: stop it, or try again."),
    ("readonly", _PERMISSION),
    ("unable to open", _PERMISSION),
    ("permission denied", _PERMISSION),
    ("not a directory", _PERMISSION),
    ("not a file", _PERMISSION),
    ("file exists", _PERMISSION),
    ("read-only file system", _PERMISSION),
    ("not a database", "The file is something else, or damaged: move it away and run `solegate db upgrade`."),
    ("malformed", "The file is damaged: restore a backup, or move it away and run `solegate db upgrade`."),
    ("full", "Free some disk space."),
    ("password authentication failed", "Check user and password in SOLEGATE_DATABASE_URL."),
    ("connect", "Check that the database server runs and that SOLEGATE_DATABASE_URL names it."),
)


def location(url: URL) -> str:
    """Where a database is, for people: the path of a SQLite file, else the URL with its password hidden."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return url.set(query={}).render_as_string()


def explain(error: Exception, place: str) -> DatabaseError:
    """The error to raise for a failure at a database: its first line, the place, and advice where there is any."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    reason = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    reason = reason.strip().splitlines()[0]
    advice = next((advice for part, advice in _ADVICE if part in reason.casefold()), "")
    return DatabaseError(f"The database {place} failed: {reason.rstrip('.')}.", hint=advice)
