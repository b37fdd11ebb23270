"""Secrets at rest: tokens are encrypted before they reach the database (Fernet: AES-128-CBC with HMAC)."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from solegate.domain.rotation import Secret
from solegate.errors import ConfigurationError, DatabaseError


class SecretBox:
    """Encrypts with its newest key and decrypts with any of them, so that keys can be rotated.

    Args:
        keys: Fernet keys (32 bytes, URL-safe base64), newest first.

    Raises:
        ConfigurationError: there is no key, or one is malformed.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        found = [key.strip() for key in keys if key.strip()]
        try:
            self._fernet = MultiFernet([Fernet(key) for key in found])
        except ValueError:
            raise ConfigurationError(
                "SOLEGATE_SECRET_KEY is no valid key.",
                hint="Leave it empty, or give 32 random bytes in URL-safe base64, comma-separated when there are more.",
            ) from None

    def seal(self, text: str) -> str:
        """The encrypted text; sealing the same text twice gives two different results."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The plain text.

        Raises:
            DatabaseError: it was sealed with none of the keys, or tampered with.
        """
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise _another_key() from None

    def seal_secrets(self, secrets: Iterable[Secret]) -> str:
        """Several that take turns, sealed as one text."""
        return self.seal(json.dumps([[each.text, each.until.isoformat() if each.until else None] for each in secrets]))

    def open_secrets(self, sealed: str) -> tuple[Secret, ...]:
        """Those that were sealed as one text.

        Raises:
            DatabaseError: see `open`.
        """
        found = json.loads(self.open(sealed))
        return tuple(Secret(text, datetime.fromisoformat(until) if until else None) for text, until in found)

    def seal_anew(self, sealed: str) -> str:
        """The same text, sealed with the newest key.

        Raises:
            DatabaseError: as `open` does.
        """
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise _another_key() from None


def _another_key() -> DatabaseError:
    return DatabaseError(
        "The stored tokens cannot be decrypted: they were written with another key.",
        hint="Restore SOLEGATE_SECRET_KEY or the key file, or run `solegate auth login` to replace them.",
    )


def keys_in(text: str) -> tuple[str, ...]:
    """The keys in a setting or file: newest first, with commas or white space between them."""
    return tuple(text.replace(",", " ").split())


def put_new_key_first(path: Path) -> None:
    """Make a key and put it before those in a key file, which are needed until everything is sealed anew.

    Raises:
        DatabaseError: the file can neither be read nor written.
    """
    _rewrite(path, (Fernet.generate_key().decode(), *keys_in(load_or_create_key(path))))


def keep_newest_key(path: Path) -> None:
    """Take every key but the newest out of a key file.

    Raises:
        DatabaseError: the file can neither be read nor written.
    """
    _rewrite(path, keys_in(load_or_create_key(path))[:1])


def _rewrite(path: Path, keys: Iterable[str]) -> None:
    """Put other keys in a key file, whole at any moment, for the owner alone."""
    try:
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(",".join(keys))
        Path(draft).replace(path)
    except OSError as error:
        raise DatabaseError(f"The key file {path} cannot be written: {error.strerror}.") from error


def load_or_create_key(path: Path) -> str:
    """The key in a file for the owner alone (mode 0600), which is made when it is missing.

    Two processes that start at once get the same key: the file appears whole or not at all.

    Raises:
        DatabaseError: the file can neither be read nor written.
    """
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _publish(path, Fernet.generate_key())
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise DatabaseError(
            f"The key file {path} cannot be used: {getattr(error, 'strerror', None) or 'it is no text'}.",
            hint="Check its permissions, or set SOLEGATE_SECRET_KEY.",
        ) from error


def _publish(path: Path, content: bytes) -> None:
    """Put a complete private file at `path`, unless another process was faster."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
