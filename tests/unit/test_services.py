# SPDX-License-Identifier: GPL-2.0-or-later
"""The test services themselves: Thai trigrams, copies of a template, a kill, WebGL."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from tests import services

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.postgis
def test_trigrams_see_thai(new_database):
    with psycopg.connect(new_database()) as connection:
        (trigrams,) = connection.execute("SELECT show_trgm('เชียงราย')").fetchone()
        (similar,) = connection.execute("SELECT 'สำนักงานพัฒนาชุมชน' LIKE '%พัฒนา%'").fetchone()
        (version,) = connection.execute("SELECT postgis_lib_version()").fetchone()
    assert len(trigrams) >= 4
    assert similar
    assert version.split(".")[0] == "3"


@pytest.mark.postgis
def test_databases_made_from_a_template_do_not_share_writes(postgres, new_database):
    first = new_database()
    with psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE mark (id int)")
    second = new_database(template=psycopg.conninfo.conninfo_to_dict(first)["dbname"])
    third = new_database()

    def tables(dsn):
        with psycopg.connect(dsn) as connection:
            return connection.execute(
                "SELECT count(*) FROM pg_tables WHERE tablename = 'mark'"
            ).fetchone()[0]

    assert (tables(second), tables(third)) == (1, 0)


@pytest.mark.postgis
def test_durable_cluster_keeps_what_was_committed_before_a_kill(durable_postgres):
    with psycopg.connect(durable_postgres.dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS id")
    durable_postgres.kill()
    durable_postgres.start()
    with psycopg.connect(durable_postgres.dsn) as connection:
        assert connection.execute("SELECT id FROM kept").fetchone() == (1,)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


@pytest.mark.browser
@pytest.mark.parametrize("webgl", [True, False])
def test_chromium_has_webgl_only_where_asked(launch_browser, webgl):
    chromium = launch_browser(webgl=webgl)
    page = chromium.new_page()
    found = page.evaluate("document.createElement('canvas').getContext('webgl2') !== null")
    chromium.close()
    assert found is webgl


def test_missing_chromium_is_named(monkeypatch):
    monkeypatch.setenv("PAKMUD_CHROMIUM", "no-such-browser")
    with pytest.raises(services.ServiceMissingError, match="apt-get install chromium"):
        services.find_chromium()


@pytest.mark.postgis
def test_private_cluster_ends_with_a_run_that_is_killed(postgres):
    script = (
        "from tests import services\nimport time\n"
        "print(services.start_cluster().process.pid, flush=True)\ntime.sleep(60)\n"
    )
    run = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE)
    with run.stdout:
        server = psutil.Process(int(run.stdout.readline()))
        directory = Path(server.cwd()).parent
        run.kill()
        run.wait()
        gone, _ = psutil.wait_procs([server], timeout=20)
    shutil.rmtree(directory, ignore_errors=True)
    assert gone
