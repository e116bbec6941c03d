"""The state between the steps: what it may hold, how it is refused, and that it comes through whole."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.claiming import Order
from core.domain.errors import InvalidEventError
from core.domain.keys import IntentKey
from core.domain.orchestration import orchestration
from ports.wire.state import (
    CaughtModel,
    HeldModel,
    OrderedModel,
    ToldModel,
    any_state,
    input_of,
    parse_state,
    state_json,
)
from tests.unit.orchestrating import ORDER, OURS

SECRET = "s3cret-s3cret"
LONG_ID = "x" * 128
MAX_STATE_BYTES = 262_144
DIGEST = "0123456789abcdef" * 4
COUNTS = st.integers(0, 2**53 - 1)
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
STATES = st.builds(
    HeldModel,
    version=st.just(1),
    name=st.from_regex(r"[0-9A-Za-z_-]{1,80}", fullmatch=True),
    run=st.integers(1, 2**31),
    tenant_id=st.from_regex(r"[A-Za-z0-9_.:@-]{1,20}", fullmatch=True),
    account_id=st.just("account-1"),
    action_intent_id=st.just(LONG_ID),
    approval_source=st.sampled_from([None, "HUMAN", "POLICY"]),
    auto_executed=st.sampled_from([None, True, False]),
    error=st.none() | st.builds(CaughtModel, Error=TEXTS, Cause=TEXTS),
    generation=st.integers(1, 2**31),
    next=st.sampled_from(["VALIDATE", "INVOKE", "WAIT", "RECONCILE", "COMPENSATE", "RECORD"]),
    rounds=COUNTS,
    due_at=st.sampled_from([None, "2030-01-01T00:00:00Z"]),
    judged_send_no=COUNTS,
    absent=st.booleans(),
    judged_at_ms=COUNTS,
    tool=st.none() | TEXTS,
    arguments_sha256=st.sampled_from([None, DIGEST]),
)


def ordered(**changes: object) -> dict[str, Any]:
    return {**json.loads(input_of(OURS)), **changes}


def held(**changes: object) -> dict[str, Any]:
    return ordered(**{"generation": 1, "next": "VALIDATE", **changes})


def refusal(model: type[OrderedModel], document: object) -> str:
    with pytest.raises(InvalidEventError) as refused:
        parse_state(model, document)
    message = refused.value.message
    assert "\n" not in message
    assert SECRET not in message
    return message


def test_the_input_is_these_bytes_and_no_others() -> None:
    assert input_of(OURS) == (
        '{"account_id":"account-1","action_intent_id":"intent-1","approval_source":"HUMAN","auto_executed":false,'
        f'"name":"{OURS.name}","run":1,"tenant_id":"tenant-1","version":1}}'
    )


def test_what_is_absent_is_left_out_of_the_input() -> None:
    bare = input_of(orchestration(Order(ORDER.key, "anybody")))
    assert {"approval_source", "auto_executed"} & json.loads(bare).keys() == set()


@given(tenant=st.from_regex(r"[A-Za-z0-9_.:@-]{1,128}", fullmatch=True), run=st.integers(1, 99))
def test_the_input_is_read_back_as_the_order_of_its_orchestration(tenant: str, run: int) -> None:
    asked = orchestration(replace(ORDER, key=IntentKey(tenant, "account-1", LONG_ID)), run=run)
    assert parse_state(OrderedModel, json.loads(input_of(asked))).orchestration == asked
    assert input_of(asked) == input_of(asked)


@pytest.mark.parametrize("tenant", ["", "a/b", "x" * 129, "ü", f"{SECRET}\n"])
def test_an_order_with_an_id_that_is_none_has_no_input(tenant: str) -> None:
    with pytest.raises(InvalidEventError, match="tenant_id"):
        input_of(orchestration(replace(ORDER, key=IntentKey(tenant, "account-1", "intent-1"))))


@given(state=STATES)
def test_a_state_comes_through_json_whole(state: HeldModel) -> None:
    shown = json.loads(json.dumps(state_json(state)))
    assert parse_state(HeldModel, shown) == state
    assert any_state(shown) == state


def test_what_the_machine_itself_reads_is_always_there() -> None:
    shown = state_json(parse_state(HeldModel, held()))
    assert (shown["rounds"], shown["next"]) == (0, "VALIDATE")
    assert {"error", "due_at", "tool", "arguments_sha256"} & shown.keys() == set()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", 2),
        ("version", "1"),
        ("version", None),
        ("name", "a b"),
        ("name", "x" * 81),
        ("name", "x\n"),
        ("run", 0),
        ("run", "1"),
        ("tenant_id", f"{SECRET}/"),
        ("account_id", ""),
        ("action_intent_id", "x" * 129),
        ("approval_source", SECRET),
        ("auto_executed", 1),
        ("error", SECRET),
        ("error", {"Error": "x" * 257}),
        ("error", {"Cause": SECRET}),
        ("error", {"Error": "E", "Cause": "x" * 262_145}),
        ("intent", {"parameters": SECRET}),
        ("generation", 1),
    ],
)
def test_what_is_wrong_with_an_input_is_named_and_not_shown(field: str, value: object) -> None:
    assert field in refusal(OrderedModel, ordered(**{field: value}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("generation", 0),
        ("generation", "1"),
        ("next", "RETRY"),
        ("rounds", -1),
        ("rounds", 1.5),
        ("rounds", 2**53),
        ("due_at", "soon"),
        ("due_at", 1_900_000_000),
        ("judged_send_no", -1),
        ("judged_at_ms", -1),
        ("absent", "false"),
        ("tool", ""),
        ("tool", "x" * 257),
        ("arguments_sha256", "xyz"),
        ("arguments_sha256", DIGEST.upper()),
        ("arguments", {"title": SECRET}),
    ],
)
def test_what_is_wrong_with_a_state_is_named_and_not_shown(field: str, value: object) -> None:
    assert field in refusal(HeldModel, held(**{field: value}))


@pytest.mark.parametrize("field", ["version", "name", "run", "tenant_id", "account_id", "action_intent_id"])
def test_what_is_missing_is_named(field: str) -> None:
    document = ordered()
    del document[field]
    assert field in refusal(OrderedModel, document)


@pytest.mark.parametrize("document", [None, 1, "text", [], {}, b"bytes", object(), {1: 2}, {"name": "\ud800"}])
def test_what_is_no_state_is_refused(document: object) -> None:
    refusal(OrderedModel, document)
    with pytest.raises(InvalidEventError):
        any_state(document)


def test_a_state_without_a_claim_and_one_with_it_are_told_apart_by_the_generation() -> None:
    assert type(any_state(ordered())) is OrderedModel
    assert type(any_state(held())) is HeldModel
    with pytest.raises(InvalidEventError, match="next"):
        any_state(ordered(generation=1))


def test_a_state_belongs_to_its_execution_of_the_state_machine() -> None:
    assert parse_state(HeldModel, held(error={"Error": "E"})).order == OURS.order


def test_a_state_with_the_longest_of_everything_but_a_caught_error_stays_small() -> None:
    ids = dict.fromkeys(("tenant_id", "account_id", "action_intent_id"), LONG_ID)
    numbers = dict.fromkeys(("rounds", "judged_send_no", "judged_at_ms"), 2**53 - 1)
    state = parse_state(
        HeldModel, held(**ids, **numbers, name="x" * 80, tool="ü" * 256, arguments_sha256=DIGEST, auto_executed=False)
    )
    assert len(json.dumps(state_json(state)).encode()) < 4_096 < MAX_STATE_BYTES


def test_what_is_told_leaves_out_what_is_absent() -> None:
    told = ToldModel(tenant_id="t", account_id="a", action_intent_id="i", status="REFUSED")
    assert state_json(told) == {
        "version": 1,
        "tenant_id": "t",
        "account_id": "a",
        "action_intent_id": "i",
        "status": "REFUSED",
    }
