from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.connectors.mcp_table import PROTOCOL_ERRORS, STATUSES, UNREAD, Said, answer_of
from core.domain.answer import Answer, Applied, Flaw, Hold, NotSent, ObjectRef, Refused, Unknown
from core.domain.errors import ErrorClass

ID = "0123abcd"
REF = {"system": "crm", "object_type": "task", "object_id": "task-1", "object_url": "https://crm.example/1"}
OBJECT = ObjectRef("crm", "task", "task-1", "https://crm.example/1")
DONE = {"success": True, "external_object_refs": [REF]}
REFUSAL = {
    "success": False,
    "error_class": "VALIDATION",
    "error_code": "BAD_STAGE",
    "error_message": "No such stage.",
    "not_applied": True,
}


def response(result: object = None, *, call_id: object = ID, **more: object) -> str:
    body = {"jsonrpc": "2.0", "id": call_id, **({} if result is None else {"result": result}), **more}
    return json.dumps(body)


def as_text(envelope: object, **more: object) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": json.dumps(envelope)}], **more}


def judged(envelope: object, **more: object) -> Answer:
    return answer_of(Said(200, response(as_text(envelope, **more))), ID)


def error(code: int, message: str = "why", *, call_id: object = ID) -> str:
    return response(None, call_id=call_id, error={"code": code, "message": message})


def test_a_success_is_applied_with_its_objects_and_the_whole_text() -> None:
    text = response(as_text(DONE))
    assert answer_of(Said(200, text), ID) == Applied((OBJECT,), text)


@pytest.mark.parametrize("extra", [{}, {"external_object_refs": None}, {"external_object_refs": []}])
def test_a_success_may_name_no_object(extra: dict[str, Any]) -> None:
    answer = judged({"success": True, **extra})
    assert isinstance(answer, Applied)
    assert answer.refs == ()


def test_a_replay_says_so() -> None:
    applied, refused = judged({**DONE, "replayed": True}), judged({**REFUSAL, "replayed": True})
    assert isinstance(applied, Applied)
    assert isinstance(refused, Refused)
    assert (applied.replayed, refused.replayed) == (True, True)


@pytest.mark.parametrize(
    "result",
    [
        {"structuredContent": DONE},
        {"structuredContent": DONE, **as_text(DONE)},
        {"structuredContent": {"result": json.dumps(DONE)}, **as_text(DONE)},
        as_text(DONE, resultType="complete", isError=False),
        as_text(as_text(DONE)),
        as_text({"content": [{"text": json.dumps(DONE)}]}),
    ],
    ids=["structured", "both", "text in structured", "text", "wrapped twice", "wrapped twice, bare"],
)
def test_an_envelope_is_found_wherever_servers_put_it(result: object) -> None:
    answer = answer_of(Said(200, response(result)), ID)
    assert isinstance(answer, Applied)
    assert answer.refs == (OBJECT,)


def test_an_explicit_refusal_is_a_refusal() -> None:
    expected = Refused(ErrorClass.VALIDATION, "BAD_STAGE", "No such stage.")
    assert judged(REFUSAL) == judged(REFUSAL, isError=True) == judged(as_text(REFUSAL, isError=True)) == expected


@pytest.mark.parametrize(
    ("change", "error_class", "code", "retryable"),
    [
        ({"error_class": "RATE_LIMIT"}, ErrorClass.RATE_LIMIT, "BAD_STAGE", True),
        ({"retryable": True}, ErrorClass.VALIDATION, "BAD_STAGE", True),
        ({"retryable": False}, ErrorClass.VALIDATION, "BAD_STAGE", False),
        ({"error_class": "WEIRD"}, ErrorClass.UNKNOWN, "BAD_STAGE", False),
        ({"error_class": None, "error_code": None}, ErrorClass.UNKNOWN, "UNSPECIFIED", False),
        ({"error_code": "<b>odd</b>"}, ErrorClass.VALIDATION, "UNSPECIFIED", False),
        ({"external_object_refs": []}, ErrorClass.VALIDATION, "BAD_STAGE", False),
    ],
)
def test_a_refusal_keeps_class_code_and_whether_to_try_again(
    change: dict[str, Any], error_class: ErrorClass, code: str, retryable: bool
) -> None:
    answer = judged({**REFUSAL, **change})
    assert isinstance(answer, Refused)
    assert (answer.error_class, answer.code, answer.retryable) == (error_class, code, retryable)


