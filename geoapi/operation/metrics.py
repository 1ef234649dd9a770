# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures of one application for Prometheus, in a registry of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.applications import Starlette

from geoapi.errors import ServicePointError
from geoapi.operation.backup import last_backup_age_s
from geoapi.site import Site
from geoapi.store import changes, job_work

# Seconds; a hot read takes a few milliseconds, a statement ends after five seconds.
_BUCKETS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_JOBS, _JOBS_TEXT = "pakmud_jobs", "Jobs that are kept, by state."


@dataclass(frozen=True)
class Metrics:
    """The figures of one application.

    Attributes:
        registry: what ``/metrics`` shows.
        requests: by method, route and status class.
        seconds: time to the last byte, by route.
        failures: unexpected errors.
    """

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram
    failures: Counter

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one finished request."""
        self.requests.labels(method, route, f"{status // 100}xx").inc()
        self.seconds.labels(route).observe(seconds)


@dataclass(eq=False)
class _SiteCollector(Collector):
    """Figures that are looked up when they are asked for."""

    site: Site
    names: dict[str, str] = field(
        default_factory=lambda: {
            "pakmud_write_queue_length": "Writes that wait for their turn (GeoPackage).",
            "pakmud_last_backup_age_seconds": "Age of the last backup; absent when none.",
            "pakmud_change_seq": "Number of the newest change.",
            "pakmud_store_up": "Whether the store answers.",
            "pakmud_job_queue_age_seconds": "Age of the oldest waiting job; absent when none.",
            "pakmud_job_worker_age_seconds": "Since a worker was last seen; absent when none.",
        }
    )

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Name the figures without looking them up."""
        for name, text in self.names.items():
            yield GaugeMetricFamily(name, text)
        yield GaugeMetricFamily(_JOBS, _JOBS_TEXT, labels=["state"])

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Look the figures up."""
        values: dict[str, float | None] = {
            "pakmud_write_queue_length": self.site.store.waiting_writes,
            "pakmud_last_backup_age_seconds": last_backup_age_s(
                self.site.settings.data_dir, self.site.clock()
            ),
        }
        try:
            values["pakmud_change_seq"] = self.site.store.read(changes.last_seq)
            found = self.site.store.read(job_work.figures)
            values["pakmud_job_queue_age_seconds"] = self._age_s(found.oldest_waiting)
            values["pakmud_job_worker_age_seconds"] = self._age_s(found.seen_at)
            yield _jobs_by_state(found.states)
            values["pakmud_store_up"] = 1
        except ServicePointError:
            values["pakmud_store_up"] = 0
        for name, value in values.items():
            if value is not None:
                yield GaugeMetricFamily(name, self.names[name], value=value)

    def _age_s(self, instant: datetime | None) -> float | None:
        return None if instant is None else (self.site.clock() - instant).total_seconds()


def _jobs_by_state(states: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(_JOBS, _JOBS_TEXT, labels=["state"])
    for state, number in states.items():
        family.add_metric([state], number)
    return family


def make_metrics(site: Site) -> Metrics:
    """Make the figures of an application in a registry of their own."""
    registry = CollectorRegistry()
    labels = ("method", "route", "status")
    metrics = Metrics(
        registry,
        Counter("pakmud_requests", "Finished requests.", labels, registry=registry),
        Histogram(
            "pakmud_request_seconds", "Time of requests.", ("route",), registry=registry,
            buckets=_BUCKETS_S,
        ),
        Counter("pakmud_unexpected_errors", "Requests ended by a defect.", registry=registry),
    )  # fmt: skip
    ProcessCollector(registry=registry)
    registry.register(_SiteCollector(site))
    return metrics


def metrics_of(app: Starlette) -> Metrics:
    """Return the figures of an application, made when first asked for."""
    state: Any = app.state
    found = getattr(state, "metrics", None)
    if found is None:
        found = state.metrics = make_metrics(state.site)
    metrics: Metrics = found
    return metrics
