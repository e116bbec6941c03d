"""What Terraform tells the functions is what they understand: handlers, environment, connectors, event source."""

from __future__ import annotations

import json
import re
from importlib import import_module
from importlib.util import find_spec
from typing import get_args

from core.domain.signal import SignalType
from entrypoints.settings.auth import Auth, SecretRef
from entrypoints.settings.connectors import ConnectorSettings
from entrypoints.settings.egress import HOST
from entrypoints.settings.loading import CONNECTORS, EGRESS_HOSTS, GATEWAY_TARGET, LOG_FIELDS, load
from entrypoints.settings.variables import ENVIRONMENT
from ports.wire.event import DEFAULT_SOURCE
from scripts.package.checking import handlers_of_terraform
from tests.infra.planned import Plan
from tests.infra.terraform import MODULE

EXAMPLE = MODULE / "tests" / "connectors.json"


def test_a_handler_is_a_function_in_a_module_of_ours(either: Plan) -> None:
    for name, values in either.functions().items():
        module, _, attribute = values["handler"].rpartition(".")

        assert find_spec(module) is not None, name
        assert callable(getattr(import_module(module), attribute)), name


def test_the_packaging_sees_every_handler_and_checks_that_it_imports(either: Plan) -> None:
    assert {it["handler"] for it in either.functions().values()} <= set(handlers_of_terraform())


def test_a_function_runs_on_arm_and_the_newest_python_that_the_provider_knows(either: Plan) -> None:
    for name, values in either.functions().items():
        assert (values["runtime"], values["architectures"]) == ("python3.13", ["arm64"]), name


def test_the_settings_know_every_variable_that_terraform_sets() -> None:
    source = "".join(
        (MODULE / name).read_text(encoding="utf-8")
        for name in ("api.tf", "functions.tf", "gateway_targets.tf", "outputs.tf")
    )
    told = set(re.findall(r"\bACTONCE_[A-Z_]+", source))

    assert len(told) >= 10
    assert told <= ENVIRONMENT.keys() | {CONNECTORS, EGRESS_HOSTS, GATEWAY_TARGET, LOG_FIELDS}


def test_the_settings_read_connectors_as_terraform_tells_them() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")

    settings = load(environment={"ACTONCE_TARGET": "aws", CONNECTORS: json.dumps(json.loads(text))})

    told = {name: one.model_dump(exclude_unset=True) for name, one in settings.connectors.items()}
    assert json.loads(json.dumps(told)) == json.loads(text)


def test_the_settings_read_a_sign_in_as_the_modules_own_tests_say_that_terraform_tells_it() -> None:
    text = (MODULE / "tests" / "api.tftest.hcl").read_text(encoding="utf-8")
    told = re.findall(r'(ACTONCE_API_SIGN_IN_[A-Z_]+) += "([^"]+)"', text)
    of_the_pool, of_an_issuer = dict(told[:4]), dict(told[4:])

    for environment in (of_the_pool, of_an_issuer):
        assert len(environment) == 4
        found = load(environment={"ACTONCE_TARGET": "aws", **environment}).api.sign_in
        assert found is not None
        assert sorted(environment.values()) == sorted(
            (found.authorize_url, found.token_url, found.client_id, found.scopes)
        )
    assert told[1][1].startswith("https://acme-actonce.auth.eu-west-1.amazoncognito.com/")


def test_terraform_takes_every_kind_of_connector_and_grants_every_secret_that_one_may_name() -> None:
    variables = (MODULE / "variables.tf").read_text(encoding="utf-8")
    gateway = (MODULE / "variables_gateway.tf").read_text(encoding="utf-8")
    names = (MODULE / "names.tf").read_text(encoding="utf-8")
    kinds = {kind for one in get_args(ConnectorSettings) for kind in get_args(one.model_fields["kind"].annotation)}
    secrets = {
        name
        for one in get_args(get_args(Auth)[0])
        for name, field in one.model_fields.items()
        if field.annotation is SecretRef
    }

    (taken,) = re.findall(r"contains\((\[[^]]*\]), try\(it\.kind", variables)
    (taken_by_target,) = re.findall(r"contains\((\[[^]]*\]), try\(it\.kind", gateway)
    (granted,) = re.findall(r"secret_names\s+= (\[[^]]*\])", names)
    assert set(json.loads(taken)) == set(json.loads(taken_by_target)) == kinds
    assert set(json.loads(granted)) == secrets


def test_terraform_takes_the_hosts_that_the_settings_take() -> None:
    variables = (MODULE / "variables.tf").read_text(encoding="utf-8")
    (taken,) = re.findall(r'in var\.egress_hosts : can\(regex\("([^"]+)"', variables)

    assert taken.replace("\\\\", "\\") == HOST


def test_events_come_in_and_go_out_under_the_names_that_the_system_knows(plan: Plan) -> None:
    outputs = plan.document["planned_values"]["outputs"]

    assert outputs["event_source"]["value"] == DEFAULT_SOURCE
    assert sorted(outputs["signal_detail_types"]["value"]) == sorted(it.value for it in SignalType)


def test_the_registry_of_schemas_has_every_event(plan: Plan) -> None:
    names = {it["name"] for it in plan.of_type("aws_schemas_schema").values()}

    assert names == {f"{DEFAULT_SOURCE}@{it}" for it in ("ACTION_APPROVED", *(it.value for it in SignalType))}


def test_the_command_line_is_told_what_holds_for_an_unknown_tenant_as_the_functions_are() -> None:
    texts = [(MODULE / name).read_text(encoding="utf-8") for name in ("functions.tf", "outputs.tf")]

    assert all(re.search(r"ACTONCE_UNKNOWN_TENANTS\s+= var\.unknown_tenants", text) for text in texts)
