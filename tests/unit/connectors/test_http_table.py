from __future__ import annotations

import json
from dataclasses import replace

import pytest

from adapters.connectors.exchange import Reply
from adapters.connectors.http_looking import finding_of, image_of
from adapters.connectors.http_plan import Answers, Ask, HttpTool, Imaging, Key, Looking, ObjectNames
from adapters.connectors.http_table import answer_of
from adapters.connectors.http_template import BadArgumentError, Path, Text, Value
from core.domain.answer import Answer, Applied, CannotTell, Finding, Happened, NotHappened, NotSent, Refused, Unknown
from core.domain.canonical import Json
from core.domain.errors import ErrorClass

ASK = Ask("POST", Path.parsed("/orders"))
TOOL = HttpTool(
    ask=ASK,
    answers=Answers(
        applied=frozenset({200, 201}),
        refused={400: ErrorClass.VALIDATION, 409: ErrorClass.DOWNSTREAM},
        retryable=frozenset({409}),
        not_sent=frozenset({429}),
        match={("ref",): Value.parsed("{ref}")},
        code_at=("error", "code"),
        message_at=("error", "message"),
        replayed_header="Idempotent-Replayed",
    ),
    names=ObjectNames("order", id_at=("id",), url_at=("link",)),
    looking=Looking(ASK, frozenset({200}), frozenset({404}), frozenset({410}), match={("n",): Value.parsed("{n}")}),
)
GIVEN: dict[str, Json] = {"ref": "r", "n": 2}


def reply(status: int, body: object = None, **headers: str) -> Reply:
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Reply(status, "application/json", 1_000, raw, headers)


def answered(status: int, body: object = None, **headers: str) -> Answer:
    return answer_of(TOOL, "shop", reply(status, body, **headers), GIVEN)


def test_a_success_names_the_object_and_its_page() -> None:
    answer = answered(201, {"id": 7, "ref": "r", "link": "https://shop.example.com/7"})
    assert isinstance(answer, Applied)
    assert [(it.system, it.object_type, it.object_id, it.object_url) for it in answer.refs] == [
        ("shop", "order", "7", "https://shop.example.com/7")
    ]
    assert not answer.replayed


@pytest.mark.parametrize("link", ["javascript:alert(1)", 7, None, "https://" + "x" * 3_000])
def test_what_is_no_page_is_no_url(link: Json) -> None:
    answer = answered(201, {"id": "7", "ref": "r", "link": link})
    assert isinstance(answer, Applied)
    assert answer.refs[0].object_url is None


@pytest.mark.parametrize(
    "body",
    [
        None,
        b"<html>",
        b"{",
        {"id": "7", "ref": "other"},
        {"ref": "r"},
        {"id": "", "ref": "r"},
        {"id": True, "ref": "r"},
        [],
    ],
)
def test_a_success_that_does_not_show_what_was_asked_for_proves_nothing(body: object) -> None:
    assert isinstance(answered(201, body), Unknown)


@pytest.mark.parametrize("status", [100, 202, 204, 301, 307, 401, 403, 404, 422, 500, 502, 503, 504])
def test_a_status_that_no_list_names_proves_nothing(status: int) -> None:
    assert isinstance(answered(status, {"id": "7", "ref": "r"}), Unknown)


def test_a_refusal_has_the_class_that_was_declared_and_the_words_that_came() -> None:
    assert answered(400, {"error": {"code": "NO_STOCK", "message": "None\nleft."}}) == Refused(
        ErrorClass.VALIDATION, "NO_STOCK", "The external system refused (status 400). None left.", retry_after_ms=1_000
    )
    assert answered(409, b"<html>", **{"idempotent-replayed": "true"}) == Refused(
        ErrorClass.DOWNSTREAM,
        "HTTP_409",
        "The external system refused (status 409).",
        retryable=True,
        replayed=True,
        retry_after_ms=1_000,
    )


def test_a_replay_says_so() -> None:
    answer = answered(200, {"id": "7", "ref": "r"}, **{"idempotent-replayed": "true"})
    assert isinstance(answer, Applied)
    assert answer.replayed


def test_a_throttle_keeps_its_wait() -> None:
    answer = answered(429)
    assert isinstance(answer, NotSent)
    assert answer.retry_after_ms == 1_000


def found(
    looking: Looking, status: int, body: object = None, tool: HttpTool = TOOL, before: str | None = None
) -> Finding:
    return finding_of(tool, looking, "shop", reply(status, body), GIVEN, before)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {"id": "7", "n": 2}, Happened),
        (200, {"id": "7", "n": 3}, CannotTell),
        (200, {"n": 2}, CannotTell),
        (404, None, NotHappened),
        (410, None, CannotTell),
        (200, None, CannotTell),
        (200, b"{", CannotTell),
        (500, {"id": "7", "n": 2}, CannotTell),
        (401, None, CannotTell),
        (204, None, CannotTell),
    ],
)
def test_a_look_up_tells_only_what_it_has_read(status: int, body: object, kind: type[Finding]) -> None:
    assert TOOL.looking is not None
    assert isinstance(found(TOOL.looking, status, body), kind)


