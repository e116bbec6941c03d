"""Kill switches in DynamoDB: attributes of the tenant's own row; the global switch is a row of its own."""

from collections.abc import Sequence

from botocore.exceptions import ClientError

from adapters.aws.chains import Chains
from adapters.aws.faults import calling, unavailable
from adapters.aws.tables import TENANTS, Tables
from adapters.aws.writes import Item, Update, text
from core.domain.errors import StoreUnavailableError, SwitchUnreadableError
from core.domain.refusing import EVERY_TENANT, switch_chain, switch_entry
from core.domain.switches import Switch, SwitchReading


class DynamoKillSwitches:
    """The kill switches port; a tenant without a row is closed unless the installation says otherwise."""

    def __init__(self, tables: Tables, quick_tables: Tables, *, unknown_tenants_enabled: bool = False) -> None:
        """Keep the tables; ``quick_tables`` are the same, through a client that would rather fail than wait."""
        self._tables = tables
        self._quick = quick_tables
        self._chains = Chains(tables)
        self._unknown_enabled = unknown_tenants_enabled

    def read(self, tenant_id: str) -> SwitchReading:
        """Return all that bears on a tenant, by one strongly consistent read of the table itself."""
        try:
            rows = self._read_rows([EVERY_TENANT, tenant_id])
            everyone, tenant = rows.get(EVERY_TENANT, {}), rows.get(tenant_id, {})
            stopped = _disabled_types(everyone) | _disabled_types(tenant)
        except StoreUnavailableError as error:
            raise SwitchUnreadableError(f"The kill switches cannot be read: {error.message}") from error
        return SwitchReading(
            global_enabled=_is_enabled(everyone, default=True),
            tenant_enabled=_is_enabled(tenant, default=self._unknown_enabled),
            disabled_action_types=stopped,
        )

    def close(self, switch: Switch, *, operator: str, reason: str, at_ms: int) -> None:
        """Stop."""
        self._set(switch, closed=True, operator=operator, reason=reason, at_ms=at_ms)

    def open(self, switch: Switch, *, operator: str, reason: str, at_ms: int) -> None:
        """Resume; opening a tenant's switch makes the tenant known."""
        self._set(switch, closed=False, operator=operator, reason=reason, at_ms=at_ms)

    def closed(self) -> Sequence[Switch]:
        """Return what is closed, over every tenant there is."""
        found: list[Switch] = []
        for row in self._tables.scan(TENANTS):
            name = row["tenantId"]["S"]
            tenant_id = None if name == EVERY_TENANT else name
            if not _is_enabled(row, default=True):
                found.append(Switch(tenant_id))
            found += [Switch(tenant_id, action_type) for action_type in _disabled_types(row)]
        return sorted(found, key=str)

    def _read_rows(self, tenant_ids: Sequence[str]) -> dict[str, Item]:
        name = self._quick.name(TENANTS)
        wanted: list[Item] = [{"tenantId": text(it)} for it in tenant_ids]
        try:
            answer = calling(
                self._quick.client.batch_get_item, RequestItems={name: {"Keys": wanted, "ConsistentRead": True}}
            )
        except ClientError as error:
            raise unavailable(error) from error
        if answer["UnprocessedKeys"]:
            # Half an answer says nothing about the other half.
            raise StoreUnavailableError("BatchGetItem was throttled.")
        return {row["tenantId"]["S"]: row for row in answer["Responses"].get(name, [])}

    def _set(self, switch: Switch, *, closed: bool, operator: str, reason: str, at_ms: int) -> None:
        key: Item = {"tenantId": text(switch.tenant_id or EVERY_TENANT)}
        row = self._tables.get(TENANTS, key) or {}
        self._chains.append(
            switch_chain(switch),
            lambda head: switch_entry(switch, head, closed=closed, operator=operator, reason=reason, at_ms=at_ms),
            lambda _: [_turn(switch, key, row, closed=closed)],
        )


def _turn(switch: Switch, key: Item, row: Item, *, closed: bool) -> Update:
    if switch.action_type is None:
        return Update(
            TENANTS,
            key,
            "SET #enabled = :enabled",
            {"#enabled": "execution_enabled"},
            {":enabled": {"BOOL": not closed}},
        )
    if "SS" not in row.get("disabled_action_types", {"SS": []}):
        # Written by somebody else in another form: a set takes its place, with what was stopped still stopped.
        types = _disabled_types(row) - {switch.action_type} | ({switch.action_type} if closed else set())
        if not types:
            return Update(TENANTS, key, "REMOVE #types", {"#types": "disabled_action_types"}, {})
        names = {"#types": "disabled_action_types"}
        return Update(TENANTS, key, "SET #types = :types", names, {":types": {"SS": sorted(types)}})
    verb = "ADD" if closed else "DELETE"
    return Update(
        TENANTS,
        key,
        f"{verb} #types :types",
        {"#types": "disabled_action_types"},
        {":types": {"SS": [switch.action_type]}},
    )


def _is_enabled(row: Item, *, default: bool) -> bool:
    """Read the switch; a value that is no boolean is a closed one."""
    if "execution_enabled" not in row:
        return default
    return row["execution_enabled"].get("BOOL") is True


def _disabled_types(row: Item) -> frozenset[str]:
    """Read the action types that are stopped, in the two forms in which other systems may have written them.

    Raises:
        StoreUnavailableError: it is in no form that is known, and might stop anything.
    """
    if "disabled_action_types" not in row:
        return frozenset()
    stored = row["disabled_action_types"]
    listed = stored.get("L")
    if "SS" in stored:
        return frozenset(stored["SS"])
    if listed is not None and all("S" in it for it in listed):
        return frozenset(it["S"] for it in listed)
    raise StoreUnavailableError("disabled_action_types is neither a set nor a list of texts.")
