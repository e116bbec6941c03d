"""An orchestration: an execution whose steps a state machine takes, under a name that is never given twice."""

from dataclasses import dataclass
from hashlib import sha256

from core.domain.canonical import canonical
from core.domain.claiming import Order

NAME_FORMAT = 1
PREFIX = "exec-"
OWNER = "execution:"


@dataclass(frozen=True, slots=True)
class Orchestration:
    """What is asked of an orchestrator. The order's owner is this orchestration, and it embeds no intent."""

    name: str
    order: Order


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
    return Orchestration(name, ordered(order, name))


def ordered(order: Order, name: str) -> Order:
    """Return the order as the orchestration of this name works on it."""
    return Order(order.key, OWNER + name, None, order.approval_source, order.auto_executed)


def name_in(owner: str) -> str | None:
    """Return the name of the orchestration that an owner is, None where it is another kind of owner."""
    return owner.removeprefix(OWNER) if owner.startswith(OWNER) else None
