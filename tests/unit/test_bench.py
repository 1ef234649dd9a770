# SPDX-License-Identifier: GPL-2.0-or-later
"""The benchmark's own arithmetic: goals, regressions, page, chart, client, points."""

from __future__ import annotations

import socket
import threading
from xml.etree import ElementTree

import pytest

from geoapi.importing.register import load_register
from tools.bench import chart, goals, report
from tools.bench.client import Connection, Request
from tools.bench.measuring import Reading
from tools.bench.points import make_point
from tools.bench.record import Origin, Section, merged, read_record, write_record
from tools.bench.samples import tiles_over_bangkok

ORIGIN = Origin("abc1234", "2026-11-24", "make bench", "2 cores", "Python 3.12")


def reading(case: str, server: str, cpu_ms: float, spread_ms: float = 0.0) -> Reading:
    return Reading(case, server, 200, 1_000, 300, cpu_ms, cpu_ms, 0.0, cpu_ms, spread_ms)


def verdicts(*readings: Reading) -> dict[str, bool | None]:
    return {outcome.goal: outcome.is_met for outcome in goals.outcomes(readings)}


def test_goals_are_met_or_missed_by_the_numbers():
    fast = verdicts(
        reading("items?limit=10", "postgis", 0.5), reading("items?limit=10", "tipg", 5.1),
        reading("items?limit=10", "geopackage", 1.4),
        reading("first page", "postgis", 1.0), reading("page behind 1,000 items", "postgis", 1.4),
    )  # fmt: skip
    assert fast["items?limit=10: 0.6 ms"] is True
    assert fast["items?limit=10: 10 times less than tipg"] is True
    assert fast["any page depth: 1.5 times the first page"] is True
    assert fast["GeoPackage: 3 times PostGIS on each"] is True
    assert fast["item: 0.35 ms"] is None
    slow = verdicts(
        reading("items?limit=10", "postgis", 0.7), reading("items?limit=10", "tipg", 5.1),
        reading("items?limit=10", "geopackage", 2.2),
        reading("first page", "postgis", 1.0), reading("page behind 1,000 items", "postgis", 1.6),
    )  # fmt: skip
    assert slow["items?limit=10: 0.6 ms"] is False
    assert slow["items?limit=10: 10 times less than tipg"] is False
    assert slow["any page depth: 1.5 times the first page"] is False
    assert slow["GeoPackage: 3 times PostGIS on each"] is False


def test_the_worst_word_and_the_worst_tile_decide():
    found = verdicts(
        reading("q= Thai, rare", "postgis", 1.0), reading("q= Thai, common", "postgis", 15.1),
        reading("tile z6, cold", "postgis", 29.0), reading("tile z7, cold", "postgis", 3.0),
    )  # fmt: skip
    assert found["q= in Thai: 15 ms"] is False
    assert found["tiles z6-z14 over Bangkok, cold: 30 ms"] is True


def test_only_what_noise_does_not_explain_is_a_regression():
    before = [reading("item", "postgis", 1.0, 0.05)]
    assert goals.regressions([reading("item", "postgis", 1.24)], before) == []
    assert goals.regressions([reading("item", "postgis", 1.3, 0.3)], before) == []
    assert len(goals.regressions([reading("item", "postgis", 1.3, 0.05)], before)) == 1
    assert goals.regressions([reading("item", "tipg", 9.0)], [reading("item", "tipg", 1.0)]) == []


def test_a_record_keeps_what_was_not_measured_anew(tmp_path):
    old = [
        Section(200_000, "items", ORIGIN, (reading("item", "postgis", 1.0),)),
        Section(200_000, "feed", ORIGIN, (reading("changes", "postgis", 9.0),)),
    ]
    new = [Section(200_000, "items", ORIGIN, (reading("item", "postgis", 0.5),))]
    write_record(merged(old, new), tmp_path / "record.json")
    found = {s.group: s.readings[0].cpu_ms for s in read_record(tmp_path / "record.json")}
    assert found == {"items": 0.5, "feed": 9.0}
    assert read_record(tmp_path / "nothing.json") == []


def test_the_page_is_what_the_record_says():
    text = report.PAGE.read_text(encoding="utf-8")
    assert report.page_with(text, read_record()) == text


def test_the_measured_part_leaves_the_rest_of_the_page_alone():
    missing = Reading("item", "geopackage", 404)
    section = Section(200_000, "items", ORIGIN, (reading("item", "postgis", 0.5), missing))
    text = f"# Before\n{report.BEGIN}\nformerly\n{report.END}\n\n# After\n"
    written = report.page_with(text, [section])
    assert written.startswith("# Before\n")
    assert written.endswith("\n\n# After\n")
    assert "formerly" not in written
    assert "| item | 0.50 ± 0.00 | not there | 0.50 / – | 1.0 / – |" in written
    assert report.page_with(written, [section]) == written


def test_the_chart_is_an_svg_with_a_bar_for_each_server():
    readings = [reading("item", name, 1.0 + n) for n, name in enumerate(report.SERVERS)]
    root = ElementTree.fromstring(chart.draw(200_000, readings))
    bars = [e for e in root.iter() if e.get("height") == "13"]
    assert [bar.get("class") for bar in bars] == list(report.SERVERS)
    widths = [float(bar.get("width")) for bar in bars]
    assert widths == sorted(widths)
    assert widths[0] > 0


def test_points_are_the_same_each_time_and_lie_where_their_codes_say():
    register = load_register()
    twice = [make_point(12_345, 200_000) for _ in range(2)]
    assert twice[0].working.feature == twice[1].working.feature
    assert twice[0].published.values["id"] == twice[0].working.values["id"]
    assert {make_point(n, 100).working.values["short_code"] for n in range(100)} != {""}
    codes = [make_point(n, 20_000).working.values["subdistrict_code"] for n in range(9_000, 9_100)]
    assert all(code in register.units for code in codes if code.startswith("10"))
    assert sum(code.startswith("10") for code in codes) == 20


def test_tiles_lie_over_bangkok():
    # Source: 100.5231 E, 13.7463 N in WebMercatorQuad
    assert tiles_over_bangkok(6, around=0) == [(49, 29)]
    assert len(tiles_over_bangkok(10)) == 9


@pytest.fixture
def odd_server():
    """A server that answers once with a length, once in chunks, and then closes."""
    answers = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n",
    ]
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with listener.accept()[0] as connection:
            for answer in answers:
                connection.recv(65_536)
                connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    thread.join(5)
    listener.close()


def test_the_client_reads_every_kind_of_body(odd_server):
    connection = Connection(odd_server)
    answers = [connection.send(Request("/a b")) for _ in range(3)]
    connection.close()
    assert [(a.status, a.body) for a in answers] == [(200, b"hello"), (200, b"hello"), (304, b"")]
