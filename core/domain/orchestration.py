"""An orchestration: an execution whose steps a state machine takes, under a name that is never given twice."""

from hashlib import sha256

from core.domain.attempt import Attempt
from core.domain.canonical import canonical
from core.domain.claiming import Order
from core.domain.making import dataclass

NAME_FORMAT = 1
PREFIX = "exec-"
OWNER = "execution:"


@dataclass(frozen=True, slots=True)
class Orchestration:
    """What is asked of an orchestrator. The order's owner is this orchestration, and it embeds no intent.

    ``run``: the one that it is for. A later run is none of its business, even while the owner is still written there.
    """

    name: str
    order: Order
    run: int


def orchestration_name(order: Order, run: int, generation: int) -> str:
    """Return the name: ``exec-`` and SHA-256 over the RFC 8785 array of all that tells it from others, 69 characters.

    An event asks for run 1, generation 0, however often it is delivered. What is taken up later has the run and the
    generation at which it was left: an operator's ask raises both or the latter, a claim the latter.
    """
    key = order.key
    names = canonical([NAME_FORMAT, key.tenant_id, key.account_id, key.intent_id, run, generation])
    return PREFIX + sha256(names).hexdigest()


def orchestration(order: Order, *, run: int = 1, generation: int = 0) -> Orchestration:
    """Return the orchestration that carries out an order."""
    name = orchestration_name(order, run, generation)
    return named(order, name, run)


def named(order: Order, name: str, run: int) -> Orchestration:
    """Return the orchestration of this name."""
    ours = Order(order.key, OWNER + name, None, order.approval_source, order.auto_executed)
    return Orchestration(name, ours, run)


def holds(ours: Orchestration, attempt: Attempt) -> bool:
    """Tell whether an attempt is open, in the run that an orchestration is for, and nobody else holds it."""
    return attempt.is_open and (attempt.owner, attempt.run) == (ours.order.owner, ours.run)


def name_in(owner: str) -> str | None:
    """Return the name of the orchestration that an owner is, None where it is another kind of owner."""
    return owner.removeprefix(OWNER) if owner.startswith(OWNER) else None
