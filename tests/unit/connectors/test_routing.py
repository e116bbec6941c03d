from __future__ import annotations

import pytest

from adapters.connectors.guarded import GuardedConnector
from adapters.connectors.internal import InternalConnector
from adapters.connectors.routing import ConnectorTable, Route
from adapters.connectors.shares import Bounds
from adapters.memory.clock import FakeClock
from adapters.memory.objects import MemoryInternalObjects
from core.domain.errors import ConfigurationError

A, B, C, D = (GuardedConnector(InternalConnector(MemoryInternalObjects()), FakeClock(), Bounds(), "") for _ in range(4))


@pytest.mark.parametrize(
    ("tool", "tenant", "expected"),
    [
        ("crm.create_task", "t1", A),
        ("crm.sales.create", "t1", B),
        ("crm.create_lead", "t1", C),
        ("crm.create_lead", "t2", D),
        ("crm.create_leads", "t1", A),
        ("crm___create_task", "t1", B),
        ("crm.", "t1", A),
        ("crm", "t1", None),
        ("crmx.create_task", "t1", None),
        ("mail.send_letter", "t1", None),
        ("", "t1", None),
        ("pay.x", "t2", D),
        ("pay.x", "t1", None),
    ],
)
def test_the_longest_match_wins_and_a_tenants_own_route_comes_first(
    tool: str, tenant: str, expected: GuardedConnector | None
) -> None:
    table = ConnectorTable(
        [
            Route("crm.", A),
            Route("crm.sales.", B),
            Route("crm.create_lead", C),
            Route("crm.create_lead", D, "t2"),
            Route("crm___", B),
            Route("pay.", D, "t2"),
        ]
    )
    found = table.offering(tool, tenant)
    assert found is expected


@pytest.mark.parametrize(
    "routes",
    [
        [Route("crm.", A), Route("crm.", B)],
        [Route("crm.", A), Route("crm.", A)],
        [Route("crm.x", A, "t1"), Route("crm.x", B, "t1")],
        [Route("", A)],
        [Route(".", A)],
        [Route("___", A)],
        [Route(" ", A)],
    ],
)
def test_an_ambiguous_or_empty_route_is_refused_at_once(routes: list[Route]) -> None:
    with pytest.raises(ConfigurationError):
        ConnectorTable(routes)
