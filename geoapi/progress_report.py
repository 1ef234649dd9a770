# SPDX-License-Identifier: GPL-2.0-or-later
"""The progress report: places assigned, pinned, verified, late, by district and by agency.

What each number means is written down in docs/progress-report.md and, for the stages, in
:mod:`processing.statistics.progress`.  A report counts only inside the scopes of whoever asks: an
area outside of them is refused, one that lies partly inside is counted as far as it does, and the
report says so.  It holds no person data: whoever made it is a role, an agency and an area.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geoapi.errors import ForbiddenError, InvalidDocumentError, Problem
from geoapi.managers import today
from geoapi.progress_report_inputs import ReportInputs, read_inputs
from geoapi.rights import ROLE_PERMISSIONS, Viewer, require
from geoapi.site import Site
from geoapi.store import Store
from geoapi.store import progress as rows
from geoapi.store.progress import Named, ProgressCell, ProgressQuery
from geoapi.types import Permission, Scope
from processing.statistics.progress import MEASURES, Counts, grouped, rolled_up, total

# Everybody whom the table of roles gives statistics or reports.
PERMISSION: Permission = "statistics.read"


@dataclass(frozen=True)
class Place:
    """An agency inside an area; '' stands for all agencies, and for the whole country.

    Attributes:
        agency: with its names.
        area: with its names.
    """

    agency: Named
    area: Named

    @property
    def scope(self) -> Scope:
        """Return the codes alone."""
        return Scope(self.agency.code, self.area.code)


@dataclass(frozen=True)
class Maker:
    """Who made a report, without a name.

    Attributes:
        role: code of the list ``role``, '' for the system itself.
        place: agency and area of the role.
    """

    role: str
    place: Place


@dataclass(frozen=True)
class ReportRow:
    """One row of a table of the report.

    Attributes:
        of: district or agency; an empty code stands for "not stated".
        counts: its numbers.
    """

    of: Named
    counts: Counts


@dataclass(frozen=True)
class ProgressReport:
    """A finished report; renderers need nothing else.

    Attributes:
        inputs: what was asked for.
        asked: the agency and area that were asked for, with names.
        parts: what was counted, where the maker's right and what was asked for meet.
        is_partial: something that was asked for lies outside of the maker's right.
        made_at: when, UTC.
        as_of: instant whose day in Bangkok decides what is late, UTC.
        maker: who made it.
        total: of everything.
        districts: each place once, in its district; they add up to the total.
        agencies: each place once, at its own agency; they add up to the total.
        rolled_up: each agency with everything under it; these never add up.
    """

    inputs: ReportInputs
    asked: Place
    parts: tuple[Place, ...]
    is_partial: bool
    made_at: datetime
    as_of: datetime
    maker: Maker
    total: Counts
    districts: tuple[ReportRow, ...] = ()
    agencies: tuple[ReportRow, ...] = ()
    rolled_up: tuple[ReportRow, ...] = ()


def progress_report(site: Site, viewer: Viewer, given: Mapping[str, Any]) -> ProgressReport:
    """Count the places that a viewer may have counted.

    Args:
        site: where.
        viewer: who asks; every number stays inside the viewer's scopes.
        given: see :data:`geoapi.progress_report_inputs.INPUTS_SCHEMA`.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        ForbiddenError: no right to reports, or none of what was asked for lies inside it.
        InvalidDocumentError: inputs are wrong, or name an unknown area or agency.
        DataUnavailableError: counting took too long.
    """
    held = require(viewer, PERMISSION)
    inputs, now, store = read_inputs(given), site.clock(), site.store
    _require_known(store, inputs)
    parts, is_partial = meet(store, held, inputs.asked)
    if not parts:
        raise ForbiddenError("progress.outside_scope")
    as_of = inputs.as_of or now
    query = ProgressQuery(held, inputs.asked, today(as_of).isoformat(), inputs.campaign)
    cells = [(cell, _counts(cell)) for cell in rows.count_places(store, query)]
    role, scope = _maker_scope(store, viewer, inputs.asked)
    asked, maker, *named = _places(store, [inputs.asked, scope, *parts])
    wants_districts, wants_agencies = inputs.group_by != "agency", inputs.group_by != "district"
    own = grouped(cells, lambda cell: cell.agency_id) if wants_agencies else {}
    return ProgressReport(
        inputs=inputs,
        asked=asked,
        parts=tuple(named),
        is_partial=is_partial,
        made_at=now,
        as_of=as_of,
        maker=Maker(role, maker),
        total=total(counts for _, counts in cells),
        districts=_districts(store, cells, parts) if wants_districts else (),
        agencies=_named_agencies(store, own),
        rolled_up=_tree(store, own, parts),
    )


def _counts(cell: ProgressCell) -> Counts:
    return Counts(*(getattr(cell, measure) for measure in MEASURES))


def _require_known(store: Store, inputs: ReportInputs) -> None:
    """Refuse an area or agency that there is not: neither is a secret.

    Raises:
        InvalidDocumentError: naming each.
    """
    problems = []
    codes = {name: getattr(inputs, name) for name in ("province_code", "district_code")}
    known = rows.areas(store, codes.values())
    for name, code in codes.items():
        if code and code not in known:
            problems.append(
                Problem("progress.unknown_area", f"/inputs/{name}", params={"value": code})
            )
    if inputs.agency_id and inputs.agency_id not in rows.agencies(store, [inputs.agency_id]):
        params = {"value": inputs.agency_id}
        problems.append(Problem("progress.unknown_agency", "/inputs/agency_id", params=params))
    if problems:
        raise InvalidDocumentError("progress.wrong_inputs", problems=tuple(problems))


def meet(store: Store, held: tuple[Scope, ...], asked: Scope) -> tuple[tuple[Scope, ...], bool]:
    """Return where a right and what was asked for meet, and whether something was left out.

    Whoever asks for nothing in particular is given all that the right covers, and nothing is left
    out.
    """
    found: list[Scope] = []
    is_covered = asked == Scope()
    for scope in held:
        area = _narrower(scope.area_code, asked.area_code)
        if area is None:
            continue
        agencies = _common_agencies(store, scope.agency_id, asked.agency_id)
        found += [Scope(agency, area) for agency in agencies]
        is_covered |= area == asked.area_code and agencies == [asked.agency_id]
    unique = tuple(dict.fromkeys(found))
    # a part inside another one says nothing more
    tops = tuple(
        part
        for part in unique
        if not any(
            other != part
            and part.area_code.startswith(other.area_code)
            and other.agency_id in ("", part.agency_id)
            for other in unique
        )
    )
    return tops, bool(tops) and not is_covered


def _narrower(first: str, second: str) -> str | None:
    """Return the narrower of two areas when one holds the other.

    >>> _narrower("57", "5707"), _narrower("5707", ""), _narrower("57", "50") is None
    ('5707', '5707', True)
    """
    short, long = sorted((first, second), key=len)
    return long if long.startswith(short) else None


def _common_agencies(store: Store, first: str, second: str) -> list[str]:
    """Return the tops of what is under two agencies at once; '' stands for every agency."""
    if not first or not second or first == second:
        return [first or second]
    common = rows.below(store, first) & rows.below(store, second)
    superiors = rows.above(store, common)
    return sorted(
        item
        for item in common
        if not any(s in common and s != item for s in superiors.get(item, ()))
    )


def _maker_scope(store: Store, viewer: Viewer, asked: Scope) -> tuple[str, Scope]:
    """Return role and scope of the first grant that reaches what was asked for."""
    for grant in viewer.grants:
        scope = Scope(grant.agency_id, grant.area_code)
        if PERMISSION in ROLE_PERMISSIONS[grant.role] and meet(store, (scope,), asked)[0]:
            return grant.role, scope
    return "", Scope()


def _places(store: Store, scopes: list[Scope]) -> list[Place]:
    areas = rows.areas(store, (scope.area_code for scope in scopes))
    agencies = rows.agencies(store, (scope.agency_id for scope in scopes))
    return [
        Place(
            agencies[scope.agency_id][0] if scope.agency_id in agencies else Named(scope.agency_id),
            areas.get(scope.area_code, Named(scope.area_code)),
        )
        for scope in scopes
    ]


def _districts(
    store: Store, cells: list[tuple[ProgressCell, Counts]], parts: tuple[Scope, ...]
) -> tuple[ReportRow, ...]:
    """Return the districts of all parts by code, also those without a place, then what has none.

    Places that name a province and no district stand under the province, those without either last.
    """
    counted = grouped(cells, lambda cell: cell.district_code or cell.province_code)
    listed = {d.code: d for d in rows.districts_in(store, [p.area_code for p in parts])}
    names = {**rows.areas(store, counted), **listed}
    codes = sorted({*listed, *counted} - {""})
    found = [ReportRow(names.get(code, Named(code)), counted.get(code, Counts())) for code in codes]
    if "" in counted:
        found.append(ReportRow(Named(""), counted[""]))
    return tuple(found)


def _named_agencies(store: Store, counted: Mapping[str, Counts]) -> tuple[ReportRow, ...]:
    """Return rows by the Thai name of the agency, "not stated" last."""
    names = rows.agencies(store, counted)
    order = sorted(
        counted, key=lambda item: (item == "", names[item][1] if item in names else item)
    )
    return tuple(
        ReportRow(names[item][0] if item in names else Named(item), counted[item]) for item in order
    )


def _tree(
    store: Store, own: Mapping[str, Counts], parts: tuple[Scope, ...]
) -> tuple[ReportRow, ...]:
    """Return the units that have more than their own places, as far as they lie inside the parts.

    A unit above the viewer's own agency would show a part of its places as if it were all.
    """
    superiors = rows.above(store, own)
    inside = {part.agency_id for part in parts}
    if "" not in inside:
        reach = frozenset[str]().union(*(rows.below(store, item) for item in inside))
        superiors = {item: [s for s in up if s in reach] for item, up in superiors.items()}
    summed = rolled_up(own, superiors)
    more = {item: counts for item, counts in summed.items() if counts != own.get(item)}
    return _named_agencies(store, more)
