# SPDX-License-Identifier: GPL-2.0-or-later
"""Made progress reports: kept as they were, sent to the province, received there.

This is the copy that the letter wants (สำเนารายงานให้จังหวัดฯ ทราบด้วย).  What is sent is the stored
document, which nothing changes any more; sending and receiving stand in the audit.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from geoapi.errors import ConflictError, ForbiddenError, NotFoundError
from geoapi.managers import Actor
from geoapi.progress_report import PERMISSION, ProgressReport, progress_report
from geoapi.progress_report_document import report_document, report_of
from geoapi.rights import Viewer, has, require, scopes
from geoapi.site import Site
from geoapi.store import Transaction
from geoapi.store import reports as rows
from geoapi.store.audit import AuditEntry, record
from geoapi.store.reports import StoredReport
from geoapi.types import Scope

_MOST_LISTED = 50
_PROVINCE_DIGITS = 2


@dataclass(frozen=True)
class MadeReport:
    """A made report as a reader sees it.

    Attributes:
        id: its id.
        report: as it was made.
        is_own: the reader made it.
        province_code: the province it was sent to, '' until then.
        sent_at: None until it is sent.
        received_at: None until the province confirms it.
        may_send: the reader can send it now.
        may_receive: the reader can confirm it now.
    """

    id: str
    report: ProgressReport
    is_own: bool
    province_code: str
    sent_at: datetime | None
    received_at: datetime | None
    may_send: bool = False
    may_receive: bool = False


def make(site: Site, actor: Actor, given: Mapping[str, Any]) -> str:
    """Make a report, keep it, and return its id.

    Raises:
        NotAuthenticatedError, ForbiddenError, InvalidDocumentError, DataUnavailableError: see
            :func:`geoapi.progress_report.progress_report`.
    """
    report = progress_report(site, actor.viewer, given)
    return keep(site, actor, report)


def keep(site: Site, actor: Actor, report: ProgressReport) -> str:
    """Store a report that was just made by the actor; return its id."""
    stored = StoredReport(
        id=str(uuid.uuid4()),
        made_at=report.made_at,
        made_by=actor.viewer.user_id,
        document=orjson.dumps(report_document(report)).decode(),
    )
    inputs = orjson.dumps(report.inputs.as_json()).decode()

    def write(transaction: Transaction) -> str:
        rows.put(transaction, stored, inputs, [part.scope for part in report.parts])
        _record(transaction, actor, "report.make", stored.id)
        return stored.id

    return site.store.write(write)


def show(site: Site, viewer: Viewer, report_id: str) -> MadeReport:
    """Return a made report with what the reader can do with it.

    Raises:
        NotAuthenticatedError, ForbiddenError: no right to reports at all.
        NotFoundError: there is none, or it counts something outside of the reader's scopes.
    """
    held = require(viewer, PERMISSION)
    stored = _get(site, viewer, held, report_id)
    made = _made(stored, viewer)
    return MadeReport(
        **vars(made)
        | {
            "may_send": made.is_own
            and stored.sent_at is None
            and has(viewer, "reports.send")
            and province_of(made.report) != "",
            "may_receive": not made.is_own
            and stored.sent_at is not None
            and stored.received_at is None
            and site.store.read(
                lambda c: rows.is_inside(c, stored.id, _province_wide(viewer))
            ),
        }
    )  # fmt: skip


def _get(site: Site, viewer: Viewer, held: tuple[Scope, ...], report_id: str) -> StoredReport:
    found = None
    if "\0" not in report_id:  # PostgreSQL can't be asked for it
        found = site.store.read(lambda c: rows.get(c, report_id, viewer.user_id, held))
    if found is None:
        raise NotFoundError("progress.not_found")
    return found


def _made(stored: StoredReport, viewer: Viewer) -> MadeReport:
    return MadeReport(
        id=stored.id,
        report=report_of(orjson.loads(stored.document)),
        is_own=stored.made_by == viewer.user_id,
        province_code=stored.province_code,
        sent_at=stored.sent_at,
        received_at=stored.received_at,
    )


def listed(site: Site, viewer: Viewer) -> tuple[list[MadeReport], list[MadeReport]]:
    """Return (what the viewer made, what others sent inside the viewer's scopes).

    Raises:
        NotAuthenticatedError, ForbiddenError: no right to reports at all.
    """
    held = require(viewer, PERMISSION)
    own = site.store.read(lambda c: rows.own(c, viewer.user_id, held, _MOST_LISTED))
    sent = site.store.read(lambda c: rows.sent(c, viewer.user_id, held, _MOST_LISTED))
    return [_made(stored, viewer) for stored in own], [_made(stored, viewer) for stored in sent]


def province_of(report: ProgressReport) -> str:
    """Return the one province that a report is about, '' when there is none or several."""
    provinces = {part.area.code[:_PROVINCE_DIGITS] for part in report.parts}
    return provinces.pop() if len(provinces) == 1 else ""


def _province_wide(viewer: Viewer) -> tuple[Scope, ...]:
    """Return where the viewer receives for a whole province or more."""
    held = scopes(viewer, "reports.receive")
    return tuple(scope for scope in held if len(scope.area_code) <= _PROVINCE_DIGITS)


def send(site: Site, actor: Actor, report_id: str) -> None:
    """Send a report to the supervisors of its province; it can't be called back.

    Raises:
        NotAuthenticatedError, ForbiddenError: no right, or somebody else's report.
        NotFoundError: there is none.
        ConflictError: it was sent, or is not about one province.
    """
    viewer = actor.viewer
    require(viewer, "reports.send")
    made = show(site, viewer, report_id)
    if not made.is_own:
        raise ForbiddenError("progress.not_the_maker")
    province_code = province_of(made.report)
    if not province_code:
        raise ConflictError("progress.no_province")

    def write(transaction: Transaction) -> None:
        if not rows.mark_sent(transaction, made.id, province_code, viewer.user_id):
            raise ConflictError("progress.already_sent")
        _record(transaction, actor, "report.send", made.id, province_code=province_code)

    site.store.write(write)


def receive(site: Site, actor: Actor, report_id: str) -> None:
    """Confirm for the province that a report came.

    Raises:
        NotAuthenticatedError, ForbiddenError: no right over the whole province, or an own report.
        NotFoundError: there is none.
        ConflictError: it was not sent, or was received.
    """
    viewer = actor.viewer
    require(viewer, "reports.receive")
    made = show(site, viewer, report_id)
    if made.is_own:
        raise ForbiddenError("progress.own_report")
    wide = _province_wide(viewer)

    def write(transaction: Transaction) -> None:
        if not rows.is_inside(transaction.connection, made.id, wide):
            raise ForbiddenError("progress.not_the_province")
        if not rows.mark_received(transaction, made.id, viewer.user_id):
            raise ConflictError("progress.already_received")
        _record(transaction, actor, "report.receive", made.id, province_code=made.province_code)

    site.store.write(write)


def _record(
    transaction: Transaction, actor: Actor, event: str, report_id: str, **detail: str
) -> None:
    entry = AuditEntry(event, "ok", actor.viewer.user_id, report_id, actor.request_id, detail)
    record(transaction, entry)
