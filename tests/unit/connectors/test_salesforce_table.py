from __future__ import annotations

import json

import pytest

from adapters.connectors.salesforce_rest import Heard
from adapters.connectors.salesforce_table import CODES, STATUSES, Made, failure, faults, is_absent, is_gone, made
from core.domain.answer import Hold, NotSent, Refused, Unknown
from core.domain.canonical import Json
from core.domain.errors import ErrorClass

ID = "00T000000000002EAA"
DONE: dict[str, Json] = {"id": ID, "success": True, "errors": []}


def heard(status: int, document: Json = None, wait_ms: int = 0) -> Heard:
    return Heard(status, json.dumps(document), document, is_json=document is not None, retry_after_ms=wait_ms)


def error(code: str, message: str = "why", *fields: str) -> Json:
    return {"message": message, "errorCode": code, "fields": [*fields]}


@pytest.mark.parametrize(
    ("status", "more", "was_there"),
    [(201, {}, False), (201, {"created": True}, False), (200, {"created": False}, True)],
)
def test_a_success_names_what_was_made(status: int, more: dict[str, Json], was_there: bool) -> None:
    assert made(heard(status, {**DONE, **more})) == Made(ID, was_there)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (201, {**DONE, "created": False}),
        (200, {**DONE, "created": True}),
        (200, DONE),
        (201, {**DONE, "success": False}),
        (201, {**DONE, "success": 1}),
        (201, {**DONE, "created": 1}),
        (201, {**DONE, "errors": [error("X")]}),
        (201, {**DONE, "id": "00T000000000002EAB"}),
        (201, {**DONE, "id": None}),
        (201, [DONE]),
        (201, None),
        (202, DONE),
        (204, None),
    ],
)
def test_a_success_that_contradicts_itself_is_none_and_proves_nothing(status: int, body: Json) -> None:
    assert made(heard(status, body)) is None
    assert isinstance(failure(heard(status, body)), Unknown)


@pytest.mark.parametrize("code", [*CODES])
@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_code_of_the_table_proves_that_nothing_was_written(code: str, status: int) -> None:
    answer = failure(heard(status, [error(code, "Said so.")]))
    assert isinstance(answer, Refused)
    assert (answer.error_class, answer.retryable) == (CODES[code].error_class, CODES[code].retryable)
    assert answer.code == ("AUTH_FAILED" if code == "INVALID_SESSION_ID" else code)
    assert "Said so." in answer.message


@pytest.mark.parametrize("code", [*CODES, "SERVER_UNAVAILABLE", "REQUEST_LIMIT_EXCEEDED"])
@pytest.mark.parametrize("status", [200, 302, 409, 420, 500, 502, 503])
def test_no_code_outweighs_a_status_that_proves_nothing(code: str, status: int) -> None:
    assert isinstance(failure(heard(status, [error(code)])), Unknown)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, [error("UNKNOWN_EXCEPTION")]),
        (400, [error("NEW_CODE")]),
        (400, [error("INVALID_FIELD"), error("UNKNOWN_EXCEPTION")]),
        (400, []),
        (400, [error("INVALID_FIELD")] * 65),
        (400, ["INVALID_FIELD"]),
        (400, [{"errorCode": 7}]),
        (400, [{"errorCode": "<b>"}]),
        (400, {"errorCode": "INVALID_FIELD", "message": ""}),
        (401, None),
        (403, None),
        (404, None),
        (307, None),
        (500, [error("UNKNOWN_EXCEPTION")]),
        (503, [error("SERVER_UNAVAILABLE")]),
        (503, None),
    ],
)
def test_what_is_not_in_the_table_is_unknown(status: int, body: Json) -> None:
    assert isinstance(failure(heard(status, body)), Unknown)


@pytest.mark.parametrize("status", [*STATUSES])
def test_a_status_of_the_table_proves_that_nothing_was_written(status: int) -> None:
    answer = failure(heard(status))
    assert isinstance(answer, Refused)
    assert answer.code == STATUSES[status][0]


@pytest.mark.parametrize(("status", "body"), [(429, None), (403, [error("REQUEST_LIMIT_EXCEEDED")])])
def test_a_throttle_keeps_the_wait(status: int, body: Json) -> None:
    answer = failure(heard(status, body, 7_000))
    assert isinstance(answer, NotSent)
    assert (answer.hold, answer.retry_after_ms) == (Hold.THROTTLED, 7_000)


@pytest.mark.parametrize("status", [400, 500, 503])
def test_a_limit_under_another_status_is_no_throttle(status: int) -> None:
    assert isinstance(failure(heard(status, [error("REQUEST_LIMIT_EXCEEDED")])), Unknown)


def test_a_duplicate_of_our_own_key_may_be_our_own() -> None:
    ours = heard(400, [error("DUPLICATE_VALUE", f"duplicate value found: Key__c duplicates value on {ID}")])
    theirs = heard(400, [error("DUPLICATE_VALUE", f"duplicate value found: Code__c duplicates value on {ID}")])
    assert isinstance(failure(ours, "Key__c"), Unknown)
    assert isinstance(failure(heard(400, [error("DUPLICATE_VALUE", "")]), "Key__c"), Unknown)
    assert isinstance(failure(theirs, "Key__c"), Refused)
    assert isinstance(failure(ours), Refused)


def test_gone_and_absent_are_told_by_their_codes_alone() -> None:
    assert is_gone(heard(404, [error("ENTITY_IS_DELETED")]))
    assert not is_gone(heard(404, [error("NOT_FOUND")]))
    assert not is_gone(heard(400, [error("ENTITY_IS_DELETED")]))
    assert is_absent(heard(404, [error("NOT_FOUND")]))
    assert not is_absent(heard(404))
    assert not is_absent(heard(404, [error("NOT_FOUND"), error("INVALID_FIELD")]))


def test_a_message_is_shown_on_one_line_and_cut() -> None:
    answer = failure(heard(400, [error("INVALID_FIELD", "a\nb\x00" + "x" * 5_000)]))
    assert isinstance(answer, Refused)
    assert "a b" in answer.message
    assert len(answer.message) == 300
    assert answer.error_class is ErrorClass.VALIDATION
    assert faults(heard(400, [error("A", "b", "c")]))[0].fields == ("c",)
