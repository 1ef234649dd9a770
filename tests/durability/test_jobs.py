# SPDX-License-Identifier: GPL-2.0-or-later
"""Server and worker killed at any moment: no job is stuck, none has two results."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live import ROOT, LiveSite, bearer, server_python
from tests.services import dies_with_us

PACKAGES = "geoapi.processes,tests.sample_processes"
FINAL = {"successful", "failed", "dismissed"}


class Workers:
    """Worker processes of a site; none with a GeoPackage, whose server works itself."""

    def __init__(self, site: LiveSite, count: int) -> None:
        """Start them."""
        self.site = site
        self.running: list[subprocess.Popen[bytes]] = []
        for _ in range(count if "://" in site.store else 0):
            self.add()

    def add(self) -> None:
        """Start one."""
        with (self.site.data_dir / "worker.log").open("ab") as log:
            self.running.append(
                subprocess.Popen(
                    [*dies_with_us(), server_python(), "-m", "geoapi", "worker", "--slots", "2"],
                    cwd=ROOT, env=self.site.environment(), stdin=subprocess.DEVNULL,
                    stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                )
            )  # fmt: skip

    def kill_one(self) -> None:
        """Kill one as a power cut would, and start another."""
        victim = self.running.pop(0)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(victim.pid, signal.SIGKILL)
        victim.wait()
        self.add()

    def stop(self) -> None:
        """Ask all to stop and wait for them."""
        for worker in self.running:
            worker.terminate()
        for worker in self.running:
            # one that was still loading knows no signals of ours yet
            assert worker.wait(30) in (0, -signal.SIGTERM)


@pytest.fixture
def job_site(
    backend: str, new_site: Callable[..., LiveSite]
) -> Iterator[tuple[LiveSite, Workers, str]]:
    """A served site with workers, and the token of a user."""
    site = new_site(backend, process_packages=PACKAGES, jobs_per_user="1000", login_attempts="99")
    token = site.add_user("worker", "planner")
    site.start()
    workers = Workers(site, 2)
    yield site, workers, token
    workers.stop()


def start(site: LiveSite, token: str, mark: str, seconds: float) -> str:
    """Start a job and return its id."""
    body = {"inputs": {"mark": mark, "seconds": seconds}}
    path = "/ogc/processes/trouble/execution"
    answer = site.request("POST", path, body, prefer="respond-async", **bearer(token))
    assert answer.status == 201, answer.body
    return str(answer.json()["jobID"])


def wait(site: LiveSite, token: str, job_id: str) -> dict:
    """Wait until a job is finished."""
    deadline = time.monotonic() + 120
    while True:
        answer = site.get(f"/jobs/{job_id}", token)
        if answer.status == 200 and answer.json()["status"] in FINAL:
            return answer.json()
        assert time.monotonic() < deadline, answer.body
        time.sleep(0.1)


def folders_of_jobs(site: LiveSite) -> set[str]:
    """Return what lies in the folder of jobs."""
    folder = Path(site.data_dir, "jobs")
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def check_none_is_stuck(
    job_site: tuple[LiveSite, Workers, str], count: int, kills: int, rng: random.Random
) -> None:
    """Start jobs, kill whoever works on them at random moments, and look at every job."""
    site, workers, token = job_site
    earlier = folders_of_jobs(site)
    made = {start(site, token, f"m{n}", rng.uniform(0.1, 0.6)): f"m{n}" for n in range(count)}
    for _ in range(kills):
        time.sleep(rng.uniform(0.3, 1.5))
        if workers.running and rng.random() < 0.7:
            workers.kill_one()
        else:
            site.kill()
            site.start()
    for job_id, mark in made.items():
        document = wait(site, token, job_id)
        assert document["status"] == "successful", document
        assert site.get(f"/jobs/{job_id}/results", token).json() == mark
    listed = site.get("/jobs?limit=1000", token).json()["jobs"]
    assert sorted(job["jobID"] for job in listed) == sorted(made)
    assert site.get("/jobs?status=accepted,running", token).json()["jobs"] == []
    assert folders_of_jobs(site) <= {*made, *earlier, "at-once"}


def check_children_end_with_their_starter(job_site: tuple[LiveSite, Workers, str]) -> None:
    """Kill whoever started a child, and see the child end."""
    site, workers, token = job_site
    (site.data_dir / "trouble.log").unlink(missing_ok=True)
    start(site, token, "orphan", 60)
    log = site.data_dir / "trouble.log"
    deadline = time.monotonic() + 60
    while not log.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    pid = int(log.read_text().split()[-1])
    if workers.running:
        while workers.running[0].poll() is None and Path(f"/proc/{pid}").exists():
            workers.kill_one()
            workers.kill_one()
    else:
        site.kill()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline, "a child without a parent works on"
        time.sleep(0.05)


def test_jobs_survive_a_killed_server_or_worker(job_site):
    check_none_is_stuck(job_site, count=6, kills=2, rng=random.Random(4))
    check_children_end_with_their_starter(job_site)


@pytest.mark.soak
def test_jobs_survive_many_kills(job_site):
    # fewer kills than the attempts that one job has, or all of them would have to hit it
    for round_ in range(10):
        check_round = (job_site[0], job_site[1], job_site[0].add_user(f"user{round_}", "planner"))
        check_none_is_stuck(check_round, count=40, kills=2, rng=random.Random(round_))
