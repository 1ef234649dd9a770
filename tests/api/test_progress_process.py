# SPDX-License-Identifier: GPL-2.0-or-later
"""The process ``progress-report`` over HTTP: at once, as a job, refused outside of the right."""

from __future__ import annotations

import csv
import io

import httpx
from openpyxl import load_workbook

from tests.api.conftest import assert_problem
from tests.api.process_samples import PROCESSES, run, start, wait

NAME = "progress-report"


def test_describes_the_report_in_both_languages(caller: httpx.Client):
    thai = caller.get(f"{PROCESSES}/{NAME}", params={"lang": "th"}).json()
    assert "รายงานความคืบหน้า" in thai["title"]
    assert set(thai["outputs"]) == {"report", "html", "csv", "xlsx"}
    assert all(part["minOccurs"] == 0 for part in thai["inputs"].values())


def test_answers_with_the_document_or_one_file(job_owner: httpx.Client):
    answer = run(job_owner, NAME, {}, outputs={"report": {}})
    assert answer.status_code == 200, answer.text
    document = answer.json()
    total = document["total"]
    assert total["places"] == sum(row["places"] for row in document["districts"]) > 0
    assert document["made_by"]["role"] == "planner"
    text = run(job_owner, NAME, {"language": "en"}, outputs={"csv": {}})
    rows = list(csv.reader(io.StringIO(text.content.decode("utf-8-sig"))))
    assert (rows[0][3], rows[1][3]) == ("All places", str(total["places"]))


def test_runs_as_a_job_and_keeps_its_files(job_owner: httpx.Client):
    path = start(job_owner, NAME, group_by="district")
    assert wait(job_owner, path)["status"] == "successful"
    book = load_workbook(io.BytesIO(job_owner.get(f"{path}/results/xlsx").content))
    assert len(book.sheetnames) == 2
    page = job_owner.get(f"{path}/results/html")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "style-src" in page.headers["content-security-policy"]
    assert job_owner.get(f"{path}/results/csv").content.startswith(b"\xef\xbb\xbf")
    assert job_owner.get(f"{path}/results/report").json()["inputs"]["group_by"] == "district"


def test_outside_of_the_right_and_wrong_wishes_are_told_apart(
    caller: httpx.Client, job_owner: httpx.Client
):
    assert_problem(run(caller, NAME, {}), 401)
    assert_problem(run(job_owner, NAME, {"province_code": "5"}), 422)
    error = assert_problem(run(job_owner, NAME, {"province_code": "99"}), 422)
    assert error["errors"][0]["pointer"] == "/inputs/province_code"
    assert_problem(run(job_owner, NAME, {"province_code": "50"}), 403)