def test_a_message_is_shown_on_one_line_and_cut() -> None:
    answer = judged({**REFUSAL, "error_message": "a\x00b\u202ec\r\n\ud800 " + "x" * 5_000})
    assert isinstance(answer, Unknown)
    answer = judged({**REFUSAL, "error_message": "a\x00b\u202ec\r\n" + "x" * 5_000})
    assert isinstance(answer, Refused)
    assert answer.message.startswith("a b c xxx")
    assert len(answer.message) == 300


@pytest.mark.parametrize("unproved", [{"not_applied": False}, {"not_applied": None}])
def test_a_failure_that_names_what_it_wrote_is_a_partial_write(unproved: dict[str, Any]) -> None:
    answer = judged({**REFUSAL, **unproved, "external_object_refs": [REF]})
    assert isinstance(answer, Applied)
    assert (answer.refs, answer.flaw) == ((OBJECT,), Flaw.PARTIAL)


@pytest.mark.parametrize(
    "envelope",
    [
        {**REFUSAL, "not_applied": False},
        {"success": False},
        {**REFUSAL, "not_applied": "true"},
        {**REFUSAL, "not_applied": 1},
        {**REFUSAL, "external_object_refs": [REF]},
        {**DONE, "not_applied": True},
        {**DONE, "error_code": "FAILED"},
        {**DONE, "success": "true"},
        {**DONE, "success": 1},
        {"success": True, "external_object_refs": [{"system": "crm"}]},
        {"success": True, "external_object_refs": [{**REF, "object_id": 7}]},
        {"success": True, "external_object_refs": [{**REF, "object_id": "a\ud800"}]},
        {"success": True, "external_object_refs": [{**REF, "object_id": "a\nb"}]},
        {"success": True, "external_object_refs": [{**REF, "object_url": "javascript:alert(1)"}]},
        {"success": True, "external_object_refs": [REF] * 1_001},
        {"ok": True},
        [DONE],
        "done",
    ],
)
def test_an_envelope_that_proves_nothing_is_unknown(envelope: object) -> None:
    assert isinstance(judged(envelope), Unknown)


@pytest.mark.parametrize(
    "result",
    [
        {},
        {"content": []},
        {"content": [{"type": "image", "data": "x"}]},
        {"content": [{"type": "text", "text": "done"}]},
        {"content": [{"type": "text", "text": "An internal error occurred."}], "isError": True},
        {"content": [{"type": "text", "text": "Unknown tool: x"}], "isError": True},
        {"content": "done"},
        as_text(DONE, isError=True),
        as_text(as_text(DONE, isError=True)),
        as_text(as_text(as_text(DONE))),
        as_text(DONE, resultType="input_required"),
        {"structuredContent": DONE, **as_text(REFUSAL)},
        {"task": {"taskId": "1", "status": "working"}},
        {"content": [{"type": "text", "text": '{"success":true,"success":false}'}]},
        {"content": [{"type": "text", "text": '{"success":true,"x":' + "[" * 40 + "]" * 40 + "}"}]},
        {"content": [{"type": "text", "text": "[" * 100_000}]},
        {"content": [{"type": "text", "text": '{"success":true,"x":NaN}'}]},
    ],
)
def test_a_result_that_proves_nothing_is_unknown(result: object) -> None:
    assert isinstance(answer_of(Said(200, response(result)), ID), Unknown)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "null",
        "[]",
        "{",
        '{"jsonrpc":"2.0","id":"0123abcd","result":{"content":[{"type":"te',
        response(as_text(DONE))[:-1],
        response(as_text(DONE)) + "x",
        response(as_text(DONE), jsonrpc="1.0"),
        response(as_text(DONE), error={"code": -32602, "message": ""}),
        response(),
        "[" * 100_000,
        json.dumps([json.loads(response(as_text(DONE)))]),
        response(as_text(DONE), extra=json.loads("[" * 32 + "]" * 32)),
    ],
)
def test_a_malformed_answer_is_unknown(text: str | None) -> None:
    assert isinstance(answer_of(Said(200, text), ID), Unknown)


@pytest.mark.parametrize("call_id", ["other", "0123ABCD", 1, None, ["0123abcd"], True])
@pytest.mark.parametrize("envelope", [DONE, REFUSAL])
def test_finding_26_an_answer_that_does_not_echo_our_id_is_unknown(call_id: object, envelope: object) -> None:
    assert isinstance(answer_of(Said(200, response(as_text(envelope), call_id=call_id)), ID), Unknown)
    inside = response({**as_text(envelope), "id": ID}, call_id=call_id, params={"id": ID})
    assert isinstance(answer_of(Said(200, inside), ID), Unknown)


