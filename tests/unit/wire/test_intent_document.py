from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.canonical import Json, compact
from core.domain.errors import InvalidEventError
from core.domain.intent import ExecutionPolicy, Intent, Target
from core.domain.keys import IntentKey
from ports.wire.bounds import MAX_DEPTH, MAX_SAFE_NUMBER
from ports.wire.intent import ENVELOPE_DEPTH, MAX_INTENT_BYTES, parse_intent
from tests.unit.making import an_intent

IDS = st.from_regex(r"[A-Za-z0-9_.:@-]{1,128}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20)
NUMBERS = st.integers(-MAX_SAFE_NUMBER, MAX_SAFE_NUMBER) | st.floats(-MAX_SAFE_NUMBER, MAX_SAFE_NUMBER)
SCALARS: st.SearchStrategy[Json] = st.none() | st.booleans() | NUMBERS | st.text(st.characters(codec="utf-8"))
VALUES: st.SearchStrategy[Json] = st.recursive(
    SCALARS, lambda it: st.lists(it) | st.dictionaries(st.text(st.characters(codec="utf-8")), it), max_leaves=10
)
INTENTS = st.builds(
    an_intent,
    key=st.builds(IntentKey, IDS, IDS, IDS),
    action_type=IDS,
    parameters=st.dictionaries(st.text(st.characters(codec="utf-8")), VALUES, max_size=4),
    registry_version=st.none() | st.integers(1, 99),
    approved_by=TEXTS,
    original_decision_id=IDS,
    trace_id=IDS,
    target=st.none() | st.builds(Target, TEXTS, TEXTS),
    policy=st.builds(ExecutionPolicy, st.integers(0, 10), st.integers(1, 900), st.integers(1, 5)),
    parameters_schema_version=st.none() | TEXTS,
    supersedes_action_intent_id=st.none() | IDS,
    confidence_score=st.none() | st.floats(0, 1),
    risk_level=st.none() | TEXTS,
)


def refusal(document: Mapping[str, object]) -> str:
    with pytest.raises(InvalidEventError) as refused:
        parse_intent(document)
    message = refused.value.message
    assert "\n" not in message
    return message


def document(**changes: object) -> dict[str, object]:
    return {**an_intent().document(), **changes}


def nested(levels: int) -> Json:
    value: Json = 1
    for _ in range(levels):
        value = [value]
    return value


@given(intent=INTENTS)
def test_a_document_read_back_is_the_same_intent(intent: Intent) -> None:
    again = parse_intent(intent.document())

    assert again == intent
    assert again.fingerprint == intent.fingerprint


@given(intent=INTENTS)
def test_an_intent_survives_its_text(intent: Intent) -> None:
    assert parse_intent(json.loads(compact(intent.document()))).fingerprint == intent.fingerprint


def test_any_mapping_is_read_and_copied() -> None:
    parameters = {"title": ["x"]}
    intent = parse_intent(MappingProxyType(document(parameters=MappingProxyType(parameters))))

    parameters["title"].append("y")

    assert intent.parameters == {"title": ["x"]}


def test_what_is_not_said_has_its_default() -> None:
    silent = {name: it for name, it in an_intent().document().items() if name not in {"execution_policy", "target"}}

    intent = parse_intent(silent)

    assert intent.policy == ExecutionPolicy(retry_count=3, timeout_seconds=300, max_attempts=1)
    assert (intent.target, intent.confidence_score, intent.supersedes_action_intent_id) == (None, None, None)


def test_null_means_absent_where_a_field_is_optional() -> None:
    assert parse_intent(document(target=None, risk_level=None, registry_version=None)).registry_version is None


@pytest.mark.parametrize(
    "name",
    [
        "action_intent_id",
        "tenant_id",
        "account_id",
        "action_type",
        "parameters",
        "approved_by",
        "approval_timestamp",
        "expires_at",
        "expires_at_epoch",
        "original_decision_id",
        "trace_id",
    ],
)
def test_a_missing_field_is_named(name: str) -> None:
    whole = document()
    del whole[name]

    assert name in refusal(whole)


@pytest.mark.parametrize("name", ["action_intent_id", "tenant_id", "account_id", "action_type", "trace_id"])
@pytest.mark.parametrize("value", ["", "a b", "a/b", "a#b", "a\n", "é", "x" * 129, 7, None, ["a"], True])
def test_an_odd_id_is_refused_by_name_and_not_shown(name: str, value: object) -> None:
    message = refusal(document(**{name: value}))

    assert name in message
    assert not isinstance(value, str) or len(value) < 3 or value not in message


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("retry_count", -1),
        ("retry_count", 11),
        ("retry_count", True),
        ("retry_count", 1.0),
        ("timeout_seconds", 0),
        ("timeout_seconds", 901),
        ("max_attempts", 0),
        ("max_attempts", 6),
        ("max_attempts", "1"),
        ("patience", 1),
    ],
)
def test_a_policy_out_of_bounds_is_refused_by_name(field: str, value: object) -> None:
    assert f"execution_policy.{field}" in refusal(document(execution_policy={field: value}))


