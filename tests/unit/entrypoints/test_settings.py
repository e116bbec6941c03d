from __future__ import annotations

from pathlib import Path

import pytest

from core.domain.errors import ConfigurationError
from core.domain.timing import Timing
from entrypoints.settings.loading import Overrides, Settings, load
from entrypoints.settings.mcp import McpSettings
from entrypoints.settings.tables import is_loopback

CONNECTOR = '[connectors.crm]\nkind = "mcp"\nurl = "https://crm.example.test/mcp"\ntools = ["crm."]\n'


def loaded(folder: Path, text: str, **environment: str) -> Settings:
    file = folder / "actonce.toml"
    file.write_text(text, encoding="utf-8")
    return load(Overrides(config=file), environment)


def fault_of(folder: Path, text: str, **environment: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        loaded(folder, text, **environment)
    assert "\n" not in refused.value.message
    return refused.value.message.removeprefix(f"{folder / 'actonce.toml'}: ")


def test_without_a_file_everything_has_a_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(environment={})
    assert (settings.source, settings.timing, settings.run.workers) == ("defaults", Timing(), 8)
    assert settings.paths.database == Path("actonce.db")
    assert settings.tenants.are_unknown_enabled is False


def test_the_file_in_the_working_folder_is_read_when_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "actonce.toml").write_text("[run]\nworkers = 3\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert load(environment={}).run.workers == 3


def test_paths_start_at_the_file_and_options_where_they_are_given(tmp_path: Path) -> None:
    settings = loaded(tmp_path, '[paths]\ndatabase = "a.db"\nregistry = ["mine", "/else"]\n')
    assert settings.paths.database == tmp_path / "a.db"
    assert settings.paths.registry == (tmp_path / "mine", Path("/else"))
    assert settings.paths.signals == tmp_path / "signals.jsonl"
    overrides = Overrides(tmp_path / "actonce.toml", Path("b.db"), (Path("other"),))
    assert load(overrides, {}).paths.database == Path("b.db")
    assert load(overrides, {}).paths.registry == (Path("other"),)


def test_the_environment_stands_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    text = '[paths]\ndatabase = "a.db"\n[run]\nworkers = 3\n[defaults]\ntenant = "one"\n'
    settings = loaded(
        tmp_path,
        text,
        ACTONCE_DB="here.db",
        ACTONCE_WORKERS="5",
        ACTONCE_TENANT="two",
        ACTONCE_UNKNOWN_TENANTS="enabled",
    )
    assert settings.paths.database == Path("/here.db")
    assert (settings.run.workers, settings.defaults.tenant) == (5, "two")
    assert settings.tenants.are_unknown_enabled is True


def test_a_named_file_that_is_missing_is_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such file"):
        load(Overrides(config=tmp_path / "no.toml"), {})
    with pytest.raises(ConfigurationError, match="no such file"):
        load(environment={"ACTONCE_CONFIG": str(tmp_path / "no.toml")})


def test_every_field_of_timing_may_be_set_and_no_other(tmp_path: Path) -> None:
    assert loaded(tmp_path, "[timing]\nlease_ms = 7\nmax_skew_ms = 0\n").timing == Timing(lease_ms=7, max_skew_ms=0)
    assert fault_of(tmp_path, "[timing]\nlease = 7\n").startswith("timing.lease: no such key; the keys are ")
    assert fault_of(tmp_path, "[timing]\nlease_ms = 0\n") == "timing.lease_ms: must not be 0"
    assert fault_of(tmp_path, '[timing]\nlease_ms = "7"\n').startswith("timing.lease_ms: ")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[run]\nworkers = 0\n", "run.workers: "),
        ("[run]\nworkerz = 1\n", "run.workerz: "),
        ("[rum]\n", "rum: "),
        ('[tenants]\nunknown = "open"\n', "tenants.unknown: "),
        ("paths = 3\n", "paths: "),
        ("[run\n", ""),
        ('[connectors.crm]\nkind = "soap"\n', "connectors.crm: "),
        ('[connectors.mcp]\nkind = "mcp"\nurl = "https://x.test"\ntools = []\n', "connectors.mcp.tools: "),
        ('[connectors.crm]\nkind = "mcp"\ntools = ["crm."]\n', "connectors.crm.url: "),
        (CONNECTOR.replace("https://", "ftp://"), "connectors.crm.url: must be"),
        (CONNECTOR.replace("https://", "https://me:secret@"), "connectors.crm.url: must be"),
        (CONNECTOR + 'token_env = "A"\ntoken_secret = "a"\n', "connectors.crm: token_env and token_secret exclude"),
        ('target = "azure"\n', "target: "),
        ("aws = 3\n", "aws: "),
        ('[aws]\nqueue = "q"\n', "aws.queue: "),
        ('[aws]\ntable_prefix = "a b"\n', "aws.table_prefix: "),
        ('[aws]\nqueue_url = "work"\n', "aws.queue_url: must be an https address"),
        ('[aws]\nendpoint_url = "http://emulator.test:4566"\n', "aws.endpoint_url: must be https"),
        ('[aws]\nendpoint_url = "https://me:secret@emulator.test"\n', "aws.endpoint_url: must be"),
        ('[aws]\nendpoint_url = "http://127.0.0.1:99999"\n', "aws.endpoint_url: must be"),
        (CONNECTOR + 'token = "s3cret"\n', "connectors.crm.token: a secret has no place in the file"),
    ],
)
def test_a_fault_is_one_line_that_names_the_key_and_shows_no_secret(tmp_path: Path, text: str, fault: str) -> None:
    message = fault_of(tmp_path, text)
    assert message.startswith(fault)
    assert "s3cret" not in message
    assert "secret@" not in message


