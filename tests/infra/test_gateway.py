"""Finding 25: the AgentCore gateway and its targets, by variable, through a CloudFormation stack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cfnlint.api import lint

from adapters.aws.tables import EFFECTS, OBJECTS
from core.domain.gateway_names import behind_gateway
from entrypoints.settings.loading import CONNECTORS, GATEWAY_TARGET, load
from scripts.gateway_tools import FOLDER, KINDS, files
from tests.infra.conftest import FOREIGN, REGION
from tests.infra.planned import Plan, granted, statements
from tests.infra.test_roles import ACCOUNT, PLACE, own_log, tables

STACK = "aws_cloudformation_stack.gateway[0]"
ROLE = "aws_iam_role.gateway[0]"
TARGET_ARN = f"arn:aws:lambda:{PLACE}:function:actonce-gateway-target"
WORDS = {"Type", "Properties", "Required", "Items", "Description"}
MOST_TEMPLATE = 51_200


def template(plan: Plan) -> dict[str, Any]:
    text = plan.of_type("aws_cloudformation_stack")[STACK]["template_body"]
    found: dict[str, Any] = json.loads(text)
    return found


def complaints(document: Mapping[str, Any]) -> list[str]:
    found = lint(json.dumps(document), regions=[REGION])
    return [f"{it.rule.id} {it.message}" for it in found]


def schemas(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield schema
    for below in schema.get("Properties", {}).values():
        yield from schemas(below)
    if "Items" in schema:
        yield from schemas(schema["Items"])


def test_finding_25_there_is_no_gateway_unless_one_is_asked_for(plan: Plan) -> None:
    assert "gateway-target" not in plan.functions()
    assert plan.of_type("aws_cloudformation_stack") == {}
    assert not any("gateway" in address.replace("aws_apigatewayv2_", "") for address in plan.resources())


def test_finding_25_the_template_passes_cfn_lint_and_is_short_enough(gateway: Plan) -> None:
    document = template(gateway)

    assert complaints(document) == []
    assert len(json.dumps(document)) < MOST_TEMPLATE


@pytest.mark.parametrize("missing", ["RoleArn", "AuthorizerType", "Name"])
def test_cfn_lint_knows_what_a_gateway_needs(gateway: Plan, missing: str) -> None:
    document = template(gateway)
    del document["Resources"]["Gateway"]["Properties"][missing]

    assert any(missing in it for it in complaints(document))


def test_finding_25_there_is_a_target_for_each_name_with_the_tools_of_its_file(gateway: Plan) -> None:
    resources = template(gateway)["Resources"]
    targets = {
        it["Properties"]["Name"]: it["Properties"] for name, it in resources.items() if name.startswith("Target")
    }

    assert resources["Gateway"]["Properties"]["AuthorizerType"] == "AWS_IAM"
    assert targets.keys() == {"internal", "crm", "calendar", "http"}
    for name, target in targets.items():
        function = target["TargetConfiguration"]["Mcp"]["Lambda"]
        assert function["LambdaArn"] == TARGET_ARN
        assert function["ToolSchema"]["InlinePayload"] == json.loads(files()[f"{name}.json"])
        assert target["CredentialProviderConfigurations"] == [{"CredentialProviderType": "GATEWAY_IAM_ROLE"}]
        for tool in function["ToolSchema"]["InlinePayload"]:
            assert behind_gateway(f"{name}___{tool['Name']}") == f"{name}.{tool['Name']}"


def test_finding_25_a_tools_schema_says_nothing_that_a_gateway_does_not_take() -> None:
    for file in sorted(FOLDER.glob("*.json")):
        tools = json.loads(file.read_text(encoding="utf-8"))
        assert len({it["Name"] for it in tools}) == len(tools) > 0
        for tool in tools:
            assert tool.keys() == {"Name", "Description", "InputSchema"}, file.name
            for schema in schemas(tool["InputSchema"]):
                assert schema.keys() <= WORDS, (file.name, tool["Name"], schema)
                assert schema["Type"] in KINDS
            whole = tool["InputSchema"]
            assert set(whole["Required"]) <= whole["Properties"].keys()
            assert {"actonce_proof", "idempotency_key", "tenant_id", "account_id"} <= set(whole["Required"])


def test_finding_23_the_target_may_keep_its_records_and_read_its_secrets_and_nothing_else(gateway: Plan) -> None:
    secrets = frozenset(f"arn:aws:secretsmanager:{PLACE}:secret:{it}-??????" for it in ("actonce/proof", "crm"))

    assert gateway.grants("gateway-target") == {
        "dynamodb:DeleteItem": tables(OBJECTS),
        "dynamodb:GetItem": tables(EFFECTS, OBJECTS),
        "dynamodb:PutItem": tables(EFFECTS, OBJECTS),
        **own_log("gateway-target"),
        "secretsmanager:GetSecretValue": secrets,
    }


def test_finding_23_the_gateway_may_invoke_the_target_of_this_account_and_only_gateways_take_its_role(
    gateway: Plan,
) -> None:
    (invoking,) = gateway.policies()["aws_iam_role_policy.gateway[0]"]
    (taking,) = statements(gateway.of_type("aws_iam_role")[ROLE]["assume_role_policy"])

    assert granted([invoking]) == {"lambda:InvokeFunction": frozenset({TARGET_ARN, f"{TARGET_ARN}:*"})}
    assert invoking.condition == {"StringEquals": {"aws:ResourceAccount": [ACCOUNT]}}
    assert taking.principal == {"Service": "bedrock-agentcore.amazonaws.com"}
    assert taking.condition["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    assert taking.condition["ArnLike"] == {"aws:SourceArn": f"arn:aws:bedrock-agentcore:{PLACE}:gateway/*"}


def test_finding_23_who_calls_tools_may_call_gateways_that_are_named_and_our_own(gateway: Plan, plan: Plan) -> None:
    for function in ("consumer", "sweeper"):
        assert gateway.grants(function)["bedrock-agentcore:InvokeGateway"] == {FOREIGN}
        assert "bedrock-agentcore:InvokeGateway" not in plan.grants(function)
    own = {
        address: values["name"]
        for address, values in gateway.of_type("aws_iam_role_policy").items()
        if "invoke_own_gateway" in address
    }
    assert own == {
        f'aws_iam_role_policy.invoke_own_gateway["{it}"]': "invoke-own-gateway" for it in ("consumer", "sweeper")
    }
    assert "bedrock-agentcore:InvokeGateway" not in gateway.grants("relay")


def test_the_target_understands_what_it_is_told(gateway: Plan) -> None:
    (environment,) = gateway.functions()["gateway-target"]["environment"]
    told = {name: value for name, value in environment["variables"].items() if name.startswith("ACTONCE_")}
    told[CONNECTORS] = "{}"

    target = load(environment=told).gateway_target

    assert GATEWAY_TARGET in told
    assert target is not None
    assert target.proof_secret.secret == "actonce/proof"
    assert target.terms["crm.create_task"].contract == "NATURAL_KEY"
    assert target.terms["internal.create_note"].contract == "CLIENT_ID"
