# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs over HTTP: whose they are, progress, results, dismissal, failures, lists, forms."""

from __future__ import annotations

import base64
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from geoapi.jobs.nursery import Nursery
from geoapi.jobs.worker import Worker
from tests.api.conftest import JOB_OWNER, Live, assert_problem
from tests.api.process_samples import ASYNC, FINAL, PROCESSES, XLSX, child_pids, run, start, wait


def test_jobs_are_their_owners_alone(
    job_owner: httpx.Client, stranger: httpx.Client, caller: httpx.Client
):
    path = start(job_owner, "echo", text="x")
    for other in (stranger, caller):
        assert_problem(other.get(path), 404)
        assert_problem(other.get(f"{path}/results"), 404)
        assert_problem(other.delete(path), 404)
        listed = other.get("/ogc/jobs", params={"limit": 1000}).json()["jobs"]
        assert path.rpartition("/")[2] not in {job["jobID"] for job in listed}
    assert wait(job_owner, path)["status"] == "successful"
    assert "private" in job_owner.get(path).headers["cache-control"]


def test_a_strangers_job_is_known_by_its_id_and_listed_nowhere(
    caller: httpx.Client, job_owner: httpx.Client
):
    path = start(caller, "echo", text="x")
    assert wait(caller, path)["status"] == "successful"
    assert caller.get(f"{path}/results").json() == "x"
    assert caller.get("/ogc/jobs").json()["jobs"] == []
    assert job_owner.get(path).status_code == 200


def test_strangers_have_a_short_queue(caller: httpx.Client):
    paths, refused = [], None
    for _ in range(8):
        answer = run(caller, "trouble", {"seconds": 20}, headers=ASYNC)
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
        caller.delete(path)


# ------------------------------------------------------------------- jobs


def test_a_job_tells_its_progress_and_keeps_its_results(job_owner: httpx.Client):
    path = start(job_owner, "trouble", seconds=1.5, mark="m1")
    document = job_owner.get(path).json()
    assert document["type"] == "process"
    assert_problem(job_owner.get(f"{path}/results"), 404)
    seen = set()
    while document["status"] not in FINAL:
        document = job_owner.get(path).json()
        seen.add(document["progress"])
        time.sleep(0.05)
    assert document["status"] == "successful"
    assert seen & set(range(1, 100)), seen
    assert document["progress"] == 100
    assert document["created"] <= document["started"] <= document["finished"]
    assert document["message_th"] != document["message_en"]
    rels = [link["rel"] for link in document["links"]]
    assert "http://www.opengis.net/def/rel/ogc/1.0/results" in rels
    assert job_owner.get(f"{path}/results").json() == "m1"
    assert job_owner.get(f"{path}/results/mark").json() == "m1"
    assert_problem(job_owner.get(f"{path}/results/none"), 404)


def test_files_come_with_their_media_types(process_site: Live, job_owner: httpx.Client):
    answer = run(job_owner, "pages", {"size": 200}, response="document", headers=ASYNC)
    path = f"/ogc/jobs/{answer.json()['jobID']}"
    assert wait(job_owner, path)["status"] == "successful"
    page = job_owner.get(f"{path}/results/page")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    table = job_owner.get(f"{path}/results/table")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in table.headers["content-disposition"]
    assert table.text == f"who\n{process_site.user_ids[JOB_OWNER]}\n"
    assert job_owner.get(f"{path}/results/book").headers["content-type"] == XLSX
    document = job_owner.get(f"{path}/results").json()
    assert base64.b64decode(document["book"]["value"]) == b"PK\x03\x04"
    assert document["page"]["value"] == "<p>รายงาน</p>"
    assert len(document["figures"]["many"]) == 200  # too large for a row, so a file in between
    folder = process_site.site.settings.data_dir / "jobs" / path.rpartition("/")[2]
    assert folder.stat().st_mode & 0o077 == 0
    job_owner.delete(path)
    assert not folder.exists()
    assert_problem(job_owner.get(path), 404)


