# SPDX-License-Identifier: GPL-2.0-or-later
"""What waits for a reviewer: the queue in its order, its counts, and who stands before and after.

A point waits since the revision that submitted it, so ``updated_at`` of its working row is the
instant of the submission.  The queue is never stored: a place in it is (instant, row number), so
that whoever decides goes on at the same place, whatever others decide meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import orjson

from geoapi.collections import SERVICE_POINTS
from geoapi.revisions import COLLECTION, document_of
from geoapi.rights import Viewer, require, scopes
from geoapi.search_words import search_words
from geoapi.site import Site
from geoapi.store import FeatureRow, accounts, agencies, changes
from geoapi.store.query import ItemQuery, count_by, count_items, read_page
from geoapi.store.tables import WORKING
from geoapi.types import JsonObject, Scope

PAGE_SIZE = 50
WAITING = "submitted"
# {band: (least days of waiting, days from which it no longer holds or None)}
AGE_BANDS: MappingProxyType[str, tuple[int, int | None]] = MappingProxyType(
    {"0-2": (0, 3), "3-7": (3, 8), "8-": (8, None)}
)
_SOURCE = replace(SERVICE_POINTS.source, fixed=(("view", WORKING), ("state", WAITING)))
_MILLISECOND = timedelta(milliseconds=1)  # instants are stored to the millisecond
_MOST_COUNTED = 1_000_000
_MOST_AGENCIES = 200

# (instant of the submission, row number): where a point stands in the queue.
type Place = tuple[datetime, int]


@dataclass(frozen=True)
class QueueFilter:
    """Which part of the queue somebody works on.

    Attributes:
        area_code: DOPA code of 2, 4 or 6 digits, '' for all.
        agency_id: top of a subtree of agencies, '' for all.
        category: code, '' for all.
        age: key of :data:`AGE_BANDS`, '' for any.
        q: words as typed.
        newest_first: turn the order round.
    """

    area_code: str = ""
    agency_id: str = ""
    category: str = ""
    age: str = ""
    q: str = ""
    newest_first: bool = False


@dataclass(frozen=True)
class QueueEntry:
    """One point that waits.

    Attributes:
        feature: its working document with its entity tag, CRS84.
        days: whole days it has been waiting.
        is_own: the viewer is one of its editors and may not decide.
    """

    feature: JsonObject
    days: int
    is_own: bool


@dataclass(frozen=True)
class QueuePage:
    """A page of the queue.

    Attributes:
        entries: in order.
        total: how many match the filter.
        next_after: cursor of the following page, None on the last.
    """

    entries: list[QueueEntry]
    total: int
    next_after: tuple[Any, ...] | None


@dataclass(frozen=True)
class QueueCounts:
    """What waits in all of the viewer's scope, whatever the filter.

    Attributes:
        total: points that wait.
        own: of these, edited by the viewer.
        by_district: {DOPA code: count}, the most first.
        by_age: {band: count}.
        by_category: {code: count}.
        by_agency: {agency: (Thai name, English name, count of its subtree)}, the most first.
    """

    total: int
    own: int
    by_district: dict[str, int]
    by_age: dict[str, int]
    by_category: dict[str, int]
    by_agency: dict[str, tuple[str, str, int]]


def waiting_query(site: Site, viewer: Viewer, wanted: QueueFilter) -> ItemQuery:
    """Return the query of a part of the queue, with the viewer's rights in it.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        ForbiddenError: the viewer reviews nowhere.
    """
    since, until = _instants(site.clock(), wanted.age)
    return ItemQuery(
        _SOURCE,
        scopes=require(viewer, "points.review"),
        equals=(("category", wanted.category),) if wanted.category else (),
        since=since,
        until=until,
        search=search_words(wanted.q),
        within=Scope(wanted.agency_id, wanted.area_code),
        sort=(("updated_at", wanted.newest_first),),
    )


def _instants(now: datetime, age: str) -> tuple[datetime | None, datetime | None]:
    """Return between which instants the points of a band were submitted, both included."""
    if age not in AGE_BANDS:
        return None, None
    least, beyond = AGE_BANDS[age]
    since = None if beyond is None else now - timedelta(days=beyond) + _MILLISECOND
    return since, now - timedelta(days=least) if least else None


def queue_page(
    site: Site,
    viewer: Viewer,
    wanted: QueueFilter,
    after: tuple[Any, ...] | None = None,
    limit: int = PAGE_SIZE,
) -> QueuePage:
    """Read one page of the queue.

    Raises: as :func:`waiting_query`.
    """
    query = replace(waiting_query(site, viewer, wanted), after=after, limit=limit)
    page = read_page(site.store, query)
    # the own ones of this page are among as many own ones behind the same cursor
    own = read_page(site.store, replace(query, edited_by=viewer.user_id))
    own_ids = {orjson.loads(text)["id"] for text in own.features}
    now = site.clock()
    entries = [_entry(orjson.loads(text), own_ids, now) for text in page.features]
    total = count_items(site.store, query, _MOST_COUNTED) or 0
    return QueuePage(entries, total, page.next_after)


def _entry(feature: JsonObject, own_ids: set[str], now: datetime) -> QueueEntry:
    since = datetime.fromisoformat(feature["properties"]["updated_at"])
    return QueueEntry(feature, days_waiting(since, now), feature["id"] in own_ids)


def days_waiting(since: datetime, now: datetime) -> int:
    """Return the whole days between two instants, never less than none."""
    return max(0, (now - since) // timedelta(days=1))


def queue_counts(site: Site, viewer: Viewer) -> QueueCounts:
    """Count what waits in the viewer's scope.

    Raises: as :func:`waiting_query`.
    """
    query = waiting_query(site, viewer, QueueFilter())
    ages = {
        band: count_items(
            site.store, waiting_query(site, viewer, QueueFilter(age=band)), _MOST_COUNTED
        )
        for band in AGE_BANDS
    }
    own = count_items(site.store, replace(query, edited_by=viewer.user_id), _MOST_COUNTED)
    return QueueCounts(
        total=sum(count or 0 for count in ages.values()),
        own=own or 0,
        by_district=_most_first(count_by(site.store, query, "district_code")),
        by_age={band: count or 0 for band, count in ages.items()},
        by_category=_most_first(count_by(site.store, query, "category")),
        by_agency=_agencies(site, count_by(site.store, query, "agency_id")),
    )


def _most_first(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _agencies(site: Site, counts: dict[str, int]) -> dict[str, tuple[str, str, int]]:
    """Count each office's points under every unit that it answers to."""
    busiest = list(_most_first({k: n for k, n in counts.items() if k}))[:_MOST_AGENCIES]
    above = site.store.read(lambda connection: agencies.ancestors_of(connection, busiest))
    sums: dict[str, int] = {}
    for agency_id in busiest:
        for unit in above.get(agency_id, [agency_id]):
            sums[unit] = sums.get(unit, 0) + counts[agency_id]
    ids = list(_most_first(sums))[:_MOST_AGENCIES]
    names = site.store.read(lambda connection: accounts.agency_names(connection, ids))
    return {i: (*names[i], sums[i]) for i in ids if i in names}


