"""The settings of which hosts connectors may reach at all."""

from typing import Annotated

from pydantic import Field

from entrypoints.settings.tables import Table

MOST_HOSTS = 1_000
HOST = r"^(?:\*\.)?[A-Za-z0-9_.:-]{1,253}$"


class Egress(Table):
    """The ``hosts`` that connectors may reach: names, addresses, or ``*.example.com`` for all below it.

    Where there are none each connector reaches its own host, as always, and nobody looks which that is.
    """

    hosts: Annotated[tuple[Annotated[str, Field(pattern=HOST)], ...], Field(max_length=MOST_HOSTS)] = ()
