from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from core.domain.claiming import Order
from core.domain.errors import InvalidEventError
from core.domain.intent import Intent
from ports.wire.bounds import MAX_BODY_BYTES, MAX_DEPTH
from ports.wire.intent import MAX_INTENT_BYTES, parse_intent
from ports.wire.messages import ApprovedEvent, WakeUp, approved_event, parse_message, wake_up_body
from tests.unit.making import KEY, an_intent
from tests.unit.wire.test_intent_document import INTENTS, document, nested

PARSED = ApprovedEvent(KEY, "HUMAN", False, an_intent())


def refusal(body: str | bytes) -> str:
    with pytest.raises(InvalidEventError) as refused:
        parse_message(body)
    assert "\n" not in refused.value.message
    return refused.value.message


def event(*path: str, value: object = None, embed: bool = True) -> str:
    """A valid event with the field at a path set."""
    whole = json.loads(approved_event(an_intent(), "HUMAN", auto_executed=False, embed=embed))
    place: dict[str, Any] = whole
    for name in path[:-1]:
        place = place[name]
    if path:
        place[path[-1]] = value
    return json.dumps(whole)


@given(intent=INTENTS)
def test_an_event_with_the_intent_embedded_is_read_back_whole(intent: Intent) -> None:
    body = approved_event(intent, "POLICY", auto_executed=True, embed=True)

    assert parse_message(body) == ApprovedEvent(intent.key, "POLICY", True, intent)
    assert parse_message(body.encode()) == parse_message(body)


def test_an_event_by_ids_alone_carries_no_intent() -> None:
    assert parse_message(approved_event(an_intent())) == ApprovedEvent(KEY)


def test_a_wake_up_is_read_back_whole() -> None:
    owner = "arn:aws:states:eu-west-1:1:execution:actonce:exec-1"

    assert parse_message(wake_up_body(KEY, owner)) == WakeUp(KEY, owner)


def test_an_event_becomes_an_order_of_the_owner_that_survives_its_redelivery() -> None:
    parsed = parse_message(approved_event(an_intent(), "HUMAN", auto_executed=False, embed=True))

    assert isinstance(parsed, ApprovedEvent)
    assert parsed.order("message-1") == Order(KEY, "message-1", an_intent(), "HUMAN", False)


def test_what_eventbridge_adds_to_its_envelope_is_passed_over() -> None:
    whole = json.loads(event())
    added = {
        "version": "0",
        "id": "1",
        "account": "1",
        "time": "now",
        "region": "x",
        "resources": [],
        "replay-name": "r",
    }

    assert parse_message(json.dumps(added | whole)) == parse_message(event())


@pytest.mark.parametrize("version", [None, "1", "1.0"])
def test_a_known_version_of_the_detail_is_taken(version: str | None) -> None:
    assert parse_message(event("detail", "metadata", value={"version": version, "domain": "cc"})) == PARSED


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (["version"], "1", "version 1 "),
        (["version"], ["0"], "version"),
        (["detail-type"], "ACTION_REJECTED", "ACTION_REJECTED"),
        (["detail-type"], "Scheduled Event", "Scheduled Event"),
        (["detail-type"], {"a": 1}, "detail-type"),
        (["detail-type"], None, "detail-type"),
        (["source"], "somebody-else", "somebody-else"),
        (["source"], None, "source"),
        (["detail", "metadata"], {"version": "2"}, "version 2 "),
        (["detail", "metadata"], {"version": 1}, "metadata.version"),
        (["detail", "metadata"], [], "metadata"),
        (["detail"], None, "detail"),
        (["detail", "data"], None, "detail.data"),
        (["detail", "more"], 1, "detail.more"),
        (["detail", "data", "more"], 1, "detail.data.more"),
        (["detail", "data", "tenant_id"], "a/b", "detail.data.tenant_id"),
        (["detail", "data", "tenant_id"], 7, "detail.data.tenant_id"),
        (["detail", "data", "account_id"], "", "detail.data.account_id"),
        (["detail", "data", "action_intent_id"], "a#b", "detail.data.action_intent_id"),
        (["detail", "data", "approval_source"], "ROBOT", "approval_source"),
        (["detail", "data", "auto_executed"], "yes", "auto_executed"),
        (["detail", "data", "auto_executed"], 1, "auto_executed"),
        (["detail", "data", "intent"], [], "detail.data.intent"),
        (["detail", "data", "intent", "urgency"], 1, "detail.data.intent.urgency"),
        (["detail", "data", "intent", "registry_version"], "latest", "detail.data.intent.registry_version"),
        (["detail", "data", "intent", "expires_at"], "2033-05-18T03:43:20Z", "expires_at_epoch"),
    ],
)
def test_what_is_wrong_is_refused_by_name(path: list[str], value: object, named: str) -> None:
    assert named in refusal(event(*path, value=value))


