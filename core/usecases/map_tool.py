"""Map: from an intent and its registry entry to the call of a tool."""

from core.domain.intent import Intent
from core.domain.registry import RegistryEntry
from core.domain.request import MappedCall, map_action


class MapTool:
    """Maps parameters to arguments; a parameter that no mapping names is refused, not dropped."""

    def __call__(self, intent: Intent, entry: RegistryEntry) -> MappedCall:
        """Return the call.

        Raises:
            ValidationError: a required parameter is missing, or one is given that no mapping names.
        """
        return map_action(intent, entry)
