"""Domain rows as DynamoDB items, and back.

What keys and attributes say already is left out of an item's ``body``, and so is what is a default: write units are
counted by the kilobyte. Long texts have attributes of their own, so that JSON does not escape them twice.
Attributes are written out here, and not by a function each, for there are sixty an action.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import TypeVar

from adapters.aws import keys
from adapters.aws.writes import Item
from core.domain.attempt import Attempt
from core.domain.effect import Effect
from core.domain.errors import LedgerUnreadableError, StoreUnavailableError
from core.domain.keys import IntentKey
from core.domain.ledger import Chain, LedgerEntry, LedgerEvent
from core.domain.outcome import Outcome
from core.domain.signal import Signal
from ports.wire.slim import SlimForm

T = TypeVar("T")

ATTEMPT = SlimForm(
    Attempt,
    dict.fromkeys(
        ("key", "version", "nonce", "status", "attempt_count", "attempt_id", "started_at_ms", "due_at_ms"), True
    ),
    decides=True,
)
EFFECT = SlimForm(
    Effect,
    {
        "kind": True,
        "run": True,
        "response": True,
        "before": True,
        "request": {"key": True, "effect_key": True, "arguments": True},
    },
    decides=True,
)
OUTCOME = SlimForm(Outcome, dict.fromkeys(("key", "status", "run", "revision"), True))
SIGNAL = SlimForm(
    Signal,
    {
        "signal_id": True,
        "key": True,
        "revision": True,
        "at_ms": True,
        "outcome": {"key": True, "trace_id": True, "decision_trace_id": True},
    },
)


def readable(read: Callable[[Item], T]) -> Callable[[Item], T]:
    """Let a row that lacks something, or has it in another form, be one that cannot be read, and nothing worse."""

    @wraps(read)
    def reading(item: Item) -> T:
        try:
            return read(item)
        except (KeyError, TypeError, ValueError) as fault:
            raise StoreUnavailableError(f"A row cannot be read: {read.__name__}.") from fault

    return reading


def attempt_key(key: IntentKey) -> Item:
    """Return the key of an attempt."""
    return {"pk": {"S": keys.partition_of(key)}, "sk": {"S": keys.execution_sort(key.intent_id)}}


def attempt_item(attempt: Attempt) -> Item:
    """Return what is stored of an attempt; it stands in the indexes by due date and of what is parked only while so."""
    key = attempt.key
    place = keys.shard(key.intent_id)
    item: Item = {
        **attempt_key(key),
        "version": {"N": str(attempt.version)},
        "nonce": {"S": attempt.nonce},
        "status": {"S": attempt.status.value},
        "attempt_count": {"N": str(attempt.attempt_count)},
        "last_attempt_id": {"S": attempt.attempt_id},
        "started_at": {"N": str(attempt.started_at_ms)},
        "tenant_shard": {"S": keys.tenant_shard(key.tenant_id, place)},
        "body": {"S": ATTEMPT.dump(attempt)},
    }
    if attempt.last_error is not None:
        item["last_error_class"] = {"S": attempt.last_error.error_class.value}
    if attempt.due_at_ms is not None:
        item["due_shard"], item["due_at"] = {"S": place}, {"N": str(attempt.due_at_ms)}
    if attempt.parked is not None:
        item["parked_shard"] = {"S": place}
        item["parked_at"] = {"S": f"TENANT#{key.tenant_id}#{attempt.started_at_ms:015d}"}
    return item


@readable
def attempt_of(item: Item) -> Attempt:
    """Return the attempt that an item holds."""
    return ATTEMPT.join(
        item["body"]["S"],
        {
            "key": keys.key_of(item["pk"]["S"], item["sk"]["S"]),
            "version": int(item["version"]["N"]),
            "nonce": item["nonce"]["S"],
            "status": item["status"]["S"],
            "attempt_count": int(item["attempt_count"]["N"]),
            "attempt_id": item["last_attempt_id"]["S"],
            "started_at_ms": int(item["started_at"]["N"]),
            "due_at_ms": int(item["due_at"]["N"]) if "due_at" in item else None,
        },
    )


def effect_key(key: IntentKey, run: int, kind: str) -> Item:
    """Return the key of an effect."""
    return {"pk": {"S": keys.partition_of(key)}, "sk": {"S": keys.effect_sort(key.intent_id, run, kind)}}


def effect_item(effect: Effect) -> Item:
    """Return what is stored of an effect."""
    request = effect.request
    item: Item = {
        **effect_key(request.key, effect.run, effect.kind.value),
        "effect_key": {"S": request.effect_key},
        "arguments": {"S": request.arguments},
        "body": {"S": EFFECT.dump(effect)},
    }
    if effect.response is not None:
        item["response"] = {"S": effect.response}
    if effect.before is not None:
        item["before"] = {"S": effect.before}
    return item


@readable
def effect_of(item: Item) -> Effect:
    """Return the effect that an item holds."""
    intent_id, run, kind = item["sk"]["S"].removeprefix(keys.EXECUTOR).split("#")
    request: Mapping[str, object] = {
        "key": keys.key_of(item["pk"]["S"], f"#{intent_id}"),
        "effect_key": item["effect_key"]["S"],
        "arguments": item["arguments"]["S"],
    }
    return EFFECT.join(
        item["body"]["S"],
        {
            "kind": kind,
            "run": int(run),
            "request": request,
            "response": item["response"]["S"] if "response" in item else None,
            "before": item["before"]["S"] if "before" in item else None,
        },
    )


def outcome_key(key: IntentKey) -> Item:
    """Return the key of the outcome."""
    return {"pk": {"S": keys.partition_of(key)}, "sk": {"S": keys.outcome_sort(key.intent_id)}}


def outcome_item(outcome: Outcome) -> Item:
    """Return what is stored of the latest revision; the ledger keeps what was told before."""
    return {
        **outcome_key(outcome.key),
        "status": {"S": outcome.status.value},
        "run": {"N": str(outcome.run)},
        "revision": {"N": str(outcome.revision)},
        "body": {"S": OUTCOME.dump(outcome)},
    }


@readable
def outcome_of(item: Item) -> Outcome:
    """Return the outcome that an item holds."""
    return OUTCOME.join(
        item["body"]["S"],
        {
            "key": keys.key_of(item["pk"]["S"], item["sk"]["S"]),
            "status": item["status"]["S"],
            "run": int(item["run"]["N"]),
            "revision": int(item["revision"]["N"]),
        },
    )


def signal_key(signal: Signal) -> Item:
    """Return the key of an outbox row: the intent, the revision, and what else the signal's id says."""
    key = signal.key
    rest = signal.signal_id.removeprefix(_signal_prefix(key))
    return {"pk": {"S": keys.partition_of(key)}, "sk": {"S": f"SIGNAL#{key.intent_id}#{signal.revision:06d}#{rest}"}}