@pytest.mark.parametrize("name", ["tenant_id", "account_id", "action_intent_id"])
@pytest.mark.parametrize("place", [("detail", "data"), ("detail", "data", "intent")])
def test_an_embedded_intent_has_the_ids_of_its_event(place: tuple[str, ...], name: str) -> None:
    assert "other ids" in refusal(event(*place, name, value="another"))


@pytest.mark.parametrize("name", ["tenant_id", "account_id", "action_intent_id", "owner"])
def test_a_wake_up_that_lacks_something_is_refused_by_name(name: str) -> None:
    whole = json.loads(wake_up_body(KEY, "owner-1"))
    del whole["wake_up"][name]

    assert f"wake_up.{name}" in refusal(json.dumps(whole))


def test_a_wake_up_may_carry_nothing_else() -> None:
    assert "detail" in refusal(json.dumps(json.loads(wake_up_body(KEY, "o")) | json.loads(event())))


def test_only_the_configured_source_is_taken() -> None:
    body = approved_event(an_intent(), source="our-source")

    assert parse_message(body, source="our-source") == ApprovedEvent(KEY)
    assert "our-source" in refusal(body)


@pytest.mark.parametrize(
    "body",
    ["", " ", "null", "[]", "7", '"text"', "{", "{}", "\ufeff{}", b"\xff\xfe", "\ud800", "NaN", "1e999", "nul"],
    ids=repr,
)
def test_what_is_no_event_at_all_is_refused(body: str | bytes) -> None:
    assert refusal(body)


def test_a_key_given_twice_is_refused_at_any_depth() -> None:
    body = event().replace('"tenant_id"', '"tenant_id": "tenant-2", "tenant_id"', 1)

    assert "tenant_id occurs twice" in refusal(body)


def test_a_body_is_measured_in_bytes_not_in_characters() -> None:
    fits = json.dumps(json.loads(event()) | {"note": "é" * (MAX_BODY_BYTES // 2 - 2_000)}, ensure_ascii=False)
    too_large = json.dumps(json.loads(event()) | {"note": "€" * (MAX_BODY_BYTES // 2 - 2_000)}, ensure_ascii=False)

    assert len(too_large) < MAX_BODY_BYTES
    assert parse_message(fits) == PARSED
    assert "bytes" in refusal(too_large)


@pytest.mark.parametrize("count", [MAX_DEPTH + 1, 1_000, MAX_BODY_BYTES])
@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_deep_nesting_is_refused_by_name_before_it_is_parsed(opening: str, count: int) -> None:
    body = (opening * count)[:MAX_BODY_BYTES]

    assert "nested" in refusal(body)


def test_brackets_inside_a_text_are_no_nesting() -> None:
    assert parse_message(event("note", value='["\\' + "[{" * 100)) == PARSED


@pytest.mark.parametrize("body", ['"' + '\\"' * 131_000, '"' * 262_143, "[" + '"\\\\",' * 40_000, '"' + "\\" * 262_143])
def test_a_scan_of_hostile_quotes_ends(body: str) -> None:
    assert refusal(body)


def test_the_deepest_and_largest_intent_that_is_taken_can_be_embedded() -> None:
    deepest = parse_intent(document(parameters={"deep": nested(MAX_DEPTH - 5)}))
    room = MAX_INTENT_BYTES - len(json.dumps(an_intent().document()))
    largest = parse_intent(document(parameters={"text": "x" * room}))

    for intent in (deepest, largest):
        body = approved_event(intent, "POLICY", auto_executed=True, embed=True)
        assert parse_message(body) == ApprovedEvent(KEY, "POLICY", True, intent)
