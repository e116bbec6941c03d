"""What the reads tell, and what is wrong with a request told by the parameter's name."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from core.domain.errors import StoreUnavailableError
from core.domain.keys import IntentKey
from entrypoints.api.resolver import Api
from entrypoints.desk.viewing import Viewing
from entrypoints.version import VERSION
from ports.wire.status import status_document
from tests.api.asking import GUARDED, OF_ONE
from tests.api.callers import OPERATOR, READER, Claims
from tests.api.stand import Stand
from tests.contract.samples import NOW_MS, claimed, intent

AT = "account_id=emea"
BOTH: Claims = READER | {"custom:account_ids": '["emea", "apac"]'}


def test_the_status_is_the_document_that_the_command_line_shows(shared: Stand) -> None:
    token = shared.as_(READER)
    for name in ("doubt-acme-emea", "done-acme-emea", "pending-acme-emea"):
        key = IntentKey("acme", "emea", name)
        execution, stored = shared.container.executions().load(key), shared.container.intents().get(key)
        answer = shared.ask("GET", f"/executions/{name}/status", token=token, query=AT)
        assert answer.document == status_document(execution, stored, shared.container.clock().now_ms())
    assert (
        shared.ask("GET", "/executions/pending-acme-emea/status", token=token, query=AT).document["status"] == "PENDING"
    )


def test_a_timeline_has_the_verified_ledger_the_effects_and_what_can_be_done(shared: Stand) -> None:
    answer = shared.ask("GET", "/executions/doubt-acme-emea/timeline", token=shared.as_(READER), query=AT)
    told = answer.document
    (chain,) = told["chains"]
    assert (chain["verified"], chain["fault"]) == (True, None)
    assert [it["event"] for it in chain["entries"]] == ["EXECUTION_STARTED", "EFFECT_PREPARED", "EFFECT_IN_DOUBT"]
    (effect,) = told["effects"]
    assert (effect["kind"], effect["state"], effect["sends"][0]["answer"]) == ("action", "OPEN", "UNKNOWN")
    assert told["status"]["status"] == "IN_DOUBT"
    assert "actonce resolve doubt-acme-emea" in told["hints"][1]


def test_the_inbox_says_why_and_from_when_on_it_may_be_resolved(shared: Stand) -> None:
    (one,) = shared.ask("GET", "/in-doubt", token=shared.as_(READER)).document["executions"]
    assert (one["action_intent_id"], one["status"]) == ("doubt-acme-emea", "IN_DOUBT")
    assert "opaque" in one["parked"]
    assert one["can_resolve_at"] > "2023-11-14T22:13:20.000Z"


def test_counts_are_of_the_callers_accounts_by_status_and_by_hour(shared: Stand) -> None:
    told = shared.ask("GET", "/counts", token=shared.as_(BOTH)).document
    assert told["by_status"] == {"IN_DOUBT": 2, "SUCCEEDED": 2}
    assert [it["from"] for it in told["over_time"]] == ["2023-11-14T22:00:00.000Z", "2023-11-14T23:00:00.000Z"]
    assert [(it["IN_DOUBT"], it["SUCCEEDED"], it["FAILED"]) for it in told["over_time"]] == [(2, 0, 0), (0, 2, 0)]
    assert told["is_partial"] is False


def test_the_registry_tells_contract_and_compensation(shared: Stand) -> None:
    entries = shared.ask("GET", "/registry", token=shared.as_(READER)).document["entries"]
    (note,) = [it for it in entries if it["action_type"] == "CREATE_INTERNAL_NOTE"]
    assert (note["effect_contract"], note["compensation"]["mode"]) == ("CLIENT_ID", "AUTOMATIC")
    assert note["parameters"][0] == {
        "parameter": "content",
        "argument": "content",
        "required": True,
        "transform": "PASSTHROUGH",
    }


def pages(stand: Stand, path: str, query: str, token: str) -> list[list[str]]:
    found: list[list[str]] = []
    place = ""
    for _ in range(50):
        told = stand.ask("GET", path, token=token, query=f"{query}{place}").document
        found.append([it["action_intent_id"] for it in told["executions"]])
        if "next_token" not in told:
            return found
        place = f"&next_token={told['next_token']}"
    raise AssertionError("there is no end to it")


def listed(found: list[list[str]]) -> list[str]:
    return [name for page in found for name in page]


def test_pages_follow_each_other_newest_first_and_leave_other_accounts_out(stand: Stand) -> None:
    for number in range(7):
        for account in ("emea", "apac"):
            of = intent(IntentKey("acme", account, f"many-{account}-{number}"))
            stand.container.executions().commit(claimed(of, now_ms=NOW_MS + number))
    token = stand.as_(READER)
    whole = listed(pages(stand, "/accounts/emea/executions", "limit=2", token))
    assert whole == ["done-acme-emea", *(f"many-emea-{it}" for it in range(6, -1, -1)), "doubt-acme-emea"]
    assert listed(pages(stand, "/executions", "limit=2", token)) == whole
    assert listed(pages(stand, "/executions", "limit=1", token)) == whole
    assert listed(pages(stand, "/executions", "limit=3&status=RUNNING", token)) == whole[1:-1]
    assert listed(pages(stand, "/executions", "limit=3&account_id=emea", token)) == whole


def test_finding_19_a_place_tells_nothing_and_is_taken_by_its_own_listing_only(stand: Stand) -> None:
    for number in range(4):
        of = intent(IntentKey("acme", "apac", f"secret-{number}"))
        stand.container.executions().commit(claimed(of, now_ms=NOW_MS + number))
    token = stand.as_(READER)
    place = stand.ask("GET", "/executions", token=token, query="limit=1").document["next_token"]
    assert "apac" not in _decoded(place)
    refused = {"error": "next_token: was not given out for this listing"}
    stranger = stand.as_(OPERATOR | {"custom:tenant_id": "other"})
    for path, who, given in (
        ("/accounts/emea/executions", token, place),
        ("/executions", stranger, place),
        ("/executions", token, place[:-1] + ("A" if place[-1] != "A" else "B")),
        ("/executions", token, "AAAA"),
    ):
        answer = stand.ask("GET", path, token=who, query=f"next_token={given}")
        assert (answer.status, answer.document) == (400, refused), path


def _decoded(place: str) -> str:
    import base64

    return base64.urlsafe_b64decode(place + "=" * (-len(place) % 4)).decode("latin-1")


WRONG: list[tuple[str, str, str, object, str]] = [
    ("GET", "/accounts/emea/executions", f"limit={it}", None, "limit")
    for it in ("10abc", "0", "101", "-1", "1.0", "%2B5", "%205", "05", "1e1", "", "true", "5&limit=6")
] + [
    ("GET", "/executions", "status=DONE", None, "status"),
    ("GET", "/executions", "status=PENDING", None, "status"),
    ("GET", "/executions", "account_id=a%2Fb", None, "account_id"),
    ("GET", "/executions", "next_token=a.b", None, "next_token"),
    ("GET", "/executions", "acount_id=emea", None, "acount_id"),
    ("GET", "/executions/doubt-acme-emea/status", "", None, "account_id"),
    ("GET", "/executions/a%20b/status", AT, None, "action_intent_id"),
    ("POST", "/executions/x/cancel", f"{AT}&dry_run=yes", {"reason": "r"}, "dry_run"),
    ("POST", "/executions/x/cancel", f"{AT}&dryrun=true", {"reason": "r"}, "dryrun"),
    ("POST", "/executions/x/cancel", AT, {"reason": ""}, "reason"),
    ("POST", "/executions/x/cancel", AT, {"reason": "r" * 501}, "reason"),
    ("POST", "/executions/x/cancel", AT, {"reason": "a\x1b[31mb"}, "reason"),
    ("POST", "/executions/x/cancel", AT, {"reason": "r", "force": True}, "force"),
    ("POST", "/executions/x/cancel", AT, {}, "reason"),
    ("POST", "/executions/x/cancel", AT, [], "body"),
    ("POST", "/executions/x/cancel", AT, None, "body"),
    ("POST", "/executions/x/cancel", AT, b"{", "body"),
    ("POST", "/executions/x/cancel", AT, b"\xff\xfe", "body"),
    ("POST", "/executions/x/cancel", AT, b'{"reason": "a", "reason": "b"}', "body"),
    ("POST", "/executions/x/resolve", AT, {"happened": "true", "evidence": "e"}, "happened"),
    ("POST", "/executions/x/resolve", AT, {"happened": True}, "evidence"),
    ("POST", "/executions/x/undo", AT, {"reason": "r", "while_stopped": 1}, "while_stopped"),
    ("PUT", "/kill-switches", "", {"closed": True, "reason": "r", "scope": "TENANT"}, "scope"),
    ("PUT", "/kill-switches", "", {"closed": True, "reason": "r", "tenant_id": "other"}, "tenant_id"),
]


@pytest.mark.parametrize(("method", "path", "query", "body", "named"), WRONG)
def test_finding_19_what_is_wrong_is_named_and_not_shown(
    shared: Stand, method: str, path: str, query: str, body: object, named: str
) -> None:
    before = shared.rows()
    path = path.replace("%20", " ")
    answer = shared.ask(method, path, token=shared.as_(OPERATOR), query=query, body=body)
    assert answer.status == 400, answer.text
    assert answer.document["error"].startswith(f"{named}: ")
    assert shared.rows() == before


def test_a_body_that_is_too_large_or_no_json_is_not_read(shared: Stand) -> None:
    token, path = shared.as_(OPERATOR), "/executions/doubt-acme-emea/cancel"
    large = shared.ask("POST", path, token=token, query=AT, body=b'{"reason": "' + b"r" * 17_000 + b'"}')
    assert (large.status, large.document) == (413, {"error": "The body is too large"})
    event = shared.event("POST", path, OPERATOR, query=AT, body={"reason": "r" * 17_000})
    event["body"] = event["body"] * 2
    for content_type in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"):
        answer = shared.ask("POST", path, token=token, query=AT, body={"reason": "r"}, CONTENT_TYPE=content_type)
        assert (answer.status, answer.document) == (400, {"error": "body: must be application/json"})


def test_finding_19_the_function_bounds_a_body_by_itself(shared: Stand) -> None:
    event = shared.event(
        "POST", "/executions/x/cancel", OPERATOR, query=AT, body=b'{"reason": "' + b"r" * 16_370 + b'"}'
    )
    assert shared.api(event)["statusCode"] == 400
    event = shared.event("POST", "/executions/x/cancel", OPERATOR, query=AT)
    event["body"] = '{"reason": "' + "ü" * 9_000 + '"}'
    assert shared.api(event)["statusCode"] == 413


def test_another_method_and_another_path_are_told_apart(shared: Stand) -> None:
    answer = shared.ask("DELETE", "/executions/x/status", token=shared.as_(OPERATOR))
    assert (answer.status, answer.document, answer.headers["Allow"]) == (405, {"error": "Method not allowed"}, "GET")
    answer = shared.ask("GET", "/executions/x/nothing", token=shared.as_(OPERATOR))
    assert (answer.status, answer.document) == (404, {"error": "Not found"})


def test_every_answer_says_that_nobody_may_keep_or_guess_it(shared: Stand) -> None:
    for name, shape in GUARDED.items():
        one = shape.at(account="emea", intent="none")
        for token in (None, shared.as_(READER)):
            answer = shared.ask(name.partition(" ")[0], one.path, token=token, query=one.query)
            assert answer.headers["Cache-Control"] == "no-store", name
            assert answer.headers["X-Content-Type-Options"] == "nosniff", name
            assert answer.headers["Referrer-Policy"] == "no-referrer", name


class Traced:
    """A port that notes which of its verbs are called."""

    def __init__(self, port: object, name: str, calls: list[str]) -> None:
        self._port, self._name, self._calls = port, name, calls

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        self._calls.append(f"{self._name}.{verb}")
        found: Callable[..., Any] = getattr(self._port, verb)
        return found


def test_finding_19_what_is_forbidden_and_what_is_absent_take_the_same_reads(shared: Stand) -> None:
    calls: list[str] = []
    container, desk = shared.container, shared.api.desk
    ports: list[Any] = [Traced(getattr(container, it)(), it, calls) for it in ("executions", "intents", "ledger")]
    executions, intents, ledger = ports
    api = Api(replace(desk, viewing=Viewing(executions, intents, ledger, shared.container.clock())), VERSION)

    def traces(claims: Claims, intent_id: str) -> tuple[int, list[str]]:
        calls.clear()
        event = shared.event(method, one.path, claims, query=one.query, body=one.body)
        event["rawPath"] = event["rawPath"].replace("INTENT", intent_id)
        return api(event)["statusCode"], list(calls)

    blind: Claims = OPERATOR | {"custom:account_ids": '["apac"]'}
    for name, shape in OF_ONE.items():
        method, one = name.partition(" ")[0], shape.at(account="emea", intent="INTENT")
        absent = traces(OPERATOR, "no-such-intent")
        assert absent == (404, ["executions.load", "intents.get"]), name
        assert traces(blind, "no-such-intent") == (403, absent[1]), name
        assert traces(blind, "doubt-acme-emea") == (403, absent[1]), name


class Out:
    """A store that is out of reach."""

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        def unreachable(*_: object, **__: object) -> None:
            raise StoreUnavailableError("DynamoDB is throttled, at table actonce-attempts.")

        return unreachable


def test_a_store_that_is_out_of_reach_is_said_without_its_name(shared: Stand) -> None:
    desk, out = shared.api.desk, cast(Any, Out())
    api = Api(replace(desk, viewing=Viewing(out, out, out, shared.container.clock())), VERSION)
    answer = api(shared.event("GET", "/executions/x/status", OPERATOR, query=AT))
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "2")
    assert answer["body"] == '{"error": "Try again", "error_code": "STORE_UNAVAILABLE"}'


def test_a_fault_of_ours_is_told_to_the_log_by_its_class_and_to_nobody_else(
    shared: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    api = Api(replace(shared.api.desk, viewing=cast(Any, None)), VERSION)
    logger = logging.getLogger("actonce.api")
    logger.addHandler(caplog.handler)
    try:
        answer = api(shared.event("GET", "/executions/x/status", OPERATOR, query=AT))
    finally:
        logger.removeHandler(caplog.handler)
    assert (answer["statusCode"], answer["body"]) == (500, '{"error": "Internal server error"}')
    (line, *_) = [it for it in caplog.records if it.name == "actonce.api"]
    assert line.exc_info is not None
    assert line.exc_info[0] is AttributeError
