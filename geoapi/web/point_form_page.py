# SPDX-License-Identifier: GPL-2.0-or-later
"""Show the edit form of a point, the list before and after, and conflicts field by field."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from geoapi import drafts
from geoapi.distances import distance_m
from geoapi.errors import Problem
from geoapi.messages import message
from geoapi.position_areas import AreasAt, areas_at
from geoapi.types import JsonObject, LonLat
from geoapi.web import endings_form, point_data
from geoapi.web.map_symbols import grouped_categories
from geoapi.web.map_view import MapWish, around, map_view
from geoapi.web.opening_hours import readable_hours
from geoapi.web.point_changes import Change, changes_between, field_change
from geoapi.web.point_choices import agency_options, area_lists, coded_choices, parent_options
from geoapi.web.point_desk import Desk
from geoapi.web.point_form import PointForm, field_of, form_of, hidden_fields, rebased, shown
from geoapi.web.point_merge import base_of
from geoapi.web.point_patch import LONGEST, Patch
from geoapi.web.point_view import coordinates_of, point_url, point_view, show_date
from geoapi.web.rendering import render, request_language, request_site, request_viewer

_NOTICES = frozenset(
    {
        *("saved", "submitted", "verified", "returned", "restored", "draft_kept", "created"),
        *endings_form.DONE.values(),
    }
)


@dataclass(frozen=True)
class FormAnswer:
    """What the page with the form shows.

    Attributes:
        form: the fields.
        problems: what is wrong with them.
        patch: what was read of them, None when nothing was.
        status: of the answer.
        extra_rows: empty rows for further phones.
        reason: what a reviewer typed.
        searched: words typed for the agency and for the main place.
        notes: sentences above the form.
        seen: entity tag of the draft that the form holds, '' for none.
    """

    form: PointForm
    problems: Sequence[Problem] = ()
    patch: Patch | None = None
    status: int = 200
    extra_rows: int = 1
    reason: str = ""
    searched: dict[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    seen: str = ""


def form_page(desk: Desk, answer: FormAnswer) -> Response:
    """Show the form, or what a reviewer has to decide."""
    request, language = desk.request, request_language(desk.request)
    form = answer.form
    rows = answer.patch.phone_rows if answer.patch else ()
    listed = [
        {"field": field_of(p, rows), "text": message(p.message_id, language, p.params)}
        for p in answer.problems
    ]
    errors = {entry["field"]: entry["text"] for entry in listed if entry["field"]}
    done = request.query_params.get("done", "") if request.method == "GET" else ""
    changes, public = _waiting_changes(desk)
    place = coordinates_of(answer.patch.members) if answer.patch else None
    context = {
        "point": _point(desk, public),
        "form": shown(form, errors, answer.extra_rows) | {"reason": answer.reason},
        "problems": listed,
        "may_edit": desk.may_edit,
        "actions": desk.actions,
        "why_not": desk.why_not,
        "notice": message(f"web.notice.{done}", language) if done in _NOTICES else "",
        "notes": answer.notes,
        "has_place": coordinates_of(desk.current) is not None,
        "changes": changes,
        "moved_m": "",
        "areas_at": _areas_shown(desk, form, place or _place_of(form)),
        "map": _map(desk, coordinates_of(desk.current), public),
        "draft": _draft_shown(desk, answer.seen),
        "is_new": False,
        "save_path": f"/my/points/{desk.id}/draft",
        "form_path": f"/my/points/{desk.id}",
    }
    return render(request, "my_point.html", context | lists_of(desk, answer), answer.status)


def lists_of(desk: Desk, answer: FormAnswer) -> dict[str, Any]:
    """Return the lists and words that the groups of the form show."""
    request, form, language = desk.request, answer.form, request_language(desk.request)
    agency_words = answer.searched.get("agency_q", "")
    parent_words = answer.searched.get("parent_q", "")
    agency_id, parent_id = form.fields["agency_id"], form.fields["parent_id"]
    return {
        "categories": grouped_categories(language),
        "choices": coded_choices(request),
        "areas": area_lists(request, form),
        "agencies": agency_options(request, agency_id, agency_words),
        "parents": parent_options(request, desk.id, parent_id, parent_words),
        "searched": {"agency_q": agency_words, "parent_q": parent_words},
        "limits": LONGEST,
        "hours_shown": readable_hours(form.fields["opening_hours"], language),
    }


def _draft_shown(desk: Desk, seen: str) -> dict[str, Any]:
    """Return what the page needs to keep drafts: its own name, what it saw, what may be undone."""
    site, viewer = request_site(desk.request), request_viewer(desk.request)
    kept = drafts.any_of_point(site, viewer, desk.id) if desk.may_edit else None
    return {
        "writer": secrets.token_hex(8),
        "seen": seen,
        "kept_at": show_date(kept.updated_at, request_language(desk.request), time=True)
        if kept and not kept.is_discarded
        else "",
        "may_restore": bool(kept and kept.is_discarded),
    }


def _place_of(form: PointForm) -> LonLat | None:
    try:
        place = (float(form.fields["lon"]), float(form.fields["lat"]))
    except ValueError:
        return None
    # what is not on the earth has no areas
    return place if abs(place[0]) <= 180 and abs(place[1]) <= 90 else None  # noqa: PLR2004


def found_areas(desk: Desk, form: PointForm, place: LonLat | None = None) -> AreasAt:
    """Return the areas that the position of a form lies in."""
    place = place or _place_of(form)
    if place is None:
        return AreasAt()
    return areas_at(request_site(desk.request), place, form.fields)


def _areas_shown(desk: Desk, form: PointForm, place: LonLat | None) -> dict[str, Any]:
    """Say which areas the position lies in, where the address differs, what the map lacks."""
    language = request_language(desk.request)
    found = found_areas(desk, form, place)
    names = {n: point_data.name_of(area, language) for n, area in found.features.items()}
    return {
        "names": " › ".join(names.values()),
        "differing": [
            message(f"web.field.{name}", language) + f": {names[name]}" for name in found.differing
        ],
        "may_take": bool(found.codes)
        and any(form.fields[name] != code for name, code in found.codes.items()),
        "lacks_subdistricts": found.lacks_subdistricts,
    }


def _point(desk: Desk, public: JsonObject | None) -> dict[str, Any]:
    view = point_view(desk.current, request_language(desk.request))
    return view | {"public_url": "" if public is None else point_url(public)}


def _waiting_changes(desk: Desk) -> tuple[list[Change], JsonObject | None]:
    """Return how the working document differs from what the public sees."""
    public = point_data.public_point(request_site(desk.request), desk.id)
    empty: JsonObject = {"id": desk.id, "geometry": None, "properties": {}}
    before, after = form_of(public or empty, ""), form_of(desk.current, "")
    return changes_between(desk.request, before, after), public


def _map(desk: Desk, place: LonLat | None, public: JsonObject | None) -> dict[str, Any]:
    name = point_view(desk.current, request_language(desk.request))["name"]
    old = coordinates_of(public) if public else None
    places = [p for p in (place, old) if p is not None]
    bbox = around(*places) if places else point_data.extent(request_site(desk.request))
    alt = message("web.map.alt_point", request_language(desk.request), {"name": name})
    moved = old if old != place else None
    return map_view(desk.request, MapWish(bbox, alt, place, moved, {"own": desk.id}))


def moved_m(desk: Desk, patch: Patch) -> float:
    """Return how far the point moves, in metres, from its public or else its present place."""
    place = coordinates_of(patch.members)
    public = point_data.public_point(request_site(desk.request), desk.id)
    before = coordinates_of(public or desk.current)
    if place is None or before is None:
        return 0.0
    return distance_m(before, place)


def confirm_page(desk: Desk, form: PointForm, patch: Patch, seen: str) -> Response:
    """Show the list before and after; nothing is saved yet."""
    before = form_of(desk.current, "")
    after = rebased(form, desk.current, form.etag)
    place = coordinates_of(patch.members)
    changes = changes_between(desk.request, before, after) if patch.members else []
    context = {
        "point": _point(desk, None),
        "form": form.fields,
        "changes": changes,
        "moved_m": f"{moved_m(desk, patch):,.0f}" if place is not None else "",
        "problems": [],
        "kept": [*hidden_fields(form), ("draft_seen", seen)],
        "areas_at": _areas_shown(desk, form, place or _place_of(form)),
        "waiting": [] if changes else _waiting_changes(desk)[0],
        "map": _map(desk, place, desk.current) if place is not None else None,
    }
    return render(desk.request, "my_point_review.html", context)


def conflict_page(desk: Desk, form: PointForm, names: tuple[str, ...], seen: str) -> Response:
    """Show base, mine and theirs of each field that both sides changed; nothing is lost."""
    theirs, base = form_of(desk.current, ""), base_of(form) or form
    rows = [
        {"name": name, "caption": c.caption, "mine": c.after, "theirs": c.before, "base": b.before}
        for name in names
        for c, b in [
            (
                field_change(desk.request, name, theirs, form),
                field_change(desk.request, name, base, form),
            )
        ]
    ]
    language = request_language(desk.request)
    context = {
        "point": _point(desk, None),
        "rows": rows,
        "saved_at": show_date(desk.row.updated_at, language, time=True),
        "kept": [*hidden_fields(form), ("draft_seen", seen)],
    }
    # an answer to a form that was sent is an error; opening a draft is none
    status = 200 if desk.request.method == "GET" else 412
    return render(desk.request, "my_point_conflict.html", context, status)
