# SPDX-License-Identifier: GPL-2.0-or-later
"""Code lists of ``data/codes``: every code with a Thai and an English label."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from geoapi.errors import NotFoundError
from geoapi.messages import Language, data_folder


@dataclass(frozen=True)
class Code:
    """One entry of a code list.

    Attributes:
        code: what is stored.
        th: Thai label.
        en: English label.
        parent: code of the broader entry, '' at the top.
    """

    code: str
    th: str
    en: str
    parent: str = ""

    def label(self, language: Language) -> str:
        """Return the label in a language."""
        return self.th if language == "th" else self.en


@dataclass(frozen=True)
class CodeList:
    """A named list of codes with a title."""

    id: str
    th: str
    en: str
    codes: MappingProxyType[str, Code]


@cache
def code_lists() -> MappingProxyType[str, CodeList]:
    """Read all lists; the files are part of the program and do not change while it runs."""
    lists = {}
    for path in sorted((data_folder() / "codes").glob("*.json")):
        raw = json.loads(path.read_text(encoding="utf-8"))
        codes = {entry["code"]: Code(**entry) for entry in raw["codes"]}
        lists[raw["id"]] = CodeList(
            raw["id"], raw["title"]["th"], raw["title"]["en"], MappingProxyType(codes)
        )
    return MappingProxyType(lists)


def code_list(list_id: str) -> CodeList:
    """Return one list.

    Raises:
        NotFoundError: there is no list of that name.
    """
    try:
        return code_lists()[list_id]
    except KeyError as error:
        raise NotFoundError("codes.unknown_list", list=list_id) from error


def label(list_id: str, code: str, language: Language) -> str:
    """Return the label of a code, or the code itself when the list does not know it."""
    entry = code_list(list_id).codes.get(code)
    return code if entry is None else entry.label(language)
