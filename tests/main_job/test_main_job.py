# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job on real files: import, find, move, submit, verify, and everybody sees it."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from geoapi.service_points import distance_m
from tests.conftest import missing
from tests.live import LiveSite, basic, bearer
from tests.main_job.outside import gdal_features, qgis_features, qgis_python

NAME = "โรงพยาบาลส่งเสริมสุขภาพตำบลห้วยชมภู"
REASON = "ย้ายไปที่อาคารจริง ตามการสำรวจภาคสนาม"
PASSWORD = "ฝนตกที่แม่สาย 2569"
ITEMS = "/ogc/collections/service-points/items"
PATCH = "application/merge-patch+json"
MOVED_M = 120.0
_M_PER_DEGREE = 111_195.0


def real_file(shared_data: Path, name: str) -> Path:
    """Return a file of the real data, or skip."""
    path = shared_data / name
    if not path.exists():
        pytest.skip(f"real data are not here: {name}")
    return path


def import_areas(site: LiveSite, shared_data: Path) -> None:
    paths = [real_file(shared_data, f"boundaries/chiangrai_adm{n}.geojson") for n in (1, 2, 3)]
    said = site.run_all(
        *(("--lang", "en", "import", "areas", str(p), "--report", report(site)) for p in paths)
    )
    for words, count in zip(said, (1, 18, 124), strict=True):
        assert f"{count} rows read, {count} created" in words


def import_points(site: LiveSite, path: Path, *options: str) -> str:
    return site.run(
        "--lang", "en", "import", "service-points", str(path), "--report", report(site), *options
    )


def report(site: LiveSite) -> str:
    return str(site.data_dir / "report.csv")


def published_header_file(sample: Path, folder: Path) -> Path:
    """Write the sample under the header that CITIZENinfo publishes, in its code page 874.

    One-string addresses hold the names of the units; nothing else says where a place is.
    """
    path = folder / "citizeninfo.csv"
    with sample.open(encoding="utf-8") as source, path.open("w", encoding="cp874") as target:
        writer = csv.writer(target)
        writer.writerow(["รหัสหน่วยงาน", "หน่วยงาน", "ที่อยู่จุดบริการ", "ละติจูด", "ลองติจูด"])
        for row in csv.DictReader(source):
            writer.writerow(
                [row["agency_code"], row["name_th"], row["address"], row["lat"], row["lon"]]
            )
    return path


def moved_east(place: tuple[float, float], by_m: float) -> tuple[float, float]:
    """Return the place (lon, lat in degrees) by_m metres further east, to 7 digits."""
    lon, lat = place
    return round(lon + by_m / (_M_PER_DEGREE * math.cos(math.radians(lat))), 7), lat


def box_around(place: tuple[float, float], half_m: float) -> tuple[float, float, float, float]:
    half = half_m / _M_PER_DEGREE
    return place[0] - half, place[1] - half, place[0] + half, place[1] + half


def find_one(site: LiveSite, words: str, token: str = "") -> dict:
    answer = site.request("GET", f"{ITEMS}?q={words}", **bearer(token))
    found = answer.json()
    assert (answer.status, found["numberMatched"], found["numberReturned"]) == (200, 1, 1)
    return found["features"][0]


def act(site: LiveSite, item_id: str, action: str, etag: str, token: str):
    return site.request(
        "POST", f"{ITEMS}/{item_id}/transitions", {"action": action},
        if_match=etag, authorization=f"Bearer {token}",
    )  # fmt: skip


def log_in_as_officer(site: LiveSite, token: str) -> None:
    """Sign in through the page, and show the token the way QGIS does: the same person."""
    site.run("user", "password", "officer", "--password-stdin", text=PASSWORD + "\n")
    with httpx.Client(base_url=site.url, headers={"accept": "text/html"}) as browser:
        page = browser.get("/auth/login")
        csrf_token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert csrf_token, page.text
        form = {"csrf_token": csrf_token[1], "username": "officer", "password": PASSWORD}
        assert browser.post("/auth/login", data=form).status_code == 303
        by_page = browser.get("/auth/me").json()["user"]
    by_token = site.request("GET", "/auth/me", authorization=basic("officer", token)).json()["user"]
    assert by_page == by_token
    assert by_token["username"] == "officer"


def correct_and_submit(site: LiveSite, token: str) -> tuple[dict, tuple[float, float], str]:
    """Find the office, move it, submit it; returns (public feature before, new place, etag)."""
    before = find_one(site, "ห้วยชมภู")
    assert before["properties"]["name_th"] == NAME
    mine = site.request("GET", f"{ITEMS}/{before['id']}", **bearer(token))
    place = moved_east(tuple(before["geometry"]["coordinates"]), MOVED_M)
    patch = {
        "geometry": {"type": "Point", "coordinates": list(place)},
        "properties": {"move_reason": REASON, "position_method": "gps"},
    }
    path = f"{ITEMS}/{before['id']}"
    headers = {"content_type": PATCH, **bearer(token)}
    unconditional = site.request("PATCH", path, patch, **headers)
    assert unconditional.status == 428
    edited = site.request("PATCH", path, patch, if_match=mine.headers["etag"], **headers)
    assert edited.status == 204, edited.body
    late = site.request("PATCH", path, patch, if_match=mine.headers["etag"], **headers)
    assert late.status == 412
    assert late.json()["etag"] == edited.headers["etag"]
    submitted = act(site, before["id"], "submit", edited.headers["etag"], token)
    assert submitted.status == 200, submitted.body
    assert submitted.json()["properties"]["state"] == "submitted"
    # the public sees nothing of it yet
    assert find_one(site, "ห้วยชมภู")["geometry"] == before["geometry"]
    return before, place, submitted.headers["etag"]


