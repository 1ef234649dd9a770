# SPDX-License-Identifier: GPL-2.0-or-later
"""Progress reports: a recount of every document, rights, inputs; in both stores."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoapi import reference_data
from geoapi.demo import load
from geoapi.demo.agencies import agency_id as demo_agency
from geoapi.demo.dataset import DemoDataset, build_demo_dataset
from geoapi.errors import ForbiddenError, InvalidDocumentError, NotAuthenticatedError
from geoapi.managers import today
from geoapi.progress_report import ProgressReport, ReportRow, meet, progress_report
from geoapi.revisions import WriteContext
from geoapi.rights import PUBLIC, SYSTEM, Grant, Viewer, scopes
from geoapi.settings import Settings
from geoapi.site import Site
from geoapi.store import Store, progress
from geoapi.store.progress import ProgressQuery
from geoapi.types import JsonObject, Scope
from tests.contract.point_samples import (
    agency,
    agency_id,
    emptied,
    put_agencies,
    refused,
    site_of,
    user,
)
from tests.contract.progress_oracle import NUMBERS, Wanted, plain, recount
from tests.contract.progress_samples import AREAS, area_document, fill

TODAY = date(2026, 11, 22)
PLANNER = user("planner", Grant("planner"))
CDD = demo_agency("cdd")


def numbers(row: ReportRow | ProgressReport) -> dict[str, int]:
    counts = row.total if isinstance(row, ProgressReport) else row.counts
    return {name: getattr(counts, name) for name in NUMBERS}


def tables(report: ProgressReport) -> list[dict[str, dict[str, int]]]:
    return [
        {row.of.code: numbers(row) for row in rows if row.counts.places}
        for rows in (report.districts, report.agencies)
    ]


def check(site: Site, viewer: Viewer, given_inputs: JsonObject) -> ProgressReport:
    """Make a report and compare it with the recount."""
    report = progress_report(site, viewer, given_inputs)
    asked = Scope(
        given_inputs.get("agency_id", ""),
        given_inputs.get("district_code") or given_inputs.get("province_code", ""),
    )
    day = today(report.as_of)
    wanted = Wanted(scopes(viewer, "statistics.read"), asked, day, given_inputs.get("campaign", ""))
    counted = recount(site.store, wanted)
    assert numbers(report) == plain(counted.total)
    districts, agencies = tables(report)
    assert districts == {code: plain(n) for code, n in counted.districts.items()}
    assert agencies == {code: plain(n) for code, n in counted.agencies.items()}
    for row in report.rolled_up:
        assert numbers(row) == plain(counted.rolled_up[row.of.code])
    for rows in (report.districts, report.agencies):
        assert sum(row.counts.places for row in rows) == report.total.places
        assert all(row.counts.is_consistent() for row in rows)
    return report


# ------------------------------------------------------------------- the demonstration


@pytest.fixture(scope="session")
def dataset() -> DemoDataset:
    """The data of the demonstration, made once for both stores."""
    return build_demo_dataset()


@pytest.fixture(scope="module")
def demo(
    kept: Store, dataset: DemoDataset, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The demonstration in each store, read and never written."""
    site = site_of(emptied(kept), tmp_path_factory.mktemp("demo"))
    settings_ = Settings(data_dir=site.settings.data_dir, demo=True)
    demo_site = Site(settings_, site.store, site.keys, site.clock)
    load.load(demo_site, dataset)
    yield demo_site
    emptied(kept)


