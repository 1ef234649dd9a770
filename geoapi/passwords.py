# SPDX-License-Identifier: GPL-2.0-or-later
"""Passwords: argon2id, the policy, and one-time links to set a new one.

Source of the policy: NIST SP 800-63B, length and a block list instead of composition rules.
"""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from geoapi.errors import InvalidDocumentError, NotFoundError, Problem
from geoapi.keys import Keys

MIN_LENGTH = 12
MAX_LENGTH = 256
LINK_LIFE = timedelta(hours=72)
_LINK_PURPOSE = "set-password"
_HASHER = PasswordHasher()
# One argon2 run takes 64 MiB: a burst of logins must not take the machine's memory.
_SLOTS = threading.BoundedSemaphore(4)
_FEWEST_CHARACTERS = 4

# What people take first, as on the keys of the Latin keyboard or in Thai.
_COMMON_TEXT = """
    password passw0rd p@ssw0rd p@ssword passwd letmein welcome admin administrator root superuser
    iloveyou qwerty qwertyuiop qwertyuiop[] asdfghjkl asdfghjkl;' zxcvbnm zxcvbnm,./ 1q2w3e4r5t6y
    1qaz2wsx3edc q1w2e3r4t5y6 abcdefghijkl abcdefghijklm abc123abc123 changeme changemenow
    thailand bangkok chiangrai chiangmai sawasdee sawatdee krungthep government pakmud
    รหัสผ่าน ประเทศไทย กรุงเทพ กรุงเทพมหานคร เชียงราย เชียงใหม่
    สวัสดี สวัสดีครับ สวัสดีค่ะ ปักหมุด ผู้ดูแลระบบ ราชการ ฉันรักเธอ
"""
_COMMON = frozenset(unicodedata.normalize("NFKC", _COMMON_TEXT).split())
# The Thai keyboard (TIS 820-2538) and the same keys of the Latin one: password is ยฟหหไนพก there.
_KEYS = str.maketrans(
    "ๅ/-ภถุึคตจขชๆไำพะัีรนยบลฟหกดเ้่าสวงผปแอิืทมใฝ",
    "1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./",
)
_THAI = re.compile("[\u0e00-\u0e7f]")
_SEQUENCE = "01234567890123456789012345678901234567890123456789"
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def normalise(password: str) -> str:
    r"""Return the one form of a password, however the keyboard composed its letters.

    >>> normalise("\u0e19\u0e4d\u0e32") == normalise("\u0e19\u0e33")  # two ways to type นำ
    True
    """
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    with _SLOTS:
        return _HASHER.hash(normalise(password))


def unusable_hash() -> str:
    """Return what stands for a hash while no password is set; it also ends older links."""
    return "!" + secrets.token_urlsafe(24)


def is_usable(password_hash: str) -> bool:
    """Say whether a password is set at all."""
    return bool(password_hash) and not password_hash.startswith("!")


@cache
def _dummy_hash() -> str:
    return hash_password(secrets.token_urlsafe(24))


def verify_password(password_hash: str | None, password: str) -> bool:
    """Say whether a password is right; takes as long for a user that does not exist.

    Args:
        password_hash: of the user; None, or not usable, when there is nothing to compare with.
        password: as typed.
    """
    given = password_hash or ""
    usable = is_usable(given)
    known = given if usable else _dummy_hash()
    try:
        with _SLOTS:
            matches = _HASHER.verify(known, normalise(password)[:MAX_LENGTH])
    except (VerificationError, InvalidHashError):
        return False
    return bool(matches) and usable


def needs_rehash(password_hash: str) -> bool:
    """Say whether the parameters of argon2 have changed since the hash was made."""
    return _HASHER.check_needs_rehash(password_hash)


def check_policy(password: str, username: str, pointer: str = "/new_password") -> None:
    """Refuse a password that is too short, too long, the user's name, or what people try first.

    Args:
        password: as typed.
        username: of its user.
        pointer: where in the form it stands.

    Raises:
        InvalidDocumentError: with one problem that says why.
    """
    plain = normalise(password)
    reason = ""
    if len(plain) < MIN_LENGTH:
        reason = "auth.password_too_short"
    elif len(plain) > MAX_LENGTH:
        reason = "auth.password_too_long"
    elif _is_username(plain, username):
        reason = "auth.password_is_username"
    elif _is_common(plain):
        reason = "auth.password_common"
    if reason:
        params = {"minimum": MIN_LENGTH, "maximum": MAX_LENGTH}
        raise InvalidDocumentError(
            "auth.password_refused", problems=(Problem(reason, pointer, params=params),)
        )


def _core(text: str) -> str:
    """Return a password without the digits and signs that people put around a word.

    Thai vowel and tone marks at an end go too, so cores are compared with cores alone.
    """
    return _ENDS.sub("", text.casefold())


_COMMON_CORES = frozenset(_core(word) for word in _COMMON) - {""}


def _latin_keys(text: str) -> str:
    """Return what the same keys give on the Latin keyboard.

    >>> _latin_keys("ยฟหหไนพก")
    'password'
    """
    if not _THAI.search(text):
        return text
    # NFKC takes sara am apart, the keyboard has it on one key
    return text.replace("\u0e4d\u0e32", "\u0e33").translate(_KEYS)


def _is_repeated(text: str, word: str) -> bool:
    return bool(word) and len(text) % len(word) == 0 and word * (len(text) // len(word)) == text


def _is_username(plain: str, username: str) -> bool:
    name = normalise(username).casefold()
    return _is_repeated(plain.casefold(), name) or (_core(plain) == _core(name) != "")


def _is_common(plain: str) -> bool:
    return any(_is_guessed_first(text) for text in {plain.casefold(), _latin_keys(plain)})


def _is_guessed_first(text: str) -> bool:
    return (
        text in _COMMON
        or _core(text) in _COMMON_CORES
        or len(set(text)) < _FEWEST_CHARACTERS
        or text in _SEQUENCE
        or text[::-1] in _SEQUENCE
        or any(_is_repeated(text, word) for word in _COMMON)
    )


def make_link_token(keys: Keys, user_id: str, password_hash: str, now: datetime) -> str:
    """Make the token of a link with which a user sets a password once within 72 hours.

    It is bound to the present hash: setting a password, or a newer link, ends it.
    """
    expires = int((now + LINK_LIFE).timestamp())
    signature = keys.sign(_LINK_PURPOSE, _link_data(user_id, expires, password_hash))
    return f"{user_id}.{expires}.{signature}"


def user_of_link(token: str, now: datetime) -> str:
    """Return the user a link names, before its signature is checked.

    Raises:
        NotFoundError: it is no such token, or its time is over.
    """
    user_id, _, rest = token.partition(".")
    expires, _, _signature = rest.partition(".")
    is_readable = expires.isascii() and expires.isdecimal() and len(expires) < 12  # noqa: PLR2004
    if not is_readable or int(expires) < now.timestamp():
        raise NotFoundError("auth.link_over")
    return user_id


def check_link(keys: Keys, token: str, password_hash: str, now: datetime) -> None:
    """Refuse a link whose signature is wrong, that was used, or whose time is over.

    Raises:
        NotFoundError: in all these cases, with the same words.
    """
    user_id = user_of_link(token, now)
    _, _, rest = token.partition(".")
    expires, _, signature = rest.partition(".")
    data = _link_data(user_id, int(expires), password_hash)
    if not keys.verify(_LINK_PURPOSE, data, signature):
        raise NotFoundError("auth.link_over")


def _link_data(user_id: str, expires: int, password_hash: str) -> bytes:
    return f"{user_id}\n{expires}\n{password_hash}".encode()