def signal_item(signal: Signal) -> Item:
    """Return what is stored of a signal until it is published."""
    return {**signal_key(signal), "at": {"N": str(signal.at_ms)}, "body": {"S": SIGNAL.dump(signal)}}


@readable
def signal_of(item: Item) -> Signal:
    """Return the signal that an outbox row holds."""
    _, intent_id, revision, rest = item["sk"]["S"].split("#")
    key = keys.key_of(item["pk"]["S"], f"#{intent_id}")
    beside: dict[str, object] = {
        "signal_id": _signal_prefix(key) + rest,
        "key": key,
        "revision": int(revision),
        "at_ms": int(item["at"]["N"]),
    }
    signal = SIGNAL.read(item["body"]["S"])
    if "outcome" in signal:
        traces = {name: signal[name] for name in ("trace_id", "decision_trace_id")}
        beside["outcome"] = {"key": key, **traces}
    return SIGNAL.joined(signal, beside)


def _signal_prefix(key: IntentKey) -> str:
    return f"exec-{key.intent_id}-{key.account_id}-"


def ledger_items(entries: Sequence[LedgerEntry]) -> list[Item]:
    """Return what is stored of entries: those of one chain and one moment, which follow each other, share an item."""
    groups: list[list[LedgerEntry]] = []
    for entry in entries:
        last = groups[-1][-1] if groups else None
        if last is not None and (last.chain, last.at_ms, last.sha256) == (entry.chain, entry.at_ms, entry.previous):
            groups[-1].append(entry)
        else:
            groups.append([entry])
    return [_ledger_item(group) for group in groups]


def _ledger_item(group: Sequence[LedgerEntry]) -> Item:
    first = group[0]
    chain = first.chain
    return {
        "pk": {"S": keys.chain_partition(chain)},
        "sk": {"S": keys.sequence_sort(first.sequence)},
        "tenant_shard": {"S": keys.tenant_shard(chain.tenant_id, keys.shard(chain.subject))},
        "at": {"N": str(first.at_ms)},
        "previous": {"B": bytes.fromhex(first.previous)},
        "entries": {
            "L": [
                {
                    "M": {
                        "event": {"S": it.event.value},
                        "body": {"S": it.body},
                        "sha256": {"B": bytes.fromhex(it.sha256)},
                    }
                }
                for it in group
            ]
        },
    }


def entries_of(chain: Chain, item: Item) -> list[LedgerEntry]:
    """Return the entries that an item holds, in sequence, as they were stored.

    Raises:
        LedgerUnreadableError: it is not of a form that this version knows.
    """
    try:
        return _entries(chain, item)
    except (KeyError, TypeError, ValueError) as fault:
        place = item["sk"]["S"].removeprefix(keys.SEQUENCE).lstrip("0")
        raise LedgerUnreadableError(f"{chain.tenant_id} {chain.subject}: entry {place} cannot be read.") from fault


def _entries(chain: Chain, item: Item) -> list[LedgerEntry]:
    sequence = int(item["sk"]["S"].removeprefix(keys.SEQUENCE))
    previous, at_ms = _hex(item["previous"]["B"]), int(item["at"]["N"])
    found: list[LedgerEntry] = []
    for place, stored in enumerate(item["entries"]["L"]):
        fields = stored["M"]
        name = _hex(fields["sha256"]["B"])
        event = LedgerEvent(fields["event"]["S"])
        found.append(LedgerEntry(chain, sequence + place, event, at_ms, fields["body"]["S"], previous, name))
        previous = name
    return found


def _hex(octets: object) -> str:
    return octets.hex() if isinstance(octets, bytes) else ""
