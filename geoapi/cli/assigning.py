# SPDX-License-Identifier: GPL-2.0-or-later
"""``pakmud assign``: give all unfinished points of an office, area or category to somebody."""

from __future__ import annotations

import click

from geoapi.assignment_lists import officers
from geoapi.assignment_work import Order, assign_points
from geoapi.errors import UsageError
from geoapi.messages import Language, message
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM
from geoapi.site import Site
from geoapi.store import accounts
from geoapi.thai import parse_thai_date


@click.command("assign")
@click.option("--agency", default="", help="Code or id: points of this office and below.")
@click.option("--area", default="", help="DOPA code of 2, 4 or 6 digits.")
@click.option("--category", default="", help="Points of this category only.")
@click.option("--officer", default="", help="Username; without it for the office as a whole.")
@click.option("--due", default="", help="Last day, such as 2026-12-31 or 31 ธันวาคม 2569.")
@click.option("--campaign", default="", help="The project it belongs to.")
@click.option("--letter", default="", help="Number of the letter that orders it.")
@click.pass_context
def assign(context: click.Context, /, **given: str) -> None:
    """Assign points that have no finished place and nobody working on them (มอบหมายงาน)."""
    site: Site = context.obj
    if not any(given[name] for name in ("agency", "area", "category")):
        raise UsageError("assignments.cli_which")
    due = parse_thai_date(given["due"]) if given["due"] else None
    if given["due"] and due is None:
        raise UsageError("import.bad_date", value=given["due"])
    order = Order(
        _agency_id(site, given["agency"]),
        given["area"],
        given["category"],
        _officer_id(site, given["officer"]),
        due.isoformat() if due else "",
        given["campaign"],
        given["letter"],
    )
    count = assign_points(site, WriteContext(SYSTEM, client="pakmud assign"), order)
    language: Language = "th" if context.find_root().params.get("lang") == "th" else "en"
    click.echo(message("assignments.cli_assigned", language, {"count": count}))


def _agency_id(site: Site, code: str) -> str:
    if not code:
        return ""
    found = site.store.read(lambda c: accounts.resolve_agency(c, code))
    if found is None:
        raise UsageError("assignments.unknown_agency", agency=code)
    return found


def _officer_id(site: Site, username: str) -> str:
    if not username:
        return ""
    found = {name: item_id for item_id, name, _ in officers(site, SYSTEM)}
    if username not in found:
        raise UsageError("assignments.unknown_officer")
    return found[username]
