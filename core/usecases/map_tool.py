"""Map: from an intent and its registry entry to the call of a tool."""

from core.domain.attempt import EffectKind
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from core.domain.registry import RegistryEntry
from core.domain.request import MappedCall, frozen, map_action

MAX_AHEAD = 512
FIRST_RUN = 1


class MapTool:
    """Maps parameters to arguments; a parameter that no mapping names is refused, not dropped."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._ahead: dict[IntentKey, tuple[Intent, RegistryEntry, MappedCall]] = {}

    def __call__(self, intent: Intent, entry: RegistryEntry) -> MappedCall:
        """Return the call.

        Raises:
            ValidationError: a required parameter is missing, or one is given that no mapping names.
        """
        known = self._ahead.pop(intent.key, None)
        # A call depends on nothing but these two, so what was mapped of these very two is what would be mapped now.
        if known is not None and known[0] is intent and known[1] is entry:
            return known[2]
        return map_action(intent, entry)

    def ahead(self, intent: Intent, entry: RegistryEntry) -> None:
        """Map and freeze an intent whose turn is still to come.

        Raises:
            ValidationError: as the call itself will.
        """
        call = map_action(intent, entry)
        frozen(call, EffectKind.ACTION.value, FIRST_RUN)
        if len(self._ahead) >= MAX_AHEAD:
            # Those never had their turn; whatever is still to come is mapped when it comes.
            self._ahead.clear()
        self._ahead[intent.key] = (intent, entry, call)
