"""The backlog port: what a queue that sees its own messages can tell of them."""

from typing import Protocol


class Backlog(Protocol):
    """What is still in the queue, whether visible or in somebody's hands."""

    def next_visible_ms(self) -> int | None:
        """Return when the next message becomes or became visible, None where the queue is empty.

        Raises:
            StoreUnavailableError: it could not be read.
        """
        ...
