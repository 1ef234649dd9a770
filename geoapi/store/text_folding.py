# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts without letter case and without accents, the same in Python, SQLite and PostgreSQL.

Accents are the marks that Unicode keeps for every script: they make é of e and ά of α.  Vowels and
tones of Thai, and of its neighbours' scripts, are letters of a word and stay.  The decomposition
is the canonical one (NFD), because the compatible one (NFKD) takes sara am apart.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from geoapi.store.filter_model import Fold

# The Unicode blocks of combining diacritical marks: first and last code points.
_MARKS = ((0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE20, 0xFE2F))
_MARK_CLASS = "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _MARKS) + "]"
_MARK = re.compile(_MARK_CLASS)
# The one capital that PostgreSQL makes small otherwise than letter by letter in Python.
_DOTTED_I = "\u0130"


def without_case(text: str) -> str:
    """Return a text in small letters, letter by letter; sharp s and the last sigma unfolded too.

    >>> without_case("Ärzte ΣΑς Straße ศาล")
    'ärzte σασ strasse ศาล'
    """
    if text.isascii():
        return text.lower()
    return "".join(map(_small, text)).replace("ς", "σ").replace("ß", "ss")


@lru_cache(maxsize=4096)
def _small(letter: str) -> str:
    small = letter.lower()
    if len(small) == 1:
        return small
    return "i" if letter == _DOTTED_I else letter


def without_accents(text: str) -> str:
    """Return a text without accents; what belongs to Thai letters stays.

    >>> without_accents("Café Ångström"), without_accents("น้ำใสที่วัด")
    ('Cafe Angstrom', 'น้ำใสที่วัด')
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _MARK.sub("", unicodedata.normalize("NFD", text)))


def folded(text: str, fold: Fold) -> str:
    """Return a text without case, or without accents."""
    return without_case(text) if fold == "casei" else without_accents(text)


def postgis_fold(sql: str, fold: Fold) -> str:
    """Spell the same for PostgreSQL.

    Args:
        sql: expression of a text.
        fold: which.
    """
    if fold == "casei":
        # columns are COLLATE "C", in which only A-Z have small letters
        small = f'lower(({sql}) COLLATE "default")'
        return f"replace(replace({small}, 'ς', 'σ'), 'ß', 'ss')"
    bare = f"regexp_replace(normalize({sql}, NFD), '{_MARK_CLASS}', '', 'g')"
    return f"normalize({bare}, NFC)"
