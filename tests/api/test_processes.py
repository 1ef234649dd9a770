# SPDX-License-Identifier: GPL-2.0-or-later
"""OGC API Processes over HTTP: descriptions, answers at once, refusals, many at once."""

from __future__ import annotations

import os
import signal
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from geoapi.ogc.host_config import CONFORMANCE
from tests.api.conftest import JOB_OWNER, OTHER_OWNER, Live, assert_problem
from tests.api.process_samples import ASYNC, FINAL, PROCESSES, child_pids, run, start, wait

# ------------------------------------------------------------------- descriptions


def test_landing_page_and_conformance_name_the_processes(caller: httpx.Client):
    links = {link["rel"]: link["href"] for link in caller.get("/ogc/").json()["links"]}
    rel = "http://www.opengis.net/def/rel/ogc/1.0/"
    assert links[f"{rel}processes"].endswith("/ogc/processes")
    assert links[f"{rel}job-list"].endswith("/ogc/jobs")
    declared = caller.get("/ogc/conformance").json()["conformsTo"]
    ours = [uri for uri in CONFORMANCE if "processes-1" in uri]
    assert set(ours) <= set(declared)
    assert {uri.rpartition("/")[2] for uri in ours} == {
        "core", "ogc-process-description", "json", "html", "oas30", "job-list", "dismiss",
    }  # fmt: skip


def test_lists_and_describes_processes_in_both_languages(caller: httpx.Client):
    listed = caller.get(PROCESSES).json()
    names = [p["id"] for p in listed["processes"]]
    assert {"echo", "square", "trouble", "pages"} <= set(names)
    assert caller.get(PROCESSES, params={"limit": 1}).json()["processes"][0]["id"] == names[0]
    thai = caller.get(f"{PROCESSES}/echo", params={"lang": "th"}).json()
    english = caller.get(f"{PROCESSES}/echo", params={"lang": "en"}).json()
    assert (thai["title"], english["title"]) == ("ทวนคำ", "Echo")
    assert english["jobControlOptions"] == ["sync-execute", "async-execute", "dismiss"]
    assert english["inputs"]["text"]["minOccurs"] == 1
    assert english["inputs"]["times"]["schema"]["maximum"] == 9
    assert english["outputs"]["text"]["schema"] == {"type": "string"}
    pages = caller.get(f"{PROCESSES}/pages").json()
    assert pages["jobControlOptions"] == ["async-execute", "dismiss"]


def test_pages_of_processes_and_jobs_read_without_a_script(
    process_site: Live, caller: httpx.Client, job_owner: httpx.Client
):
    path = start(job_owner, "trouble", seconds=1.5)
    wait(job_owner, path, {"running"})
    for address in (PROCESSES, f"{PROCESSES}/echo", "/ogc/jobs", path):
        page = job_owner.get(address, params={"f": "html", "lang": "en"})
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert caller.get(PROCESSES, params={"f": "html"}).status_code == 200
    assert 'http-equiv="refresh"' in job_owner.get(path, params={"f": "html"}).text
    wait(job_owner, path)
    page = job_owner.get(path, params={"f": "html"}).text
    assert 'http-equiv="refresh"' not in page
    assert f"{path}/results/mark" in page


# ------------------------------------------------------------------- at once


def test_answers_at_once_with_one_raw_value_or_a_document(caller: httpx.Client):
    raw = run(caller, "echo", {"text": "กข", "times": 2})
    assert (raw.status_code, raw.json()) == (200, "กขกข")
    assert raw.headers["content-type"] == "application/json"
    framed = run(caller, "echo", {"text": {"value": "a"}}, response="document")
    assert framed.json() == {"text": "a"}


def test_several_raw_values_come_in_parts(caller: httpx.Client):
    answer = run(caller, "square", {"numbers": [2, 3]})
    assert answer.headers["content-type"].startswith("multipart/related; boundary=")
    assert "Content-ID: <squares>" in answer.text
    assert "[4,9]" in answer.text
    chosen = run(caller, "square", {"numbers": [2]}, outputs={"count": {}})
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
    job_owner: httpx.Client, body: dict[str, Any], where: str, prefer: dict[str, str]
):
    before = len(job_owner.get("/ogc/jobs", params={"limit": 1000}).json()["jobs"])
    answer = job_owner.post(f"{PROCESSES}/echo/execution", json=body, headers=prefer)
    assert_problem(answer, 422, where)
    assert len(job_owner.get("/ogc/jobs", params={"limit": 1000}).json()["jobs"]) == before


