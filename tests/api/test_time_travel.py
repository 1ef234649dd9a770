# SPDX-License-Identifier: GPL-2.0-or-later
"""An item as it was: by instant, by time map and by time gate, for the public and for insiders."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from geoapi.ogc.crs import SUPPORTED_URIS
from geoapi.store.tables import change
from tests.api.conftest import GEOJSON, ITEMS, Live, act, assert_problem, create, publish
from tests.api.live_data import named_id, point

MERGE = "application/merge-patch+json"
UTM47 = SUPPORTED_URIS[3]


class Past:
    """A point with a history: drafted, published, edited, published again."""

    def __init__(self, live: Live, client: httpx.Client) -> None:
        self.live, self.client, self.times = live, client, {}
        created = create(live, client, name_en="First")
        self.path = created.headers["location"]
        self.id = self.path.rpartition("/")[2]
        self.note("drafted")
        publish(live, client, self.id)
        self.note("published")
        self.patch(name_en="Second")
        self.note("edited")
        publish(live, client, self.id)
        self.note("published again")

    def note(self, name: str) -> None:
        """Keep an instant that lies between two changes."""
        time.sleep(0.005)
        self.times[name] = datetime.now(UTC)
        time.sleep(0.005)

    def patch(self, **properties: Any) -> None:
        headers = self.live.auth(content_type=MERGE, if_match="*")
        answer = self.client.patch(self.path, json={"properties": properties}, headers=headers)
        assert answer.status_code == 204, answer.text

    def get(self, when: str, who: str = "", **params: str) -> httpx.Response:
        instant = self.times[when].isoformat() if when in self.times else when
        return self.client.get(
            self.path, params={"datetime": instant} | params, headers=self.live.auth(who)
        )


@pytest.fixture
def past(live: Live, client: httpx.Client) -> Past:
    return Past(live, client)


def links_of(answer: httpx.Response) -> dict[str, str]:
    """Return {relation: address} of a header Link."""
    found = {}
    for href, rels in re.findall(r'<([^>]*)>; rel="([^"]*)"', answer.headers["link"]):
        for rel in rels.split():
            found.setdefault(rel, href)
    return found


def test_public_and_insiders_see_what_each_could_see_then(past: Past) -> None:
    assert_problem(past.get("drafted"), 404)
    for when, name in (("published", "First"), ("edited", "First"), ("published again", "Second")):
        answer = past.get(when)
        assert answer.status_code == 200, (when, answer.text)
        assert answer.json()["properties"]["name_en"] == name
        assert "updated_by" not in answer.json()["properties"]
        assert "public" in answer.headers["cache-control"]
    for when, name, state in (
        ("drafted", "First", "draft"), ("published", "First", "verified"),
        ("edited", "Second", "draft"), ("published again", "Second", "verified"),
    ):  # fmt: skip
        answer = past.get(when, "gis_officer_in")
        properties = answer.json()["properties"]
        assert (properties["name_en"], properties["state"]) == (name, state)
        assert "private" in answer.headers["cache-control"]
    # whose scope is elsewhere sees what the public sees
    assert_problem(past.get("drafted", "gis_officer_out"), 404)
    assert past.get("edited", "gis_officer_out").json()["properties"]["name_en"] == "First"


def test_headers_say_when_and_what_is_beside_it(past: Past) -> None:
    first = past.get("published")
    assert first.headers["content-type"] == GEOJSON
    since = parsedate_to_datetime(first.headers["memento-datetime"])
    assert since <= past.times["published"]
    links = links_of(first)
    assert links["original"] == links["latest-version"] == past.path
    assert links["timemap"] == f"{past.path}/timemap"
    assert links["timegate"] == f"{past.path}/timegate"
    assert "predecessor-version" not in links
    second = past.client.get(links["successor-version"])
    assert second.json()["properties"]["name_en"] == "Second"
    assert "successor-version" not in links_of(second)
    back = past.client.get(links_of(second)["predecessor-version"])
    assert back.content == first.content
    assert back.headers["etag"] == first.headers["etag"]


def test_an_earlier_revision_is_kept_and_the_latest_asked_about(past: Past) -> None:
    old, latest = past.get("published"), past.get("published again")
    assert re.fullmatch(r"public, max-age=\d+", old.headers["cache-control"])
    assert "no-cache" in latest.headers["cache-control"]
    tag = old.headers["etag"]
    assert tag.startswith('"')
    past.patch(name_en="Third")
    publish(past.live, past.client, past.id)
    again = past.get("published")
    assert (again.content, again.headers["etag"]) == (old.content, tag)
    same = past.client.get(
        past.path,
        params={"datetime": past.times["published"].isoformat()},
        headers={"if-none-match": tag},
    )
    assert (same.status_code, same.content) == (304, b"")
    assert "max-age" in past.get("published again").headers["cache-control"]


def test_an_instant_in_the_future_is_the_latest(past: Past) -> None:
    answer = past.get("2100-01-01T00:00:00Z")
    assert answer.json()["properties"]["name_en"] == "Second"
    assert "no-cache" in answer.headers["cache-control"]


def test_a_day_is_its_end_in_thailand(past: Past) -> None:
    today = (past.times["published again"] + timedelta(hours=7)).date()
    assert past.get(today.isoformat()).status_code == 200
    answer = past.get((today - timedelta(days=1)).isoformat())
    document = assert_problem(answer, 404)
    assert past.client.get(document["first"]).json()["properties"]["name_en"] == "First"


@pytest.mark.parametrize(
    "value", ["../..", "2026-01-01/2026-02-01", "2026-01-01T00:00:00Z/..", "yesterday", "", "\0"]
)
def test_an_interval_or_no_time_is_refused(past: Past, value: str) -> None:
    assert_problem(past.get(value), 400, "datetime")


def test_unknown_parameters_and_formats_are_refused(past: Past) -> None:
    assert_problem(past.get("published", foo="1"), 400, "foo")
    assert_problem(past.get("published", f="html"), 400, "f")
    assert_problem(past.get("published", crs="x"), 400, "crs")


def test_an_earlier_revision_comes_in_another_system(past: Past) -> None:
    answer = past.get("published", crs=UTM47)
    assert answer.headers["content-crs"] == f"<{UTM47}>"
    assert answer.json()["geometry"]["coordinates"][0] > 180
    assert answer.headers["etag"] != past.get("published").headers["etag"]


def test_what_was_withdrawn_is_gone_for_the_public_and_was_there_before(past: Past) -> None:
    assert act(past.live, past.client, past.id, "withdraw", "gis_officer_in").status_code == 200
    past.note("withdrawn")
    assert_problem(past.get("withdrawn"), 410)
    assert past.get("published").status_code == 200
    assert past.get("withdrawn", "gis_officer_in").json()["properties"]["state"] == "withdrawn"


def test_what_was_merged_names_its_successor(live: Live, client: httpx.Client) -> None:
    past = Past(live, client)
    heir = create(live, client, name_en="Heir").json()["id"]
    publish(live, client, heir)
    body = {"action": "merge", "reason": "ซ้ำ", "successor_id": heir}
    answer = client.post(f"{past.path}/transitions", json=body, headers=live.auth(if_match="*"))
    assert answer.status_code == 200, answer.text
    past.note("merged")
    document = assert_problem(past.get("merged"), 410)
    assert document["successor"]["id"] == heir


def test_what_was_deleted_is_gone_and_had_a_life(live: Live, client: httpx.Client) -> None:
    created = create(live, client, name_en="Short life")
    path, before = created.headers["location"], datetime.now(UTC).isoformat()
    time.sleep(0.005)
    assert client.delete(path, headers=live.auth(if_match="*")).status_code == 204
    assert client.get(path, headers=live.auth()).status_code == 404
    then = client.get(path, params={"datetime": before}, headers=live.auth())
    assert then.json()["properties"]["name_en"] == "Short life"
    after = {"datetime": "2100-01-01T00:00:00Z"}
    assert_problem(client.get(path, params=after, headers=live.auth()), 410)
    assert_problem(client.get(path, params=after), 404)
    assert_problem(client.get(path, params=after, headers=live.auth("gis_officer_out")), 404)


@pytest.mark.parametrize("is_emptied", [True, False], ids=["emptied", "overwritten"])
def test_what_was_erased_is_never_served(past: Past, is_emptied: bool) -> None:
    before = past.get("published")
    assert "First" in before.text
    columns = (change.c.public_document, change.c.document)
    of_past = change.c.item_id == past.id
    kept: list[Any] = []

    def erase(transaction: Any) -> None:
        run = transaction.connection.execute
        kept[:] = run(select(change.c.seq, *columns).where(of_past)).all()
        for column in columns:
            wiped = None if is_emptied else func.replace(column, "First", "-")
            run(update(change).where(of_past, column.contains("First")).values({column: wiped}))

    def restore(transaction: Any) -> None:  # other tests read the whole feed
        for seq, *texts in kept:
            values = dict(zip(columns, texts, strict=True))
            transaction.connection.execute(update(change).where(change.c.seq == seq).values(values))

    past.live.site.store.write(erase)
    try:
        for who in ("", "gis_officer_in"):
            for when in ("drafted", "published"):
                answer = past.get(when, who)
                assert answer.status_code in ((404, 410) if is_emptied else (200, 404))
                assert "First" not in answer.text
                assert answer.headers.get("etag") != before.headers["etag"]
        assert past.get("published again").status_code == 200
        assert "First" not in past.client.get(f"{past.path}/timemap").text
    finally:
        past.live.site.store.write(restore)


def test_time_map_lists_what_the_reader_may_see(past: Past) -> None:
    public = past.client.get(f"{past.path}/timemap")
    assert public.headers["content-type"] == "application/link-format"
    assert len(re.findall(r'rel="[^"]*\bmemento\b[^"]*"', public.text)) == 2
    for rel in ("original", "timegate", "self timemap", "first memento", "last memento"):
        assert f'rel="{rel}"' in public.text
    document = past.client.get(f"{past.path}/timemap", params={"f": "json"}).json()
    assert document["original"] == past.path
    first, second = document["mementos"]
    assert first["until"] == second["from"]
    assert second["until"] is None
    for entry in document["mementos"]:
        answer = past.client.get(entry["href"])
        assert answer.json()["properties"]["revision"] == entry["revision"]
        assert f"<{entry['href']}>" in public.text
    inside = past.client.get(
        f"{past.path}/timemap", params={"f": "json"}, headers=past.live.auth()
    ).json()
    assert len(inside["mementos"]) > 4
    tag = {"if-none-match": public.headers["etag"]}
    assert past.client.get(f"{past.path}/timemap", headers=tag).status_code == 304


def test_time_gate_leads_to_the_revision_of_a_date(past: Past) -> None:
    gate = f"{past.path}/timegate"
    plain = past.client.get(gate)
    assert (plain.status_code, plain.headers["location"]) == (302, past.path)
    assert "Accept-Datetime" in plain.headers["vary"]
    for header, name in (
        ("Thu, 01 Jan 2015 00:00:00 GMT", "First"), ("Fri, 01 Jan 2100 00:00:00 GMT", "Second")
    ):  # fmt: skip
        led = past.client.get(gate, headers={"accept-datetime": header})
        assert led.status_code == 302
        answer = past.client.get(led.headers["location"])
        assert answer.json()["properties"]["name_en"] == name
        assert links_of(led)["timemap"] == f"{past.path}/timemap"
    assert_problem(past.client.get(gate, headers={"accept-datetime": "x"}), 400, "Accept-Datetime")


@pytest.mark.parametrize("tail", ["", "/timemap", "/timegate"])
def test_what_may_not_be_seen_is_not_found(live: Live, client: httpx.Client, tail: str) -> None:
    draft = create(live, client).headers["location"]
    params = {} if tail else {"datetime": "2100-01-01T00:00:00Z"}
    assert client.get(draft + tail, params=params, headers=live.auth()).status_code in (200, 302)
    for who in ("", "gis_officer_out", "executive"):
        assert_problem(client.get(draft + tail, params=params, headers=live.auth(who)), 404)
    for unknown in ("x", "%00", "a'b"):
        assert_problem(client.get(f"{ITEMS}/{unknown}{tail}", params=params), 404)
    assignments = f"/ogc/collections/assignments/items/x{tail}"
    assert_problem(client.get(assignments, params=params), 401)


def test_areas_have_no_history(client: httpx.Client) -> None:
    path = "/ogc/collections/provinces/items/57"
    assert_problem(client.get(path, params={"datetime": "2026-01-01"}), 400, "datetime")
    assert_problem(client.get(f"{path}/timemap"), 404)


def test_datetime_of_the_list_keeps_its_meaning(client: httpx.Client) -> None:
    nothing = client.get(ITEMS, params={"datetime": "../2000-01-01T00:00:00Z"})
    assert nothing.json()["numberMatched"] == 0


def test_services_have_a_past_too(live: Live, client: httpx.Client) -> None:
    path = "/ogc/collections/services/items"
    feature = {
        "type": "Feature", "geometry": None,
        "properties": {"code": f"TT-{time.time_ns()}", "name_th": "บริการ", "name_en": "One"},
    }  # fmt: skip
    headers = live.auth("admin", content_type=GEOJSON)
    created = client.post(path, json=feature, headers=headers)
    if created.status_code == 403:
        headers = live.auth("agency_admin_in", content_type=GEOJSON)
        feature["properties"]["agency_id"] = point()["properties"]["agency_id"]
        created = client.post(path, json=feature, headers=headers)
    assert created.status_code == 201, created.text
    own, before = created.headers["location"], datetime.now(UTC).isoformat()
    time.sleep(0.005)
    patch = headers | {"content-type": MERGE, "if-match": "*"}
    changed = client.patch(own, json={"properties": {"name_en": "Two"}}, headers=patch)
    assert changed.status_code == 204, changed.text
    assert client.get(own, params={"datetime": before}).json()["properties"]["name_en"] == "One"
    assert client.get(own).json()["properties"]["name_en"] == "Two"


def test_what_was_imported_has_a_past_from_its_import_on(client: httpx.Client) -> None:
    path = f"{ITEMS}/{named_id('verified3')}"
    now = client.get(path).json()
    then = client.get(path, params={"datetime": "2100-01-01T00:00:00Z"})
    assert then.json()["properties"] == now["properties"]
    assert then.json()["geometry"] == now["geometry"]
    assert_problem(client.get(path, params={"datetime": "2000-01-01T00:00:00Z"}), 404)
    assert [link for link in now["links"] if link["rel"] == "timemap"]
