"""The modes in which an installation may carry out actions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mode:
    """How an installation carries out actions. ``name``: its own, and what its functions' names begin with.

    ``takers`` carry an action from the queue to its end; ``caller`` is the one of them that calls the tool.
    ``many``: how many actions at once are a load for it.
    """

    name: str
    caller: str
    takers: tuple[str, ...]
    many: int

    @property
    def publisher(self) -> str:
        """The user who publishes there."""
        return f"{self.name}-publisher"

    @property
    def operator(self) -> str:
        """The user who operates it."""
        return f"{self.name}-operator"


STEPS_TAKEN = ("step-start", "step-validate", "step-map-tool", "step-invoke", "step-record")
MODES = {
    "direct": Mode("actonce", "consumer", ("consumer",), many=300),
    "steps": Mode("steps", "step-invoke", ("starter", *STEPS_TAKEN), many=100),
}
