"""Meters: numbers gathered from many threads, and printed as lines of CloudWatch's embedded metric format."""

import os
import threading
from collections import defaultdict

from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from core.domain.answer import Answer, Applied, Finding, Happened, NotSent
from core.domain.effect import Evidence
from entrypoints import telemetry
from entrypoints.logs import ROOT
from entrypoints.telemetry import Metric, Unit

NAMESPACE_VARIABLE = "POWERTOOLS_METRICS_NAMESPACE"
SERVICE_VARIABLE = "POWERTOOLS_SERVICE_NAME"

Dimensions = tuple[tuple[str, str], ...]


def service_name() -> str:
    """Return what this installation calls itself in metrics and logs."""
    return os.environ.get(SERVICE_VARIABLE) or ROOT


class Meters:
    """Numbers since the last flush; the tool meter port.

    Powertools keeps one set of metrics for the whole process, with one set of dimensions, and is not safe among
    threads: it is given numbers only when a flush has them in hand.
    """

    def __init__(self, namespace: str | None = None, service: str | None = None) -> None:
        """Start empty; what is not given is read from Powertools' variables."""
        self._namespace = namespace or os.environ.get(NAMESPACE_VARIABLE) or ROOT
        self._service = service or service_name()
        self._lock = threading.Lock()
        self._numbers: dict[tuple[Metric, Dimensions], list[float]] = defaultdict(list)

    def add(self, metric: Metric, value: float = 1, **dimensions: str) -> None:
        """Note a number; counts are added up."""
        with self._lock:
            numbers = self._numbers[metric, tuple(dimensions.items())]
            if metric.unit is Unit.COUNT and numbers:
                numbers[0] += value
            else:
                numbers.append(value)

    def called(self, tool: str, answer: Answer, took_ms: int) -> None:
        """Note a call that was sent, and a replay that spared a second write."""
        if not isinstance(answer, NotSent):
            self.add(telemetry.TOOL_LATENCY, took_ms, tool=tool)
        if isinstance(answer, Applied) and answer.replayed:
            self.add(telemetry.DUPLICATES_AVOIDED, by=Evidence.KEY_REPLAY.value)

    def looked_up(self, tool: str, finding: Finding, took_ms: int) -> None:
        """Note a look-up, and a write that it found, which spared a second one."""
        self.add(telemetry.LOOK_UP_LATENCY, took_ms, tool=tool)
        if isinstance(finding, Happened):
            self.add(telemetry.DUPLICATES_AVOIDED, by=Evidence.READ_BACK.value)

    def flush(self) -> None:
        """Print a line for each set of dimensions, and start anew."""
        with self._lock:
            gathered, self._numbers = self._numbers, defaultdict(list)
        lines: dict[tuple[tuple[tuple[str, ...], ...], Dimensions], list[tuple[Metric, list[float]]]] = {}
        for (metric, dimensions), numbers in gathered.items():
            lines.setdefault((metric.dimensions, dimensions), []).append((metric, numbers))
        for (groups, dimensions), metrics in lines.items():
            self._print(groups, dict(dimensions), metrics)

    def _print(
        self,
        groups: tuple[tuple[str, ...], ...],
        dimensions: dict[str, str],
        metrics: list[tuple[Metric, list[float]]],
    ) -> None:
        line = AmazonCloudWatchEMFProvider(namespace=self._namespace, service=self._service)
        line.add_dimension("service", self._service)
        for group in groups:
            line.add_dimensions(service=self._service, **{name: dimensions[name] for name in group})
        for metric, numbers in metrics:
            for number in numbers:
                # A hundred values make a line of their own.
                line.add_metric(metric.name, metric.unit.value, number)
        if line.metric_set:
            line.flush_metrics()
