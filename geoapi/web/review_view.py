# SPDX-License-Identifier: GPL-2.0-or-later
"""What a reviewer sees of one point: differences, map, findings, who sent it, and its history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.routing import NoMatchFound

from geoapi import document
from geoapi.codes import code_list, label
from geoapi.errors import UsageError
from geoapi.messages import Language, message
from geoapi.review_findings import ReviewFinding, findings_for
from geoapi.review_queue import QueueFilter, days_waiting, submission_of
from geoapi.revisions import document_of
from geoapi.rights import has
from geoapi.service_points import distance_m
from geoapi.store import FeatureRow
from geoapi.types import BBox, JsonObject, LonLat
from geoapi.web import point_data
from geoapi.web.drawn_map import make_frame
from geoapi.web.map_view import HEIGHT_PX, WIDTH_PX, MapWish, map_view
from geoapi.web.photo_view import photo_views
from geoapi.web.point_changes import Change, changes_between
from geoapi.web.point_form import TEXT_FIELDS, form_of
from geoapi.web.point_view import coordinates_of, point_url, point_view, show_date
from geoapi.web.rendering import request_language, request_site, request_viewer
from geoapi.web.review_filter import filter_parts

# Members that the form's comparison says already.
_COMPARED = frozenset({*TEXT_FIELDS, "phones", "no_phone"})
# Members that name something else by its id.
_NAMED = {"agency_id": point_data.agency, "parent_id": point_data.public_point}
_LEAST_MARGIN_DEG = 0.003  # about 330 m
_MOST_HISTORY = 30


@dataclass(frozen=True)
class ReviewCase:
    """One point before its reviewer.

    Attributes:
        request: who asks, and in which language.
        row: the working row.
        entries: the point's history, oldest first.
        is_own: the viewer is one of its editors.
    """

    request: Request
    row: FeatureRow
    entries: Sequence[dict[str, Any]]
    is_own: bool

    @property
    def id(self) -> str:
        """Return the point's id."""
        return str(self.row.id)


def case_context(case: ReviewCase, wanted: QueueFilter) -> dict[str, Any]:
    """Return what the page of a point shows beside the decision.

    Args:
        case: the point.
        wanted: the filter; links of the drawn map keep it.
    """
    request, language = case.request, request_language(case.request)
    site, viewer = request_site(request), request_viewer(request)
    current = document_of(case.row)
    public = point_data.public_point(site, case.id)
    submission = submission_of(site, case.row, case.entries)
    place, old = coordinates_of(current), coordinates_of(public) if public else None
    moved_m = distance_m(old, place) if old and place and old != place else 0.0
    days = days_waiting(submission.at, site.clock())
    return {
        "point": point_view(current, language)
        | {"public_url": "" if public is None else point_url(public)},
        "etag": case.row.etag,
        "is_new": public is None,
        "changes": differences(request, public, current),
        "moved_m": f"{moved_m:,.0f}" if moved_m else "",
        "map": _map(case, wanted, place, old),
        "findings": [
            _shown_finding(case, finding) for finding in findings_for(site, viewer, current)
        ],
        "photos": photo_views(site, viewer, case.id, language),
        "submission": {
            "at": show_date(submission.at, language, time=True),
            "by": submission.by,
            "words": submission.words,
            "days": message("review.days", language, {"n": days}),
        },
        "history": _history(case, language),
        "history_url": _history_url(case),
        "quick_reasons": quick_reasons(language),
        "is_own": case.is_own,
    }


def quick_reasons(language: Language) -> list[dict[str, str]]:
    """Return the reasons of a return: code, caption, and the words for whoever reads them."""
    return [
        {"code": c.code, "label": c.label(language), "words": f"{c.th} ({c.en})"}
        for c in code_list("return_reason").codes.values()
    ]


def differences(request: Request, before: JsonObject | None, after: JsonObject) -> list[Change]:
    """Return every public member in which two versions differ, all that are set for a new point.

    Args:
        request: whose language counts.
        before: the earlier document, None for none.
        after: the later one.
    """
    empty: JsonObject = {"id": after["id"], "geometry": None, "properties": {}}
    earlier = before or empty
    if before is None:
        earlier = {**empty, "properties": {"status": ""}}
    found = changes_between(request, form_of(earlier, ""), form_of(after, ""))
    captions = {change.caption for change in found}
    return found + [c for c in _other_changes(request, earlier, after) if c.caption not in captions]


