"""Validate: may this intent be carried out as it stands?"""

from core.domain.errors import ConfigurationError, IntentExpiredError, ValidationError
from core.domain.intent import Intent, is_expired
from core.domain.registry import RegistryEntry
from core.usecases.gate import Switchboard
from ports.clock import Clock
from ports.connector import Connectors
from ports.registry import Registry


class Validate:
    """Checks the pinned registry version, expiry, switches and connector, before anything is prepared."""

    def __init__(self, registry: Registry, connectors: Connectors, board: Switchboard, clock: Clock) -> None:
        """Keep the ports."""
        self._registry = registry
        self._connectors = connectors
        self._board = board
        self._clock = clock

    def __call__(self, intent: Intent) -> RegistryEntry:
        """Return the entry that the intent pins.

        Raises:
            IntentExpiredError, KillSwitchEnabledError, ValidationError, ConfigurationError: it may not.
            TransientError: a store could not be read; nothing is known.
        """
        if is_expired(intent.expires_at_epoch, self._clock.now_ms()):
            raise IntentExpiredError(f"The approval expired at {intent.expires_at}.")
        self._board.check(intent.key.tenant_id, intent.action_type)
        entry = self.pinned(intent.action_type, intent.registry_version)
        if self._connectors.offering(entry.tool, intent.key.tenant_id) is None:
            raise ConfigurationError(f"No connector is configured for the tool {entry.tool}.")
        return entry

    def pinned(self, action_type: str, version: int | None) -> RegistryEntry:
        """Return exactly this version of the registry.

        Raises:
            ValidationError: no version was given, or it does not exist.
        """
        if version is None:
            raise ValidationError("The intent pins no registry version.", error_code="MISSING_REGISTRY_VERSION")
        entry = self._registry.entry(action_type, version)
        if entry is None:
            raise ValidationError(
                f"The registry has no {action_type} version {version}.", error_code="TOOL_MAPPING_NOT_FOUND"
            )
        return entry
