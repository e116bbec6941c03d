"""Kill switches: closed means nothing new is sent."""

from core.domain.choice import Choice
from core.domain.making import dataclass


class SwitchScope(Choice):
    """What one switch stops."""

    GLOBAL = "global"
    TENANT = "tenant"
    ACTION_TYPE = "action_type"


@dataclass(frozen=True, slots=True)
class Switch:
    """One kill switch by name; ``tenant_id`` None is the global scope, ``action_type`` None is all of them."""

    tenant_id: str | None = None
    action_type: str | None = None

    @property
    def scope(self) -> SwitchScope:
        """Which of the three kinds of switch this is."""
        if self.action_type is not None:
            return SwitchScope.ACTION_TYPE
        return SwitchScope.GLOBAL if self.tenant_id is None else SwitchScope.TENANT

    def __str__(self) -> str:
        """Return the switch as an operator names it."""
        return "/".join((self.tenant_id or "every tenant", self.action_type or "every action type"))


@dataclass(frozen=True, slots=True)
class SwitchReading:
    """All that bears on one tenant, from one strong read. ``tenant_enabled`` is False for an unknown tenant."""

    global_enabled: bool
    tenant_enabled: bool
    disabled_action_types: frozenset[str]

    def stops(self, action_type: str) -> str | None:
        """Return which switch stops an action type, None when every one is open."""
        if not self.global_enabled:
            return "the global switch"
        if not self.tenant_enabled:
            return "the tenant's switch"
        if action_type in self.disabled_action_types:
            return f"the switch of {action_type}"
        return None
