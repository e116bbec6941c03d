"""A change, a deletion, an insertion or a swap in a chain shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.attempt import ChainHead
from core.domain.canonical import Json
from core.domain.claiming import claim
from core.domain.contract import EffectContract, Terms
from core.domain.draft import chain_of
from core.domain.ledger import Chain, LedgerEntry, LedgerEvent, seal, verify
from tests.unit.making import KEY, NOW_MS, TIMING, a_claim, a_draft, an_intent, prepared

CHAIN = Chain("tenant-1", "account-1/intent-1")
BODIES = st.dictionaries(st.text(max_size=5), st.none() | st.integers(-9, 9) | st.text(max_size=9), max_size=3)
LENGTHS = st.lists(BODIES, min_size=1, max_size=6)


def chained(bodies: Sequence[dict[str, Json]], chain: Chain = CHAIN) -> tuple[list[LedgerEntry], ChainHead]:
    head, entries = ChainHead(), []
    for number, body in enumerate(bodies):
        entry = seal(chain, head, LedgerEvent.EFFECT_PREPARED, NOW_MS + number, body)
        entries.append(entry)
        head = ChainHead(entry.sequence, entry.sha256)
    return entries, head


def with_change(entry: LedgerEntry) -> list[LedgerEntry]:
    """The entry with each of its fields changed, one at a time."""
    return [
        replace(entry, chain=Chain("tenant-2", entry.chain.subject)),
        replace(entry, chain=Chain(entry.chain.tenant_id, "account-1/intent-2")),
        replace(entry, sequence=entry.sequence + 1),
        replace(entry, event=LedgerEvent.ACTION_EXECUTED),
        replace(entry, at_ms=entry.at_ms + 1),
        replace(entry, body=entry.body + " "),
        replace(entry, previous="0" * 64),
        replace(entry, sha256="0" * 64),
    ]


@given(bodies=LENGTHS)
def test_an_untouched_chain_verifies(bodies: list[dict[str, Json]]) -> None:
    entries, head = chained(bodies)

    assert verify(entries, head) is None
    assert verify(entries, None) is None


def test_an_empty_chain_verifies_only_where_nothing_was_written() -> None:
    assert verify([], ChainHead()) is None
    assert verify([], ChainHead(1, "0" * 64)) is not None


@given(bodies=LENGTHS, pick=st.data())
def test_every_change_of_any_field_shows(bodies: list[dict[str, Json]], pick: st.DataObject) -> None:
    entries, head = chained(bodies)
    place = pick.draw(st.integers(0, len(entries) - 1))

    for changed in with_change(entries[place]):
        assert verify([*entries[:place], changed, *entries[place + 1 :]], head) is not None


@given(bodies=LENGTHS, pick=st.data())
def test_every_deletion_shows_the_last_entry_included(bodies: list[dict[str, Json]], pick: st.DataObject) -> None:
    entries, head = chained(bodies)
    place = pick.draw(st.integers(0, len(entries) - 1))

    assert verify([*entries[:place], *entries[place + 1 :]], head) is not None


@given(bodies=LENGTHS, pick=st.data())
def test_every_insertion_shows(bodies: list[dict[str, Json]], pick: st.DataObject) -> None:
    entries, head = chained(bodies)
    place = pick.draw(st.integers(0, len(entries)))
    at = ChainHead(place, entries[place - 1].sha256 if place else "")
    forged = seal(CHAIN, at, LedgerEvent.ACTION_EXECUTED, NOW_MS, {"forged": True})

    assert verify([*entries[:place], forged, *entries[place:]], head) is not None


@given(bodies=st.lists(BODIES, min_size=2, max_size=6), pick=st.data())
def test_every_swap_shows(bodies: list[dict[str, Json]], pick: st.DataObject) -> None:
    entries, head = chained(bodies)
    one, other = pick.draw(st.lists(st.integers(0, len(entries) - 1), min_size=2, max_size=2, unique=True))
    entries[one], entries[other] = entries[other], entries[one]

    assert verify(entries, head) is not None


@given(bodies=LENGTHS)
def test_a_tail_written_anew_shows_against_the_head_that_the_row_keeps(bodies: list[dict[str, Json]]) -> None:
    entries, head = chained(bodies)
    forged, _ = chained([*bodies[:-1], {"forged": True}])

    assert verify(forged, None) is None
    assert verify(forged, head) is not None
    assert len(forged) == len(entries)


def test_an_entry_of_another_chain_does_not_fit() -> None:
    entries, head = chained([{"a": 1}, {"a": 2}])
    others, _ = chained([{"a": 1}, {"a": 2}], Chain("tenant-1", "account-1/intent-2"))

    assert verify([entries[0], others[1]], head) is not None


def test_the_parts_of_a_hash_cannot_run_into_each_other() -> None:
    hashes = {
        seal(Chain(tenant, subject), ChainHead(), LedgerEvent.ACTION, 1, {}).sha256
        for tenant, subject in [("a", "bc"), ("ab", "c"), ("abc", ""), ("", "abc")]
    }

    assert len(hashes) == 4


EVENTS_THAT_EXIST = """
    INTENT SIGNAL TOOL_CALL VALIDATION DECISION ACTION APPROVAL DECISION_EVALUATION_REQUESTED DECISION_PROPOSED
    POLICY_EVALUATED ACTION_APPROVED ACTION_REJECTED ACTION_EDITED
"""
EVENTS_THAT_ARE_OURS = """
    EXECUTION_STARTED ACTION_EXECUTED ACTION_FAILED EXECUTION_CANCELLED EXECUTION_EXPIRED EFFECT_PREPARED
    EFFECT_IN_DOUBT EFFECT_SETTLED PAYLOAD_CONFLICT OPERATOR_RESOLVED OPERATOR_RETRIED ACTION_UNDONE
    KILL_SWITCH_CHANGED
"""


def test_finding_02_the_event_types_are_the_thirteen_that_exist_and_ours() -> None:
    existing = EVENTS_THAT_EXIST.split()

    assert len(existing) == 13
    assert [event.value for event in LedgerEvent] == existing + EVENTS_THAT_ARE_OURS.split()


def test_finding_02_a_transaction_that_is_tried_again_writes_the_same_entries_under_the_same_ids() -> None:
    def entries_of_a_claim() -> tuple[LedgerEntry, ...]:
        draft = a_draft()
        claim(draft, an_intent(), a_claim(), TIMING)
        return draft.change().entries

    first, again = entries_of_a_claim(), entries_of_a_claim()

    assert first == again
    assert [entry.entry_id for entry in first] == ["tenant-1/account-1/intent-1/1"]


def test_every_transition_continues_the_chain_of_its_intent() -> None:
    execution = prepared(Terms(EffectContract.OPAQUE))

    assert chain_of(execution.attempt) == f"{KEY.account_id}/{KEY.intent_id}"
    assert execution.attempt.head.sequence == 2


@pytest.mark.parametrize("body", [{"text": "line\nbreak"}, {"text": "\u2028"}, {"b": 1, "a": [None, {"c": 2.5}]}])
def test_a_body_is_one_line_whatever_it_says(body: dict[str, Json]) -> None:
    entry = seal(CHAIN, ChainHead(), LedgerEvent.ACTION, NOW_MS, body)

    assert "\n" not in entry.body
    assert verify([entry], ChainHead(1, entry.sha256)) is None
