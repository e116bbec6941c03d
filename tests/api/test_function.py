"""The Lambda function around the API: what it counts and logs, and what it keeps to itself."""

from __future__ import annotations

import json

import pytest

from entrypoints.api.function import Function
from entrypoints.meters import Meters
from entrypoints.remaining import Remaining
from tests.api.callers import OPERATOR
from tests.api.stand import Stand
from tests.integration.function_site import Context, Lines, metrics
from tests.integration.function_site import lines as lines  # noqa: PLC0414 - a fixture

BODY = {"reason": "s3cret words of the operator"}


def asked(stand: Stand, lines: Lines, method: str, path: str, **more: str) -> list[dict[str, object]]:
    """What is logged of a request."""
    function = lines.logger.inject_lambda_context(Function(stand.api, Meters("actonce", "actonce"), Remaining()))
    function(stand.event(method, path, OPERATOR, body=BODY, **more), Context())
    return [json.loads(line) for line in lines.text().splitlines()]


def test_a_request_is_a_line_with_route_and_status_and_is_counted(
    shared: Stand, lines: Lines, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = asked(shared, lines, "GET", "/executions/doubt-acme-emea/status", query="account_id=emea")
    assert (line["message"], line["route"], line["http_status"]) == (
        "answered",
        "GET /executions/<action_intent_id>/status",
        200,
    )
    assert line["function_request_id"] == "request-1"
    assert metrics(capsys.readouterr().out)["Answers", "2xx"] == [1]


def test_neither_body_nor_claims_nor_parameters_are_in_the_log(shared: Stand, lines: Lines) -> None:
    query = "account_id=emea&dry_run=true"
    asked(shared, lines, "POST", "/executions/doubt-acme-emea/retry", query=query)
    asked(shared, lines, "POST", "/executions/none/retry", query="account_id=emea&x=y")
    assert all(it not in lines.text() for it in ("s3cret", "ada", "emea", "acme", "custom:"))


def test_a_path_that_is_nowhere_is_not_told_by_its_name(shared: Stand, lines: Lines) -> None:
    (line,) = asked(shared, lines, "GET", "/executions/secret-of-somebody/nowhere")
    assert ("route" in line, line["http_status"]) == (False, 404)
    assert "secret-of-somebody" not in lines.text()


def test_a_fault_is_logged_by_its_class_without_its_text(shared: Stand, lines: Lines) -> None:
    event = shared.event("GET", "/counts", OPERATOR)
    event["requestContext"]["http"] = {"method": "GET", "path": "/counts"}
    event["queryStringParameters"] = {"s3cret": object()}
    event["rawQueryString"] = 5
    function = lines.logger.inject_lambda_context(Function(shared.api, Meters("actonce", "actonce"), Remaining()))
    answer = function(event, Context())
    assert (answer["statusCode"], answer["body"]) == (500, '{"error": "Internal server error"}')
    fault = json.loads(lines.text().splitlines()[0])
    assert (fault["message"], fault["level"], fault["doing"]) == ("unforeseen", "ERROR", "api")
    assert "error" in fault
    assert "s3cret" not in lines.text()