def test_a_token_comes_from_the_environment_and_is_never_shown(tmp_path: Path) -> None:
    settings = loaded(tmp_path, CONNECTOR + 'token_env = "CRM_TOKEN"\n', CRM_TOKEN="s3cret-s3cret")
    connector = settings.connectors["crm"]
    assert isinstance(connector, McpSettings)
    assert connector.token is not None
    assert connector.token.get_secret_value() == "s3cret-s3cret"
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "is_fine"),
    [("http://crm.example.test", False), ("http://127.0.0.1:8000", True), ("http://localhost", True)],
)
def test_a_token_never_travels_in_the_clear_to_another_machine(tmp_path: Path, url: str, is_fine: bool) -> None:
    for named in ('token_env = "CRM_TOKEN"\n', 'token_secret = "crm"\n'):
        text = CONNECTOR.replace("https://crm.example.test/mcp", url) + named
        if is_fine:
            assert loaded(tmp_path, text).connectors
        else:
            assert "https only" in fault_of(tmp_path, text)


def test_a_command_may_change_what_it_has_options_for(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "[run]\nworkers = 3\n")
    assert settings.with_run(workers=4).run.workers == 4
    assert settings.with_run(max_wait_s=0.5).run.workers == 3
    assert settings.with_registry([]) is settings
    assert settings.with_registry([tmp_path]).paths.registry == (tmp_path,)
    with pytest.raises(ConfigurationError, match=r"run\.workers"):
        settings.with_run(workers=0)


@pytest.mark.parametrize(
    ("host", "is_own"),
    [("127.0.0.9", True), ("::1", True), ("localhost", True), ("10.0.0.1", False), ("a.test", False)],
)
def test_this_machine_is_known_by_its_loopback_addresses(host: str, is_own: bool) -> None:
    assert is_loopback(host) is is_own


