"""The visibility port: how a delivery stays in our hands while work on it is running."""

from typing import Protocol

from ports.queue import Delivery


class Visibility(Protocol):
    """Keeps a delivery from being given to somebody else."""

    def extend(self, delivery: Delivery, visibility_ms: int) -> None:
        """Keep a delivery invisible to others for ``visibility_ms`` from now; nothing where it is no longer ours.

        Raises:
            StoreUnavailableError: it may become visible when its present time is over.
        """
        ...
