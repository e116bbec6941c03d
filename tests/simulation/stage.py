"""What the simulated world is made of beside its processes: messages, crashes, and who runs next."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from core.domain.intent import Intent
from core.domain.keys import IntentKey
from core.domain.orchestration import Orchestration

if TYPE_CHECKING:
    from tests.simulation.process import Process

START_MS = 1_700_000_000_000
VISIBILITY_MS = 30_000
SWEEP_MS = 5_000
HORIZON_MS = 30 * 60 * 1000
MAX_TURNS = 400
FRAGILE = frozenset({"executions", "intents", "outbox", "artifacts", "switches", "signals", "orchestrator", "machine"})


class Crash(BaseException):
    """The process is gone; nobody may catch this but the world."""


@dataclass(order=True)
class Message:
    """A delivery in the queue; ``key`` and ``owner`` for a wake-up, an intent for an event.

    ``ended``: what an execution of the state machine was to do, and how it ended.
    """

    visible_at: int
    number: int
    intent: Intent | None = field(default=None, compare=False)
    key: IntentKey | None = field(default=None, compare=False)
    owner: str = field(default="", compare=False)
    ended: tuple[Orchestration, str] | None = field(default=None, compare=False)


class Hub(Protocol):
    """Who runs next, where several processes are interleaved step by step."""

    def pause(self, process: "Process", label: str) -> str | None:
        """Give the others a turn; return a fault for this call, None for none."""
        ...

    def replace(self, process: "Process", by: "Process") -> None:
        """Go on with another process in the place of one that died."""
        ...
