"""What EventBridge tells of an execution of a state machine that did not end by itself."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.domain.errors import InvalidEventError
from core.domain.making import dataclass
from core.domain.orchestration import Orchestration
from ports.wire.bounds import load
from ports.wire.intent import reason
from ports.wire.state import Name, OrderedModel, parse_state


class DetailModel(BaseModel):
    """Which execution it was; what else AWS tells of it we do not need."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", frozen=True, strict=True, defer_build=True)

    name: Name
    status: Literal["FAILED", "TIMED_OUT", "ABORTED"]
    input: str | None = None


class EndedModel(BaseModel):
    """The event as the rule sends it to the queue."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", frozen=True, strict=True, defer_build=True)

    source: Literal["aws.states"]
    detail_type: Annotated[Literal["Step Functions Execution Status Change"], Field(validation_alias="detail-type")]
    detail: DetailModel


@dataclass(frozen=True, slots=True)
class EndedExecution:
    """An execution that did not end by itself. ``asked`` None: the event leaves out what it was started with.

    AWS does so where the machine is encrypted with a key of its own.
    """

    name: str
    status: str
    asked: Orchestration | None


def parse_ended(body: str) -> EndedExecution:
    """Return which execution it was, and how it ended.

    Raises:
        InvalidEventError: it is no such event, or the execution was not started by us; what is wrong is named.
    """
    try:
        detail = EndedModel.model_validate(load(body)).detail
    except ValidationError as fault:
        raise InvalidEventError(f"The event of an ended execution is not valid: {reason(fault)}") from fault
    if detail.input is None:
        return EndedExecution(detail.name, detail.status, None)
    state = parse_state(OrderedModel, load(detail.input))
    if state.name != detail.name:
        raise InvalidEventError("The input of the ended execution is that of another one.")
    return EndedExecution(detail.name, detail.status, state.orchestration)
