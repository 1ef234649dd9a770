# SPDX-License-Identifier: GPL-2.0-or-later
"""The symbol of each top category, the same in the legend, on the live and on the drawn map."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from geoapi.codes import code_list
from geoapi.messages import Language
from geoapi.web.assets import STATIC_FOLDER

OTHER = "other"


@dataclass(frozen=True)
class Symbol:
    """Colour and shape.

    Attributes:
        color: ``#rrggbb``.
        corners: (x, y) in a square from -1 to 1, y down.
    """

    color: str
    corners: tuple[tuple[float, float], ...]


@cache
def symbols() -> dict[str, Symbol]:
    """Read the symbols by top category; the file is part of the program."""
    text = (STATIC_FOLDER / "map_symbols.json").read_text(encoding="utf-8")
    return {
        name: Symbol(entry["color"], tuple((x, y) for x, y in entry["corners"]))
        for name, entry in json.loads(text)["symbols"].items()
    }


def top_category(category: str) -> str:
    """Return the top category that a symbol stands for."""
    code = code_list("category").codes.get(category)
    top = (code.parent or code.code) if code else OTHER
    return top if top in symbols() else OTHER


def legend(language: Language) -> list[dict[str, Any]]:
    """Return the entries of a legend: label, colour, and corners as SVG writes them."""
    codes = code_list("category").codes
    return [
        {
            "label": codes[name].label(language),
            "color": symbol.color,
            "points": " ".join(f"{x},{y}" for x, y in symbol.corners),
        }
        for name, symbol in symbols().items()
    ]


def grouped_categories(language: Language) -> list[dict[str, Any]]:
    """Return the categories for a list box: {code, label, codes: [{code, label}]}."""
    codes = code_list("category").codes.values()
    return [
        {
            "code": top.code,
            "label": top.label(language),
            "codes": [
                {"code": c.code, "label": c.label(language)} for c in codes if c.parent == top.code
            ],
        }
        for top in codes
        if not top.parent
    ]
