"""Proofs: only what an accepted key signed, for these very arguments, is believed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.admission import admit
from core.domain.canonical import Json, digest
from core.domain.contract import EffectContract, Terms
from core.domain.errors import ConfigurationError
from core.domain.gateway_names import behind_gateway, on_gateway
from core.domain.keys import IntentKey
from core.domain.proof import PROOF, Asks, NotProvedError, Proof, proved, read_keyring, signed

SECRET = "one-shared-secret-of-32-bytes-or-more"
RING = read_keyring(json.dumps({"signing": "k1", "keys": {"k1": SECRET}}))
KEY = IntentKey("tenant-1", "account-1", "intent-1")
EFFECT_KEY = "ab" * 32
ARGUMENTS: dict[str, Json] = {
    "title": "Call them",
    "tenant_id": "tenant-1",
    "account_id": "account-1",
    "action_intent_id": "intent-1",
    "idempotency_key": EFFECT_KEY,
}


def a_proof(arguments: dict[str, Json] = ARGUMENTS, **changes: Any) -> Proof:  # noqa: ANN401 - fields
    tool = "crm.create_task"
    return replace(Proof(KEY, Asks.CALL, tool, tool, EFFECT_KEY, digest(arguments), 2_000, 10**12), **changes)


def admitted_with(proof: str, arguments: dict[str, Json] = ARGUMENTS, tool: str = "crm.create_task") -> Any:  # noqa: ANN401
    return admit(tool, {**arguments, PROOF: proof}, RING)


def test_what_was_signed_is_what_is_read() -> None:
    assert proved(signed(a_proof(), RING), RING) == a_proof()


def test_either_of_two_keys_is_accepted_and_a_third_is_not() -> None:
    both = read_keyring(json.dumps({"signing": "k2", "keys": {"k1": SECRET, "k2": SECRET[::-1]}}))
    other = read_keyring(json.dumps({"signing": "k1", "keys": {"k1": SECRET[::-1]}}))
    assert proved(signed(a_proof(), RING), both) == proved(signed(a_proof(), both), both)
    for text in (signed(a_proof(), other), signed(a_proof(), both)):
        with pytest.raises(NotProvedError):
            proved(text, RING)


@given(st.integers(min_value=0), st.characters(codec="ascii"))
def test_a_proof_with_any_character_changed_proves_nothing(place: int, character: str) -> None:
    text = signed(a_proof(), RING)
    place %= len(text)
    changed = text[:place] + character + text[place + 1 :]
    if changed != text:
        with pytest.raises(NotProvedError):
            proved(changed, RING)


@pytest.mark.parametrize("text", [None, 7, "", ".", "1.k1", "1.k1..", "2.k1.e30.x", "1.k1.e30.é", "1" * 5_000, ["1"]])
def test_what_is_no_proof_proves_nothing(text: Json) -> None:
    with pytest.raises(NotProvedError):
        proved(text, RING)


@pytest.mark.parametrize(
    "changes",
    [
        {"key": IntentKey("tenant 1", "account-1", "intent-1")},
        {"tool": ""},
        {"effect_key": "AB" * 32},
        {"arguments_sha256": "00"},
        {"timeout_ms": 0},
        {"timeout_ms": 900_001},
    ],
)
def test_a_proof_that_says_what_no_executor_of_ours_says_proves_nothing(changes: dict[str, Any]) -> None:
    with pytest.raises(NotProvedError):
        proved(signed(replace(a_proof(), **changes), RING), RING)


def test_a_call_is_admitted_with_the_tenant_of_its_proof() -> None:
    call = admitted_with(signed(a_proof(), RING))
    request = call.request(Terms(EffectContract.OPAQUE))
    assert (request.key, request.effect_key, request.tool) == (KEY, EFFECT_KEY, "crm.create_task")
    assert json.loads(request.arguments) == ARGUMENTS


def test_numbers_that_were_written_otherwise_on_the_way_are_the_same_arguments() -> None:
    arguments = {**ARGUMENTS, "amount": 100}
    admitted_with(signed(a_proof(arguments), RING), {**ARGUMENTS, "amount": 100.0})


@pytest.mark.parametrize(
    "changes",
    [{"title": "Call me"}, {"more": None}, {"tenant_id": "tenant-2"}, {"title": float("nan")}, {"title": 2**60}],
)
def test_other_arguments_are_not_admitted(changes: dict[str, Json]) -> None:
    with pytest.raises(NotProvedError):
        admitted_with(signed(a_proof(), RING), {**ARGUMENTS, **changes})


@pytest.mark.parametrize("name", ["tenant_id", "account_id", "action_intent_id", "idempotency_key"])
def test_arguments_that_contradict_their_own_proof_are_not_admitted(name: str) -> None:
    arguments: dict[str, Json] = {**ARGUMENTS, name: "another"}
    with pytest.raises(NotProvedError, match="contradict"):
        admitted_with(signed(a_proof(arguments), RING), arguments)


def test_a_proof_for_another_tool_is_not_admitted() -> None:
    for proof in (a_proof(tool="crm.delete_task"), a_proof(effect_tool="crm.delete_task")):
        with pytest.raises(NotProvedError, match="another tool"):
            admitted_with(signed(proof, RING))


def test_a_look_up_brings_the_before_image_beside_the_arguments_of_the_effect() -> None:
    arguments: dict[str, Json] = {**ARGUMENTS, "before": {"v": 1}}
    proof = a_proof(arguments, asks=Asks.LOOK_UP, tool="crm.find_task")
    call = admitted_with(signed(proof, RING), arguments, "crm.find_task")
    assert (json.loads(call.arguments), call.before) == (ARGUMENTS, '{"v":1}')


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret",
        "[]",
        "{}",
        '{"signing": "k1", "keys": {}}',
        '{"signing": "k1", "keys": {"k1": "short"}}',
        json.dumps({"signing": "k3", "keys": {"k1": SECRET}}),
        json.dumps({"signing": "k1", "keys": dict.fromkeys(("k1", "k2", "k3"), SECRET)}),
        json.dumps({"signing": "k.1", "keys": {"k.1": SECRET}}),
        json.dumps({"signing": ["k1"], "keys": {"k1": SECRET}}),
    ],
)
def test_a_secret_of_another_form_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ConfigurationError) as fault:
        read_keyring(text)
    assert SECRET not in fault.value.message
    assert SECRET not in repr(RING)


@pytest.mark.parametrize(
    ("tool", "name"),
    [
        ("crm.create_task", "crm___create_task"),
        ("my_crm.create_task", "my-crm___create_task"),
        ("crm.sub.create", "crm___sub.create"),
        ("crm._task", "crm____task"),
    ],
)
def test_finding_25_a_tool_is_named_by_its_target_and_the_first_three_underscores_end_the_targets_name(
    tool: str, name: str
) -> None:
    assert on_gateway(tool) == name
    assert behind_gateway(name) == tool


@pytest.mark.parametrize("name", ["", "crm", "___task", "crm___", "crm__task", "my_crm___task", "a.b___c"])
def test_what_no_gateway_of_ours_calls_a_tool_is_none(name: str) -> None:
    assert behind_gateway(name) is None
