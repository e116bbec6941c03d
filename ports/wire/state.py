"""The state between the steps of a state machine: references and decisions, never bodies; so it stays small."""

from typing import Annotated, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from core.domain.canonical import Json, compact
from core.domain.claiming import Order
from core.domain.errors import InvalidEventError
from core.domain.keys import IntentKey
from core.domain.orchestration import Orchestration, named
from ports.wire.bounds import TIME_PATTERN, plain
from ports.wire.event import ApprovalSource
from ports.wire.intent import Id, Incoming, Text, reason

VERSION: Literal[1] = 1
MAX_CAUSE = 262_144

Next = Literal["VALIDATE", "INVOKE", "WAIT", "RECONCILE", "COMPENSATE", "RECORD"]
Name = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,80}$")]
Count = Annotated[int, Field(ge=0)]


class CaughtModel(Incoming):
    """What a Catch puts beside the state: the class name of an exception, and what Lambda told of it."""

    error: Annotated[str, Field(alias="Error", max_length=256)]
    cause: Annotated[str, Field(alias="Cause", max_length=MAX_CAUSE)] = ""


class OrderedModel(Incoming):
    """What an execution of the state machine starts with; the same bytes for the same order, whenever it comes."""

    version: Literal[1]
    name: Name
    run: Annotated[int, Field(ge=1)]
    tenant_id: Id
    account_id: Id
    action_intent_id: Id
    approval_source: ApprovalSource | None = None
    auto_executed: bool | None = None
    error: CaughtModel | None = None

    @property
    def orchestration(self) -> Orchestration:
        """What this execution of the state machine is, in our own words."""
        key = IntentKey(self.tenant_id, self.account_id, self.action_intent_id)
        return named(Order(key, "", None, self.approval_source, self.auto_executed), self.name, self.run)

    @property
    def order(self) -> Order:
        """What is to be carried out."""
        return self.orchestration.order


class HeldModel(OrderedModel):
    """The state once the intent is claimed.

    ``generation`` is that of the claim. ``next`` says what follows, ``due_at`` until when a WAIT lasts. ``rounds``
    counts how often Reconcile was passed. ``judged_send_no`` and ``absent`` are what it decided about the next send,
    at ``judged_at_ms``. ``tool`` and ``arguments_sha256`` are for whoever looks at the execution.
    """

    generation: Annotated[int, Field(ge=1)]
    next: Next
    rounds: Count = 0
    due_at: Annotated[str, StringConstraints(pattern=TIME_PATTERN)] | None = None
    judged_send_no: Count = 0
    absent: bool = False
    judged_at_ms: Count = 0
    tool: Text | None = None
    arguments_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None


class ToldModel(BaseModel):
    """What an execution of the state machine ends with; status RUNNING says that somebody else goes on."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, defer_build=True)

    version: Literal[1] = VERSION
    tenant_id: str
    account_id: str
    action_intent_id: str
    status: Literal["SUCCEEDED", "FAILED", "CANCELLED", "IN_DOUBT", "RUNNING", "REFUSED"]
    run: int | None = None
    revision: int | None = None
    evidence: str | None = None
    error_class: str | None = None
    error_code: str | None = None
    compensation_status: str | None = None
    trace_id: str | None = None


State = TypeVar("State", bound=OrderedModel)


def parse_state(model: type[State], document: object) -> State:
    """Return a state.

    Raises:
        InvalidEventError: it is none of this kind; the field is named.
    """
    try:
        return model.model_validate(plain(document))
    except ValidationError as fault:
        raise InvalidEventError(f"The state is not valid: {reason(fault)}") from fault


def any_state(document: object) -> OrderedModel:
    """Return the state of an execution that may have claimed its intent, or not yet.

    Raises:
        InvalidEventError: it is none.
    """
    has_claimed = isinstance(document, dict) and "generation" in document
    return parse_state(HeldModel if has_claimed else OrderedModel, document)


def state_json(state: BaseModel) -> dict[str, Json]:
    """Return a state as the step after it takes it; what is absent is left out."""
    shown: dict[str, Json] = state.model_dump(mode="json", by_alias=True, exclude_none=True)
    return shown


def input_of(orchestration: Orchestration) -> str:
    """Return the input of an orchestration: JSON text, the same bytes for the same orchestration."""
    order = orchestration.order
    state = {
        "version": VERSION,
        "name": orchestration.name,
        "run": orchestration.run,
        "tenant_id": order.key.tenant_id,
        "account_id": order.key.account_id,
        "action_intent_id": order.key.intent_id,
        "approval_source": order.approval_source,
        "auto_executed": order.auto_executed,
    }
    return compact(state_json(parse_state(OrderedModel, state)))
