"""The settings of the guards around a connector, which those of every kind that reaches out have among their own."""

from typing import Annotated

from pydantic import Field

from entrypoints.settings.tables import Table

MOST_AT_A_TIME = 1_024

MOST_HOSTS = 1_000
HOST = r"^(?:\*\.)?[A-Za-z0-9_.:-]{1,253}$"


class Egress(Table):
    """The ``hosts`` that connectors may reach: names, addresses, or ``*.example.com`` for all below it.

    Where there are none each connector reaches its own host, as always, and nobody looks which that is.
    """

    hosts: Annotated[tuple[Annotated[str, Field(pattern=HOST)], ...], Field(max_length=MOST_HOSTS)] = ()


class GuardedTable(Table):
    """Bounds for each tenant apart, in each process.

    ``max_concurrent`` calls and ``max_look_ups`` look-ups at a time. After ``breaker_failures`` in a row by the
    transport or with a 5xx nothing is called for ``breaker_open_s``; then one call tries.
    """

    max_concurrent: Annotated[int, Field(ge=1, le=MOST_AT_A_TIME)] = 16
    max_look_ups: Annotated[int, Field(ge=1, le=MOST_AT_A_TIME)] = 8
    breaker_failures: Annotated[int, Field(ge=1, le=1_000)] = 5
    breaker_open_s: Annotated[float, Field(ge=1, le=3_600)] = 30.0