def test_dismissing_kills_the_child_within_two_seconds(
    process_site: Live, job_owner: httpx.Client, tmp_path: Path
):
    mark = uuid.uuid4().hex
    path = start(job_owner, "trouble", seconds=60, mark=mark)
    log = process_site.site.settings.data_dir / "trouble.log"
    deadline = time.monotonic() + 60
    while not (pids := child_pids(log, mark)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    answer = job_owner.delete(path)
    begun = time.monotonic()
    assert answer.json()["status"] == "dismissed"
    while Path(f"/proc/{pids[0]}").exists():
        assert time.monotonic() - begun < 30
        time.sleep(0.02)
    assert job_owner.get(path).json()["status"] == "dismissed"
    assert_problem(job_owner.get(f"{path}/results"), 404)
    job_owner.delete(path)
    assert_problem(job_owner.get(path), 404)


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
    job_owner: httpx.Client, inputs: dict[str, Any], why: str, status: int
):
    path = start(job_owner, "trouble", **inputs)
    document = wait(job_owner, path)
    assert document["status"] == "failed"
    assert document["message_th"] != document["message_en"]
    problem = assert_problem(job_owner.get(f"{path}/results"), status)
    assert problem["type"] == f"urn:pakmud:problem:{why}"


def test_a_job_whose_child_dies_is_tried_three_times(process_site: Live, job_owner: httpx.Client):
    mark = uuid.uuid4().hex
    path = start(job_owner, "trouble", kind="die", mark=mark)
    document = wait(job_owner, path)
    assert document["status"] == "failed"
    assert len(child_pids(process_site.site.settings.data_dir / "trouble.log", mark)) == 3
    assert_problem(job_owner.get(f"{path}/results"), 409)


def test_wait_answers_with_the_results_when_they_are_there_in_time(job_owner: httpx.Client):
    prefer = {"prefer": "respond-async, wait=25"}
    answer = run(job_owner, "echo", {"text": "y"}, headers=prefer)
    assert (answer.status_code, answer.json()) == (200, "y")
    assert answer.headers["preference-applied"] == "wait=25"
    later = run(job_owner, "trouble", {"seconds": 20}, headers={"prefer": "respond-async; wait=0"})
    assert later.status_code == 201
    job_owner.delete(f"/ogc/jobs/{later.json()['jobID']}")


def test_lists_the_own_jobs_page_by_page_and_filtered(process_site: Live, stranger: httpx.Client):
    made = [start(stranger, "echo", text=str(n)).rpartition("/")[2] for n in range(3)]
    for job_id in made:
        wait(stranger, f"/ogc/jobs/{job_id}")
    seen: list[str] = []
    address = "/ogc/jobs?limit=2&processID=echo&status=successful&type=process"
    while address:
        document = stranger.get(address).json()
        seen += [job["jobID"] for job in document["jobs"]]
        following = [each["href"] for each in document["links"] if each["rel"] == "next"]
        address = following[0] if following else ""
    assert [job_id for job_id in seen if job_id in made] == made[::-1]
    assert len(seen) == len(set(seen))

    def count(**params: str) -> int:
        return len(stranger.get("/ogc/jobs", params={"limit": "1000", **params}).json()["jobs"])

    assert count(status="failed") == 0
    assert count(processID="square,echo") >= 3
    assert count(datetime="2020-01-01/2020-12-31") == 0
    assert count(datetime="2026-01-01/..") >= 3
    assert count(minDuration="1000") == 0
    assert count(maxDuration="1000") >= 3
    assert count(type="other") == 0


def test_forms_of_pages_start_and_dismiss_jobs(process_site: Live):
    with process_site.session_client(JOB_OWNER) as browser:
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
    with process_site.client() as nobody:
        assert nobody.get("/my/jobs").status_code == 401


def test_a_worker_that_stops_gives_back_what_it_runs(process_site: Live, job_owner: httpx.Client):
    other_site = process_site.site
    path = start(job_owner, "trouble", seconds=2, mark="again")
    wait(job_owner, path, {"running"})
    worker = Worker(other_site, process_site.app.state.processes, Nursery(other_site.settings))
    worker.stopping.set()
    worker.run()  # another one that comes and goes disturbs nothing
    assert wait(job_owner, path)["status"] == "successful"