def test_report_of_the_demonstration_equals_a_recount_of_all_documents(demo: Site):
    everything = check(demo, PLANNER, {})
    assert everything.total.places > 300
    for name in NUMBERS:
        assert getattr(everything.total, name) > 0, name
    assert everything.rolled_up
    for inputs in (
        {"province_code": "57"},
        {"district_code": "5707"},
        {"agency_id": CDD},
        {"agency_id": CDD, "province_code": "57", "district_code": "5707"},
        {"as_of": "2030-01-01"},
        {"as_of": "2000-01-01T00:00:00Z"},
    ):
        report = check(demo, PLANNER, inputs)
        assert report.total.places > 0, inputs
        assert not report.is_partial
    later = progress_report(demo, PLANNER, {"as_of": "2030-01-01"}).total
    assert later.late > everything.total.late
    assert progress_report(demo, PLANNER, {"as_of": "2000-01-01"}).total.late == 0


def test_each_reader_gets_the_numbers_of_the_own_scope_alone(demo: Site):
    narrow = check(demo, user("n", Grant("executive", area_code="5707")), {})
    assert {row.of.code for row in narrow.districts} == {"5707"}
    office = check(demo, user("o", Grant("agency_admin", CDD, "57")), {})
    assert 0 < office.total.places < narrow.total.places + 100
    above = progress.above(demo.store, [row.of.code for row in office.agencies])
    for row in (*office.agencies, *office.rolled_up):
        own = above.get(row.of.code) or progress.above(demo.store, [row.of.code])[row.of.code]
        assert CDD in own
    both = check(
        demo, user("b", Grant("supervisor", area_code="5707"), Grant("gis_officer", CDD)), {}
    )
    assert both.total.places > narrow.total.places


def test_districts_without_a_place_are_listed_with_zeros(demo: Site):
    report = progress_report(demo, PLANNER, {"agency_id": CDD, "province_code": "57"})
    assert len(report.districts) == 18
    empty = progress_report(demo, PLANNER, {"province_code": "57", "campaign": "ไม่มีโครงการนี้"})
    assert empty.total.places == 0
    assert [row.counts.places for row in empty.districts] == [0] * 18


def test_counting_reads_points_from_one_index(demo: Site):
    query = ProgressQuery((Scope(area_code="57"),), Scope(CDD), "2026-11-24")
    if demo.store.backend == "postgis":
        return  # a planner that sees few rows reads them all; measured in docs/progress-report.md
    text = progress.statement(query).compile(
        demo.store.reading, compile_kwargs={"literal_binds": True}
    )
    plan = demo.store.read(
        lambda c: [row[3] for row in c.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
    )
    points = [line for line in plan if "service_point " in line]
    assert len(points) == 2
    assert all("USING COVERING INDEX ix_service_point_progress" in line for line in points)


# ------------------------------------------------------------------- anything that can be stored

CODES = ["", "57", "50", "5707", "5708", "5001", "570701", "570801", "500101"]
AGENCIES = ["", *(agency_id(n) for n in range(1, 6))]
STATES = (
    "unpinned", "draft", "submitted", "returned", "verified", "withdrawn", "closed", "moved",
    "merged",
)  # fmt: skip
ORDERS = ("assigned", "accepted", "pinned", "surveyed", "verified", "handed_over", "cancelled")
CAMPAIGNS = [None, "ปี 2569", "x"]
DAYS = [None, "2026-11-21", "2026-11-22", "2026-11-23"]
places = st.tuples(
    st.sampled_from(STATES), st.sampled_from(["", "verified", "closed"]), st.sampled_from(AGENCIES),
    st.sampled_from(CODES),
)  # fmt: skip
orders = st.tuples(
    st.integers(-3, 11), st.sampled_from(ORDERS), st.sampled_from(DAYS), st.sampled_from(CAMPAIGNS),
    st.sampled_from(AGENCIES), st.sampled_from(CODES),
)  # fmt: skip
held = st.lists(
    st.builds(
        Grant, st.sampled_from(["planner", "supervisor", "executive", "officer"]),
        st.sampled_from(AGENCIES), st.sampled_from(CODES),
    ),
    min_size=1, max_size=3,
)  # fmt: skip
asked = st.fixed_dictionaries(
    {},
    optional={
        "agency_id": st.sampled_from(AGENCIES[1:]),
        "campaign": st.sampled_from(CAMPAIGNS[1:]),
        "district_code": st.sampled_from(["5707", "5708", "5001"]),
        "as_of": st.sampled_from(["2026-11-22", "2026-11-22T16:59:59Z", "2026-11-22T17:00:00Z"]),
    },
)


@pytest.fixture
def bare(kept: Store, tmp_path: Path) -> Site:
    """A site with five agencies, one of them under two others, and five areas."""
    site = site_of(emptied(kept), tmp_path)
    put_agencies(site, agency(1), agency(2, 1), agency(3, 1), agency(4, 2, 3), agency(5))
    context = WriteContext(SYSTEM)
    documents = [area_document(code, parent) for code, parent in AREAS]
    site.store.write(lambda t: reference_data.put_areas(t, context, documents))
    return site


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    points=st.lists(places, max_size=12), work=st.lists(orders, max_size=12), grants=held,
    inputs=asked,
)  # fmt: skip
def test_report_equals_a_recount_whatever_is_stored(bare: Site, points, work, grants, inputs):
    fill(bare, points, work)
    check(bare, PLANNER, inputs)
    viewer = user("somebody", *grants)
    may = scopes(viewer, "statistics.read")
    wanted = Scope(inputs.get("agency_id", ""), inputs.get("district_code", ""))
    if not may or not meet(bare.store, may, wanted)[0]:
        with pytest.raises(ForbiddenError):
            progress_report(bare, viewer, inputs)
        return
    check(bare, viewer, inputs)


