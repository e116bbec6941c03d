"""The registry entry: one immutable version of how an action type becomes a call of a tool."""

from core.domain.choice import Choice
from core.domain.contract import Terms
from core.domain.making import dataclass


class Transform(Choice):
    """What a mapping does to a text on its way."""

    PASSTHROUGH = "PASSTHROUGH"
    UPPERCASE = "UPPERCASE"
    LOWERCASE = "LOWERCASE"


@dataclass(frozen=True, slots=True)
class ParameterMapping:
    """One parameter of the intent and the tool argument it becomes."""

    parameter: str
    argument: str
    required: bool = False
    transform: Transform = Transform.PASSTHROUGH


class CompensationMode(Choice):
    """Who may undo a write: the system by itself, an operator only, or nobody."""

    AUTOMATIC = "AUTOMATIC"
    MANUAL = "MANUAL"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class Compensation:
    """How a write is undone: which tool, under which contract; it is given the id of the object as ``argument``."""

    mode: CompensationMode
    tool: str | None = None
    argument: str = "object_id"
    terms: Terms | None = None


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """An action type at one version. Execution uses the version that the intent pins, and no other."""

    action_type: str
    version: int
    tool: str
    tool_schema_version: str
    risk: str
    terms: Terms
    compensation: Compensation
    parameters: tuple[ParameterMapping, ...]
    takes_target: bool = False
    timeout_s: float | None = None

    def timeout_ms(self, policy_timeout_s: int) -> int:
        """Return how long one call may take: the policy's bound or the tool's, whichever is shorter."""
        seconds = policy_timeout_s if self.timeout_s is None else min(policy_timeout_s, self.timeout_s)
        return int(seconds * 1000)
