"""The operators' API: nothing of anybody is told without a verified token, and nobody gives himself a role."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from entrypoints import claim_names
from entrypoints.api.admission import Need
from entrypoints.api.routes import table
from tests.infra.planned import Plan, Values

OPEN = {
    "GET /",
    "GET /console",
    "GET /console/{file+}",
    "GET /console/sign-in.json",
    "GET /health",
    "GET /openapi.json",
}
AUTHORIZER = "aws_apigatewayv2_authorizer.tokens[0]"
POOL, CLIENT = "aws_cognito_user_pool.operators[0]", "aws_cognito_user_pool_client.api[0]"
OURS = {claim_names.TENANT, claim_names.ACCOUNTS, claim_names.ROLE}
LOGGED = {
    "authorizer.claims.sub",
    "httpMethod",
    "identity.sourceIp",
    "integration.status",
    "integrationLatency",
    "requestId",
    "requestTime",
    "responseLatency",
    "responseLength",
    "routeKey",
    "status",
}


def the_one(plan: Plan, kind: str) -> Values:
    (values,) = plan.of_type(kind).values()
    return values


def routes(plan: Plan) -> Mapping[str, Values]:
    return {it["route_key"]: it for it in plan.of_type("aws_apigatewayv2_route").values()}


def test_these_routes_are_open_and_every_other_is_behind_the_authorizer(either: Plan) -> None:
    asked = {key: it["authorization_type"] for key, it in routes(either).items()}

    assert {key for key, kind in asked.items() if kind != "JWT"} == OPEN
    assert asked["$default"] == "JWT"
    assert AUTHORIZER in either.references("aws_apigatewayv2_route.guarded", "authorizer_id")


def test_the_gateway_lets_through_without_a_token_what_the_api_needs_none_for() -> None:
    # Only the table is read; no route of it is called.
    open_there = {
        f"{it.method} {it.rule}".replace("<file>", "{file+}")
        for it in table(Anything(), Anything(), Anything())  # type: ignore[arg-type]
        if it.need is Need.NOTHING
    }

    assert open_there == OPEN


class Anything:
    """Has every method."""

    def __getattr__(self, name: str) -> str:
        return name


def test_a_token_is_verified_by_its_issuer_and_for_its_audience(plan: Plan) -> None:
    authorizer = plan.of_type("aws_apigatewayv2_authorizer")[AUTHORIZER]
    configured = plan.references("aws_apigatewayv2_authorizer.tokens", "jwt_configuration", "issuer")

    assert authorizer["authorizer_type"] == "JWT"
    assert authorizer["identity_sources"] == ["$request.header.Authorization"]
    assert f"{POOL}.endpoint" in configured
    assert f"{CLIENT}.id" in plan.references("aws_apigatewayv2_authorizer.tokens", "jwt_configuration", "audience")


def test_requests_are_throttled_and_written_down(either: Plan) -> None:
    stage = the_one(either, "aws_apigatewayv2_stage")
    (settings,) = stage["default_route_settings"]

    assert (stage["name"], stage["auto_deploy"]) == ("$default", True)
    assert (settings["throttling_rate_limit"], settings["throttling_burst_limit"]) == (50, 100)
    assert "aws_cloudwatch_log_group.api_access[0].arn" in either.references(
        "aws_apigatewayv2_stage.api", "access_log_settings", "destination_arn"
    )


def test_what_is_written_down_is_json_without_token_path_and_query(plan: Plan) -> None:
    (log,) = the_one(plan, "aws_apigatewayv2_stage")["access_log_settings"]
    line = json.loads(log["format"])
    variables = {name for value in line.values() for name in re.findall(r"\$context\.([A-Za-z.]+)", value)}

    assert variables == LOGGED
    assert all(re.fullmatch(r"\$context\.[A-Za-z.]+", it) for it in line.values())


def test_the_function_is_asked_by_this_api_alone_and_in_the_format_that_it_reads(either: Plan) -> None:
    integration = the_one(either, "aws_apigatewayv2_integration")
    permission = either.of_type("aws_lambda_permission")["aws_lambda_permission.api[0]"]

    assert (integration["integration_type"], integration["payload_format_version"]) == ("AWS_PROXY", "2.0")
    assert integration["timeout_milliseconds"] >= 1_000 * either.functions()["api"]["timeout"]
    assert permission["principal"] == "apigateway.amazonaws.com"
    assert "aws_apigatewayv2_api.this[0].execution_arn" in either.references("aws_lambda_permission.api", "source_arn")


def test_a_person_of_the_pool_cannot_write_what_decides_what_he_may(plan: Plan) -> None:
    pool, client = plan.of_type("aws_cognito_user_pool")[POOL], plan.of_type("aws_cognito_user_pool_client")[CLIENT]

    assert {f"custom:{it['name']}": it["attribute_data_type"] for it in pool["schema"]} == dict.fromkeys(OURS, "String")
    assert client["read_attributes"] is not None
    assert set(client["read_attributes"]) >= OURS
    assert client["write_attributes"] == ["name"]


def test_nobody_lets_himself_into_the_pool_and_nobody_lightly(plan: Plan) -> None:
    pool = plan.of_type("aws_cognito_user_pool")[POOL]
    (password,) = pool["password_policy"]

    assert pool["admin_create_user_config"][0]["allow_admin_create_user_only"] is True
    assert pool["mfa_configuration"] == "ON"
    assert pool["software_token_mfa_configuration"][0]["enabled"] is True
    assert pool["deletion_protection"] == "ACTIVE"
    assert password["minimum_length"] >= 12
    assert all(password[f"require_{it}"] for it in ("lowercase", "uppercase", "numbers", "symbols"))


def test_the_client_has_no_secret_no_implicit_flow_and_tokens_of_an_hour(plan: Plan) -> None:
    client = plan.of_type("aws_cognito_user_pool_client")[CLIENT]

    assert client["generate_secret"] is False
    # Which flow it is where there is one, the module's own tests/api.tftest.hcl says.
    assert client["allowed_oauth_flows_user_pool_client"] is False
    assert set(client["explicit_auth_flows"]) == {"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
    assert (client["id_token_validity"], client["token_validity_units"][0]["id_token"]) == (1, "hours")
    assert client["enable_token_revocation"] is True
    assert client["prevent_user_existence_errors"] == "ENABLED"
