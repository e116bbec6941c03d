"""A plan of the module for each orchestrator, made once.

Only the account's id is asked for, and whether the state machine is one; an emulator says both.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.emulators.server import need
from tests.infra import terraform
from tests.infra.planned import Plan

REGION = "eu-west-1"
FOREIGN = "arn:aws:bedrock-agentcore:eu-west-1:111122223333:gateway/theirs-0123456789"
CONNECTORS = {
    "crm": {"kind": "mcp", "url": "https://tools.example.com/mcp", "tools": ["crm."], "token_secret": "crm-token"},
    "calendar": {"kind": "mcp", "url": "https://calendar.example.com/mcp", "tools": ["calendar."]},
    "ours": {"kind": "internal"},
}


PLANS = {"plan", "steps", "gateway", "either"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what reads a plan in one process, for each plan takes seconds; pytest-xdist reads the mark."""
    for item in items:
        if isinstance(item, pytest.Function) and PLANS & set(item.fixturenames):
            item.add_marker(pytest.mark.xdist_group("plans"))


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for what terraform installs for the module, once it is installed."""
    need(terraform.missing())
    folder = tmp_path_factory.mktemp("terraform")
    terraform.init(terraform.MODULE, folder)
    return folder


@pytest.fixture(scope="session")
def plan(data: Path, ministack: str) -> Plan:
    """Give the plan of a first apply as it is by default, in direct mode."""
    return planned(data, ministack, "direct")


@pytest.fixture(scope="session")
def steps(data: Path, ministack: str) -> Plan:
    """Give the plan of a first apply in step_functions mode."""
    return planned(data, ministack, "step_functions")


@pytest.fixture(params=["plan", "steps"])
def either(request: pytest.FixtureRequest) -> Plan:
    """Give the plan of each mode in turn, for what holds in both."""
    found: Plan = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def gateway(data: Path, ministack: str) -> Plan:
    """Give the plan with a gateway, and with the right to call one of somebody else's."""
    return planned(
        data,
        ministack,
        "direct",
        name="gateway",
        has_gateway="true",
        gateway_targets='["internal", "crm", "calendar", "http"]',
        gateway_connectors=json.dumps({"crm": {"kind": "salesforce", "auth": {"client_secret": {"secret": "crm"}}}}),
        gateway_effects=json.dumps({"crm.create_task": {"contract": "NATURAL_KEY"}}),
        gateway_proof_secret="actonce/proof",
        gateway_arns=json.dumps([FOREIGN]),
    )


def planned(data: Path, ministack: str, orchestrator: str, *, name: str | None = None, **variables: str) -> Plan:
    file = data / f"plan-{name or orchestrator}"
    terraform.run(
        terraform.MODULE,
        "plan",
        "-input=false",
        "-lock=false",
        "-no-color",
        f"-out={file}",
        f"-var=orchestrator={orchestrator}",
        f"-var=connectors={json.dumps(CONNECTORS)}",
        "-var=package_path=versions.tf",
        *(f"-var={key}={value}" for key, value in variables.items()),
        data=data,
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_REGION=REGION,
        AWS_ENDPOINT_URL_SFN=ministack,
        AWS_ENDPOINT_URL_STS=ministack,
    )
    return Plan(json.loads(terraform.run(terraform.MODULE, "show", "-json", str(file), data=data)))
