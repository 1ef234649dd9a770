# SPDX-License-Identifier: GPL-2.0-or-later
"""The demonstration data set: valid, complete, marked as synthetic, the same on every run."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import shapely
from jsonschema import Draft202012Validator

from geoapi.demo import sources
from geoapi.demo.closed_days import build_holidays
from geoapi.demo.coverage import clean_coverage
from geoapi.demo.dataset import DemoDataset, build_demo_dataset, main, write_dataset
from geoapi.demo.places import distance_m, offset
from geoapi.errors import DataUnavailableError, UsageError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def dataset() -> DemoDataset:
    return build_demo_dataset()


@pytest.fixture(scope="module")
def districts(dataset: DemoDataset) -> dict[str, shapely.Geometry]:
    return {
        area["id"]: shapely.from_geojson(json.dumps(area["geometry"]))
        for area in dataset.areas
        if area["properties"]["level"] == "district"
    }


def codes(name: str) -> dict[str, dict[str, str]]:
    table = json.loads((ROOT / "data/codes" / f"{name}.json").read_text(encoding="utf-8"))
    return {entry["code"]: entry for entry in table["codes"]}


def mistakes(dataset: DemoDataset, kind: str) -> list[dict]:
    return [
        feature
        for feature in dataset.service_points
        if feature["properties"].get("demo_mistake", {}).get("kind") == kind
    ]


def test_another_process_builds_the_same(dataset: DemoDataset, tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    write_dataset(dataset, mine)
    subprocess.run(
        [sys.executable, "-m", "geoapi.demo.dataset", "--out", str(theirs)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": "12345"},
    )
    names = sorted(path.name for path in mine.iterdir())
    assert names == [
        "agencies.json",
        "areas.geojson",
        "holidays.json",
        "service_points.geojson",
        "users.json",
    ]
    assert {n: (mine / n).read_bytes() for n in names} == {
        n: (theirs / n).read_bytes() for n in names
    }


def test_areas_have_real_codes_names_and_parents(dataset: DemoDataset) -> None:
    by_code = {area["id"]: area["properties"] for area in dataset.areas}
    levels = [area["level"] for area in by_code.values()]
    assert (levels.count("province"), levels.count("district"), levels.count("subdistrict")) == (
        1,
        18,
        124,
    )
    assert by_code["5707"]["name_th"] == "แม่จัน"
    assert by_code["5707"]["postal_codes"] == ["57110", "57240", "57270"]
    assert by_code["570701"]["name_en"] == "Mae Chan"
    for code, properties in by_code.items():
        parent = {2: None, 4: code[:2], 6: code[:4]}[len(code)]
        assert properties["parent_code"] == parent
        assert properties["postal_codes"]
        assert "CC BY 4.0" in properties["credit"]
        assert properties["level"] in codes("area_level")


def test_districts_are_a_valid_coverage_whose_union_is_the_province(
    dataset: DemoDataset, districts: dict[str, shapely.Geometry]
) -> None:
    shapes = list(districts.values())
    assert all(shapely.is_valid(shapes))
    assert {shape.geom_type for shape in shapes} == {"MultiPolygon"}
    assert shapely.coverage_is_valid(shapes)
    province = shapely.from_geojson(json.dumps(dataset.areas[0]["geometry"]))
    assert province.is_valid
    assert province.equals(shapely.union_all(shapes))
    assert not any(part.interiors for part in province.geoms)
    assert all(part.exterior.is_ccw for shape in [province, *shapes] for part in shape.geoms)
    coordinates = shapely.get_coordinates([province, *shapes])
    assert (coordinates == coordinates.round(6)).all()


def test_district_polygons_stay_close_to_the_published_ones(
    districts: dict[str, shapely.Geometry],
) -> None:
    areas = [area for area in sources.read_areas("57") if area.level == "district"]
    published = sources.read_district_polygons("Chiang Rai", areas)
    for code, polygon in published.items():
        changed = polygon.symmetric_difference(districts[code]).area / polygon.area
        assert changed < 0.03, code


def test_sizes_are_fit_for_a_page(dataset: DemoDataset) -> None:
    shapes = [area for area in dataset.areas if area["properties"]["level"] == "district"]
    assert len(json.dumps(shapes, ensure_ascii=False).encode()) < 250_000
    assert 280 <= len(dataset.service_points) <= 350


def test_readme_names_the_number_of_points(dataset: DemoDataset) -> None:
    readme = (ROOT / "data/README.md").read_text(encoding="utf-8")
    assert f"| service points ({len(dataset.service_points)}) |" in readme


def test_subdistricts_have_no_geometry(dataset: DemoDataset) -> None:
    for area in dataset.areas:
        assert (area["geometry"] is None) == (area["properties"]["level"] == "subdistrict")


def test_agencies_form_a_tree_without_cycles(dataset: DemoDataset) -> None:
    seen: set[str] = set()
    for agency in dataset.agencies:
        properties = agency["properties"]
        above = [*properties["also_under"], *filter(None, [properties["parent_id"]])]
        # Every agency comes after those above it: so there are no cycles and no missing ones.
        assert set(above) <= seen, properties["code"]
        assert agency["id"] not in seen
        assert agency["geometry"] is None
        assert properties["agency_type"] in codes("agency_type")
        assert properties["name_th"]
        assert properties["name_en"]
        seen.add(agency["id"])


def test_every_district_office_answers_to_department_and_district_chief(
    dataset: DemoDataset,
) -> None:
    by_code = {agency["properties"]["code"]: agency for agency in dataset.agencies}
    offices = [code for code in by_code if code.startswith("cdd_57") and len(code) == 8]
    assert len(offices) == 18
    office = by_code["cdd_5707"]["properties"]
    assert office["parent_id"] == by_code["cdd_57"]["id"]
    assert office["also_under"] == [by_code["dopa_5707"]["id"]]
    assert by_code["cdd_57"]["properties"]["parent_id"] == by_code["cdd"]["id"]
    assert by_code["cdd"]["properties"]["parent_id"] == by_code["moi"]["id"]


def test_service_points_follow_the_schema_and_leave_read_only_members_to_the_server(
    dataset: DemoDataset,
) -> None:
    schema = json.loads((ROOT / "data/schemas/service_point.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    members = schema["$defs"]["service_point"]["properties"]
    read_only = {name for name, member in members.items() if member.get("readOnly")}
    own = {"synthetic", "note_th", "note_en", "demo_mistake"}
    for feature in dataset.service_points:
        assert [error.message for error in validator.iter_errors(feature)] == []
        assert not read_only & set(feature["properties"])
        assert set(feature["properties"]) <= set(members) | own


def test_service_points_use_known_codes_areas_and_agencies(dataset: DemoDataset) -> None:
    areas = {area["id"]: area["properties"] for area in dataset.areas}
    agencies = {agency["id"] for agency in dataset.agencies}
    points = {feature["id"] for feature in dataset.service_points}
    assert len(points) == len(dataset.service_points)
    for feature in dataset.service_points:
        properties = feature["properties"]
        assert properties["category"] in codes("category")
        assert "parent" in codes("category")[properties["category"]] or (
            properties["category"] == "other"
        )
        for name in ("status", "position_basis", "position_method", "civil_registry_link"):
            assert properties[name] is None or properties[name] in codes(name)
        assert {phone["kind"] for phone in properties["phones"]} <= set(codes("phone_kind"))
        assert properties["agency_id"] in agencies | {None}
        assert properties["parent_id"] in points | {None}
        subdistrict = areas[properties["subdistrict_code"]]
        assert subdistrict["parent_code"] == properties["district_code"]
        assert properties["postal_code"] in subdistrict["postal_codes"]
        assert f"ตำบล{subdistrict['name_th']} " in properties["address_th"]


def test_an_office_inside_another_has_its_address_and_stands_near(dataset: DemoDataset) -> None:
    by_id = {feature["id"]: feature for feature in dataset.service_points}
    inside = [f for f in dataset.service_points if f["properties"]["parent_id"]]
    assert len(inside) > 18
    for feature in inside:
        parent = by_id[feature["properties"]["parent_id"]]
        assert feature["properties"]["address_th"] == parent["properties"]["address_th"]
        if feature["geometry"] and feature["id"] != dataset.story["id"]:
            places = (feature["geometry"]["coordinates"], parent["geometry"]["coordinates"])
            assert distance_m(*places) < 1500


def test_every_service_point_says_that_it_is_synthetic(dataset: DemoDataset) -> None:
    for feature in dataset.service_points:
        properties = feature["properties"]
        assert properties["synthetic"] is True
        assert properties["note_th"] == "ข้อมูลสมมติเพื่อการสาธิต"
        assert properties["note_en"] == "Synthetic data for demonstration"
        assert [phone["number"][:8] for phone in properties["phones"]] == ["+6653000"]


def test_points_lie_in_their_district_but_for_the_office_of_the_story(
    dataset: DemoDataset, districts: dict[str, shapely.Geometry]
) -> None:
    astray = {
        feature["id"]
        for feature in dataset.service_points
        if feature["geometry"]
        and not districts[feature["properties"]["district_code"]].contains(
            shapely.Point(feature["geometry"]["coordinates"])
        )
    }
    assert astray == {dataset.story["id"]}
    assert [feature["id"] for feature in mistakes(dataset, "wrong_district")] == list(astray)


def test_no_two_points_share_a_place(dataset: DemoDataset) -> None:
    places = [tuple(f["geometry"]["coordinates"]) for f in dataset.service_points if f["geometry"]]
    assert len(set(places)) == len(places)


def test_all_districts_and_top_level_categories_are_covered(dataset: DemoDataset) -> None:
    table = codes("category")
    everywhere = {"district_office", "community_development_office", "hospital", "police_station",
                  "post_office", "health_promoting_hospital", "school"}  # fmt: skip
    by_district: dict[str, set[str]] = {}
    for feature in dataset.service_points:
        properties = feature["properties"]
        by_district.setdefault(properties["district_code"], set()).add(properties["category"])
    assert len(by_district) == 18
    assert all(everywhere <= found for found in by_district.values())
    used = {code for found in by_district.values() for code in found}
    tops = {code for code, entry in table.items() if "parent" not in entry}
    assert {table[code].get("parent", code) for code in used} == tops


def test_story_office_is_some_kilometres_off_and_knows_its_right_place(
    dataset: DemoDataset, districts: dict[str, shapely.Geometry]
) -> None:
    story = dataset.story
    feature = next(f for f in dataset.service_points if f["id"] == story["id"])
    assert feature["properties"]["name_th"] == story["name_th"] == "สำนักงานพัฒนาชุมชนอำเภอแม่จัน"
    assert feature["geometry"]["coordinates"] == story["wrong_coordinates"]
    assert districts["5707"].contains(shapely.Point(story["right_coordinates"]))
    apart_m = distance_m(tuple(story["wrong_coordinates"]), tuple(story["right_coordinates"]))
    assert apart_m == pytest.approx(story["distance_m"], abs=1)
    assert 2500 < apart_m < 4500
    assert {story["officer"], story["supervisor"]} <= {user["username"] for user in dataset.users}
    assert dataset.states[story["id"]] == "verified"


def test_other_mistakes_are_there_and_marked(dataset: DemoDataset) -> None:
    police, post = mistakes(dataset, "swapped_phone")
    assert "ไปรษณีย์แม่สาย" in police["properties"]["demo_mistake"]["th"]
    assert police["properties"]["phones"] != post["properties"]["phones"]
    first, second = mistakes(dataset, "duplicate")
    apart_m = distance_m(first["geometry"]["coordinates"], second["geometry"]["coordinates"])
    assert apart_m == pytest.approx(35, abs=1)
    assert second["properties"]["name_th"] == first["properties"]["short_name"]
    assert [dataset.states[f["id"]] for f in (first, second)] == ["verified", "submitted"]


def test_states_are_known_mostly_verified_and_fit_the_geometry(dataset: DemoDataset) -> None:
    assert set(dataset.states) == {feature["id"] for feature in dataset.service_points}
    values = list(dataset.states.values())
    assert set(values) == {"verified", "submitted", "returned", "draft", "unpinned"}
    assert set(values) <= set(codes("state"))
    assert values.count("verified") > 0.85 * len(values)
    for feature in dataset.service_points:
        assert (feature["geometry"] is None) == (dataset.states[feature["id"]] == "unpinned")
    returned = {key for key, state in dataset.states.items() if state == "returned"}
    assert set(dataset.reviews) == returned
    assert all(words["th"] and words["en"] for words in dataset.reviews.values())


def test_there_is_a_user_for_every_role_and_none_is_a_person(dataset: DemoDataset) -> None:
    agencies = {agency["id"] for agency in dataset.agencies} | {None}
    areas = {area["id"] for area in dataset.areas} | {None}
    grants = [grant for user in dataset.users for grant in user["grants"]]
    assert {grant["role"] for grant in grants} == set(codes("role")) - {"citizen"}
    assert all(grant["agency_id"] in agencies for grant in grants)
    assert all(grant["area_code"] in areas for grant in grants)
    assert len({user["username"] for user in dataset.users}) == len(dataset.users)
    for user in dataset.users:
        assert user["name_th"].endswith("(สาธิต)")
        assert user["name_en"].endswith("(demo)")


def test_officer_of_the_story_is_not_the_reviewer(dataset: DemoDataset) -> None:
    by_name = {user["username"]: user for user in dataset.users}
    officer, supervisor = (by_name[dataset.story[role]] for role in ("officer", "supervisor"))
    feature = next(f for f in dataset.service_points if f["id"] == dataset.story["id"])
    assert officer["grants"] == [
        {
            "role": "officer",
            "agency_id": feature["properties"]["agency_id"],
            "area_code": "5707",
        }
    ]
    assert [grant["role"] for grant in supervisor["grants"]] == ["supervisor"]


def test_holidays_are_days_on_which_offices_are_closed() -> None:
    days = {day["date"]: day for day in build_holidays((2026, 2027))}
    assert days["2026-04-13"]["name_en"] == "Songkran Festival"
    assert days["2026-05-13"]["name_th"] == "วันพืชมงคล"
    assert days["2026-06-01"]["kind"] == "substitution"
    assert days["2026-01-02"]["kind"] == "special"
    # Children's Day and Labour Day: government offices are open.
    assert not {"2026-01-10", "2026-05-01", "2027-05-03"} & set(days)
    assert {day["kind"] for day in days.values()} <= set(codes("holiday_kind"))
    assert list(days) == sorted(days)


def test_coverage_closes_gaps_and_shares_out_overlaps() -> None:
    squares = {
        "a": shapely.box(0, 0, 1, 1),
        "b": shapely.box(1.01, 0, 2, 1),  # a gap of 0.01 to a, closed by c and d
        "c": shapely.box(0, 0.99, 2, 2),  # overlaps a and b
        "d": shapely.box(0, -1, 2, 0),
    }
    cleaned = clean_coverage(squares, 0.0)
    assert shapely.coverage_is_valid(list(cleaned.values()))
    assert sum(shape.area for shape in cleaned.values()) == pytest.approx(6.0)
    assert cleaned["c"].area == pytest.approx(2.02 - 0.01 - 0.0099)
    assert cleaned["d"].area == pytest.approx(2.0)


def test_offset_moves_by_metres() -> None:
    start = (99.85, 20.15)
    assert distance_m(start, offset(start, 300.0, 400.0)) == pytest.approx(500.0, abs=0.2)


def test_missing_package_says_which_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"demo\.package_missing") as caught:
        sources.load_package("no_such_module_here", "no-such-package")
    assert caught.value.params == {"package": "no-such-package"}
    monkeypatch.setitem(sys.modules, "geothai", None)
    with pytest.raises(UsageError) as caught:
        sources.read_areas("57")
    assert caught.value.params == {"package": "geothai"}


def test_unknown_district_is_reported_by_name() -> None:
    nowhere = sources.Area("5799", "district", "ไม่มี", "Nowhere", "57", ())
    with pytest.raises(DataUnavailableError) as caught:
        sources.read_district_polygons("Chiang Rai", [nowhere])
    assert caught.value.params == {"district": "Nowhere"}


def test_messages_exist_in_both_languages() -> None:
    table = json.loads((ROOT / "data/messages/demo.json").read_text(encoding="utf-8"))
    assert {"demo.package_missing", "demo.district_missing", "demo.town_missing"} <= set(table)
    for words in table.values():
        assert set(words) == {"th", "en"}


def test_command_line_needs_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    assert "--out" in capsys.readouterr().err


def test_dataset_cannot_be_reassigned(dataset: DemoDataset) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.story = {}  # type: ignore[misc]
