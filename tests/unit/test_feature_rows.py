# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows made from documents: finished text, tag, columns and search text."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from geoapi.feature_rows import RowStamp, build_row
from geoapi.store.tables import FEATURE_TABLES

AT = datetime(2026, 11, 22, 5, 6, 7, tzinfo=UTC)
STAMP = RowStamp("working", 3, AT, AT, "a1", "570101")


def document(**properties):
    return {
        "type": "Feature",
        "id": "x",
        "geometry": {"type": "Point", "coordinates": [99.8, 19.9, 400]},
        "properties": {"name_th": "ศาล ๒"} | properties,
    }


def test_the_text_is_the_document_with_its_tag_last():
    row = build_row("service_point", document(own=[1, None]), STAMP, {"editors": "[]"})
    said = orjson.loads(row.feature)
    assert said.pop("etag") == f'"{row.etag}"'
    assert said == document(own=[1, None])
    assert row.etag.startswith("w3-")


def test_the_tag_depends_on_document_view_and_revision_alone():
    def tag(stamp: RowStamp = STAMP, **properties) -> str:
        return build_row("service_point", document(**properties), stamp).etag

    later = RowStamp("working", 3, AT, datetime(2027, 1, 1, tzinfo=UTC))
    others = [RowStamp("published", 3, AT, AT), RowStamp("working", 4, AT, AT)]
    assert tag() == tag() == tag(later)
    assert len({tag(), tag(name_th="อื่น"), *(tag(stamp) for stamp in others)}) == 4
    assert not set('",\\ ') & set(tag())


def test_every_column_but_the_given_ones_has_a_value():
    for name, table in FEATURE_TABLES.items():
        row = build_row(name, document(), STAMP)
        geometry = {"geom", "min_x", "max_x", "min_y", "max_y"}
        assert set(table.columns.keys()) - row.values.keys() <= geometry | {"fid", "editors"}
        assert None not in row.values.values()


def test_missing_and_null_members_are_empty_text_and_false():
    row = build_row("service_point", document(category=None, is_branch=None), STAMP)
    assert (row.values["category"], row.values["postal_code"]) == ("", "")
    assert row.values["is_branch"] is False
    postal = document(code="57", level="province", postal_codes=["57000", "57100"])
    assert build_row("area", postal, STAMP).values["postal_codes"] == "57000 57100"


def test_names_sort_by_the_other_language_where_one_is_missing():
    only_thai = build_row("service_point", document(), STAMP).values
    assert only_thai["name_sort_en"] == only_thai["name_sort_th"] != ""
    both = build_row("service_point", document(name_en="Court"), STAMP).values
    assert both["name_sort_en"] != both["name_sort_th"]


def test_search_text_has_names_codes_and_phones_as_dialled_from_both_sides():
    row = build_row(
        "service_point",
        document(name_en="COURT", official_id="EQ-1", short_code="ABC", short_name="ศ.",
                 phones=[{"number": "+6653150161"}, {"number": "1111"}], note_th="ไม่ค้น"),
        STAMP,
    )  # fmt: skip
    words = row.values["search"].split()
    for word in ("ศาล", "2", "court", "eq-1", "abc", "ศ.", "+6653150161", "053150161", "1111"):
        assert word in words
    assert "ไม่ค้น" not in words


def test_geometry_is_flat_or_absent():
    assert not build_row("service_point", document(), STAMP).geometry.has_z
    unplaced = {**document(), "geometry": None}
    assert build_row("service_point", unplaced, STAMP).geometry is None
