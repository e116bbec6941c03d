"""Plan ahead: map and freeze intents that were received together, in a row, before each has its turn."""

from core.domain.intent import Intent
from core.usecases.map_tool import MapTool
from core.usecases.validate import Validate

MAX_CHARACTERS = 16 * 1024
"""Of a longer intent nothing is kept: most are far shorter, and one whose turn never comes is held for a while."""


class PlanAhead:
    """Makes ready what depends on the intent and its registry entry alone; whether it may go out is not asked yet."""

    def __init__(self, validate: Validate, map_tool: MapTool) -> None:
        """Keep the parts; the mapping is the one by which the intent is carried out when its turn comes."""
        self._validate = validate
        self._map_tool = map_tool

    def __call__(self, intent: Intent) -> None:
        """Map and freeze it, unless it is long; nothing is claimed, stored or sent.

        Raises:
            ValidationError: it will be refused when its turn comes.
            TransientError: the registry could not be read now.
        """
        if len(intent.text) <= MAX_CHARACTERS:
            self._map_tool.ahead(intent, self._validate.pinned(intent.action_type, intent.registry_version))
