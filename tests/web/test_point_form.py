# SPDX-License-Identifier: GPL-2.0-or-later
"""From a document to the edit form and back: nothing is changed that was not touched."""

from __future__ import annotations

from dataclasses import replace

from starlette.datastructures import FormData

from geoapi.web.point_form import form_from, form_of, hidden_fields, rebased, touched
from geoapi.web.point_patch import patch_of

POINT = {
    "type": "Feature",
    "id": "11111111-1111-4111-8111-111111111111",
    "geometry": {"type": "Point", "coordinates": [99.8526811, 20.1462241]},
    "properties": {
        "name_th": "ที่ว่าการอำเภอแม่จัน",
        "name_en": "Mae Chan District Office",
        "category": "district_office",
        "phones": [
            {"number": "+6653771234", "kind": "main", "ext": "12"},
            {"number": "1567", "kind": "hotline", "label": "ศูนย์ดำรงธรรม"},
        ],
        "something_unknown": {"kept": True},
    },
}


def posted(**changed: str):
    """Post the form of POINT as a browser does, some fields changed."""
    fields = dict(hidden_fields(form_of(POINT, "w1-abc")))
    return form_from(FormData(list((fields | changed).items())))


def test_untouched_form_changes_nothing():
    form = posted()
    assert touched(form) == frozenset()
    assert patch_of(form, POINT).members == {}


def test_only_what_was_touched_is_in_the_patch():
    patch = patch_of(posted(name_en="Mae Chan", status="closed"), POINT)
    assert patch.members == {"properties": {"name_en": "Mae Chan", "status": "closed"}}


def test_empty_field_is_removed():
    assert patch_of(posted(name_en=""), POINT).members == {"properties": {"name_en": None}}


def test_thai_digits_and_extension_become_a_normal_number():
    patch = patch_of(posted(**{"phone-0-number": "๐-๕๓๑๕-๐๑๖๑ ต่อ ๗", "phone-0-ext": ""}), POINT)
    assert patch.members["properties"]["phones"] == [
        {"number": "+6653150161", "kind": "main", "ext": "7"},
        {"number": "1567", "kind": "hotline", "label": "ศูนย์ดำรงธรรม"},
    ]


def test_emptied_row_removes_a_phone():
    empty = {f"phone-0-{part}": "" for part in ("number", "ext", "label")}
    phones = patch_of(posted(**empty), POINT).members["properties"]["phones"]
    assert [phone["number"] for phone in phones] == ["1567"]


def test_two_numbers_in_one_row_are_refused_by_name():
    patch = patch_of(posted(**{"phone-1-number": "0 5377 1234, 0 5377 1235"}), POINT)
    assert [(p.message_id, p.pointer) for p in patch.problems] == [
        ("web.form.phone", "/form/phone-1-number")
    ]


def test_pair_pasted_into_latitude_is_taken_apart():
    patch = patch_of(posted(lat="20.15, 99.86", lon=""), POINT)
    assert patch.members == {"geometry": {"type": "Point", "coordinates": [99.86, 20.15]}}


def test_swapped_and_foreign_places_are_refused():
    swapped = patch_of(posted(lat="99.85", lon="20.14"), POINT).problems
    assert [p.message_id for p in swapped] == ["web.form.swapped"]
    far = patch_of(posted(lat="51.5", lon="0.1"), POINT).problems
    assert [p.message_id for p in far] == ["web.form.outside"]


def test_place_is_not_lost_by_emptying_its_fields():
    assert [p.message_id for p in patch_of(posted(lat="", lon=""), POINT).problems] == [
        "web.form.place_needed"
    ]


def test_infinite_coordinates_are_refused():
    for text in ("nan", "inf", "1e400"):
        assert patch_of(posted(lat=text), POINT).problems


def test_what_somebody_else_changed_stays_changed():
    newer = {**POINT, "properties": {**POINT["properties"], "name_en": "Theirs"}}
    merged = rebased(posted(short_name="ของฉัน"), newer, "w2-def")
    assert merged.fields["name_en"] == "Theirs"
    assert patch_of(merged, newer).members == {"properties": {"short_name": "ของฉัน"}}


def test_form_without_its_base_still_reads():
    form = replace(posted(name_en="X"), base="")
    assert patch_of(form, POINT).members == {"properties": {"name_en": "X"}}
