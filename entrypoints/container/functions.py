"""The container of the Lambda functions: that of AWS, with meters, an hour at which calls end, and their own doors."""

from collections.abc import Iterable, Mapping
from typing import Any

from dependency_injector import providers

from adapters.aws.batch_queue import delivery_of
from adapters.aws.outbox_stream import sequence_of, signal_in
from adapters.system.watched_connectors import IsOver, WatchedConnectors
from core.domain.errors import ConfigurationError
from core.domain.signal import Signal
from entrypoints.container.aws import AwsContainer
from entrypoints.container.building import build_aws
from entrypoints.settings.loading import Settings
from ports.queue import Delivery
from ports.tool_meter import ToolMeter

Record = Mapping[str, Any]


def build_function(
    settings: Settings, *, needs: Iterable[str], meter: ToolMeter, is_over: IsOver, of_batch: bool = False
) -> AwsContainer:
    """Return a container for one function. ``needs``: keys under ``[aws]`` that it cannot do without.

    ``is_over`` tells whether it is too late for a call of a tool to start. ``of_batch``: its queue is a batch that
    Lambda received.

    Raises:
        ConfigurationError: something is missing, or the target is not AWS.
    """
    if not settings.is_aws:
        raise ConfigurationError("A function works on AWS only: set ACTONCE_TARGET to aws.")
    settings.require(*needs)
    container = build_aws(settings)
    container.reached.override(
        providers.Singleton(WatchedConnectors, container.connectors, container.clock, meter, is_over)
    )
    if of_batch:
        container.queue.override(container.batch_queue)
    return container


def build_starter(settings: Settings, *, needs: Iterable[str], meter: ToolMeter, is_over: IsOver) -> AwsContainer:
    """Return a container whose deliveries go to the orchestrator; otherwise as ``build_function`` of a batch."""
    container = build_function(settings, needs=needs, meter=meter, is_over=is_over, of_batch=True)
    container.carrying_out.override(container.launch)
    return container


def delivery(record: Record) -> Delivery:
    """Return the delivery that a record of an SQS batch is."""
    return delivery_of(record)


def signal(record: Record) -> Signal | None:
    """Return the signal that a record of the outbox's stream brings, None where it brings none.

    Raises:
        ValueError: it shows no row of an outbox.
    """
    return signal_in(record)


def sequence(record: Record) -> str:
    """Return the number by which a record of a stream is reported as failed."""
    return sequence_of(record)
