"""What waits, wakes, buries and keeps large texts: the ports that need no store of executions."""

from collections.abc import Callable
from dataclasses import dataclass

from ports.artifacts import Artifacts
from ports.backlog import Backlog
from ports.clock import Clock
from ports.dead_letters import DeadLetters
from ports.queue import Queue
from ports.visibility import Visibility
from ports.wake_ups import WakeUps


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The ports of one backend, and how time is made to pass for it; what a backend cannot do is None or False."""

    clock: Clock
    pass_time: Callable[[int], None]
    """Let milliseconds pass: a fake clock is advanced, a service with a clock of its own is waited for."""
    queue: Queue
    wake_ups: WakeUps
    dead_letters: DeadLetters
    artifacts: Artifacts
    backlog: Backlog | None = None
    visibility: Visibility | None = None
    fences_receipts: bool = True
    """Whether a receipt ends when somebody else is given the message. SQS does not promise it."""
    visibility_ms: int = 30_000