# ------------------------------------------------------------------- rights

A, B, AB, BOTH, OTHER = (agency_id(n) for n in (1, 2, 3, 4, 5))


@pytest.mark.parametrize(
    ("held_", "asked_", "parts", "is_partial"),
    [
        ([Scope()], Scope(), [Scope()], False),
        ([Scope("", "57")], Scope("", "5707"), [Scope("", "5707")], False),
        ([Scope("", "5707")], Scope("", "57"), [Scope("", "5707")], True),
        ([Scope("", "5707")], Scope("", "5708"), [], False),
        ([Scope("", "5707"), Scope("", "57")], Scope("", "57"), [Scope("", "57")], False),
        ([Scope(A)], Scope(B), [Scope(B)], False),
        ([Scope(B)], Scope(A), [Scope(B)], True),
        ([Scope(B)], Scope(AB), [Scope(BOTH)], True),
        ([Scope(OTHER)], Scope(A), [], False),
        ([Scope(B, "57")], Scope("", "57"), [Scope(B, "57")], True),
        ([Scope(B, "57")], Scope(BOTH), [Scope(BOTH, "57")], True),
        ([Scope(B, "50"), Scope("", "57")], Scope(), [Scope(B, "50"), Scope("", "57")], False),
    ],
)  # fmt: skip
def test_right_and_wish_meet_where_both_hold(bare: Site, held_, asked_, parts, is_partial):
    assert meet(bare.store, tuple(held_), asked_) == (tuple(parts), is_partial)


def test_a_part_of_what_was_asked_for_is_counted_and_said(bare: Site):
    fill(bare, [("draft", "", A, "5707"), ("draft", "", A, "5708")], [])
    report = progress_report(
        bare, user("n", Grant("supervisor", area_code="5707")), {"province_code": "57"}
    )
    assert report.is_partial
    assert report.total.places == 1
    assert [part.area.name_th for part in report.parts] == ["พื้นที่ 5707"]
    assert [row.of.code for row in report.districts] == ["5707"]


def test_outside_of_the_scope_is_refused_in_clear_words(bare: Site):
    narrow = user("n", Grant("supervisor", area_code="5707"))
    error = refused(
        ForbiddenError, lambda: progress_report(bare, narrow, {"district_code": "5708"})
    )
    assert error.message_id == "progress.outside_scope"
    inside = user("o", Grant("executive", OTHER))
    refused(ForbiddenError, lambda: progress_report(bare, inside, {"agency_id": A}))