SEARCH = Looking(
    ASK,
    frozenset({200}),
    frozenset(),
    items_at=("all",),
    where={("ref",): Value.parsed("{ref}")},
    match={("n",): Value.parsed("{n}")},
)


@pytest.mark.parametrize(
    ("items", "kind"),
    [
        ([], NotHappened),
        ([{"ref": "other", "id": "1", "n": 2}], NotHappened),
        ([{"ref": "other", "id": "1"}, {"ref": "r", "id": "7", "n": 2}], Happened),
        ([{"ref": "r", "id": "7", "n": 9}], CannotTell),
        ([{"ref": "r", "id": "7", "n": 2}, {"ref": "r", "id": "8", "n": 2}], CannotTell),
        (None, CannotTell),
        ({"ref": "r"}, CannotTell),
    ],
)
def test_of_what_a_search_finds_only_what_is_meant_counts(items: Json, kind: type[Finding]) -> None:
    assert isinstance(found(SEARCH, 200, {"all": items}), kind)


def test_a_search_by_an_argument_that_was_not_given_means_nothing() -> None:
    finding = finding_of(TOOL, SEARCH, "shop", reply(200, {"all": [{"ref": None, "id": "7"}]}), {}, None)
    assert finding == NotHappened()


def test_of_what_is_to_be_removed_absence_is_what_happened() -> None:
    assert TOOL.looking is not None
    removal = replace(TOOL.looking, expects_absent=True)
    assert isinstance(found(removal, 404), Happened)
    assert isinstance(found(removal, 410), Happened)
    assert isinstance(found(removal, 200, {"id": "7"}), NotHappened)
    assert isinstance(found(removal, 403), CannotTell)


IMAGING = Imaging(ASK, frozenset({200}), [("n",), ("x",)], ("v",))
UPDATE = replace(TOOL, imaging=IMAGING)
BEFORE = '{"n":1,"v":1,"x":1}'


@pytest.mark.parametrize(
    ("now", "before", "kind", "changed"),
    [
        ({"n": 1, "x": 1, "v": 1}, BEFORE, NotHappened, False),
        ({"n": 2, "x": 1, "v": 2}, BEFORE, Happened, False),
        ({"n": 2, "x": 9, "v": 2}, BEFORE, CannotTell, True),
        ({"n": 3, "x": 1, "v": 2}, BEFORE, CannotTell, True),
        ({"n": 1, "x": 1, "v": 2}, BEFORE, CannotTell, True),
        ({"n": 2, "x": 1, "v": 1}, '{"n":2,"v":1,"x":1}', Happened, False),
        ({"n": 2, "x": 1, "v": 2}, None, CannotTell, False),
    ],
)
def test_an_update_is_held_against_what_was_there_before(
    now: dict[str, Json], before: str | None, kind: type[Finding], changed: bool
) -> None:
    assert UPDATE.looking is not None
    finding = found(UPDATE.looking, 200, {"id": "7", **now}, UPDATE, before)
    assert isinstance(finding, kind)
    assert not isinstance(finding, CannotTell) or finding.changed_otherwise is changed


def test_an_image_is_what_was_named_and_nothing_else() -> None:
    assert image_of(IMAGING, reply(200, {"n": 1, "x": 1, "v": 1, "more": 1})) == BEFORE
    assert image_of(IMAGING, reply(404, {"n": 1})) is None
    assert image_of(IMAGING, reply(200, [1])) is None
    assert image_of(IMAGING, reply(200, {"n": "x" * 70_000})) is None


def test_a_key_is_quoted_as_a_string_of_rfc_8941() -> None:
    assert Key("Idempotency-Key").of('a"b\\c') == {"Idempotency-Key": '"a\\"b\\\\c"'}
    assert Key("Idempotency-Key", quoted=False).of("abc") == {"Idempotency-Key": "abc"}
    with pytest.raises(BadArgumentError):
        Key("Idempotency-Key").of("a\r\nb")


def test_a_body_is_the_frozen_text_unless_a_template_makes_another() -> None:
    assert ASK.of(GIVEN, '{"as":"frozen"}').body == b'{"as":"frozen"}'
    assert replace(ASK, body=Value.parsed({"n": "{n}"})).of(GIVEN, "{}").body == b'{"n":2}'
    assert replace(ASK, method="DELETE").of(GIVEN, "{}").body == b""
    with pytest.raises(BadArgumentError):
        replace(ASK, query={"q": Text.parsed("{ref}")}).of({"ref": "x" * 3_000}, "{}")
