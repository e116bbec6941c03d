"""Keys of the tables: the tenant comes first in every one, and ``#`` occurs in no id."""

from zlib import crc32

from core.domain.errors import StoreUnavailableError
from core.domain.keys import IntentKey
from core.domain.ledger import Chain

SHARDS = 16
"""Over so many keys an index is spread; fixed, for every reader asks each of them."""

_SHARDS = tuple(f"{number:02d}" for number in range(SHARDS))

SEQUENCE = "SEQ#"
REFUSED = "REFUSED#"
EXECUTOR = "EXECUTOR#"
"""The layer of an effect row: the executor's; a gateway target keeps its own beside it."""
TARGET = "GATEWAY_TARGET#"


def partition(tenant_id: str, account_id: str) -> str:
    """Return the partition key of everything that belongs to one account."""
    return f"TENANT#{tenant_id}#ACCOUNT#{account_id}"


def partition_of(key: IntentKey) -> str:
    """Return the partition key of an intent."""
    return partition(key.tenant_id, key.account_id)


def key_of(pk: str, sk: str) -> IntentKey:
    """Return the intent that a row of attempts, outcomes or intents is about.

    Raises:
        StoreUnavailableError: the row is not one of ours.
    """
    try:
        _, tenant_id, _, account_id = pk.split("#")
        _, intent_id = sk.split("#", 1)
    except ValueError as fault:
        raise StoreUnavailableError("A row has a key of another form.") from fault
    return IntentKey(tenant_id, account_id, intent_id)


def execution_sort(intent_id: str) -> str:
    """Return the sort key of an attempt."""
    return f"EXECUTION#{intent_id}"


def outcome_sort(intent_id: str) -> str:
    """Return the sort key of an outcome."""
    return f"OUTCOME#{intent_id}"


def intent_sort(intent_id: str) -> str:
    """Return the sort key of an intent."""
    return f"ACTION_INTENT#{intent_id}"


def effect_sort(intent_id: str, run: int, kind: str) -> str:
    """Return the sort key of an effect row of the executor."""
    return f"{EXECUTOR}{intent_id}#{run:06d}#{kind}"


def target_sort(tool: str, effect_key: str) -> str:
    """Return the sort key of a target's record; ``#`` occurs in no tool's name."""
    return f"{TARGET}{tool}#{effect_key}"


def object_sort(kind: str, object_id: str) -> str:
    """Return the sort key of an internal note or task."""
    return f"{kind.upper()}#{object_id}"


def chain_partition(chain: Chain) -> str:
    """Return the partition key of a ledger chain."""
    return f"TENANT#{chain.tenant_id}#INTENT#{chain.subject}"


def chain_of(pk: str) -> Chain:
    """Return the chain that a ledger row belongs to."""
    _, tenant_id, _, subject = pk.split("#", 3)
    return Chain(tenant_id, subject)


def sequence_sort(sequence: int) -> str:
    """Return the sort key of the entries that begin at a place of their chain."""
    return f"{SEQUENCE}{sequence:012d}"


def padded(version: int) -> str:
    """Return a registry version as a sort key that sorts like the number, up to 2^53 - 1."""
    return f"REGISTRY_VERSION#{version:016d}"


def shard(name: str) -> str:
    """Return which of the shards a name falls into, always the same one."""
    return _SHARDS[crc32(name.encode()) % SHARDS]


def shards() -> list[str]:
    """Return every shard."""
    return list(_SHARDS)


def tenant_of(tenant_shard: str) -> str:
    """Return whose rows stand under such a key."""
    return tenant_shard.split("#")[1]


def tenant_shard(tenant_id: str, number: str) -> str:
    """Return one of the keys over which a tenant's rows are spread in an index by time."""
    return f"TENANT#{tenant_id}#{number}"