def place_of(site: Site, viewer: Viewer, row: FeatureRow) -> Place:
    """Return where a point stands in the queue, or stood before it was decided."""
    if row.state == WAITING:
        return (row.updated_at, row.fid)
    for entry in reversed(history(site, viewer, row.id)):
        if _state_of(entry) == WAITING:
            return (entry["at"], row.fid)
    return (row.updated_at, row.fid)


def neighbour(
    site: Site, viewer: Viewer, wanted: QueueFilter, place: Place, *, before: bool = False
) -> str | None:
    """Return the id of the next point that the viewer may decide, None at the end of the queue.

    Args:
        site: the running site.
        viewer: who reviews; own edits are passed over.
        wanted: the part of the queue.
        place: of the point one comes from.
        before: look for the one before instead.
    """
    query = waiting_query(site, viewer, wanted)
    order = ((("updated_at", wanted.newest_first != before)),)
    query = replace(query, sort=order, after=place, limit=1, not_edited_by=viewer.user_id)
    found = read_page(site.store, query).features
    return orjson.loads(found[0])["id"] if found else None


def first_of(site: Site, viewer: Viewer, wanted: QueueFilter) -> str | None:
    """Return the id of the first point that the viewer may decide, None when there is none."""
    query = waiting_query(site, viewer, wanted)
    found = read_page(site.store, replace(query, limit=1, not_edited_by=viewer.user_id)).features
    return orjson.loads(found[0])["id"] if found else None


def history(site: Site, viewer: Viewer, item_id: str) -> list[dict[str, Any]]:
    """Return what happened to a point, oldest first, as far as a reviewer may see it."""
    held = scopes(viewer, "points.review")
    return site.store.read(
        lambda connection: changes.read_history(connection, COLLECTION, item_id, held)
    )


def _state_of(entry: dict[str, Any]) -> str:
    if not entry["document"] or not entry["is_inside"]:
        return ""
    return str(orjson.loads(entry["document"])["properties"].get("state") or "")


@dataclass(frozen=True)
class Submission:
    """Who sent a point for review.

    Attributes:
        at: when.
        by: display name, '' when it came from an import or the account is gone.
        words: what the sender said, '' for nothing.
    """

    at: datetime
    by: str
    words: str


def submission_of(site: Site, row: FeatureRow, entries: Sequence[dict[str, Any]]) -> Submission:
    """Return who submitted the present revision, when, with which words.

    Args:
        site: the running site.
        row: the working row.
        entries: the point's history, oldest first.
    """
    entry = next((e for e in reversed(entries) if e["operation"] == "submit"), None)
    if entry is None:
        return Submission(row.updated_at, "", entries[-1]["reason"] if entries else "")
    user = site.store.read(lambda connection: accounts.user_by_id(connection, entry["actor_id"]))
    words = entry["reason"] or str(document_of(row)["properties"].get("move_reason") or "")
    return Submission(entry["at"], user.display_name if user else "", words)


def document_at(entries: Sequence[dict[str, Any]], etag: str) -> JsonObject | None:
    """Return the working document that an entity tag stands for, None when it is not known.

    Args:
        entries: the point's history.
        etag: without quotes, ``w<revision>-<hash>``.
    """
    for entry in entries:
        if entry["document"] and entry["is_inside"]:
            feature: JsonObject = orjson.loads(entry["document"])
            if feature.get("etag") == f'"{etag}"':
                return feature
    return None
