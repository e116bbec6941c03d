from __future__ import annotations

import hashlib
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from core.domain.intent import ExecutionPolicy, Intent, Target, is_expired
from core.domain.keys import IntentKey, is_id
from ports.intents import Intents
from ports.registry import Registry
from tests.unit.making import KEY, a_call, an_intent

OTHER: dict[str, object] = {
    "key": replace(KEY, intent_id="intent-2"),
    "action_type": "CREATE_OPPORTUNITY",
    "parameters": {"title": "Call her", "priority": "high"},
    "registry_version": 2,
    "approved_by": "other@example.test",
    "approval_timestamp": "2030-03-17T17:46:41.000Z",
    "expires_at": "2033-05-18T03:33:21Z",
    "expires_at_epoch": 2_000_000_001,
    "original_decision_id": "decision-2",
    "trace_id": "trace-2",
    "target": Target("account", "other"),
    "policy": ExecutionPolicy(retry_count=0),
    "parameters_schema_version": "2",
    "supersedes_action_intent_id": "intent-0",
    "confidence_score": 0.5,
    "risk_level": "HIGH",
}


def verbs(port: type) -> set[str]:
    return {name for name, it in vars(port).items() if callable(it) and not name.startswith("_")}


@pytest.mark.parametrize(
    ("expires_s", "now_ms", "expected"), [(100, 99_999, False), (100, 100_000, True), (0, 0, True)]
)
def test_an_approval_is_over_from_its_very_epoch_on(expires_s: int, now_ms: int, expected: bool) -> None:
    assert is_expired(expires_s, now_ms) is expected


@pytest.mark.parametrize("field", OTHER)
def test_a_change_of_any_field_changes_the_fingerprint(field: str) -> None:
    assert an_intent(**{field: OTHER[field]}).fingerprint != an_intent().fingerprint


def test_the_changes_cover_every_field() -> None:
    assert OTHER.keys() == {field.name for field in fields(Intent)} - {"fingerprint", "text"}


def test_the_order_of_parameters_does_not_change_the_fingerprint() -> None:
    turned = dict(reversed(list(an_intent().parameters.items())))

    assert an_intent(parameters=turned).fingerprint == an_intent().fingerprint


def test_a_fingerprint_is_a_sha256() -> None:
    assert len(bytes.fromhex(an_intent().fingerprint)) == hashlib.sha256().digest_size


def test_an_intent_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        an_intent().action_type = "OTHER"  # type: ignore[misc]


def test_a_policy_counts_the_first_send_and_the_extra_ones() -> None:
    assert ExecutionPolicy().max_sends == 4
    assert ExecutionPolicy(retry_count=2, max_attempts=3).max_sends == 9
    assert ExecutionPolicy(retry_count=0).max_sends == 1


@pytest.mark.parametrize("text", ["a", "A.b_c:d@e-f", "9" * 128])
def test_an_id_has_1_to_128_harmless_characters(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize("text", ["", "9" * 129, "a b", "a/b", "a#b", "a\n", "é", "a\x00", "TENANT#x", "٣"])
def test_anything_else_is_no_id(text: str) -> None:
    assert not is_id(text)


def test_finding_01_tenant_and_account_are_part_of_the_key_by_which_an_intent_is_read() -> None:
    assert [field.name for field in fields(IntentKey)] == ["tenant_id", "account_id", "intent_id"]
    assert len({KEY, replace(KEY, tenant_id="tenant-2"), replace(KEY, account_id="account-2")}) == 3


def test_finding_01_the_port_that_reads_intents_is_narrow() -> None:
    assert verbs(Intents) == {"get", "put"}


def test_finding_13_the_registry_has_no_verb_for_a_latest_version() -> None:
    assert verbs(Registry) == {"entry", "apply", "entries"}


def test_finding_13_the_pinned_version_is_sealed_into_fingerprint_and_effect() -> None:
    assert an_intent(registry_version=9).fingerprint != an_intent(registry_version=10).fingerprint
    assert a_call(registry_version=9) != a_call(registry_version=10)
