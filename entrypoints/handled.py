"""What became of a delivery, for whoever answers, counts or reports it."""

from enum import StrEnum

from core.domain.execution import Execution
from core.domain.keys import IntentKey
from core.domain.making import dataclass


class Verdict(StrEnum):
    """What became of a delivery."""

    ACKNOWLEDGED = "acknowledged"
    PUT_BACK = "put_back"
    DEAD_LETTERED = "dead_lettered"


@dataclass(frozen=True, slots=True)
class Handled:
    """A delivery that left our hands. ``execution`` is how far its intent came, as far as this worker knows.

    ``owner`` is whom it was carried out for, None where it asked for nothing that can be.
    """

    message_id: str
    verdict: Verdict
    key: IntentKey | None = None
    execution: Execution | None = None
    error_code: str | None = None
    reason: str | None = None
    owner: str | None = None

    @property
    def is_event(self) -> bool:
        """Tell whether it was an event of a publisher, and no wake-up of ours."""
        return self.owner == owner_of(self.message_id)


def owner_of(message_id: str) -> str:
    """Return whom a message's event is carried out for; its redelivery is the same."""
    return f"queue:{message_id}"
