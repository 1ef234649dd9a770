# SPDX-License-Identifier: GPL-2.0-or-later
"""What somebody typed into a search box, as the words that the store looks for."""

from __future__ import annotations

import re

from geoapi.thai import search_text, to_ascii_digits

# A phone number as people write it: digits with blanks, hyphens, dots and brackets between them.
_PHONE_LIKE = re.compile(r"\+?[0-9][0-9\s().-]{3,}")
_BETWEEN_DIGITS = re.compile(r"[\s().-]+")


def search_words(text: str) -> str:
    """Return canonical words separated by blanks; a phone number becomes one word.

    >>> search_words("อบต.  โป่งผา"), search_words("๐-๕๓๑๕-๐๑๖๑"), search_words("+66 53 150 161")
    ('อบต. โป่งผา', '053150161', '+6653150161')
    """
    plain = to_ascii_digits(text).strip()
    if _PHONE_LIKE.fullmatch(plain):
        return _BETWEEN_DIGITS.sub("", plain)
    return search_text(text)