@pytest.mark.parametrize(
    "policy", [{"retry_count": 0, "timeout_seconds": 1, "max_attempts": 1}, {"retry_count": 10, "timeout_seconds": 900}]
)
def test_a_policy_at_its_bounds_is_taken(policy: dict[str, int]) -> None:
    assert parse_intent(document(execution_policy=policy)).policy == ExecutionPolicy(**policy)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("registry_version", 0),
        ("registry_version", "1"),
        ("registry_version", 1.0),
        ("registry_version", True),
        ("expires_at_epoch", "2000000000"),
        ("expires_at_epoch", -1),
        ("expires_at_epoch", 2_000_000_000.5),
        ("parameters", []),
        ("parameters", None),
        ("confidence_score", "high"),
        ("confidence_score", True),
        ("approved_by", "line\nbreak"),
        ("approved_by", "x" * 257),
        ("risk_level", ""),
        ("target", {"entity_type": "account"}),
        ("target", {"entity_type": "account", "entity_id": "a", "more": 1}),
    ],
)
def test_a_field_of_the_wrong_type_or_size_is_refused_by_name(name: str, value: object) -> None:
    assert name in refusal(document(**{name: value}))


def test_an_unknown_field_is_refused_and_an_odd_name_is_not_repeated() -> None:
    assert "urgency" in refusal(document(urgency="high"))
    assert "<script>" not in refusal({**document(), "<script>\n": 1})


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), float("-inf"), 2**53, -(2**53), 1e300, 10**400, "\ud800", "x\udfff", b"x", {1}],
)
def test_a_value_without_an_exact_json_form_is_refused(value: object) -> None:
    assert "parameters.title" in refusal(document(parameters={"title": [value]}))


def test_a_key_that_is_no_clean_text_is_refused() -> None:
    assert "parameters" in refusal(document(parameters={"\ud800": 1}))
    assert "parameters" in refusal(document(parameters={1: 1}))


@pytest.mark.parametrize("number", [MAX_SAFE_NUMBER, -MAX_SAFE_NUMBER, 0.1, 1e-300, 0])
def test_a_number_with_an_exact_form_is_taken(number: float) -> None:
    assert parse_intent(document(parameters={"n": number})).parameters["n"] == number


@pytest.mark.parametrize("shift_s", [-1, 0, 1])
def test_two_spellings_of_the_expiry_may_differ_by_a_second(shift_s: int) -> None:
    assert parse_intent(document(expires_at_epoch=2_000_000_000 + shift_s)).expires_at_epoch == 2_000_000_000 + shift_s


@pytest.mark.parametrize(
    "text", ["2033-05-18T05:33:20+02:00", "2033-05-18T03:33:20.999Z", "2033-05-18T03:33:20.123456789Z"]
)
def test_the_expiry_may_be_written_with_an_offset_or_a_fraction(text: str) -> None:
    assert parse_intent(document(expires_at=text)).expires_at == text


@pytest.mark.parametrize("epoch", [2_000_000_002, 1_999_999_998, 2_000_000_000_000 // 8, 0])
def test_an_epoch_that_is_another_moment_is_refused(epoch: int) -> None:
    assert "expires_at_epoch" in refusal(document(expires_at_epoch=epoch))


@pytest.mark.parametrize("name", ["expires_at", "approval_timestamp"])
@pytest.mark.parametrize(
    "text",
    ["", "tomorrow", "2033-05-18", "2033-05-18T03:33:20", "2033-13-18T03:33:20Z", "2033-05-18T03:33:60Z", "2033-W20-3"],
)
def test_a_time_that_is_no_moment_of_the_calendar_with_an_offset_is_refused(name: str, text: str) -> None:
    assert name in refusal(document(**{name: text}))


def test_nesting_is_bounded_so_that_an_event_can_still_embed_the_intent() -> None:
    levels = MAX_DEPTH - ENVELOPE_DEPTH - 2  # the intent and its parameters are two

    assert parse_intent(document(parameters={"deep": nested(levels)})).parameters["deep"] == nested(levels)
    assert "nested too deep" in refusal(document(parameters={"deep": nested(levels + 1)}))
    assert "nested too deep" in refusal(document(parameters={"deep": nested(900)}))


def test_an_intent_is_measured_in_bytes_not_in_characters() -> None:
    characters = MAX_INTENT_BYTES // 2 - 1_000

    parse_intent(document(parameters={"text": "é" * characters}))
    assert "bytes" in refusal(document(parameters={"text": "€" * characters}))
