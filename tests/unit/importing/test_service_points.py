# SPDX-License-Identifier: GPL-2.0-or-later
"""From rows to drafts of service points."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import shapely
from jsonschema import Draft202012Validator

from geoapi.errors import UsageError
from geoapi.importing.categories import guess_category
from geoapi.importing.profiles import KNOWN_PROFILES, choose_profile, unused_columns
from geoapi.importing.readers import read_rows, with_declared_crs
from geoapi.importing.register import Register
from geoapi.importing.rows import Row, Source
from geoapi.importing.service_points import (
    MappedRow,
    make_context,
    map_service_point,
    map_service_points,
)
from geoapi.messages import data_folder

CATEGORIES = frozenset(
    item["code"]
    for item in json.loads((data_folder() / "codes" / "category.json").read_text())["codes"]
)
SCHEMA = Draft202012Validator(
    json.loads((data_folder() / "schemas" / "service_point.json").read_text())
)
GOOD = {
    "official_id": "1",
    "name_th": "ที่ว่าการอำเภอแม่สาย",
    "lon": "99.88",
    "lat": "20.42",
    "subdistrict": "แม่สาย",
    "district": "แม่สาย",
    "province": "เชียงราย",
}


def map_values(
    register: Register, values: Mapping[str, Any], crs: str | None = None, **options: Any
) -> MappedRow:
    """Map one row of a table with these columns."""
    source = Source(tuple(values), iter(()), "csv", crs=crs)
    return map_service_point(Row(2, values), make_context(source, register, **options))


def map_file(register: Register, path: Path, **options: Any) -> list[MappedRow]:
    source = read_rows(path)
    context = make_context(source, register, categories=CATEGORIES, **options)
    return list(map_service_points(source, context))


def test_a_good_row_becomes_a_valid_feature(register: Register) -> None:
    mapped = map_values(register, {**GOOD, "phones": "053-731001 ต่อ 12", "postal_code": "57130"})
    assert mapped.refused == ()
    assert mapped.warnings == ()
    assert mapped.key == "official_id:1"
    assert mapped.feature is not None
    SCHEMA.validate(mapped.feature)
    assert mapped.feature["geometry"] == {"type": "Point", "coordinates": [99.88, 20.42]}
    properties = mapped.feature["properties"]
    assert properties["category"] == "district_office"
    assert properties["subdistrict_code"] == "570901"
    assert properties["district_code"] == "5709"
    assert properties["province_code"] == "57"
    assert properties["phones"][0]["number"] == "+6653731001"
    assert properties["raw_coordinates"] == "99.88,20.42 OGC:CRS84"


def test_the_published_citizeninfo_header_is_accepted_as_it_is(
    tmp_path: Path, register: Register
) -> None:
    path = tmp_path / "citizeninfo.csv"
    path.write_bytes(
        (
            "รหัสหน่วยงาน,หน่วยงาน,ที่อยู่จุดบริการ,ละติจูด,ลองติจูด\r\n"
            "8899210207708,โรงพยาบาลส่งเสริมสุขภาพตำบลเกาะช้าง จังหวัดเชียงราย,"
            "บ้านม่วงคำ หมู่ 7 ต.เกาะช้าง อ.แม่สาย จ.เชียงราย 57130,20.420932433326,99.9830612519713\r\n"
        ).encode("cp874")
    )
    (mapped,) = map_file(register, path)
    assert mapped.feature is not None
    assert mapped.feature["geometry"]["coordinates"] == [99.9830613, 20.4209324]
    assert mapped.feature["properties"] == {
        "official_id": "8899210207708",
        "name_th": "โรงพยาบาลส่งเสริมสุขภาพตำบลเกาะช้าง",
        "category": "health_promoting_hospital",
        "address_th": "บ้านม่วงคำ หมู่ 7 ต.เกาะช้าง อ.แม่สาย จ.เชียงราย 57130",
        "subdistrict_code": "570903",
        "district_code": "5709",
        "province_code": "57",
        "postal_code": "57130",
        "position_method": "imported",
        "raw_coordinates": "99.9830612519713,20.420932433326 OGC:CRS84",
    }
    assert mapped.warnings == ()


@pytest.mark.parametrize(
    ("lon", "lat", "message_id"),
    [
        ("20.42", "99.88", "import.swapped_axes"),
        ("", "", "import.no_coordinates"),
        ("0", "0.0", "import.zero_coordinates"),
        ("99.88", "", "import.half_coordinates"),
        ("99.88", "20,42", "import.not_a_number"),
        ("N/A", "20.42", "import.not_a_number"),
        ("nan", "20.42", "import.not_a_number"),
        ("1102.440518", "16.442571", "import.not_degrees"),
        ("99.591717", "154612.7344", "import.not_degrees"),
        ("1.5553810514537E10", "16.4", "import.not_degrees"),
        ("18.600997", "18.600997", "import.equal_coordinates"),
        ("-180", "85.051129", "import.outside_thailand"),
        ("96.15", "16.85", "import.outside_thailand"),
        ("89.999997", "20", "import.outside_thailand"),
        ("589000", "2226000", "import.metres_not_degrees"),
    ],
)
def test_unusable_positions_are_refused_by_what_is_wrong(
    register: Register, lon: str, lat: str, message_id: str
) -> None:
    mapped = map_values(register, {**GOOD, "lon": lon, "lat": lat})
    assert mapped.feature is None
    assert [problem.message_id for problem in mapped.refused] == [message_id]
    assert mapped.refused[0].row == 2
    assert "lo" in mapped.refused[0].field or "la" in mapped.refused[0].field


def test_a_swapped_pair_is_shown_the_right_way_round(register: Register) -> None:
    problem = map_values(register, {**GOOD, "lon": "20.42", "lat": "99.88"}).refused[0]
    assert (problem.params["lon"], problem.params["lat"]) == (99.88, 20.42)


def test_thai_digits_are_numbers(register: Register) -> None:
    mapped = map_values(register, {**GOOD, "lon": "๙๙.๘๘", "lat": "๒๐.๔๒"})
    assert mapped.feature is not None
    assert mapped.feature["geometry"]["coordinates"] == [99.88, 20.42]


@pytest.mark.parametrize("crs", ["EPSG:32647", "EPSG:24047"])
def test_metres_are_converted_from_the_named_system(register: Register, crs: str) -> None:
    values = {**GOOD, "x": "592000.5", "y": "2258000"}
    del values["lon"], values["lat"]
    mapped = map_values(register, values, crs=crs)
    assert mapped.feature is not None
    lon, lat = mapped.feature["geometry"]["coordinates"]
    assert (round(lon, 1), round(lat, 1)) == (99.9, 20.4)
    assert mapped.feature["properties"]["raw_coordinates"] == f"592000.5,2258000 {crs}"


def test_degrees_in_a_system_of_metres_are_refused(register: Register) -> None:
    mapped = map_values(register, GOOD, crs="EPSG:32647")
    assert [problem.message_id for problem in mapped.refused] == ["import.degrees_not_metres"]


def test_unplaced_points_come_only_when_they_are_allowed(register: Register) -> None:
    empty = {**GOOD, "lon": None, "lat": None}
    assert map_values(register, empty).feature is None
    mapped = map_values(register, empty, allow_unpinned=True)
    assert mapped.feature is not None
    assert mapped.feature["geometry"] is None
    SCHEMA.validate(mapped.feature)
    swapped = {**GOOD, "lon": "20.42", "lat": "99.88"}
    assert map_values(register, swapped, allow_unpinned=True).feature is None


def test_shifted_columns_and_missing_names_are_refused(register: Register) -> None:
    context = make_context(Source(tuple(GOOD), iter(()), "csv"), register)
    shifted = map_service_point(Row(2, GOOD, surplus=1), context)
    assert [problem.message_id for problem in shifted.refused] == ["import.surplus_cells"]
    nameless = map_values(register, {**GOOD, "name_th": None})
    assert [problem.message_id for problem in nameless.refused] == ["import.no_name"]


def test_too_long_a_name_is_refused(register: Register) -> None:
    mapped = map_values(register, {**GOOD, "name_th": "ก" * 251})
    assert [problem.message_id for problem in mapped.refused] == ["import.too_long"]


def test_doubtful_contacts_are_left_out_with_warnings(register: Register) -> None:
    mapped = map_values(
        register,
        {
            **GOOD,
            "phones": "05379538972",
            "email": "codmail.cod.go.th",
            "website": "www.maesai.go.th",
            "category": "castle",
            "postal_code": "5713",
            "status": "gone",
        },
        categories=CATEGORIES,
    )
    assert mapped.feature is not None
    SCHEMA.validate(mapped.feature)
    properties = mapped.feature["properties"]
    assert properties["website"] == "https://www.maesai.go.th"
    assert {"phones", "email", "postal_code", "status"}.isdisjoint(properties)
    assert properties["category"] == "district_office"
    assert {problem.field: problem.message_id for problem in mapped.warnings} == {
        "phones": "import.phone_length",
        "email": "import.bad_email",
        "category": "import.unknown_category",
        "postal_code": "import.bad_postal_code",
        "status": "import.unknown_status",
    }


def test_the_same_office_twice_in_a_file_is_refused_the_second_time(register: Register) -> None:
    context = make_context(Source(tuple(GOOD), iter(()), "csv"), register)
    first, second = map_service_points([Row(2, GOOD), Row(9, GOOD)], context)
    assert first.feature is not None
    assert second.feature is None
    assert second.refused[0].message_id == "import.duplicate_key"
    assert second.refused[0].params == {"first_row": 2}


def test_without_an_official_id_name_and_unit_are_the_key(register: Register) -> None:
    values = {name: text for name, text in GOOD.items() if name != "official_id"}
    spaced = {**values, "name_th": "ที่ว่าการ อำเภอแม่สาย"}
    assert map_values(register, values).key == map_values(register, spaced).key
    other = {**values, "subdistrict": "เกาะช้าง"}
    assert map_values(register, values).key != map_values(register, other).key


def test_layers_give_their_positions_themselves(tmp_path: Path, register: Register) -> None:
    path = tmp_path / "a.geojson"
    features = [
        {
            "type": "Feature",
            "properties": {"name_th": "โรงเรียนบ้านจะคือ"},
            "geometry": {"type": kind, "coordinates": coordinates},
        }
        for kind, coordinates in (
            ("Point", [99.535308, 20.032659]),
            ("LineString", [[99.5, 20.0], [99.6, 20.0]]),
        )
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    point, line = map_file(register, path)
    assert point.feature is not None
    assert point.feature["geometry"]["coordinates"] == [99.535308, 20.032659]
    assert line.refused[0].message_id == "import.geometry_not_point"


def test_named_system_stands_over_the_declared_one(register: Register) -> None:
    source = with_declared_crs(Source(("name_th",), iter(()), "gpkg", crs="EPSG:4326"), "32647")
    row = Row(1, {"name_th": "ศาลากลางจังหวัดเชียงราย"}, shapely.Point(586_000, 2_202_000))
    mapped = map_service_point(row, make_context(source, register))
    assert mapped.feature is not None
    assert mapped.feature["geometry"]["coordinates"][0] == pytest.approx(99.82, abs=0.01)


def test_columns_are_matched_by_the_user_where_no_profile_fits(register: Register) -> None:
    columns = ("ID", "office", "E", "N")
    column_map = {"ID": "official_id", "office": "name_th", "E": "x", "N": "y"}
    profile = choose_profile(columns, column_map, has_geometry=False)
    assert profile.column("x") == "E"
    assert unused_columns(profile, (*columns, "note")) == ("note",)


@pytest.mark.parametrize(
    ("columns", "column_map", "message_id"),
    [
        (("a", "lon", "lat"), {}, "import.missing_columns"),
        (("name_th",), {}, "import.missing_columns"),
        (("name_th", "lon", "lat"), {"x1": "name_en"}, "import.map_unknown_column"),
        (("name_th", "lon", "lat"), {"lon": "nickname"}, "import.map_unknown_field"),
    ],
)
def test_headers_that_cannot_be_understood_are_refused(
    columns: tuple[str, ...], column_map: dict[str, str], message_id: str
) -> None:
    with pytest.raises(UsageError) as caught:
        choose_profile(columns, column_map, has_geometry=False)
    assert caught.value.message_id == message_id


def test_every_known_profile_is_found_by_its_own_header() -> None:
    for profile in KNOWN_PROFILES:
        columns = tuple(dict.fromkeys(profile.columns.values()))
        assert choose_profile(columns, has_geometry=False).name == profile.name


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("โรงพยาบาลส่งเสริมสุขภาพตำบลแซว", "health_promoting_hospital"),
        ("โรงพยาบาลส่งเสริมสุขาพตำบลบ้านฮ่องแฮ่", "health_promoting_hospital"),
        ("รพ.สต.บ้านดอย", "health_promoting_hospital"),
        ("รพสต. บ้านดอย", "health_promoting_hospital"),
        ("โรงพยาบาลแม่จัน", "hospital"),
        ("โรงเรียนบ้านจะคือ", "school"),
        ("ที่ว่าการอำเภอพาน", "district_office"),
        ("สำนักงานเขตดุสิต", "district_office"),
        ("สำนักงานเขตพื้นที่การศึกษาประถมศึกษาเชียงราย เขต 1", "education_area_office"),
        ("สำนักงานพัฒนาชุมชนอำเภอพาน", "community_development_office"),
        ("เทศบาลตำบลแม่สาย", "municipality"),
        ("สำนักงานเทศบาลตำบลแม่สาย", "municipality"),
        ("อบต.โป่งผา", "subdistrict_administrative_organization"),
        ("องค์การบริหารส่วนตำบลโป่งผา", "subdistrict_administrative_organization"),
        ("ศาลากลางจังหวัดเชียงราย", "provincial_hall"),
        ("ศาลจังหวัดเชียงราย", "court"),
        ("สำนักงานสาธารณสุขอำเภอแม่จัน", "public_health_office"),
        ("สำนักงานเกษตรอำเภอพาน", "agriculture_office"),
        ("สำนักงานสัสดีอำเภอพาน", "district_agency_office"),
        ("ที่ทำการไปรษณีย์เทิง", "post_office"),
        ("วัดพระแก้ว", None),
    ],
)
def test_guesses_the_category_from_the_name(name: str, category: str | None) -> None:
    assert guess_category(name) == category
    assert category is None or category in CATEGORIES


def test_every_real_citizeninfo_row_maps(
    register: Register, shared_file: Callable[[str], Path]
) -> None:
    mapped = map_file(register, shared_file("service_points/citizeninfo_chiangrai_sample68.csv"))
    assert len(mapped) == 68
    for item in mapped:
        assert item.refused == ()
        assert item.feature is not None
        SCHEMA.validate(item.feature)
        assert item.feature["properties"]["subdistrict_code"].startswith("57")
    features = {item.key: item.feature for item in mapped if item.feature}
    typo = features["official_id:8899210210223"]["properties"]
    assert typo["category"] == "health_promoting_hospital"
    warnings = Counter(problem.message_id for item in mapped for problem in item.warnings)
    assert warnings == {"import.postal_code_differs": 4, "import.unit_respelled": 1}


def test_every_real_school_maps_with_its_phone(
    register: Register, shared_file: Callable[[str], Path]
) -> None:
    mapped = map_file(register, shared_file("service_points/obec_schools_sample.tsv"))
    assert len(mapped) == 13
    for item in mapped:
        assert item.feature is not None
        SCHEMA.validate(item.feature)
        assert item.feature["properties"]["category"] == "school"
        assert len(item.feature["properties"]["phones"]) == 1
        assert item.warnings == ()


def test_the_national_points_map_and_every_refused_row_has_its_reason(
    register: Register, shared_file: Callable[[str], Path]
) -> None:
    path = shared_file("service_points/kongvut_subdistrict_points.csv")
    mapped = map_file(register, path)
    assert len(mapped) == 7451
    refused = [item for item in mapped if item.feature is None]
    assert Counter(problem.message_id for item in refused for problem in item.refused) == {
        "import.no_coordinates": 330
    }
    assert all(item.refused[0].row == item.number for item in refused)
    unplaced = map_file(register, path, allow_unpinned=True)
    assert all(item.feature is not None for item in unplaced)
    for item in unplaced[::50]:
        SCHEMA.validate(item.feature)
