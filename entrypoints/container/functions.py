"""The container of the Lambda functions: that of AWS, with meters, an hour at which calls end, and their own doors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from adapters.aws.batch_queue import delivery_of
from core.domain.errors import ConfigurationError
from entrypoints.late import late
from ports.queue import Delivery

if TYPE_CHECKING:
    from adapters.system.watched_connectors import IsOver
    from entrypoints.container.aws import AwsContainer
    from entrypoints.settings.loading import Settings
    from ports.tool_meter import ToolMeter

Record = Mapping[str, Any]
WATCHED = "adapters.system.watched_connectors.WatchedConnectors"


def build_function(
    settings: Settings, *, needs: Iterable[str], meter: ToolMeter, is_over: IsOver, of_batch: bool = False
) -> AwsContainer:
    """Return a container for one function. ``needs``: keys under ``[aws]`` that it cannot do without.

    ``is_over`` tells whether it is too late for a call of a tool to start. ``of_batch``: its queue is a batch that
    Lambda received.

    Raises:
        ConfigurationError: something is missing, or the target is not AWS.
    """
    # The largest part of what a function imports, left to here, where whoever starts lets nothing be collected.
    from dependency_injector import providers  # noqa: PLC0415

    from entrypoints.container.building import build_aws  # noqa: PLC0415

    if not settings.is_aws:
        raise ConfigurationError("A function works on AWS only: set ACTONCE_TARGET to aws.")
    settings.require(*needs)
    container = build_aws(settings)
    container.reached.override(
        providers.Singleton(late(WATCHED), container.connectors, container.clock, meter, is_over)
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
