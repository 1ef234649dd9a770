# SPDX-License-Identifier: GPL-2.0-or-later
"""OGC API Processes over HTTP: descriptions, execution, jobs, results, rights, refusals."""

from __future__ import annotations

import base64
import os
import signal
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from geoapi.jobs.nursery import Nursery
from geoapi.jobs.worker import Worker
from geoapi.ogc.host_config import CONFORMANCE
from tests.api.conftest import Clock as SiteClock
from tests.api.conftest import Live, _add_users, assert_problem, new_site, serving
from tests.api.live_data import fill
from tests.services import Cluster

BACKENDS = ("geopackage", pytest.param("postgis", marks=pytest.mark.postgis))
PROCESSES = "/ogc/processes"
ASYNC = {"prefer": "respond-async"}
OWNER, OTHER = "planner_in", "gis_officer_in"
FINAL = {"successful", "failed", "dismissed"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module", params=BACKENDS)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """A running site with the processes of the tests."""
    folder, clock = tmp_path_factory.mktemp("processes"), SiteClock()
    if request.param == "postgis":
        cluster: Cluster = request.getfixturevalue("postgres")
        name = f"pakmud_test_processes_{uuid.uuid4().hex[:8]}"
        address = cluster.create_database(name, request.getfixturevalue("postgis_template"))
    else:
        address = str(folder / "site.gpkg")
    packages = ("geoapi.processes", "tests.sample_processes")
    with (
        new_site(
            address, folder / "var", clock, process_packages=packages, serve_jobs=True,
            sync_per_client=40, jobs_per_user=60, login_attempts=100,
        ) as opened,
        serving(opened, request.param) as running,
    ):  # fmt: skip
        opened.store.write(fill)
        _add_users(running, clock)
        yield running
    if request.param == "postgis":
        cluster.drop_database(name)


@pytest.fixture
def owner(site: Live) -> Iterator[httpx.Client]:
    with site.client(OWNER) as opened:
        yield opened


@pytest.fixture
def other(site: Live) -> Iterator[httpx.Client]:
    with site.client(OTHER) as opened:
        yield opened


@pytest.fixture
def public(site: Live) -> Iterator[httpx.Client]:
    with site.client() as opened:
        yield opened


def run(client: httpx.Client, process: str, inputs: Any, **more: Any) -> httpx.Response:
    headers = more.pop("headers", {})
    body = {"inputs": inputs, **more}
    return client.post(f"{PROCESSES}/{process}/execution", json=body, headers=headers)


def start(client: httpx.Client, process: str, **inputs: Any) -> str:
    """Start a job and return its path."""
    answer = run(client, process, inputs, headers=ASYNC)
    assert answer.status_code == 201, answer.text
    assert answer.headers["preference-applied"] == "respond-async"
    document = answer.json()
    assert answer.headers["location"].endswith(f"/ogc/jobs/{document['jobID']}")
    return f"/ogc/jobs/{document['jobID']}"


def wait(client: httpx.Client, path: str, states: set[str] = FINAL) -> dict[str, Any]:
    """Wait until a job is in one of the states."""
    deadline = time.monotonic() + 60
    while True:
        document: dict[str, Any] = client.get(path).json()
        if document["status"] in states:
            return document
        assert time.monotonic() < deadline, document
        time.sleep(0.05)


# ------------------------------------------------------------------- descriptions


def test_landing_page_and_conformance_name_the_processes(public: httpx.Client):
    links = {link["rel"]: link["href"] for link in public.get("/ogc/").json()["links"]}
    rel = "http://www.opengis.net/def/rel/ogc/1.0/"
    assert links[f"{rel}processes"].endswith("/ogc/processes")
    assert links[f"{rel}job-list"].endswith("/ogc/jobs")
    declared = public.get("/ogc/conformance").json()["conformsTo"]
    ours = [uri for uri in CONFORMANCE if "processes-1" in uri]
    assert set(ours) <= set(declared)
    assert {uri.rpartition("/")[2] for uri in ours} == {
        "core", "ogc-process-description", "json", "html", "oas30", "job-list", "dismiss",
    }  # fmt: skip


def test_lists_and_describes_processes_in_both_languages(public: httpx.Client):
    listed = public.get(PROCESSES).json()
    names = [p["id"] for p in listed["processes"]]
    assert {"echo", "square", "trouble", "pages"} <= set(names)
    assert public.get(PROCESSES, params={"limit": 1}).json()["processes"][0]["id"] == names[0]
    thai = public.get(f"{PROCESSES}/echo", params={"lang": "th"}).json()
    english = public.get(f"{PROCESSES}/echo", params={"lang": "en"}).json()
    assert (thai["title"], english["title"]) == ("ทวนคำ", "Echo")
    assert english["jobControlOptions"] == ["sync-execute", "async-execute", "dismiss"]
    assert english["inputs"]["text"]["minOccurs"] == 1
    assert english["inputs"]["times"]["schema"]["maximum"] == 9
    assert english["outputs"]["text"]["schema"] == {"type": "string"}
    pages = public.get(f"{PROCESSES}/pages").json()
    assert pages["jobControlOptions"] == ["async-execute", "dismiss"]


def test_pages_of_processes_and_jobs_read_without_a_script(
    site: Live, public: httpx.Client, owner: httpx.Client
):
    path = start(owner, "trouble", seconds=1.5)
    wait(owner, path, {"running"})
    for address in (PROCESSES, f"{PROCESSES}/echo", "/ogc/jobs", path):
        page = owner.get(address, params={"f": "html", "lang": "en"})
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert public.get(PROCESSES, params={"f": "html"}).status_code == 200
    assert 'http-equiv="refresh"' in owner.get(path, params={"f": "html"}).text
    wait(owner, path)
    page = owner.get(path, params={"f": "html"}).text
    assert 'http-equiv="refresh"' not in page
    assert f"{path}/results/mark" in page


# ------------------------------------------------------------------- at once


def test_answers_at_once_with_one_raw_value_or_a_document(public: httpx.Client):
    raw = run(public, "echo", {"text": "กข", "times": 2})
    assert (raw.status_code, raw.json()) == (200, "กขกข")
    assert raw.headers["content-type"] == "application/json"
    framed = run(public, "echo", {"text": {"value": "a"}}, response="document")
    assert framed.json() == {"text": "a"}


def test_several_raw_values_come_in_parts(public: httpx.Client):
    answer = run(public, "square", {"numbers": [2, 3]})
    assert answer.headers["content-type"].startswith("multipart/related; boundary=")
    assert "Content-ID: <squares>" in answer.text
    assert "[4,9]" in answer.text
    chosen = run(public, "square", {"numbers": [2]}, outputs={"count": {}})
    assert chosen.json() == 1


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "/inputs/text"),
        ({"inputs": {"text": 5}}, "/inputs/text"),
        ({"inputs": {"text": "a", "times": 10}}, "/inputs/times"),
        ({"inputs": {"text": "a", "other": 1}}, "/inputs/other"),
        ({"inputs": {"text": {"href": "http://192.0.2.1/x"}}}, "/inputs/text"),
        ({"inputs": []}, "/inputs"),
        ({"inputs": {"text": "a"}, "outputs": {"x": {}}}, "/outputs/x"),
        ({"inputs": {"text": "a"}, "outputs": []}, "/outputs"),
        (
            {"inputs": {"text": "a"}, "outputs": {"text": {"transmissionMode": "reference"}}},
            "/outputs/text/transmissionMode",
        ),
        ({"inputs": {"text": "a"}, "response": "xml"}, "/response"),
        (
            {"inputs": {"text": "a"}, "subscriber": {}},
            "/subscriber",
        ),
        ({"inputs": {"text": "a"}, "nonsense": 1}, "/nonsense"),
    ],
)
@pytest.mark.parametrize("prefer", [{}, ASYNC], ids=["sync", "async"])
def test_wrong_inputs_are_refused_before_anything_starts(
    owner: httpx.Client, body: dict[str, Any], where: str, prefer: dict[str, str]
):
    before = len(owner.get("/ogc/jobs", params={"limit": 1000}).json()["jobs"])
    answer = owner.post(f"{PROCESSES}/echo/execution", json=body, headers=prefer)
    assert_problem(answer, 422, where)
    assert len(owner.get("/ogc/jobs", params={"limit": 1000}).json()["jobs"]) == before


def test_broken_bodies_and_unknown_names_are_refused(public: httpx.Client):
    address = f"{PROCESSES}/echo/execution"
    json_type = {"content-type": "application/json"}
    assert_problem(public.post(address, content=b"{", headers=json_type), 400)
    assert_problem(public.post(address, content=b"", headers=json_type), 400)
    assert_problem(public.post(address, content=b"[]", headers=json_type), 422)
    text = {"content-type": "text/plain"}
    assert_problem(public.post(address, content=b"{}", headers=text), 415)
    answer = run(public, "nothing", {})
    assert assert_problem(answer, 404)["type"].endswith("no-such-process")
    answer = public.get(f"/ogc/jobs/{uuid.uuid4()}")
    assert assert_problem(answer, 404)["type"].endswith("no-such-job")
    assert public.delete(PROCESSES).status_code == 405
    for query in ("limit=0", "limit=x", "offset=1"):
        assert_problem(public.get(f"{PROCESSES}?{query}"), 400)
    for query in ("status=done", "datetime=x", "minDuration=-1", "after=abc", "limit=0"):
        assert_problem(public.get(f"/ogc/jobs?{query}"), 400, query.partition("=")[0])


@pytest.mark.parametrize(
    ("kind", "status"),
    [("refuse", 400), ("defect", 409), ("memory", 422), ("write", 503), ("die", 503)],
)
def test_a_process_in_trouble_fails_alone(public: httpx.Client, kind: str, status: int):
    document = assert_problem(run(public, "trouble", {"kind": kind}), status)
    assert document["type"].startswith("urn:pakmud:problem:jobs.")
    assert run(public, "echo", {"text": "ok"}).json() == "ok"


def test_too_long_for_an_answer_at_once_says_what_to_do(public: httpx.Client):
    document = assert_problem(run(public, "trouble", {"seconds": 30}), 400)
    assert "respond-async" in document["detail_th"]
    assert "respond-async" in document["detail_en"]
    assert run(public, "echo", {"text": "ok"}).json() == "ok"


def test_an_engine_killed_while_idle_is_replaced_unnoticed(site: Live, public: httpx.Client):
    assert run(public, "echo", {"text": "a"}).status_code == 200
    (engine,) = site.app.state.engines.idle
    os.kill(engine.pid, signal.SIGKILL)
    assert run(public, "echo", {"text": "b"}).json() == "b"


# ------------------------------------------------------------------- rights


def test_a_process_with_a_right_is_for_those_who_have_it(
    site: Live, public: httpx.Client, owner: httpx.Client
):
    assert_problem(run(public, "pages", {}), 401)
    with site.client("officer_in") as officer:
        assert_problem(run(officer, "pages", {}), 403)
    assert run(owner, "pages", {}).status_code == 201


def test_jobs_are_their_owners_alone(
    owner: httpx.Client, other: httpx.Client, public: httpx.Client
):
    path = start(owner, "echo", text="x")
    for stranger in (other, public):
        assert_problem(stranger.get(path), 404)
        assert_problem(stranger.get(f"{path}/results"), 404)
        assert_problem(stranger.delete(path), 404)
        listed = stranger.get("/ogc/jobs", params={"limit": 1000}).json()["jobs"]
        assert path.rpartition("/")[2] not in {job["jobID"] for job in listed}
    assert wait(owner, path)["status"] == "successful"
    assert "private" in owner.get(path).headers["cache-control"]


def test_a_strangers_job_is_known_by_its_id_and_listed_nowhere(
    public: httpx.Client, owner: httpx.Client
):
    path = start(public, "echo", text="x")
    assert wait(public, path)["status"] == "successful"
    assert public.get(f"{path}/results").json() == "x"
    assert public.get("/ogc/jobs").json()["jobs"] == []
    assert owner.get(path).status_code == 200


def test_strangers_have_a_short_queue(public: httpx.Client):
    paths, refused = [], None
    for _ in range(8):
        answer = run(public, "trouble", {"seconds": 20}, headers=ASYNC)
        if answer.status_code == 201:
            paths.append(f"/ogc/jobs/{answer.json()['jobID']}")
        else:
            refused = answer
            break
    assert len(paths) <= 3
    assert refused is not None
    assert_problem(refused, 429)
    assert int(refused.headers["retry-after"]) > 0
    for path in paths:
        public.delete(path)


# ------------------------------------------------------------------- jobs


def test_a_job_tells_its_progress_and_keeps_its_results(owner: httpx.Client):
    path = start(owner, "trouble", seconds=1.5, mark="m1")
    document = owner.get(path).json()
    assert document["type"] == "process"
    assert_problem(owner.get(f"{path}/results"), 404)
    seen = set()
    while document["status"] not in FINAL:
        document = owner.get(path).json()
        seen.add(document["progress"])
        time.sleep(0.05)
    assert document["status"] == "successful"
    assert seen & set(range(1, 100)), seen
    assert document["progress"] == 100
    assert document["created"] <= document["started"] <= document["finished"]
    assert document["message_th"] != document["message_en"]
    rels = [link["rel"] for link in document["links"]]
    assert "http://www.opengis.net/def/rel/ogc/1.0/results" in rels
    assert owner.get(f"{path}/results").json() == "m1"
    assert owner.get(f"{path}/results/mark").json() == "m1"
    assert_problem(owner.get(f"{path}/results/none"), 404)


def test_files_come_with_their_media_types(site: Live, owner: httpx.Client):
    answer = run(owner, "pages", {"size": 200}, response="document", headers=ASYNC)
    path = f"/ogc/jobs/{answer.json()['jobID']}"
    assert wait(owner, path)["status"] == "successful"
    page = owner.get(f"{path}/results/page")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    table = owner.get(f"{path}/results/table")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in table.headers["content-disposition"]
    assert table.text == f"who\n{site.user_ids[OWNER]}\n"
    assert owner.get(f"{path}/results/book").headers["content-type"] == XLSX
    document = owner.get(f"{path}/results").json()
    assert base64.b64decode(document["book"]["value"]) == b"PK\x03\x04"
    assert document["page"]["value"] == "<p>รายงาน</p>"
    assert len(document["figures"]["many"]) == 200  # too large for a row, so a file in between
    folder = site.site.settings.data_dir / "jobs" / path.rpartition("/")[2]
    assert folder.stat().st_mode & 0o077 == 0
    owner.delete(path)
    assert not folder.exists()
    assert_problem(owner.get(path), 404)


def test_dismissing_kills_the_child_within_two_seconds(
    site: Live, owner: httpx.Client, tmp_path: Path
):
    mark = uuid.uuid4().hex
    path = start(owner, "trouble", seconds=60, mark=mark)
    log = site.site.settings.data_dir / "trouble.log"
    deadline = time.monotonic() + 60
    while not (pids := _pids(log, mark)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    answer = owner.delete(path)
    begun = time.monotonic()
    assert answer.json()["status"] == "dismissed"
    while Path(f"/proc/{pids[0]}").exists():
        assert time.monotonic() - begun < 30
        time.sleep(0.02)
    assert owner.get(path).json()["status"] == "dismissed"
    assert_problem(owner.get(f"{path}/results"), 404)
    owner.delete(path)
    assert_problem(owner.get(path), 404)


def _pids(log: Path, mark: str) -> list[int]:
    if not log.exists():
        return []
    lines = [line.split() for line in log.read_text().splitlines()]
    return [int(parts[-1]) for parts in lines if parts[0] == mark]


@pytest.mark.parametrize(
    ("inputs", "why", "status"),
    [
        ({"kind": "refuse"}, "jobs.process_gone", 400),
        ({"kind": "defect"}, "jobs.defect", 409),
        ({"kind": "memory"}, "jobs.no_memory", 422),
        ({"seconds": 50}, "jobs.too_long", 422),
    ],
)
def test_a_job_that_fails_says_why(
    owner: httpx.Client, inputs: dict[str, Any], why: str, status: int
):
    path = start(owner, "trouble", **inputs)
    document = wait(owner, path)
    assert document["status"] == "failed"
    assert document["message_th"] != document["message_en"]
    problem = assert_problem(owner.get(f"{path}/results"), status)
    assert problem["type"] == f"urn:pakmud:problem:{why}"


def test_a_job_whose_child_dies_is_tried_three_times(site: Live, owner: httpx.Client):
    mark = uuid.uuid4().hex
    path = start(owner, "trouble", kind="die", mark=mark)
    document = wait(owner, path)
    assert document["status"] == "failed"
    assert len(_pids(site.site.settings.data_dir / "trouble.log", mark)) == 3
    assert_problem(owner.get(f"{path}/results"), 409)


def test_wait_answers_with_the_results_when_they_are_there_in_time(owner: httpx.Client):
    prefer = {"prefer": "respond-async, wait=25"}
    answer = run(owner, "echo", {"text": "y"}, headers=prefer)
    assert (answer.status_code, answer.json()) == (200, "y")
    assert answer.headers["preference-applied"] == "wait=25"
    later = run(owner, "trouble", {"seconds": 20}, headers={"prefer": "respond-async; wait=0"})
    assert later.status_code == 201
    owner.delete(f"/ogc/jobs/{later.json()['jobID']}")


def test_lists_the_own_jobs_page_by_page_and_filtered(site: Live, other: httpx.Client):
    made = [start(other, "echo", text=str(n)).rpartition("/")[2] for n in range(3)]
    for job_id in made:
        wait(other, f"/ogc/jobs/{job_id}")
    seen: list[str] = []
    address = "/ogc/jobs?limit=2&processID=echo&status=successful&type=process"
    while address:
        document = other.get(address).json()
        seen += [job["jobID"] for job in document["jobs"]]
        following = [each["href"] for each in document["links"] if each["rel"] == "next"]
        address = following[0] if following else ""
    assert [job_id for job_id in seen if job_id in made] == made[::-1]
    assert len(seen) == len(set(seen))

    def count(**params: str) -> int:
        return len(other.get("/ogc/jobs", params={"limit": "1000", **params}).json()["jobs"])

    assert count(status="failed") == 0
    assert count(processID="square,echo") >= 3
    assert count(datetime="2020-01-01/2020-12-31") == 0
    assert count(datetime="2026-01-01/..") >= 3
    assert count(minDuration="1000") == 0
    assert count(maxDuration="1000") >= 3
    assert count(type="other") == 0


def test_forms_of_pages_start_and_dismiss_jobs(site: Live):
    with site.session_client(OWNER) as browser:
        page = browser.get(f"{PROCESSES}/echo", params={"f": "html", "lang": "en"}).text
        token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
        form = {"csrf_token": token, "in-text": "abc", "in-times": "10"}
        refused = browser.post("/my/jobs/start/echo", data=form)
        assert refused.status_code == 422
        assert 'value="abc"' in refused.text
        assert 'aria-invalid="true"' in refused.text
        started = browser.post("/my/jobs/start/echo", data=form | {"in-times": "2"})
        assert started.status_code == 303
        path = started.headers["location"].partition("?")[0]
        wait(browser, path)
        assert browser.get(f"{path}/results/text").json() == "abcabc"
        assert path in browser.get("/my/jobs").text
        assert browser.post("/my/jobs/start/echo", data={"in-text": "x"}).status_code == 403
        gone = browser.post(f"/my/jobs/{path.rpartition('/')[2]}/dismiss", data=form)
        assert gone.status_code == 303
        assert browser.get(path).status_code == 404
    with site.client() as nobody:
        assert nobody.get("/my/jobs").status_code == 401


# ------------------------------------------------------------------- many at once


def test_mixed_calls_at_the_same_time_get_their_own_answers(site: Live):
    check_mixed_calls(site, 40)


@pytest.mark.soak
def test_two_hundred_mixed_calls_get_their_own_answers(site: Live):
    check_mixed_calls(site, 200)


def check_mixed_calls(site: Live, count: int) -> None:
    """Send calls of several processes, at once and as jobs, from eight clients."""
    users = [OWNER, OTHER, "supervisor_in", "officer_in"]
    clients = [site.client(who) for who in users * 2]

    def one(number: int) -> str:
        client, kind = clients[number % 8], number % 5
        if kind in (0, 1, 2):
            process = "square" if kind else "echo"
            inputs = {"numbers": [number]} if kind else {"text": f"t{number}"}
            expected = {"squares": [number**2], "count": 1} if kind else {"text": f"t{number}"}
            answer = run(client, process, inputs, response="document")
            good = answer.status_code == 200 and answer.json() == expected
            return "" if good else f"{number} {process} {answer.status_code} {answer.text[:200]}"
        process = "trouble" if kind == 3 and number % 3 == 0 else "echo"
        inputs = {"mark": f"m{number}"} if process == "trouble" else {"text": f"a{number}"}
        answer = run(client, process, inputs, headers=ASYNC, response="document")
        if answer.status_code != 201:
            return f"{number} async {answer.status_code} {answer.text[:200]}"
        path = f"/ogc/jobs/{answer.json()['jobID']}"
        document = wait_long(client, path)
        found = client.get(f"{path}/results").json()
        expected = {"mark": f"m{number}"} if process == "trouble" else {"text": f"a{number}"}
        return "" if found == expected else f"{number} {document} {found}"

    with ThreadPoolExecutor(8) as pool:
        wrong = [said for said in pool.map(one, range(count)) if said]
    for client in clients:
        client.close()
    assert wrong == []


def wait_long(client: httpx.Client, path: str) -> dict[str, Any]:
    deadline = time.monotonic() + 600
    while True:
        document: dict[str, Any] = client.get(path).json()
        if document["status"] in FINAL:
            return document
        assert time.monotonic() < deadline, document
        time.sleep(0.2)


# ------------------------------------------------------------------- around it


def test_pygeoapi_runs_no_processes_and_keeps_no_jobs(site: Live, public: httpx.Client):
    api = site.app.state.host.api
    assert not getattr(api.manager, "processes", {})
    resources = api.config["resources"].values()
    assert not [one for one in resources if one["type"] == "process"]
    for name in ("hello-world", "shapely-functions"):
        assert public.get(f"{PROCESSES}/{name}").status_code == 404
    assert public.get("/ogc/collections/jobs").status_code == 404


def test_the_serving_process_runs_no_process_function(site: Live, public: httpx.Client):
    mark = uuid.uuid4().hex
    assert run(public, "trouble", {"mark": mark}).json() == mark
    (pid,) = _pids(site.site.settings.data_dir / "trouble.log", mark)
    assert pid != os.getpid()


def test_who_watches_sees_jobs_and_worker(site: Live, public: httpx.Client):
    text = public.get("/metrics").text
    assert 'pakmud_jobs{state="successful"}' in text
    assert "pakmud_job_worker_age_seconds" in text
    assert public.get("/readyz").json()["checks"]["jobs"] == "ok"


def test_a_worker_that_stops_gives_back_what_it_runs(site: Live, owner: httpx.Client):
    other_site = site.site
    path = start(owner, "trouble", seconds=2, mark="again")
    wait(owner, path, {"running"})
    worker = Worker(other_site, site.app.state.processes, Nursery(other_site.settings))
    worker.stopping.set()
    worker.run()  # another one that comes and goes disturbs nothing
    assert wait(owner, path)["status"] == "successful"
