"""Acknowledgements on their way to SQS, by tens: one call removes ten messages."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapters.aws.faults import calling
from core.domain.errors import StoreUnavailableError
from ports.clock import Clock

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

BATCH = 10
WAIT_MS = 500
MAX_WAITING = 100


class Acknowledgements:
    """Receipts that wait for company, for half a second at most while somebody calls; safe among threads.

    A receipt that SQS refuses is let go: its message is redelivered, which is harmless. Receipts whose call failed as
    a whole wait for the next one; beyond a hundred the oldest is let go.
    """

    def __init__(self, client: SQSClient, queue_url: str, clock: Clock) -> None:
        """Start empty."""
        self._client = client
        self._queue_url = queue_url
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: list[str] = []
        self._since_ms = 0
        self._is_in_trouble = False

    def add(self, receipt: str) -> None:
        """Take a receipt; whoever brings the tenth, or comes when one has waited too long, sends them."""
        with self._lock:
            if not self._waiting:
                self._since_ms = self._clock.monotonic_ms()
            if receipt not in self._waiting:
                self._waiting = [*self._waiting, receipt][-MAX_WAITING:]
        self.flush_if_due()

    def flush_if_due(self) -> None:
        """Send one batch if it is full or its oldest has waited half a second; after a failure only the latter."""
        with self._lock:
            is_old = self._clock.monotonic_ms() - self._since_ms >= WAIT_MS
            is_full = len(self._waiting) >= BATCH and not self._is_in_trouble
            batch = self._take() if is_old or is_full else []
        self._remove(batch)

    def flush(self) -> None:
        """Send all that wait, until a call fails."""
        for _ in range(MAX_WAITING // BATCH):
            with self._lock:
                batch = self._take()
            if not self._remove(batch):
                return

    def _take(self) -> Sequence[str]:
        batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        return batch

    def _remove(self, batch: Sequence[str]) -> bool:
        """Return whether there was something to send and it was sent."""
        if not batch:
            return False
        try:
            calling(
                self._client.delete_message_batch,
                QueueUrl=self._queue_url,
                Entries=[{"Id": str(place), "ReceiptHandle": receipt} for place, receipt in enumerate(batch)],
            )
        except StoreUnavailableError:
            with self._lock:
                self._waiting = [*batch, *self._waiting][-MAX_WAITING:]
                self._since_ms = self._clock.monotonic_ms()
                self._is_in_trouble = True
            return False
        with self._lock:
            self._since_ms = self._clock.monotonic_ms()
            self._is_in_trouble = False
        return True
