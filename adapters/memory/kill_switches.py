"""Kill switches in memory."""

from collections.abc import Sequence

from adapters.memory.store import MemoryStore
from core.domain.refusing import switch_chain, switch_entry
from core.domain.switches import Switch, SwitchReading


class MemoryKillSwitches:
    """The kill switches port; unknown tenants are closed unless the deployment says otherwise."""

    def __init__(self, store: MemoryStore, *, unknown_tenants_enabled: bool = False) -> None:
        """Start with every switch open and no tenant known."""
        self._store = store
        self._unknown_enabled = unknown_tenants_enabled
        self._closed: set[Switch] = set()
        self._known: set[str] = set()

    def read(self, tenant_id: str) -> SwitchReading:
        """Return all that bears on a tenant."""
        with self._store.lock:
            is_known = tenant_id in self._known or self._unknown_enabled
            return SwitchReading(
                global_enabled=Switch() not in self._closed,
                tenant_enabled=is_known and Switch(tenant_id) not in self._closed,
                disabled_action_types=frozenset(
                    it.action_type for it in self._closed if it.tenant_id in {None, tenant_id} and it.action_type
                ),
            )

    def close(self, switch: Switch, *, operator: str, reason: str, at_ms: int) -> None:
        """Stop."""
        with self._store.lock:
            self._closed.add(switch)
            self._note(switch, closed=True, operator=operator, reason=reason, at_ms=at_ms)

    def open(self, switch: Switch, *, operator: str, reason: str, at_ms: int) -> None:
        """Resume; opening a tenant's switch makes the tenant known."""
        with self._store.lock:
            self._closed.discard(switch)
            if switch.tenant_id is not None and switch.action_type is None:
                self._known.add(switch.tenant_id)
            self._note(switch, closed=False, operator=operator, reason=reason, at_ms=at_ms)

    def closed(self) -> Sequence[Switch]:
        """Return what is closed."""
        with self._store.lock:
            return sorted(self._closed, key=str)

    def _note(self, switch: Switch, *, closed: bool, operator: str, reason: str, at_ms: int) -> None:
        head = self._store.head(switch_chain(switch))
        self._store.append(switch_entry(switch, head, closed=closed, operator=operator, reason=reason, at_ms=at_ms))
