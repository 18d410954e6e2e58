"""`GET /metrics` on the internal port, for Prometheus: what the process counted, and how cases and mails stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from actions.cases.figures import read_figures
from actions.cases.instants import now
from actions.metrics import REGISTRY
from actions.services import Services


class DeskCollector(Collector):
    """How the desk stands at the moment of asking: read from the database, the same in every process."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        """See prometheus_client: one family after the other; without a database only what needs none."""
        bundle = self._services.bundle
        index = {"policy_version": bundle.policy.version, "built_from": bundle.built_from[:12]}
        yield InfoMetricFamily("madoguchi_index", "Policy and index in service.", index)
        up = GaugeMetricFamily("madoguchi_database_up", "1 when the database answers, else 0.")
        try:
            figures = read_figures(self._services.database, now())
        except SQLAlchemyError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield _count("madoguchi_cases", "Cases by standing; overdue ones are open too.", "standing", figures.cases)
        yield _count("madoguchi_outbox", "Mails that reached nobody yet, by state.", "state", figures.mails)


def _count(name: str, about: str, label: str, counts: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family


def write_metrics(services: Services) -> bytes:
    """Everything in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(DeskCollector(services))
    return generate_latest(REGISTRY) + generate_latest(registry)
