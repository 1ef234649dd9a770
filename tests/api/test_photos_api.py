# SPDX-License-Identifier: GPL-2.0-or-later
"""Photos over HTTP: added as bodies and forms, served by right, without a word of the camera."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from tests import photo_samples as samples
from tests.api.conftest import Live, assert_problem, create, publish
from tests.api.test_rights_matrix import csrf_token

PHOTOS = "/ogc/collections/photos/items"
SIZES = ("full", "medium", "thumb")
MERGE = "application/merge-patch+json"


def add(
    live: Live, client: httpx.Client, point_id: str, content: bytes = b"", **more: Any
) -> httpx.Response:
    """Add a photo as the GIS officer inside, as the body of a request."""
    headers = live.auth(content_type="image/jpeg") | more.pop("headers", {})
    query = {"point_id": point_id, "kind": "sign"} | more
    body = content or samples.jpeg(samples.picture(320, 240))
    return client.post(PHOTOS, params=query, content=body, headers=headers)


@pytest.fixture
def point_id(item: httpx.Response) -> str:
    return str(item.json()["id"])


def status(client: httpx.Client, photo_id: str, size: str, headers: dict | None = None) -> int:
    return client.get(f"/photos/{photo_id}/{size}.jpg", headers=headers or {}).status_code


def test_a_picture_is_added_and_shown_by_right(
    live: Live, client: httpx.Client, point_id: str
) -> None:
    answer = add(live, client, point_id, caption_th="ป้ายหน้าอาคาร")
    assert answer.status_code == 201, answer.text
    photo = answer.json()
    assert answer.headers["location"].endswith(f"{PHOTOS}/{photo['id']}")
    assert (photo["properties"]["kind"], photo["properties"]["width_px"]) == ("sign", 320)
    inside, outside = live.auth("officer_in"), live.auth("officer_out")
    for size in SIZES:
        assert status(client, photo["id"], size) == 404
        assert status(client, photo["id"], size, outside) == 404
        assert status(client, photo["id"], size, inside) == 200
    publish(live, client, point_id)
    for size in SIZES:
        wanted = 404 if size == "full" else 200
        assert status(client, photo["id"], size) == wanted
        assert status(client, photo["id"], size, outside) == wanted
        assert status(client, photo["id"], size, inside) == 200


def test_pictures_are_kept_by_caches_as_far_as_they_may(
    live: Live, client: httpx.Client, point_id: str
) -> None:
    photo_id = add(live, client, point_id).json()["id"]
    publish(live, client, point_id)
    url = f"/photos/{photo_id}/medium.jpg"
    public, private = client.get(url), client.get(url, headers=live.auth())
    assert public.headers["cache-control"] == "public, max-age=86400, immutable"
    assert private.headers["cache-control"].startswith("private")
    assert public.headers["content-type"] == "image/jpeg"
    assert public.headers["x-content-type-options"] == "nosniff"
    assert public.headers["content-disposition"].startswith("inline")
    again = client.get(url, headers={"if-none-match": public.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("bad", ["../../keys", "x", "%00", "A" * 36, str(uuid.uuid4())])
def test_no_photo_is_404(client: httpx.Client, bad: str) -> None:
    for size in ("thumb", "original", "..%2Fthumb"):
        answer = client.get(f"/photos/{bad}/{size}.jpg")
        assert answer.status_code == 404


@pytest.mark.parametrize("kind", samples.carriers())
def test_no_served_byte_tells_of_the_camera(
    live: Live, client: httpx.Client, point_id: str, kind: str
) -> None:
    answer = add(
        live, client, point_id, samples.carriers()[kind],
        headers={"content-type": f"image/{kind}"},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    assert answer.json()["properties"]["taken_on"] == "2026-11-01"
    for size in SIZES:
        url = f"/photos/{answer.json()['id']}/{size}.jpg"
        samples.assert_clean(client.get(url, headers=live.auth()).content)


def test_what_the_public_reads_holds_no_person_and_no_place(
    live: Live, client: httpx.Client, point_id: str
) -> None:
    photo_id = add(live, client, point_id).json()["id"]
    publish(live, client, point_id)
    shown = client.get(f"{PHOTOS}/{photo_id}")
    assert shown.status_code == 200
    hidden = {"phash", "taken_on", "exif_distance_m", "updated_by"}
    assert not hidden & shown.json()["properties"].keys()
    assert live.user_ids["gis_officer_in"] not in shown.text


def test_a_form_brings_a_photo_too(live: Live, client: httpx.Client, point_id: str) -> None:
    answer = client.post(
        PHOTOS, headers=live.auth(),
        data={"point_id": point_id, "kind": "counter", "caption_en": "Counter 3"},
        files={"file": ("a.jpg", samples.jpeg(samples.picture(100, 100)), "image/jpeg")},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    assert answer.json()["properties"]["caption_en"] == "Counter 3"


def test_the_same_request_makes_one_photo(live: Live, client: httpx.Client, point_id: str) -> None:
    key = {"idempotency-key": str(uuid.uuid4())}
    first = add(live, client, point_id, headers=key)
    again = add(live, client, point_id, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
    other = add(live, client, point_id, headers=key, caption_en="other")
    assert_problem(other, 422, "Idempotency-Key")
    point = client.get(f"/ogc/collections/service-points/items/{point_id}", headers=live.auth())
    assert point.json()["properties"]["photos"] == [first.json()["id"]]


def test_caption_and_deletion_need_the_revision(
    live: Live, client: httpx.Client, point_id: str
) -> None:
    made = add(live, client, point_id)
    url = f"{PHOTOS}/{made.json()['id']}"
    patch = {"properties": {"caption_th": "เคาน์เตอร์ 1", "kind": "counter"}}
    headers = live.auth(content_type=MERGE)
    assert_problem(client.patch(url, json=patch, headers=headers), 428)
    assert_problem(client.patch(url, json=patch, headers=headers | {"if-match": '"x"'}), 412)
    done = client.patch(url, json=patch, headers=headers | {"if-match": made.headers["etag"]})
    assert done.status_code == 204, done.text
    assert_problem(client.delete(url, headers=live.auth()), 428)
    gone = client.delete(url, headers=live.auth(if_match=done.headers["etag"]))
    assert gone.status_code == 204
    assert status(client, made.json()["id"], "thumb", live.auth()) == 404


def test_f5_a_deleted_photo_is_gone_for_the_public_at_once(
    live: Live, client: httpx.Client, point_id: str
) -> None:
    wrong = add(live, client, point_id).json()["id"]
    publish(live, client, point_id)
    assert status(client, wrong, "medium") == 200
    gone = client.delete(f"{PHOTOS}/{wrong}", headers=live.auth("officer_in", if_match="*"))
    assert gone.status_code == 204
    assert status(client, wrong, "medium") == 404
    assert client.get(f"{PHOTOS}/{wrong}").status_code == 404
    point = client.get(f"/ogc/collections/service-points/items/{point_id}").json()
    assert wrong not in point["properties"].get("photos", [])
    folder = live.site.settings.data_dir / "files" / "photos"
    assert not list(folder.rglob(f"{wrong}*"))


@pytest.mark.parametrize("kind", samples.NO_PICTURES)
def test_refuses_what_is_no_photo(
    live: Live, client: httpx.Client, point_id: str, kind: str
) -> None:
    assert_problem(add(live, client, point_id, samples.NO_PICTURES[kind]), 422, "/file")


@pytest.mark.parametrize(
    "content", [samples.png_header(30_000, 30_000), samples.jpeg()[:9000]], ids=["bomb", "cut"]
)
def test_refuses_bombs_and_halves(
    live: Live, client: httpx.Client, point_id: str, content: bytes
) -> None:
    assert_problem(add(live, client, point_id, content), 422, "/file")


def test_refuses_other_mistakes_in_clear_words(
    live: Live, client: httpx.Client, point_id: str
) -> None:
    assert_problem(add(live, client, point_id, b"\0" * 15_050_000), 413)
    assert_problem(add(live, client, point_id, kind="selfie"), 422, "/properties/kind")
    assert_problem(add(live, client, ""), 400, "point_id")
    assert_problem(add(live, client, "nowhere"), 404)
    assert_problem(add(live, client, point_id, headers={"content-type": "text/html"}), 415)
    assert_problem(add(live, client, point_id, headers=live.auth("officer_out")), 404)
    empty = client.post(
        PHOTOS, params={"point_id": point_id}, files={"x": b""}, headers=live.auth()
    )
    assert_problem(empty, 400, "file")


def test_nobody_lets_the_server_read_a_body_without_the_right(live: Live) -> None:
    with live.client() as client:
        assert_problem(client.post(PHOTOS, content=b"x" * 1000), 401)
        assert_problem(client.post(PHOTOS, content=b"x", headers=live.auth("planner_in")), 403)


def test_several_files_of_one_form_are_kept_and_the_bad_one_is_named(
    live: Live, client: httpx.Client, point_id: str
) -> None:
    page = f"/my/points/{point_id}/photos"
    files = [
        ("photo", ("good1.jpg", samples.jpeg(samples.picture(100, 80)), "image/jpeg")),
        ("photo", ("bad<b>.jpg", samples.HTML, "image/jpeg")),
        ("photo", ("good2.png", samples.png(), "image/png")),
    ]
    with live.session_client("officer_in") as browser:
        token = csrf_token(browser)
        refused = browser.post(page, files=files, data={"kind": "sign"})
        assert refused.status_code == 403
        answer = browser.post(page, files=files, data={"kind": "sign", "csrf_token": token})
    assert answer.status_code == 200
    assert "bad&lt;b&gt;.jpg" in answer.text
    assert "ไม่ใช่ภาพ JPEG" in answer.text
    assert "no JPEG, PNG, WebP or HEIF" in answer.text
    point = client.get(f"/ogc/collections/service-points/items/{point_id}", headers=live.auth())
    assert len(point.json()["properties"]["photos"]) == 2


def test_r31_the_page_gives_the_advice_and_takes_several_photos(live: Live, point_id: str) -> None:
    page = f"/my/points/{point_id}/photos"
    content = samples.jpeg(samples.picture(100, 80))
    with live.session_client("officer_in") as browser:
        token = csrf_token(browser)
        text = browser.get(page, headers={"accept-language": "th"}).text
        for words in ("จุดให้บริการประชาชน", "ป้ายของสำนักงาน", "ทางเข้าหลัก", "มากกว่า 1 รูป"):
            assert words in text
        files = [("photo", (f"{n}.jpg", content, "image/jpeg")) for n in range(3)]
        done = browser.post(page, files=files, data={"csrf_token": token, "kind": "entrance"})
        assert done.status_code == 303
        assert browser.get(page).text.count('loading="lazy"') == 3


def test_a_form_may_be_large_on_its_own_address_alone(
    live: Live, client: httpx.Client, point_id: str
) -> None:
    most = live.site.settings.max_body_bytes
    assert_problem(client.post(f"/my/points/{point_id}", content=b"x" * (most + 1)), 413)
    assert_problem(client.post(f"/my/points/{point_id}/photos/x", content=b"x" * (most + 1)), 413)
    large = client.post(f"/my/points/{point_id}/photos", content=b"x" * (most + 1))
    assert large.status_code == 401


def test_the_page_changes_orders_and_deletes(live: Live, client: httpx.Client) -> None:
    point_id = create(live, client).json()["id"]
    first, second = (add(live, client, point_id).json()["id"] for _ in range(2))
    page = f"/my/points/{point_id}/photos"

    def order() -> list[str]:
        point = client.get(f"/ogc/collections/service-points/items/{point_id}", headers=live.auth())
        return list(point.json()["properties"]["photos"])

    with live.session_client("officer_in") as browser:
        token = csrf_token(browser)

        def press(photo_id: str, action: str, **more: str) -> httpx.Response:
            said = {"csrf_token": token, "action": action, **more}
            return browser.post(f"{page}/{photo_id}", data=said)

        assert press(second, "up").status_code == 303
        assert order() == [second, first]
        etag = client.get(f"{PHOTOS}/{first}", headers=live.auth()).headers["etag"].strip('"')
        saved = press(first, "save", etag=etag, kind="building", caption_th="อาคาร", caption_en="")
        assert saved.status_code == 303
        assert press(first, "delete", etag=etag).status_code == 412
        assert "?delete=" in browser.get(page).text
        assert "ลบภาพนี้หรือไม่" in browser.get(f"{page}?delete={first}&lang=th").text
        etag = client.get(f"{PHOTOS}/{first}", headers=live.auth()).headers["etag"].strip('"')
        assert press(first, "delete", etag=etag).status_code == 303
        assert order() == [second]
        assert press(first, "delete", etag=etag).status_code == 404