@pytest.mark.parametrize("status", [200, 400, 404])
@pytest.mark.parametrize("code", sorted(PROTOCOL_ERRORS))
def test_finding_26_an_error_with_another_id_is_unknown_whatever_is_declared(status: int, code: int) -> None:
    said = Said(status, error(code, call_id="other"))
    assert isinstance(answer_of(said, ID, errors_precede_tools=True), Unknown)


def test_the_rows_are_these_and_no_others() -> None:
    assert set(STATUSES) == {401, 403, 404, 405, 406, 413, 415}
    assert set(UNREAD) == {-32700, -32600}
    assert set(PROTOCOL_ERRORS) == {-32700, -32600, -32601, -32602, -32020, -32021, -32022}


@pytest.mark.parametrize("status", sorted(STATUSES))
@pytest.mark.parametrize("text", [None, "", "<html>", '{"error":"no"}'])
def test_what_http_turned_away_is_refused(status: int, text: str | None) -> None:
    answer = answer_of(Said(status, text), ID)
    assert isinstance(answer, Refused)
    assert answer.code == ("AUTH_FAILED" if status in {401, 403} else f"HTTP_{status}")
    assert (answer.error_class is ErrorClass.AUTH) == (status in {401, 403})
    assert answer.retryable == (status == 401)


@pytest.mark.parametrize("code", sorted(UNREAD))
def test_a_server_that_could_not_read_our_id_ran_nothing(code: int) -> None:
    assert isinstance(answer_of(Said(400, error(code, call_id=None)), ID), Refused)
    assert isinstance(answer_of(Said(200, error(code, call_id=None)), ID), Unknown)
    assert isinstance(answer_of(Said(500, error(code, call_id=None)), ID), Unknown)


@pytest.mark.parametrize("code", [-32601, -32602, -32603, -32020, 0])
def test_another_error_without_an_id_is_unknown(code: int) -> None:
    assert isinstance(answer_of(Said(400, error(code, call_id=None)), ID), Unknown)


@pytest.mark.parametrize("status", [200, 400, 404])
@pytest.mark.parametrize("code", sorted(PROTOCOL_ERRORS))
def test_an_error_that_a_tool_may_have_raised_is_proof_only_where_that_is_declared(status: int, code: int) -> None:
    said = Said(status, error(code))
    assert isinstance(answer_of(said, ID), Unknown)
    refused = answer_of(said, ID, errors_precede_tools=True)
    assert isinstance(refused, Refused)
    assert refused.code == PROTOCOL_ERRORS[code].code
    assert refused.message.endswith("why")


@pytest.mark.parametrize("code", [-32603, -32000, -32001, -32002, -32042, -32800, 1, 0, -32099])
def test_any_other_error_is_unknown_whatever_is_declared(code: int) -> None:
    for status in (200, 400, 404):
        answer = answer_of(Said(status, error(code)), ID, errors_precede_tools=True)
        assert answer == Unknown(f"JSON-RPC error {code}: why")


def test_a_throttled_call_was_not_sent() -> None:
    for text in (None, "{", response(as_text(DONE)), error(-32603)):
        answer = answer_of(Said(429, text, 1_500), ID)
        assert isinstance(answer, NotSent)
        assert (answer.hold, answer.retry_after_ms) == (Hold.THROTTLED, 1_500)


UNLISTED = [
    *(100, 101, 201, 202, 204, 206),
    *(301, 302, 303, 304, 307, 308),
    *(400, 402, 407, 408, 409, 410, 411, 412, 414, 416, 418, 421, 422, 423, 424, 425, 426, 428, 431, 451, 499),
    *(500, 501, 502, 503, 504, 507, 511, 520, 599, 600),
]


@pytest.mark.parametrize("status", UNLISTED)
@pytest.mark.parametrize(
    "text", [None, '{"error":"bad request"}', response(as_text(DONE)), response(as_text(REFUSAL)), error(-32602)]
)
def test_a_status_that_is_not_listed_is_unknown_whatever_it_carries(status: int, text: str | None) -> None:
    assert isinstance(answer_of(Said(status, text, 1_000), ID), Unknown)


def test_a_result_under_a_404_contradicts_itself() -> None:
    assert isinstance(answer_of(Said(404, response(as_text(DONE))), ID), Unknown)


def test_every_row_says_why() -> None:
    assert all(row.why for row in [*STATUSES.values(), *PROTOCOL_ERRORS.values()])