def _other_changes(request: Request, before: JsonObject, after: JsonObject) -> list[Change]:
    """Compare the members that the edit form does not show: publishing them needs eyes too."""
    language = request_language(request)
    hidden = document.read_only_names() | _COMPARED
    found = []
    for name, part in document.properties_schema().items():
        if name in hidden or name not in document.public_names():
            continue
        old, new = before["properties"].get(name), after["properties"].get(name)
        if (old or None) != (new or None):
            caption = str(part.get("x-title-th" if language == "th" else "title") or name)
            said = [_said(request, name, part, value) for value in (old, new)]
            found.append(Change(caption, *said))
    return found


def _said(request: Request, name: str, part: JsonObject, value: Any) -> str:  # noqa: ANN401 - JSON
    """Say any member of the document in words."""
    site, language = request_site(request), request_language(request)
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return message("web.changes.yes" if value else "web.changes.no", language)
    if "x-codes" in part:
        return label(part["x-codes"], str(value), language)
    if name in _NAMED:
        named = _NAMED[name](site, value)
        return point_data.name_of(named, language) if named else str(value)
    if isinstance(value, dict):
        parts = part.get("properties", {})
        return "; ".join(f"{_caption(parts, k, language)}: {v}" for k, v in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _caption(parts: JsonObject, name: str, language: Language) -> str:
    part = parts.get(name, {})
    return str(part.get("x-title-th" if language == "th" else "title") or name)


def _map(
    case: ReviewCase, wanted: QueueFilter, place: LonLat | None, old: LonLat | None
) -> dict[str, Any] | None:
    """Return the map of before and after, None without a place."""
    places = [p for p in (place, old) if p is not None]
    if not places:
        return None
    request = case.request
    language = request_language(request)
    name = point_view(document_of(case.row), language)["name"]
    moved = old if old is not None and old != place else None
    alt = message(
        "review.map.alt_moved" if moved else "web.map.alt_point", language, {"name": name}
    )
    query = {k: v for k, v in filter_parts(wanted).items() if v}
    wish = MapWish(
        _asked_box(request) or _box(places),
        alt,
        place,
        moved,
        {"own": case.id},
        link_path=f"/review/{case.id}",
        link_query=query,
        shows_around=True,
    )
    return map_view(request, wish)


def _box(places: Sequence[LonLat]) -> BBox:
    """Return a box near enough to tell the places apart."""
    lons, lats = [p[0] for p in places], [p[1] for p in places]
    margin = max(_LEAST_MARGIN_DEG, max(lons) - min(lons), max(lats) - min(lats))
    return (min(lons) - margin, min(lats) - margin, max(lons) + margin, max(lats) + margin)


def _asked_box(request: Request) -> BBox | None:
    text = request.query_params.get("bbox")
    if not text:
        return None
    try:
        return make_frame(text, str(WIDTH_PX), str(HEIGHT_PX)).bbox
    except UsageError:
        return None


def _shown_finding(case: ReviewCase, finding: ReviewFinding) -> dict[str, Any]:
    language = request_language(case.request)
    merges = has(request_viewer(case.request), "points.merge")
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "severity_label": message(f"review.severity.{finding.severity}", language),
        "text": finding_text(finding, language),
        "other_url": _other_url(finding.other) if finding.other else "",
        "merge_url": f"/my/points/{case.id}" if finding.other and merges else "",
    }


def finding_text(finding: ReviewFinding, language: Language) -> str:
    """Say a finding in words."""
    name = finding.params.get(f"name_{language}", "")
    return message(finding.message_id, language, {**finding.params, "name": name})


def _other_url(other: JsonObject) -> str:
    """Return where the reviewer looks at another point: its page, or its working copy."""
    state = other["properties"].get("state")
    return point_url(other) if state == "verified" else f"/my/points/{other['id']}"


def _history(case: ReviewCase, language: Language) -> list[dict[str, str]]:
    """Return what happened lately, the newest first, without names."""
    return [
        {
            "at": show_date(entry["at"], language, time=True),
            "operation": label("operation", entry["operation"], language),
            "reason": entry["reason"] if entry["is_inside"] else "",
        }
        for entry in list(case.entries)[::-1][:_MOST_HISTORY]
    ]


def _history_url(case: ReviewCase) -> str:
    """Return the address of the page with the whole history, '' where a site has none."""
    try:
        return str(case.request.app.url_path_for("my-history", id=case.id))
    except NoMatchFound:
        return ""
