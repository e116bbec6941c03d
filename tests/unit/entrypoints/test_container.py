from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from dependency_injector import providers

from adapters.memory.clock import FakeClock
from adapters.memory.objects import MemoryInternalObjects
from adapters.memory.secrets import MemorySecrets
from core.domain.answer import Hold, NotSent
from core.domain.errors import ConfigurationError
from core.domain.timing import Timing
from entrypoints.container.aws import AwsContainer
from entrypoints.container.building import build, close
from entrypoints.container.connecting import connector_table
from entrypoints.container.embedded import EmbeddedContainer
from entrypoints.container.ports import Ports
from entrypoints.container.wiring import Container
from entrypoints.settings.loading import Overrides, Settings, load
from entrypoints.settings.mcp import McpSettings
from ports.connector import Connector
from tests.unit.connectors.peers import OpenGate, request_of

TOKEN = "s3cret-s3cret"
USE_CASES = ("execute", "sweep", "relay", "cancel", "retry", "resolve", "undo", "intake", "worker")
ASKED = (
    "clock",
    "ids",
    "executions",
    "intents",
    "registry",
    "kill_switches",
    "outbox",
    "queue",
    "wake_ups",
    "artifacts",
    "internal_objects",
    "signals",
    "orchestrator",
    "connectors",
)

LOOK = """
import sys
import entrypoints.cli.main
from pathlib import Path
from entrypoints.container.building import build, close
from entrypoints.settings.loading import Overrides, load
container = build(load(Overrides(database=Path("a.db"), target=sys.argv[1], region="eu-central-1"), {}))
container.executions()
container.kill_switches()
close(container)
print(*sys.modules)
"""


def modules_of(target: str, folder: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, target],
        cwd=folder,
        env={"PYTHONPATH": str(Path(__file__).resolve().parents[3])},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_embedded_mode_imports_nothing_of_aws(tmp_path: Path) -> None:
    modules = modules_of("embedded", tmp_path)
    assert "adapters.sqlite.database" in modules
    assert {"boto3", "botocore", "adapters.aws", "aws_lambda_powertools"} & modules == set()


def test_aws_imports_nothing_of_sqlite(tmp_path: Path) -> None:
    modules = modules_of("aws", tmp_path)
    assert "botocore" in modules
    assert {"sqlite3", "adapters.sqlite"} & modules == set()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("target", ["embedded", "aws"])
def test_nobody_pays_for_the_schemas_of_tools_who_does_not_check_them(target: str, tmp_path: Path) -> None:
    assert {"jsonschema", "referencing"} & modules_of(target, tmp_path) == set()


@pytest.mark.parametrize("mode", [EmbeddedContainer, AwsContainer])
def test_every_port_and_every_use_case_has_one_provider_and_none_is_left_open(mode: type[Container]) -> None:
    made = mode(load(Overrides(), {}))
    assert made.providers.keys() >= Ports.__annotations__.keys() | set(USE_CASES)
    reached = set(providers.traverse(*made.providers.values()))
    assert [it for it in reached if isinstance(it, providers.Dependency)] == []
    asked = set(providers.traverse(*(made.providers[name] for name in USE_CASES)))
    assert [name for name in ASKED if made.providers[name] not in asked] == []


@pytest.mark.parametrize(("run", "places"), [("", True), ("one_core = false", False), ("workers = 1", False)])
def test_threads_of_an_embedded_worker_share_a_core_where_there_are_several(
    run: str, places: bool, tmp_path: Path
) -> None:
    (tmp_path / "actonce.toml").write_text(f"[run]\n{run}\n", encoding="utf-8")
    container = build(load(Overrides(config=tmp_path / "actonce.toml"), {}))
    assert (container.placing() is not None) == places
    close(container)


def test_two_containers_share_nothing(tmp_path: Path) -> None:
    (tmp_path / "actonce.toml").write_text("", encoding="utf-8")
    settings = load(Overrides(config=tmp_path / "actonce.toml"), {})
    one, other = build(settings), build(settings)
    clock = FakeClock()
    one.clock.override(providers.Object(clock))
    assert one.clock() is clock
    assert other.clock() is not clock
    assert one.execute() is one.execute() is not other.execute()
    close(one)
    close(other)


def settings_of(**changes: object) -> McpSettings:
    return McpSettings.model_validate({"kind": "mcp", "url": "https://crm.test/mcp", "tools": ["crm."], **changes})


def table(settings: McpSettings, secrets: MemorySecrets | None) -> Connector:
    connectors = connector_table({"crm": settings}, MemoryInternalObjects(), FakeClock(), Timing(), secrets)
    connector = connectors.offering("crm.a", "t")
    assert connector is not None
    return connector


def test_a_token_is_read_from_the_secrets_when_a_call_needs_it_and_not_by_whoever_asks_what_is_offered() -> None:
    secrets = MemorySecrets({})
    connector = table(settings_of(token_secret="crm"), secrets)
    assert connector.call(request_of("crm.a"), OpenGate(), None) == NotSent(
        Hold.NOT_READY, "Nothing was sent: The secret crm is not there."
    )
    assert TOKEN not in repr(table(settings_of(token_secret="crm"), MemorySecrets({"crm": TOKEN})))


def test_a_token_that_can_never_be_there_is_said_by_the_connector_and_never_shown() -> None:
    with pytest.raises(ConfigurationError, match=r"connectors\.crm: token_secret is for the target aws"):
        table(settings_of(token_secret="crm"), None)
    with pytest.raises(ConfigurationError, match="the variable CRM_TOKEN is not set"):
        table(settings_of(token_env="CRM_TOKEN"), None)
    malformed = table(settings_of(token_secret="crm"), MemorySecrets({"crm": f"{TOKEN} {TOKEN}"}))
    answer = malformed.call(request_of("crm.a"), OpenGate(), None)
    assert isinstance(answer, NotSent)
    assert TOKEN not in answer.detail


def aws_settings(**environment: str) -> Settings:
    return load(Overrides(target="aws"), {"ACTONCE_AWS_REGION": "eu-central-1", **environment})


def test_only_the_aws_settings_that_are_needed_are_missed_and_all_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    close(build(aws_settings()))
    with pytest.raises(ConfigurationError) as missed:
        build(aws_settings(ACTONCE_AWS_BUS_NAME="bus"), needs=("queue_url", "bus_name", "artifacts_bucket"))
    assert missed.value.message == (
        "defaults: set queue_url, artifacts_bucket under [aws],"
        " or ACTONCE_AWS_QUEUE_URL, ACTONCE_AWS_ARTIFACTS_BUCKET in the environment."
    )
    container = build(aws_settings())
    with pytest.raises(ConfigurationError, match="ACTONCE_AWS_QUEUE_URL"):
        container.queue()
    close(container)


def test_an_unknown_profile_or_region_is_a_fault_of_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="profile"):
        build(aws_settings(ACTONCE_AWS_PROFILE="nobody"))
    container = build(load(Overrides(target="aws"), {}))
    with pytest.raises(ConfigurationError, match="region"):
        container.executions()
    close(container)
