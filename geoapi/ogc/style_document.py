# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents of map styles for MapLibre: our own areas and points, names in Thai or in English.

A style names no glyphs, so MapLibre draws the letters of every script with the fonts of the
reader's device, in whole syllables as Thai needs it; nothing is asked of a third party.
"""

from __future__ import annotations

from typing import Any

from geoapi.codes import code_list
from geoapi.messages import LANGUAGES, Language
from geoapi.ogc.tile_documents import WEB_MERCATOR_QUAD, text
from geoapi.types import JsonObject
from geoapi.web.map_symbols import symbols, top_category

STYLE = "application/vnd.mapbox.style+json"
STYLE_IDS: dict[str, Language] = {f"pakmud-{language}": language for language in LANGUAGES}
_FONTS = ["Sarabun", "Noto Sans Thai", "Leelawadee UI", "Thonburi", "Garuda", "Loma", "sans-serif"]
_WATER, _LAND, _LINE, _INK, _BLUE = "#dfe9ee", "#fbfaf4", "#8b98a4", "#33414d", "#0f3f6e"


def style_document(root: str, language: Language) -> JsonObject:
    """Return the style of a language.

    Args:
        root: address of the OGC API.
        language: of the names on the map.
    """
    return {
        "version": 8,
        "name": text(f"style.{language}", language),
        "center": [101.0, 13.5],
        "zoom": 5,
        "sources": {
            "pakmud": {"type": "vector", "url": f"{root}/tiles/{WEB_MERCATOR_QUAD}?f=tilejson"
                       f"&lang={language}"},
        },
        "layers": [
            {"id": "water", "type": "background", "paint": {"background-color": _WATER}},
            _layer("land", "fill", "provinces", paint={"fill-color": _LAND}),
            *_lines(),
            *_points(),
            *_names(language),
            _counts(),
            _point_names(language),
        ],
    }  # fmt: skip


def _layer(layer_id: str, kind: str, source_layer: str, **more: Any) -> JsonObject:  # noqa: ANN401
    return {
        "id": layer_id,
        "type": kind,
        "source": "pakmud",
        "source-layer": source_layer,
    } | more


def _lines() -> list[JsonObject]:
    return [
        _layer("subdistrict-lines", "line", "subdistricts", minzoom=11,
               paint={"line-color": _LINE, "line-width": 0.6, "line-dasharray": [3, 2]}),
        _layer("district-lines", "line", "districts", minzoom=7,
               paint={"line-color": _LINE, "line-width": 1}),
        _layer("province-lines", "line", "provinces",
               paint={"line-color": "#4a5560", "line-width": ["interpolate", ["linear"], ["zoom"],
                                                             4, 0.8, 9, 2]}),
    ]  # fmt: skip


def _points() -> list[JsonObject]:
    """Return circles: one point in the colour of its kind, many in blue and the larger the more."""
    colours: list[Any] = ["match", ["get", "category"]]
    drawn = symbols()
    for code in code_list("category").codes:
        colours += [code, drawn[top_category(code)].color]
    radius = ["step", ["get", "count"], 5, 2, 10, 10, 12, 100, 14, 1000, 17, 10000, 20]
    is_many = [">", ["get", "count"], 1]
    return [
        _layer("points", "circle", "service-points", layout={"circle-sort-key": ["get", "count"]},
               paint={"circle-radius": radius,
                      "circle-color": ["case", is_many, _BLUE, [*colours, drawn["other"].color]],
                      "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5}),
    ]  # fmt: skip


def _name(language: Language) -> list[Any]:
    """Return the expression of a name: the other language where one is missing."""
    other = "en" if language == "th" else "th"
    return ["coalesce", ["get", f"name_{language}"], ["get", f"name_{other}"]]


def _label(language: Language, size: float, **more: Any) -> JsonObject:  # noqa: ANN401
    return {
        "text-field": _name(language),
        "text-font": _FONTS,
        "text-size": size,
        "text-max-width": 8,
    } | more


# A name gives way to the points around its place.
_ANYWHERE = {
    "text-variable-anchor": [
        "center",
        "top",
        "bottom",
        "left",
        "right",
        "top-left",
        "top-right",
        "bottom-left",
        "bottom-right",
    ],
    "text-radial-offset": 1.2,
}
_HALO = {"text-color": _INK, "text-halo-color": "#ffffffe6", "text-halo-width": 1.6}


def _names(language: Language) -> list[JsonObject]:
    return [
        _layer("subdistrict-names", "symbol", "subdistricts-names", minzoom=12,
               layout=_label(language, 12, **_ANYWHERE), paint=_HALO),
        _layer("district-names", "symbol", "districts-names", minzoom=8, maxzoom=13,
               layout=_label(language, 13, **_ANYWHERE), paint=_HALO),
        _layer("province-names", "symbol", "provinces-names", minzoom=5, maxzoom=9,
               layout=_label(language, 14, **_ANYWHERE), paint=_HALO),
    ]  # fmt: skip


def _counts() -> JsonObject:
    return _layer("point-counts", "symbol", "service-points", filter=[">", ["get", "count"], 1],
                  layout={"text-field": ["number-format", ["get", "count"], {}],
                          "text-font": ["sans-serif"], "text-size": 11,
                          "text-allow-overlap": False, "text-padding": 0,
                          "symbol-sort-key": ["-", 0, ["get", "count"]]},
                  paint={"text-color": "#ffffff"})  # fmt: skip


def _point_names(language: Language) -> JsonObject:
    return _layer("point-names", "symbol", "service-points", minzoom=13,
                  filter=["==", ["get", "count"], 1],
                  layout=_label(language, 12, **{"text-anchor": "top", "text-offset": [0, 0.6]}),
                  paint=_HALO)  # fmt: skip
