"""The orchestrator port."""

from typing import Protocol

from core.domain.orchestration import Orchestration


class Orchestrator(Protocol):
    """A state machine that takes the steps of an execution one by one, durably."""

    def start(self, orchestration: Orchestration) -> None:
        """Start it, durably when this returns. One that was started under its name before, running or ended, is it.

        Raises:
            NameTakenError: the name belongs to an execution that is not ours.
            StoreUnavailableError: it may or may not be started; ask again.
        """
        ...

    def find(self, name: str) -> Orchestration | None:
        """Return what the execution of this name was started with; None where it is gone, or none of ours.

        Raises:
            StoreUnavailableError: it could not be read.
        """
        ...

    def stop(self, name: str, reason: str) -> None:
        """Stop it where it is still running; otherwise nothing happens.

        Raises:
            StoreUnavailableError: it may or may not be stopped.
        """
        ...