def test_the_target_is_embedded_until_file_environment_or_option_say_otherwise(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").is_aws is False
    assert loaded(tmp_path, 'target = "aws"\n').is_aws is True
    assert loaded(tmp_path, 'target = "aws"\n', ACTONCE_TARGET="embedded").is_aws is False
    overrides = Overrides(config=tmp_path / "actonce.toml", target="aws")
    assert load(overrides, {"ACTONCE_TARGET": "embedded"}).is_aws is True


def test_every_key_of_aws_has_its_variable_and_an_empty_one_says_nothing(tmp_path: Path) -> None:
    given = {
        "profile": "ops",
        "region": "eu-central-1",
        "endpoint_url": "http://localhost:4566",
        "table_prefix": "mine-",
        "queue_url": "https://sqs.test/1/work",
        "dead_letter_queue_url": "https://sqs.test/1/dead",
        "bus_name": "bus",
        "artifacts_bucket": "bucket",
        "paging_secret": "paging",
        "heads_bucket": "heads",
        "heads_key": "alias/heads",
        "archive": "approved-actions",
        "state_machine_arn": "arn:aws:states:eu-central-1:123456789012:stateMachine:actonce-execution",
    }
    variables = {f"ACTONCE_AWS_{name.upper()}": value for name, value in given.items()}
    assert loaded(tmp_path, '[aws]\nregion = "us-east-1"\n', **variables).aws.model_dump() == given
    assert loaded(tmp_path, '[aws]\nbus_name = "bus"\n', ACTONCE_AWS_BUS_NAME="").aws.bus_name == "bus"
    assert loaded(tmp_path, "").aws.table_prefix == "actonce-"


def test_options_outrank_the_environment_and_are_checked_like_it(tmp_path: Path) -> None:
    file = tmp_path / "actonce.toml"
    file.write_text("", encoding="utf-8")
    environment = {"ACTONCE_AWS_PROFILE": "one", "ACTONCE_AWS_REGION": "us-east-1"}
    aws = load(Overrides(config=file, profile="two", region="eu-west-1"), environment).aws
    assert (aws.profile, aws.region) == ("two", "eu-west-1")
    with pytest.raises(ConfigurationError, match="must be https"):
        load(Overrides(config=file, endpoint_url="http://emulator.test"), {})


def test_what_is_missing_under_aws_is_missed_only_there_and_named_all_at_once(tmp_path: Path) -> None:
    embedded, aws = loaded(tmp_path, ""), loaded(tmp_path, 'target = "aws"\n[aws]\nbus_name = "bus"\n')
    embedded.require("queue_url", "bus_name")
    aws.require("bus_name")
    with pytest.raises(ConfigurationError, match=r"queue_url, paging_secret under .*, ACTONCE_AWS_PAGING_SECRET in"):
        aws.require("queue_url", "bus_name", "paging_secret")


def test_a_worker_sweeps_less_often_on_aws_unless_it_is_told(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").run.sweep_every_s == 2.0
    assert loaded(tmp_path, 'target = "aws"\n').run.sweep_every_s == 30.0
    assert loaded(tmp_path, 'target = "aws"\n[run]\nsweep_every_s = 2.0\n').run.sweep_every_s == 2.0
    assert loaded(tmp_path, 'target = "aws"\n').with_run(workers=3).run.sweep_every_s == 30.0


TABLES_OF_CONNECTORS = '{"crm": {"kind": "mcp", "url": "https://crm.example.test/mcp", "tools": ["crm."]}}'


def test_connectors_of_the_environment_stand_in_place_of_those_of_the_file(tmp_path: Path) -> None:
    file = CONNECTOR.replace("connectors.crm", "connectors.other")
    settings = loaded(tmp_path, file, ACTONCE_CONNECTORS=TABLES_OF_CONNECTORS)
    assert settings.connectors == {
        "crm": McpSettings(kind="mcp", url="https://crm.example.test/mcp", tools=("crm.",)),
    }
    assert set(loaded(tmp_path, file, ACTONCE_CONNECTORS="").connectors) == {"other"}
    assert loaded(tmp_path, file, ACTONCE_CONNECTORS="{}").connectors == {}


def test_a_token_of_a_connector_of_the_environment_is_found_in_its_variable(tmp_path: Path) -> None:
    text = TABLES_OF_CONNECTORS.replace('"kind"', '"token_env": "CRM_TOKEN", "kind"')
    one = loaded(tmp_path, "", ACTONCE_CONNECTORS=text, CRM_TOKEN="s3cret").connectors["crm"]
    assert isinstance(one, McpSettings)
    assert one.token is not None
    assert one.token.get_secret_value() == "s3cret"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "ACTONCE_CONNECTORS: connectors"),
        ("{", "ACTONCE_CONNECTORS: must be a JSON object"),
        ("[" * 10_000, "ACTONCE_CONNECTORS: must be a JSON object"),
        (" " * 16_385, "ACTONCE_CONNECTORS: must not be over 16384 characters"),
        ('{"crm": {"kind": "soap"}}', "ACTONCE_CONNECTORS: connectors.crm"),
        (TABLES_OF_CONNECTORS.replace("https", "ftp"), "ACTONCE_CONNECTORS: connectors.crm.url: must be an http"),
        (
            TABLES_OF_CONNECTORS.replace('"kind"', '"token": "s3cret", "kind"'),
            "ACTONCE_CONNECTORS: connectors.crm.token",
        ),
    ],
)
def test_connectors_of_the_environment_are_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    fault = fault_of(tmp_path, "", ACTONCE_CONNECTORS=text)
    assert fault.startswith(said)
    assert "s3cret" not in fault


