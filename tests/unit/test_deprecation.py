# SPDX-License-Identifier: GPL-2.0-or-later
"""What is deprecated says so in headers, is a route that exists, and stands on the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from geoapi.ogc.deprecation import DEPRECATED, Deprecated, headers, of_route
from geoapi.ogc.routes import RESOURCES

ROOT = Path(__file__).resolve().parents[2]
BASE = "https://pins.example.go.th"
CHANGES = "/collections/{collection_id}/changes"
DAY = datetime(2026, 1, 1, tzinfo=UTC)


def test_table_names_routes_that_exist_and_the_page_lists_them():
    page = (ROOT / "docs" / "api-policy.md").read_text(encoding="utf-8")
    for entry in DEPRECATED:
        assert entry.path in RESOURCES
        assert entry.instead
        rows = [line for line in page.splitlines() if f"`{entry.path}`" in line]
        assert any(
            f"| {entry.since:%Y-%m-%d} |" in row and entry.parameter in row and entry.instead in row
            for row in rows
        ), entry
        if entry.sunset is not None:
            assert entry.sunset - entry.since >= timedelta(days=365)


def test_only_requests_that_use_it_are_told():
    entries = of_route(CHANGES)
    for since in ("12", "007"):
        told = headers(entries, {"since": since}, BASE)
        assert told["Deprecation"] == "@1795478400"
        assert told["Link"].startswith(f"<{BASE}/")
        assert 'rel="deprecation"' in told["Link"]
        assert "Sunset" not in told
    for parameters in ({}, {"since": "0"}, {"since": "now"}, {"since": "c1.5.ff.public"}):
        assert headers(entries, parameters, BASE) == {}
    assert of_route("/collections") == ()


def test_earliest_dates_count_and_a_sunset_is_a_date():
    table = (
        Deprecated("/x", DAY, DAY + timedelta(days=730)),
        Deprecated("/x", DAY - timedelta(days=1), DAY + timedelta(days=400)),
    )
    told = headers(of_route("/x", table), {}, BASE)
    assert told["Deprecation"] == f"@{int(DAY.timestamp()) - 86400}"
    assert told["Sunset"] == "Fri, 05 Feb 2027 00:00:00 GMT"
    assert 'rel="sunset"' in told["Link"]
