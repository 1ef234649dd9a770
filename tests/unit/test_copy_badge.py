# SPDX-License-Identifier: GPL-2.0-or-later
"""The badge is the worst of all, and unknown is never hidden; plans and charges as pure rules."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from geoapi.charges import ChargeCase, forbidding, is_in_scope
from geoapi.codes import code_list
from geoapi.copy_badge import UNKNOWN, WORST_FIRST, point_badge, service_badge, worst_of
from geoapi.legal_instruments import seed
from geoapi.plan_dates import plan_problem, read_plan
from geoapi.thai import format_thai_date

CLASSES = st.sampled_from(sorted(code_list("copy_class").codes))
TODAY = date(2026, 11, 24)


def test_every_class_has_a_rank_and_every_badge_a_label():
    assert set(code_list("copy_class").codes) | {"charged"} == set(WORST_FIRST)
    assert set(code_list("copy_badge").codes) == set(WORST_FIRST)


@given(st.lists(CLASSES, min_size=1))
def test_worst_is_one_of_them_and_no_other_is_worse(classes: list[str]):
    worst = worst_of(classes)
    assert worst in classes
    assert all(WORST_FIRST.index(worst) <= WORST_FIRST.index(name) for name in classes)


@given(st.lists(CLASSES), st.lists(CLASSES))
def test_unknown_is_hidden_by_what_is_worse_alone(one: list[str], other: list[str]):
    badge = worst_of([*one, UNKNOWN, *other])
    assert badge == ("required" if "required" in one + other else UNKNOWN)


@given(st.sets(st.sampled_from("abcdef")), st.dictionaries(st.sampled_from("abcdef"), CLASSES))
def test_a_document_of_which_nothing_is_declared_counts_as_unknown(wanted, declared):
    badge = service_badge(wanted, declared.items())
    if wanted - declared.keys() or not (wanted or declared):
        assert badge in {UNKNOWN, "required"}
    else:
        assert badge == worst_of(declared.values())


@given(st.lists(CLASSES))
def test_a_verified_charge_is_worst_of_all(services: list[str]):
    assert point_badge(services, has_verified_charge=True) == "charged"
    assert point_badge(services) == worst_of(services)


def test_a_point_without_services_is_unknown():
    assert point_badge([]) == UNKNOWN


@given(st.dates(date(2027, 1, 1), date(2099, 12, 31)))
def test_plans_ahead_are_good_and_their_buddhist_spelling_is_named(day: date):
    assert plan_problem(day.isoformat(), None, TODAY) is None
    buddhist = f"{day.year + 543}{day.isoformat()[4:]}"
    problem = plan_problem(buddhist, None, TODAY)
    assert problem is not None
    assert problem.params["wanted"] == day.isoformat()
    assert read_plan(format_thai_date(day)) == (day.isoformat(), True)
    assert read_plan(format_thai_date(day, thai_digits=True))[0] == day.isoformat()


@given(st.dates(date(2018, 1, 1), TODAY - timedelta(days=1)))
def test_plans_that_have_passed_are_refused_unless_they_were_there(day: date):
    problem = plan_problem(day.isoformat(), None, TODAY)
    assert problem is not None
    assert problem.message_id == "copies.plan_in_past"
    assert plan_problem(day.isoformat(), day.isoformat(), TODAY) is None


@given(st.text(max_size=30))
def test_whatever_is_typed_as_a_plan_is_a_date_or_nothing(text: str):
    iso, _ = read_plan(text)
    assert iso is None or date.fromisoformat(iso)


def test_law_binds_its_types_of_agency_its_documents_and_its_time():
    law = [feature["properties"] for feature in seed()]
    case = ChargeCase("id_card", "district_office", TODAY)
    found = forbidding(law, case)
    assert found is not None
    assert found["code"] == "ncpo-21-2560"  # what was checked stands before what was not
    for other in (
        ChargeCase("id_card", "independent_body", TODAY),
        ChargeCase("id_card", "", TODAY),
        ChargeCase("power_of_attorney", "district_office", TODAY),
        ChargeCase("id_card", "district_office", date(2016, 1, 1)),
    ):
        assert forbidding(law, other) is None, other
    assert is_in_scope({"scope": [], "documents": []}, case)