def test_the_fields_that_may_be_logged_are_none_unless_they_are_named(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").logs.fields == ()
    assert loaded(tmp_path, '[logs]\nfields = ["stage"]\n').logs.fields == ("stage",)
    assert loaded(tmp_path, "", ACTONCE_LOG_FIELDS="title, stage").logs.fields == ("title", "stage")


@pytest.mark.parametrize("names", ["api_token", "Password", "a b", ",", ",".join(f"n{it}" for it in range(33))])
def test_a_field_that_speaks_of_a_secret_or_is_no_name_is_refused(tmp_path: Path, names: str) -> None:
    assert fault_of(tmp_path, "", ACTONCE_LOG_FIELDS=names).startswith("logs.fields")


def test_the_source_of_events_comes_from_the_environment_where_there_is_no_file(tmp_path: Path) -> None:
    assert loaded(tmp_path, "").events.source == "cc-native"
    assert loaded(tmp_path, "", ACTONCE_EVENTS_SOURCE="upstream").events.source == "upstream"


def test_hosts_are_listed_in_the_file_or_by_the_environment_which_outranks_it(tmp_path: Path) -> None:
    text = '[egress]\nhosts = ["a.example", "*.b.example"]\n'
    assert loaded(tmp_path, text).egress.hosts == ("a.example", "*.b.example")
    assert loaded(tmp_path, text, ACTONCE_EGRESS_HOSTS="c.example, ::1").egress.hosts == ("c.example", "::1")


@pytest.mark.parametrize(
    "hosts", ["https://a.example", "a.*.example", "*", "a.example,,b.example", "*.", "a.example/x"]
)
def test_what_is_no_host_is_not_listed(tmp_path: Path, hosts: str) -> None:
    assert fault_of(tmp_path, "", ACTONCE_EGRESS_HOSTS=hosts).startswith("egress.hosts")


@pytest.mark.parametrize("key", ["max_concurrent", "max_look_ups", "breaker_failures", "breaker_open_s"])
@pytest.mark.parametrize("value", ["0", "-1", "1000000", '"many"'])
def test_a_guard_has_bounds_itself(tmp_path: Path, key: str, value: str) -> None:
    text = f'[connectors.crm]\nkind = "mcp"\nurl = "https://crm.example"\ntools = ["crm."]\n{key} = {value}\n'
    assert fault_of(tmp_path, text).startswith(f"connectors.crm.{key}")
