"""What one odd row, one failing call or one very large answer may do on AWS: nothing to the others, and no lie."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from adapters.aws import items, tables
from adapters.aws.session import OBJECTS
from adapters.aws.tables import Tables
from core.domain.answer import Applied, Happened, ObjectRef, kept
from core.domain.answering import CODE_BYTES, INLINE_BYTES, MESSAGE_BYTES
from core.domain.attempt import Fault
from core.domain.effect import Effect, Send
from core.domain.errors import ErrorClass, StoreUnavailableError, SwitchUnreadableError
from core.domain.intent import ExecutionPolicy
from core.domain.settling import apply_found, record_answer
from core.domain.switches import Switch
from core.domain.timing import Timing
from entrypoints.container.building import build_aws
from entrypoints.settings.loading import load
from tests.contract.dynamo import Stores, made, stores
from tests.contract.samples import NOW_MS, TIMING, changed, claimed, intent, key, parked, refusal
from tests.emulators import clients
from tests.integration.capacity import size

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

MOST_BYTES = 400 * 1024
TENANT = {"tenantId": {"S": "acme"}, "execution_enabled": {"BOOL": True}}


@pytest.fixture
def client(request: pytest.FixtureRequest) -> DynamoDBClient:
    request.getfixturevalue("moto")
    return clients.dynamodb(None)


@pytest.fixture
def there(client: DynamoDBClient) -> Iterator[Tables]:
    with made(client) as opened:
        yield opened


@pytest.fixture
def store(there: Tables) -> Stores:
    return stores(there)


def put(there: Tables, table: str, item: dict[str, Any]) -> None:
    there.client.put_item(TableName=there.name(table), Item=item)


def test_a_call_for_an_internal_object_is_over_before_the_shortest_timeout_and_is_made_once() -> None:
    longest_s = OBJECTS.tries * (OBJECTS.connect_s + OBJECTS.read_s)
    shortest_s = min(1, ExecutionPolicy().timeout_seconds)
    assert OBJECTS.tries == 1
    assert longest_s < shortest_s


def test_commits_and_internal_objects_are_tried_once_by_their_clients() -> None:
    """The core asks again for a commit, and nobody does for an effect: no retries are nested in retries."""
    container = build_aws(load(environment={"ACTONCE_TARGET": "aws", "ACTONCE_AWS_REGION": clients.REGION}))
    for there in (container.commit_tables(), container.object_tables()):
        config: Any = there.client.meta.config
        assert config.retries["total_max_attempts"] == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"due_shard": {"S": "00"}, "due_at": {"N": "1"}},
        {"due_shard": {"S": "00"}, "due_at": {"N": "1"}, "body": {"S": "{"}, "version": {"N": "1"}},
    ],
    ids=["bare", "broken"],
)
def test_an_odd_row_of_attempts_hides_no_other_from_the_sweeper(store: Stores, odd: dict[str, Any]) -> None:
    put(store.tables, tables.ATTEMPTS, {"pk": {"S": "somebody else's"}, "sk": {"S": "row"}, **odd})
    put(store.tables, tables.ATTEMPTS, {"pk": {"S": "TENANT#acme#ACCOUNT#a"}, "sk": {"S": "EXECUTION#odd"}, **odd})
    change = claimed()
    store.executions.commit(change)
    due = store.executions.due(NOW_MS + 10**9, 10)
    assert change.key in due
    with pytest.raises(StoreUnavailableError):
        store.executions.load(key("odd", account="a"))


def test_an_odd_row_of_the_outbox_keeps_no_signal_from_being_published(store: Stores) -> None:
    for number, body in enumerate(({}, {"body": {"S": '{"type":"ACTION_DREAMT"}'}, "at": {"N": "1"}})):
        place = {"pk": {"S": "TENANT#acme#ACCOUNT#a"}, "sk": {"S": f"SIGNAL#i#00000{number}#ACTION_DREAMT"}}
        put(store.tables, tables.OUTBOX, {"at": {"N": "0"}, **place, **body})
    with pytest.raises(StoreUnavailableError):
        store.outbox.pending(10)
    assert store.executions.refuse(refusal())
    assert len(store.outbox.pending(10)) == 1


def test_an_execution_that_cannot_be_read_hides_no_other_from_a_listing(store: Stores) -> None:
    for number in range(3):
        first = claimed(intent(key(f"intent-{number}")), now_ms=NOW_MS + number)
        store.executions.commit(first)
        store.executions.commit(parked(first.execution))
    row = store.tables.get(tables.ATTEMPTS, items.attempt_key(key("intent-1")))
    assert row is not None
    put(store.tables, tables.ATTEMPTS, {**row, "body": {"S": '{"of a newer version":1}'}})
    page = store.listings.by_account("acme", "account-1", limit=10, place=None)
    assert [it.attempt.key.intent_id for it in page.executions] == ["intent-2", "intent-0"]
    assert len(store.listings.parked("acme", limit=10)) == 2


def test_a_field_of_a_newer_version_makes_an_attempt_unreadable_and_nothing_is_lost(store: Stores) -> None:
    change = claimed()
    store.executions.commit(change)
    row = store.tables.get(tables.ATTEMPTS, items.attempt_key(change.key))
    assert row is not None
    newer = {**json.loads(row["body"]["S"]), "hold_for": "a person"}
    put(store.tables, tables.ATTEMPTS, {**row, "body": {"S": json.dumps(newer)}})
    with pytest.raises(StoreUnavailableError):
        store.executions.load(change.key)


@pytest.mark.parametrize(
    "odd", [{"S": "CREATE_TASK"}, {"S": '["CREATE_TASK"]'}, {"M": {}}, {"L": [{"N": "1"}]}], ids=lambda it: str(it)[:12]
)
def test_action_types_in_an_unknown_form_stop_everything(store: Stores, odd: dict[str, Any]) -> None:
    put(
        store.tables,
        tables.TENANTS,
        {"tenantId": {"S": "acme"}, "execution_enabled": {"BOOL": True}, "disabled_action_types": odd},
    )
    with pytest.raises(SwitchUnreadableError):
        store.kill_switches.read("acme")


def test_action_types_that_another_system_wrote_as_a_list_are_stopped_and_opened_by_name(store: Stores) -> None:
    listed = {"L": [{"S": "SEND_LETTER"}]}
    put(
        store.tables,
        tables.TENANTS,
        {"tenantId": {"S": "acme"}, "execution_enabled": {"BOOL": True}, "disabled_action_types": listed},
    )
    switch = Switch("acme", "CREATE_TASK")
    store.kill_switches.close(switch, operator="ada", reason="a drill", at_ms=NOW_MS)
    assert store.kill_switches.read("acme").disabled_action_types == {"SEND_LETTER", "CREATE_TASK"}
    for name in ("SEND_LETTER", "CREATE_TASK"):
        store.kill_switches.open(Switch("acme", name), operator="ada", reason="over", at_ms=NOW_MS)
    assert store.kill_switches.read("acme").stops("SEND_LETTER") is None


def test_everything_at_its_bound_fits_into_a_row() -> None:
    """What could not be stored could never be told, whatever the provider proved."""
    wide = "\U0001f600" * 2_000
    sends = tuple(
        Send(number, 1, NOW_MS, NOW_MS, fault=Fault(ErrorClass.DOWNSTREAM, "C" * CODE_BYTES, "m" * MESSAGE_BYTES))
        for number in range(1, Timing().max_sends + 1)
    )
    (effect,) = claimed().effects
    request = replace(effect.request, arguments='"' * 200 * 1024)
    largest: Effect = replace(effect, request=request, sends=sends, before='"' * 64 * 1024)
    existing = replace(claimed().execution, effects=(largest,))
    refs = tuple(
        ObjectRef(wide[:64], wide[:64], wide[:256], f"https://crm.example/{number}") for number in range(1_000)
    )
    answer = Applied(refs, '"' * INLINE_BYTES)
    change = changed(existing, lambda draft: record_answer(draft, largest, len(sends), answer, TIMING))
    (settled_effect,) = change.effects
    assert size(items.effect_item(settled_effect)) < MOST_BYTES
    assert change.outcome is not None
    assert size(items.outcome_item(change.outcome)) < MOST_BYTES
    assert size(items.signal_item(change.signals[0])) < 256 * 1024
    assert settled_effect.refs[0] == refs[0]


def test_what_a_look_up_finds_is_cut_to_what_a_row_can_hold() -> None:
    (effect,) = claimed().effects
    found = Happened((), "x" * 10 * INLINE_BYTES)
    change = changed(claimed().execution, lambda draft: apply_found(draft, effect, found))
    assert len(change.effects[0].response or "") == INLINE_BYTES


def test_of_several_objects_never_only_one_is_kept_for_undoing_it_would_be_told_as_undoing_all() -> None:
    long = "\U0001f600" * 256
    refs = tuple(
        ObjectRef(long, long, "i" * 1_024, f"https://crm.example/{'u' * 2_000}{number}") for number in range(9)
    )
    assert len(kept(refs)) > 1
    assert kept(refs[:1]) == refs[:1]