@pytest.mark.parametrize("role", ["officer", "moderator", "admin"])
def test_roles_without_statistics_get_no_report(bare: Site, role: str):
    refused(ForbiddenError, lambda: progress_report(bare, user("x", Grant(role)), {}))
    refused(NotAuthenticatedError, lambda: progress_report(bare, PUBLIC, {}))


@pytest.mark.parametrize(
    "role", ["gis_officer", "agency_admin", "supervisor", "planner", "executive"]
)
def test_roles_with_statistics_get_a_report(bare: Site, role: str):
    report = progress_report(bare, user("x", Grant(role, area_code="57")), {})
    assert (report.maker.role, report.maker.place.area.code) == (role, "57")


def test_a_missed_day_begins_at_midnight_in_bangkok(bare: Site):
    fill(bare, [], [(-1, "assigned", "2026-11-22", None, A, "5707")])
    before, after = "2026-11-22T16:59:59Z", "2026-11-22T17:00:00Z"
    assert progress_report(bare, PLANNER, {"as_of": before}).total.late == 0
    assert progress_report(bare, PLANNER, {"as_of": after}).total.late == 1
    assert progress_report(bare, PLANNER, {"as_of": "2026-11-23"}).total.late == 1
    assert progress_report(bare, PLANNER, {"as_of": "2026-11-23T00:00:00+07:00"}).total.late == 1


def test_a_superior_is_not_shown_outside_of_the_right(bare: Site):
    fill(bare, [("draft", "", B, "57"), ("draft", "", BOTH, "57"), ("draft", "", AB, "57")], [])
    everything = progress_report(bare, PLANNER, {})
    assert {row.of.code: row.counts.places for row in everything.rolled_up} == {A: 3, B: 2, AB: 2}
    report = progress_report(bare, user("b", Grant("executive", B)), {})
    assert {row.of.code: row.counts.places for row in report.rolled_up} == {B: 2}


def test_every_wrong_input_is_named(bare: Site):
    wrong = {
        "province_code": 57, "district_code": "57", "agency_id": "a\0b", "campaign": " ",
        "as_of": "yesterday", "group_by": "ministry", "language": "fr", "colour": "red",
    }  # fmt: skip
    error = refused(InvalidDocumentError, lambda: progress_report(bare, PLANNER, wrong))
    assert {p.pointer for p in error.problems} == {f"/inputs/{name}" for name in wrong}
    for inputs, pointer in (
        ({"province_code": "99"}, "/inputs/province_code"),
        ({"district_code": "9999"}, "/inputs/district_code"),
        ({"agency_id": "nobody"}, "/inputs/agency_id"),
        ({"province_code": "50", "district_code": "5707"}, "/inputs/district_code"),
        ({"as_of": "2026-11-22T10:00:00"}, "/inputs/as_of"),
        ({"as_of": "0001-01-01"}, "/inputs/as_of"),
        ({"as_of": "9999-12-31T23:59:59-14:00"}, "/inputs/as_of"),
    ):
        error = refused(InvalidDocumentError, lambda i=inputs: progress_report(bare, PLANNER, i))
        assert [p.pointer for p in error.problems] == [pointer], inputs


def test_grouping_leaves_out_the_other_tables_and_keeps_the_total(bare: Site):
    fill(bare, [("draft", "", A, "5707")], [])
    reports = {
        by: progress_report(bare, PLANNER, {"group_by": by}) for by in ("district", "agency")
    }
    assert not reports["district"].agencies
    assert not reports["agency"].districts
    assert reports["district"].total == reports["agency"].total
    assert bare.clock() - reports["district"].made_at < timedelta(minutes=5)
    assert len(list(itertools.chain(reports["agency"].agencies, reports["district"].districts))) > 1