def test_broken_bodies_and_unknown_names_are_refused(caller: httpx.Client):
    address = f"{PROCESSES}/echo/execution"
    json_type = {"content-type": "application/json"}
    assert_problem(caller.post(address, content=b"{", headers=json_type), 400)
    assert_problem(caller.post(address, content=b"", headers=json_type), 400)
    assert_problem(caller.post(address, content=b"[]", headers=json_type), 422)
    text = {"content-type": "text/plain"}
    assert_problem(caller.post(address, content=b"{}", headers=text), 415)
    answer = run(caller, "nothing", {})
    assert assert_problem(answer, 404)["type"].endswith("no-such-process")
    answer = caller.get(f"/ogc/jobs/{uuid.uuid4()}")
    assert assert_problem(answer, 404)["type"].endswith("no-such-job")
    assert caller.delete(PROCESSES).status_code == 405
    for query in ("limit=0", "limit=x", "offset=1"):
        assert_problem(caller.get(f"{PROCESSES}?{query}"), 400)
    for query in ("status=done", "datetime=x", "minDuration=-1", "after=abc", "limit=0"):
        assert_problem(caller.get(f"/ogc/jobs?{query}"), 400, query.partition("=")[0])


@pytest.mark.parametrize(
    ("kind", "status"),
    [("refuse", 400), ("defect", 409), ("memory", 422), ("write", 503), ("die", 503)],
)
def test_a_process_in_trouble_fails_alone(caller: httpx.Client, kind: str, status: int):
    document = assert_problem(run(caller, "trouble", {"kind": kind}), status)
    assert document["type"].startswith("urn:pakmud:problem:jobs.")
    assert run(caller, "echo", {"text": "ok"}).json() == "ok"


def test_too_long_for_an_answer_at_once_says_what_to_do(caller: httpx.Client):
    document = assert_problem(run(caller, "trouble", {"seconds": 30}), 400)
    assert "respond-async" in document["detail_th"]
    assert "respond-async" in document["detail_en"]
    assert run(caller, "echo", {"text": "ok"}).json() == "ok"


def test_an_engine_killed_while_idle_is_replaced_unnoticed(
    process_site: Live, caller: httpx.Client
):
    assert run(caller, "echo", {"text": "a"}).status_code == 200
    # Earlier tests call at the same time, so more than one engine may wait.
    waiting = list(process_site.app.state.engines.idle)
    assert waiting
    for engine in waiting:
        os.kill(engine.pid, signal.SIGKILL)
    assert run(caller, "echo", {"text": "b"}).json() == "b"


# ------------------------------------------------------------------- rights


def test_a_process_with_a_right_is_for_those_who_have_it(
    process_site: Live, caller: httpx.Client, job_owner: httpx.Client
):
    assert_problem(run(caller, "pages", {}), 401)
    with process_site.client("officer_in") as officer:
        assert_problem(run(officer, "pages", {}), 403)
    assert run(job_owner, "pages", {}).status_code == 201


# ------------------------------------------------------------------- many at once


def test_mixed_calls_at_the_same_time_get_their_own_answers(process_site: Live):
    check_mixed_calls(process_site, 40)


@pytest.mark.soak
def test_two_hundred_mixed_calls_get_their_own_answers(process_site: Live):
    check_mixed_calls(process_site, 200)


def check_mixed_calls(process_site: Live, count: int) -> None:
    """Send calls of several processes, at once and as jobs, from eight clients."""
    users = [JOB_OWNER, OTHER_OWNER, "supervisor_in", "officer_in"]
    clients = [process_site.client(who) for who in users * 2]

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


def test_pygeoapi_runs_no_processes_and_keeps_no_jobs(process_site: Live, caller: httpx.Client):
    api = process_site.app.state.host.api
    assert not getattr(api.manager, "processes", {})
    resources = api.config["resources"].values()
    assert not [one for one in resources if one["type"] == "process"]
    for name in ("hello-world", "shapely-functions"):
        assert caller.get(f"{PROCESSES}/{name}").status_code == 404
    assert caller.get("/ogc/collections/jobs").status_code == 404


def test_the_serving_process_runs_no_process_function(process_site: Live, caller: httpx.Client):
    mark = uuid.uuid4().hex
    assert run(caller, "trouble", {"mark": mark}).json() == mark
    (pid,) = child_pids(process_site.site.settings.data_dir / "trouble.log", mark)
    assert pid != os.getpid()


def test_who_watches_sees_jobs_and_worker(process_site: Live, caller: httpx.Client):
    text = caller.get("/metrics").text
    assert 'pakmud_jobs{state="successful"}' in text
    assert "pakmud_job_worker_age_seconds" in text
    assert caller.get("/readyz").json()["checks"]["jobs"] == "ok"