def check_feed_and_history(
    site: LiveSite, before: dict, place: tuple[float, float], token: str, since: str
) -> None:
    feed = site.get(f"/collections/service-points/changes?since={since}").json()
    assert [(c["type"], c["id"]) for c in feed["changes"]] == [("upsert", before["id"])]
    assert tuple(feed["changes"][0]["feature"]["geometry"]["coordinates"]) == place
    assert "actor_id" not in feed["changes"][0]
    history = site.get(f"/collections/service-points/items/{before['id']}/history", token).json()
    steps = [
        (r["operation"], r["feature"]["geometry"]["coordinates"]) for r in history["revisions"]
    ]
    old = before["geometry"]["coordinates"]
    assert [name for name, _ in steps] == ["import", "update", "submit", "verify"]
    assert [tuple(at) for _, at in steps] == [tuple(old), place, place, place]
    assert history["revisions"][1]["reason"] == REASON
    public = site.get(f"/collections/service-points/items/{before['id']}/history").json()
    assert REASON not in str(public)
    assert tuple(public["revisions"][0]["feature"]["geometry"]["coordinates"]) == tuple(old)
    assert tuple(public["revisions"][-1]["feature"]["geometry"]["coordinates"]) == place


@pytest.mark.gdal
@pytest.mark.timeout(600)
def test_officer_moves_a_real_point_and_everybody_sees_it_after_another_verified_it(
    backend: str,
    new_site: Callable[..., LiveSite],
    shared_data: Path,
    gdal: str,
    tmp_path: Path,
) -> None:
    sample = real_file(shared_data, "service_points/citizeninfo_chiangrai_sample68.csv")
    site = new_site(backend, log_level="WARNING")
    import_areas(site, shared_data)
    assert "68 rows read, 68 created" in import_points(site, sample, "--as", "verified")
    officer = site.add_user("officer", "officer", area="57")
    supervisor = site.add_user("supervisor", "supervisor", area="57")
    site.start()
    log_in_as_officer(site, officer)
    since = site.get("/collections/service-points/changes?limit=10000").json()["next"]

    before, place, etag = correct_and_submit(site, officer)
    assert abs(distance_m(tuple(before["geometry"]["coordinates"]), place) - MOVED_M) < 0.1
    refused = act(site, before["id"], "verify", etag, officer)
    assert refused.status == 403, refused.body
    verified = act(site, before["id"], "verify", etag, supervisor)
    assert verified.status == 200, verified.body

    public = site.get(f"/collections/service-points/items/{before['id']}").json()
    assert tuple(public["geometry"]["coordinates"]) == place
    assert "move_reason" not in public["properties"]
    check_feed_and_history(site, before, place, officer, since)
    old, new = (box_around(tuple(before["geometry"]["coordinates"]), 30), box_around(place, 30))
    assert [f["properties"]["name_th"] for f in gdal_features(site, new, tmp_path / "new")] == [
        NAME
    ]
    assert not gdal_features(site, old, tmp_path / "old")
    python = qgis_python()
    if python is not None:
        (seen,) = qgis_features(site, python, new, tmp_path)
        assert (seen["name_th"], seen["lon"], seen["lat"]) == (NAME, *place)
        assert not qgis_features(site, python, old, tmp_path)

    # the source says the old place again: the officer's correction stays
    again = import_points(site, sample, "--as", "verified")
    assert "68 rows read, 0 created, 0 changed, 68 unchanged, 0 conflicts, 0 refused" in again
    assert tuple(find_one(site, "ห้วยชมภู")["geometry"]["coordinates"]) == place
    assert site.stop()
    if python is None:
        missing("all but QGIS was looked at; QGIS's Python modules: apt-get install python3-qgis")


@pytest.mark.timeout(600)
def test_the_published_file_of_code_page_874_is_imported_as_it_is(
    new_site: Callable[..., LiveSite], shared_data: Path, tmp_path: Path
) -> None:
    sample = real_file(shared_data, "service_points/citizeninfo_chiangrai_sample68.csv")
    path = published_header_file(sample, tmp_path)
    site = new_site("geopackage", log_level="WARNING")
    rest = "0 changed, 0 unchanged, 0 conflicts, 0 refused"
    dry = import_points(site, path, "--dry-run")
    assert f"68 rows read, 68 would be created, {rest}" in dry
    assert "โรงพยาบาลแม่จัน" in dry
    assert f"68 rows read, 68 created, {rest}" in import_points(site, path, "--as", "verified")
    site.start()
    found = find_one(site, "ห้วยชมภู")
    assert found["properties"]["name_th"] == NAME
    assert found["properties"]["official_id"] == "8899210210219"
    assert found["properties"]["category"] == "health_promoting_hospital"
    assert found["properties"]["subdistrict_code"] == "570112"
    assert found["properties"]["postal_code"] == "57000"
    assert site.get("/collections/service-points/items").json()["numberMatched"] == 68
