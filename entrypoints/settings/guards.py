"""The settings of the guards around a connector, which those of every kind that reaches out have among their own."""

from typing import Annotated

from pydantic import Field

from entrypoints.settings.tables import Table

MOST_AT_A_TIME = 1_024


class GuardedTable(Table):
    """Bounds for each tenant apart, in each process.

    ``max_concurrent`` calls and ``max_look_ups`` look-ups at a time. After ``breaker_failures`` in a row by the
    transport or with a 5xx nothing is called for ``breaker_open_s``; then one call tries.
    """

    max_concurrent: Annotated[int, Field(ge=1, le=MOST_AT_A_TIME)] = 16
    max_look_ups: Annotated[int, Field(ge=1, le=MOST_AT_A_TIME)] = 8
    breaker_failures: Annotated[int, Field(ge=1, le=1_000)] = 5
    breaker_open_s: Annotated[float, Field(ge=1, le=3_600)] = 30.0
