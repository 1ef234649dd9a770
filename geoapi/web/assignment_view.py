# SPDX-License-Identifier: GPL-2.0-or-later
"""Assignments and tasks in the reader's words: names, districts, days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request

from geoapi.assignment_lists import AssignmentView, point_names
from geoapi.codes import label
from geoapi.errors import InvalidDocumentError, Problem
from geoapi.messages import Language, message
from geoapi.revisions import WriteContext
from geoapi.rights import has
from geoapi.site import Site
from geoapi.store import accounts
from geoapi.thai import canonical_text, format_thai_date, parse_thai_date
from geoapi.types import JsonObject
from geoapi.web import point_data
from geoapi.web.csrf import form_text
from geoapi.web.rendering import request_language, request_site, request_viewer

_SHOWN = (
    "campaign", "letter_no", "note", "point_id", "due_on", "accepted_at", "predecessor_id",
    "successor_id", "requested_reason",
)  # fmt: skip


def show_day(iso: str | None, language: Language) -> str:
    """Write a day as people read it.

    >>> show_day("2026-12-01", "th"), show_day("2026-12-01", "en"), show_day(None, "th")
    ('1 ธ.ค. 2569', '1 Dec 2026', '')
    """
    if not iso:
        return ""
    day = date.fromisoformat(iso)
    if language == "th":
        return format_thai_date(day, short=True)
    return f"{day.day} {day:%b %Y}"


def typed_day(text: str, field: str) -> str:
    """Read a day as somebody typed it, Thai digits and Buddhist years included; '' for none.

    Raises:
        InvalidDocumentError: it is no day.
    """
    if not text.strip():
        return ""
    day = parse_thai_date(text)
    if day is None:
        problem = Problem("import.bad_date", f"/{field}", params={"value": text[:40]})
        raise InvalidDocumentError("import.bad_date", problems=(problem,), value=text[:40])
    return day.isoformat()


def typed(form: FormData, names: Iterable[str]) -> dict[str, str]:
    """Return the fields of a form in their canonical spelling."""
    return {n: canonical_text(form_text(form, n).replace("\0", ""))[:2000] for n in names}


def context_of(request: Request, reason: str = "", etag: str = "") -> WriteContext:
    """Return who writes in a request, why, and on which revision."""
    return WriteContext(
        request_viewer(request),
        request_id=getattr(request.state, "request_id", ""),
        client="web",
        reason=reason,
        if_match=(etag,) if etag else ("*",),
    )


def shown_assignments(request: Request, found: list[AssignmentView]) -> list[dict[str, Any]]:
    """Return the rows of a list of assignments."""
    site, language = request_site(request), request_language(request)
    codes = (view.properties.get("district_code") or "" for view in found)
    districts = point_data.area_names(site, codes, language)
    agencies = agency_names(site, (view.properties.get("agency_id") for view in found), language)
    return [
        {
            "id": view.id,
            "etag": view.etag,
            "name": name_of(view.properties, language),
            "state": view.state,
            "state_label": label("assignment_state", view.state, language),
            "late": message("assignments.days_late", language, {"days": view.days_late})
            if view.days_late
            else "",
            "due": show_day(view.properties.get("due_on"), language),
            "district": districts.get(view.properties.get("district_code") or "", ""),
            "agency": agencies.get(view.properties.get("agency_id") or "", ""),
            "category": label("category", view.properties.get("category") or "", language),
            "point_state": label("state", view.properties.get("point_state") or "", language),
            "owner": view.owner,
            "requester": view.requester,
            # templates refuse what is not there
            "properties": dict.fromkeys(_SHOWN) | view.properties,
        }
        for view in found
    ]


def name_of(properties: JsonObject, language: Language) -> str:
    """Return the name of a place in a language, or in the other one."""
    names = [properties.get("name_en"), properties.get("name_th")]
    chosen = names if language == "en" else names[::-1]
    return next((str(name) for name in chosen if name), "")


def agency_names(
    site: Site, agency_ids: Iterable[str | None], language: Language
) -> dict[str, str]:
    """Return {id: name} of agencies."""
    wanted = sorted({item_id for item_id in agency_ids if item_id})
    if not wanted:
        return {}
    found = site.store.read(lambda c: accounts.agency_names(c, wanted))
    return {
        item_id: (name_en or name_th) if language == "en" else (name_th or name_en)
        for item_id, (name_th, name_en) in found.items()
    }


def shown_tasks(request: Request, found: list[JsonObject]) -> list[dict[str, Any]]:
    """Return the rows of a list of tasks, each with where to go."""
    site, language = request_site(request), request_language(request)
    may_assign = has(request_viewer(request), "assignments.manage")
    ids = (task["properties"].get("point_id") for task in found)
    names = {
        item_id: (name_en or name_th) if language == "en" else (name_th or name_en)
        for item_id, (name_th, name_en) in point_names(site, ids).items()
    }
    rows = []
    for task in found:
        properties = task["properties"]
        point_id = properties.get("point_id") or ""
        rows.append(
            {
                "kind": label("task_kind", properties["kind"], language),
                "name": names.get(point_id) or properties.get("name_th") or "",
                "note": properties.get("note") or "",
                "due": show_day(properties.get("due_on"), language),
                "url": _task_url(properties, may_assign=may_assign),
            }
        )
    return rows


def _task_url(properties: JsonObject, *, may_assign: bool) -> str:
    if properties["kind"] == "confirm_takeover":
        assignment_id = properties.get("assignment_id") or ""
        return f"/assignments/{assignment_id}" if may_assign else "/my/assignments?tab=office"
    if properties.get("point_id"):
        return f"/my/points/{properties['point_id']}"
    return "/my/assignments"
