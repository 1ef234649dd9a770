# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/standards.md names every conformance class that we declare, and none that we don't."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from geoapi.ogc.host_config import CONFORMANCE

PAGE = Path(__file__).resolve().parents[2] / "docs" / "standards.md"
_SECTIONS = {
    "ogcapi-common": "OGC API - Common",
    "ogcapi-features": "OGC API - Features",
    "cql2": "CQL2",
    "ogcapi-tiles": "OGC API - Tiles",
    "tms": "OGC API - Tiles",
    "ogcapi-processes": "OGC API - Processes",
}
# Part 5 of Common is the later name of Part 4 of Features.
_ELSEWHERE = {("ogcapi-common", "5"): "OGC API - Features"}


def section(title: str) -> str:
    text = PAGE.read_text(encoding="utf-8")
    found = [part for part in text.split("\n## ") if part.startswith(title)]
    assert len(found) == 1, title
    return found[0]


def parts_of(uri: str) -> tuple[str, str, str]:
    """Return (family, part, class) of the address of a conformance class."""
    match = re.fullmatch(
        r"http://www\.opengis\.net/spec/([a-z0-9-]+?)(?:-(\d+))?/[\d.]+/conf/(.+)", uri
    )
    assert match, uri
    return match[1], match[2] or "", match[3]


@pytest.mark.parametrize("uri", CONFORMANCE)
def test_declared_class_stands_on_the_page(uri: str) -> None:
    family, part, name = parts_of(uri)
    title = _ELSEWHERE.get((family, part), _SECTIONS[family])
    assert f"`{name}`" in section(title)


def test_page_names_no_class_that_is_not_declared() -> None:
    declared = {parts_of(uri)[2] for uri in CONFORMANCE}
    said = {
        name
        for title in set(_SECTIONS.values())
        for name in re.findall(r"`([a-z0-9-]+)`", section(title))
    }
    assert said - declared == {"functions", "callback"}, "named as not declared"
