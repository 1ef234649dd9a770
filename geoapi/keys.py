# SPDX-License-Identifier: GPL-2.0-or-later
"""Secret keys of a site: made once, kept in ``keys.json``, used to sign and to check.

Signatures are HMAC-SHA256 with a key derived for each purpose, so that a signature made for one
thing never counts for another.  Rotation keeps the previous key for checking.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from geoapi.errors import DataUnavailableError, UsageError

FILE_NAME = "keys.json"
_SECRET_BYTES = 32
# The key that signs and the one before it, for what was signed before a rotation.
_KEPT_KEYS = 2


@dataclass(frozen=True)
class SecretKey:
    """One key.

    Attributes:
        id: short random name, for people.
        secret: 32 random bytes.
        created_at: UTC.
        retired_at: since when it only checks; None while it signs.
    """

    id: str
    secret: bytes = field(repr=False)
    created_at: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True)
class Keys:
    """The keys of a site, the newest first; the first signs, all of them check."""

    keys: tuple[SecretKey, ...]

    def sign(self, purpose: str, data: bytes) -> str:
        """Return the signature of ``data`` for one purpose, as URL-safe text."""
        return _signature(self.keys[0], purpose, data)

    def verify(self, purpose: str, data: bytes, signature: str) -> bool:
        """Say whether a signature was made for this purpose and data by a key that still counts."""
        given = signature.encode("utf-8", "replace")
        # every key is tried, so that the time tells nothing about which one fits
        fits = [
            hmac.compare_digest(_signature(key, purpose, data).encode(), given) for key in self.keys
        ]
        return any(fits)


@lru_cache(maxsize=64)
def _derived(key: SecretKey, purpose: str) -> bytes:
    return hmac.digest(key.secret, f"pakmud:{purpose}".encode(), hashlib.sha256)


def _signature(key: SecretKey, purpose: str, data: bytes) -> str:
    digest = hmac.digest(_derived(key, purpose), data, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _new_key(now: datetime) -> SecretKey:
    return SecretKey(secrets.token_hex(4), secrets.token_bytes(_SECRET_BYTES), now)


def load_keys(data_dir: Path) -> Keys:
    """Read the keys of a site; make the folder and the first key when there are none.

    Args:
        data_dir: folder of ``keys.json``.

    Raises:
        UsageError: the file is damaged, or others may read it.
        DataUnavailableError: the folder or file can't be read or written.
    """
    path = data_dir / FILE_NAME
    try:
        if not path.exists():
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(path, Keys((_new_key(datetime.now(UTC)),)), replace_existing=False)
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise UsageError("keys.readable_by_others", path=str(path))
        return _parse(path.read_text(encoding="utf-8"), path)
    except OSError as error:
        raise DataUnavailableError("keys.unavailable", path=str(path)) from error


def rotate(data_dir: Path) -> Keys:
    """Make a new key that signs from the next start on; the previous one still checks.

    Raises:
        UsageError: the file is damaged, or others may read it.
        DataUnavailableError: the file can't be written; the old keys stay.
    """
    present = load_keys(data_dir)
    now = datetime.now(UTC)
    previous = (replace(present.keys[0], retired_at=now), *present.keys[1:])
    keys = Keys((_new_key(now), *previous)[:_KEPT_KEYS])
    path = data_dir / FILE_NAME
    try:
        _write(path, keys, replace_existing=True)
    except OSError as error:
        raise DataUnavailableError("keys.unavailable", path=str(path)) from error
    return keys


def _parse(text: str, path: Path) -> Keys:
    try:
        keys = tuple(
            SecretKey(
                id=str(entry["id"]),
                secret=base64.b64decode(entry["secret"], validate=True),
                created_at=datetime.fromisoformat(entry["created"]),
                retired_at=(datetime.fromisoformat(entry["retired"]) if entry["retired"] else None),
            )
            for entry in json.loads(text)["keys"]
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError("keys.damaged", path=str(path)) from error
    if not keys or any(len(key.secret) < _SECRET_BYTES for key in keys):
        raise UsageError("keys.damaged", path=str(path))
    return Keys(keys)


def _write(path: Path, keys: Keys, *, replace_existing: bool) -> None:
    """Write the whole file or nothing, mode 0600; two first starts at once agree on one file."""
    document = {
        "keys": [
            {
                "id": key.id,
                "secret": base64.b64encode(key.secret).decode("ascii"),
                "created": key.created_at.isoformat(),
                "retired": key.retired_at.isoformat() if key.retired_at else None,
            }
            for key in keys.keys
        ]
    }
    temporary = path.with_name(f".{FILE_NAME}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        if replace_existing:
            temporary.replace(path)
        else:
            _link_if_absent(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _link_if_absent(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        return  # another process was first: its keys count, ours were never used
