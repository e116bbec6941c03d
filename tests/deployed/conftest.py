"""An installation of each mode for all tests here: applied once, and destroyed in the end."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from examples.mcp_server.probe import Probe, running
from tests.architecture.sources import ROOT
from tests.deployed import enforcing, lenient
from tests.deployed.deployment import PAGING_SECRET, TOKEN_SECRET, Deployment, deployed
from tests.deployed.doomed import Doomed, in_each
from tests.deployed.enforcing import Credentials, Emulator
from tests.deployed.issuer import Issuer, issuing
from tests.deployed.machine import Machine
from tests.deployed.modes import MODES, Mode
from tests.deployed.site import Site
from tests.emulators.chosen import SERVERS, chosen
from tests.emulators.server import need
from tests.infra import terraform

# An opaque tool among them: nothing tells whether a letter left.
MORE_TYPES = ROOT / "examples" / "registry"
EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
SERVING = {"ministack": enforcing.serve, "localstack": lenient.serve}
REPORT = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell in the end what was applied, how long it took and what was counted."""
    if lines := config.stash.get(REPORT, []):
        terminalreporter.section("deployed")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def issuer() -> Iterator[Issuer]:
    """Whose tokens the API takes."""
    with issuing() as issuer:
        yield issuer


@pytest.fixture(scope="session")
def installed(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, issuer: Issuer
) -> Iterator[Mapping[str, Site]]:
    """Bring up everything; nothing that a test does here is undone, so each has a tenant of its own."""
    name = chosen()
    need(terraform.missing() or SERVERS[name].missing())
    folder = tmp_path_factory.mktemp("deployed")
    report = request.config.stash.setdefault(REPORT, [])
    with running(folder / "writes.jsonl") as probe, SERVING[name]() as emulator:
        admin = user(emulator, "admin", EVERYTHING)
        for secret in (TOKEN_SECRET, PAGING_SECRET):
            emulator.client("secretsmanager").create_secret(Name=secret, SecretString=secrets.token_hex(32))
        with deployed(emulator, admin, f"http://127.0.0.1:{probe.port}/mcp", issuer.address, folder) as deployment:
            enforced = "enforced" if emulator.is_enforcing else "not enforced"
            report.append(f"{deployment.resources()} resources applied to {name}, IAM {enforced}")
            broken: list[range] = []
            yield {name: opened(deployment, mode, probe, report, broken) for name, mode in MODES.items()}
        report.append(", ".join(f"{step} {seconds:.0f} s" for step, seconds in deployment.seconds.items()))


@pytest.fixture(params=sorted(MODES))
def site(installed: Mapping[str, Site], request: pytest.FixtureRequest) -> Site:
    """Each installation in turn, for what means the same in each mode."""
    return installed[request.param]


@pytest.fixture
def direct(installed: Mapping[str, Site]) -> Site:
    return installed["direct"]


@pytest.fixture(scope="session")
def steps(installed: Mapping[str, Site]) -> Site:
    """The state machine's, each of whose steps has a process: what is looked at in histories is not how one starts."""
    site = installed["steps"]
    for function, name in site.outputs["function_names"].items():
        if function.startswith("step-"):
            answer = site.emulator.client("lambda").invoke(FunctionName=name, Payload=b"{}")
            assert json.load(answer["Payload"])["errorType"] == "InvalidEventError"
    return site


@pytest.fixture(scope="session")
def doomed(installed: Mapping[str, Site]) -> Doomed:
    """What was killed is settled when visibility or leases end; whoever asks early for it need not wait for that."""
    return in_each(installed)


@pytest.fixture(scope="session")
def machine(steps: Site) -> Machine:
    return Machine(steps)


def opened(deployment: Deployment, mode: Mode, probe: Probe, report: list[str], broken: list[range]) -> Site:
    """Give a publisher and an operator just the rights that the module words for them, and subscribe to signals."""
    emulator, outputs = deployment.emulator, deployment.outputs(mode.name)
    publisher = user(emulator, mode.publisher, outputs["publisher_policy"])
    operator = user(emulator, mode.operator, outputs["operator_policy"])
    signals_url = subscribed(emulator, mode, outputs)
    site = Site(deployment, mode, probe, publisher, operator, signals_url, report, broken)
    site.actonce("registry", "apply", "--registry", str(MORE_TYPES))
    return site


def user(emulator: Emulator, name: str, policy: str) -> Credentials:
    iam = emulator.client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def subscribed(emulator: Emulator, mode: Mode, outputs: Mapping[str, Any]) -> str:
    """Return the URL of a queue that every signal goes to, as a reader downstream would make it."""
    sqs, events = emulator.client("sqs"), emulator.client("events")
    url: str = sqs.create_queue(QueueName=f"{mode.name}-signals")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    pattern = {"source": [outputs["event_source"]], "detail-type": outputs["signal_detail_types"]}
    place = {"Rule": "signals", "EventBusName": outputs["bus_name"]}
    events.put_rule(Name="signals", EventBusName=outputs["bus_name"], EventPattern=json.dumps(pattern))
    events.put_targets(**place, Targets=[{"Id": "signals", "Arn": arn}])
    return url
