"""A registry entry as a file holds it: times in seconds, everything else in the domain's own words."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from core.domain.canonical import Json
from core.domain.contract import LOOKED_UP, EffectContract, Terms
from core.domain.errors import ConfigurationError, InvalidEventError
from core.domain.registry import Compensation, CompensationMode, ParameterMapping, RegistryEntry, Transform
from ports.wire.bounds import MAX_SAFE_NUMBER, plain
from ports.wire.intent import reason

INTERNAL = "internal."
BOUND_ARGUMENTS = frozenset({"action_intent_id", "tenant_id", "account_id", "idempotency_key", "target"})
"""Arguments that bind a call to its intent; no parameter may take their place."""

_DAY_S = 86_400

ActionType = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,127}$")]
ToolName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", max_length=128)]
ArgumentName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
SchemaVersion = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,32}$")]
Seconds = Annotated[float, Field(ge=0, le=365 * _DAY_S)]


class _FileModel(BaseModel):
    """Base: nothing unknown is dropped; a text is taken for the enum value that it names."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class EffectModel(_FileModel):
    """An effect contract with its bounds, in seconds."""

    contract: EffectContract
    settle_delay_s: Seconds = Field(default=0, description="How long after a deadline a look-up may miss the write.")
    key_retention_s: Seconds | None = Field(default=None, description="How long the provider replays by key.")
    absence_proof_s: Seconds | None = Field(default=None, description="The provider's bound on late application.")
    look_up_tool: ToolName | None = None
    before_tool: ToolName | None = None


class CompensationModel(_FileModel):
    """How the write is undone; ``argument`` is given the id of the object."""

    mode: CompensationMode
    tool: ToolName | None = None
    argument: ArgumentName = "object_id"
    effect: EffectModel | None = None


class ParameterModel(_FileModel):
    """One parameter of the intent and the tool argument it becomes; the same name where none is given."""

    parameter: ArgumentName
    argument: ArgumentName | None = None
    required: bool = Field(default=False, strict=True)
    transform: Transform = Transform.PASSTHROUGH


class RegistryEntryModel(_FileModel):
    """One immutable version of how an action type becomes a call of a tool."""

    action_type: ActionType
    version: int = Field(ge=1, le=MAX_SAFE_NUMBER, strict=True)
    tool: ToolName
    tool_schema_version: SchemaVersion
    risk: Literal["MINIMAL", "LOW", "MEDIUM", "HIGH"]
    effect: EffectModel
    compensation: CompensationModel
    parameters: tuple[ParameterModel, ...]
    takes_target: bool = Field(default=False, strict=True)
    timeout_s: Annotated[float, Field(gt=0, le=900)] | None = None


def parse_entry(document: Mapping[str, object]) -> RegistryEntry:
    """Return the entry that a document holds.

    Raises:
        ConfigurationError: a field is missing, unknown or wrong, or the parts do not fit; the field is named.
    """
    try:
        model = RegistryEntryModel.model_validate(plain(document))
    except ValidationError as fault:
        raise ConfigurationError(reason(fault)) from fault
    except InvalidEventError as fault:
        raise ConfigurationError(fault.message) from fault
    _check_effect(model.tool, model.effect, "effect")
    _check_compensation(model.compensation)
    _check_parameters(model.parameters)
    return RegistryEntry(
        action_type=model.action_type,
        version=model.version,
        tool=model.tool,
        tool_schema_version=model.tool_schema_version,
        risk=model.risk,
        terms=terms_of(model.effect),
        compensation=_compensation(model.compensation),
        parameters=tuple(
            ParameterMapping(it.parameter, it.argument or it.parameter, it.required, it.transform)
            for it in model.parameters
        ),
        takes_target=model.takes_target,
        timeout_s=model.timeout_s,
    )


def entry_document(entry: RegistryEntry) -> dict[str, Json]:
    """Return the document of an entry; what is not set is left out."""
    undo = entry.compensation
    compensation: dict[str, Json] = {
        "mode": undo.mode.value,
        "tool": undo.tool,
        "argument": undo.argument if undo.tool else None,
        "effect": _effect_document(undo.terms) if undo.terms else None,
    }
    return _given(
        {
            "action_type": entry.action_type,
            "version": entry.version,
            "tool": entry.tool,
            "tool_schema_version": entry.tool_schema_version,
            "risk": entry.risk,
            "effect": _effect_document(entry.terms),
            "compensation": _given(compensation),
            "parameters": [_parameter_document(it) for it in entry.parameters],
            "takes_target": entry.takes_target,
            "timeout_s": entry.timeout_s,
        }
    )


def _check_effect(tool: str, effect: EffectModel, place: str) -> None:
    contract = effect.contract
    if contract is EffectContract.PROVIDER_KEY and not effect.key_retention_s:
        raise ConfigurationError(f"{place}.key_retention_s: PROVIDER_KEY needs it.")
    if contract is not EffectContract.PROVIDER_KEY and effect.key_retention_s is not None:
        raise ConfigurationError(f"{place}.key_retention_s: only PROVIDER_KEY has one.")
    is_looked_up = contract in LOOKED_UP
    if is_looked_up and effect.look_up_tool is None and not tool.startswith(INTERNAL):
        raise ConfigurationError(f"{place}.look_up_tool: {contract.value} needs it.")
    looked_up_only = {
        "look_up_tool": effect.look_up_tool,
        "before_tool": effect.before_tool,
        "absence_proof_s": effect.absence_proof_s,
    }
    for name, value in looked_up_only.items():
        if value is not None and not is_looked_up:
            raise ConfigurationError(f"{place}.{name}: {contract.value} has none.")


def _check_compensation(undo: CompensationModel) -> None:
    if undo.mode is CompensationMode.NONE and (undo.tool or undo.effect):
        raise ConfigurationError("compensation.mode: NONE has no tool and no effect.")
    if undo.mode is CompensationMode.AUTOMATIC and undo.tool is None:
        raise ConfigurationError("compensation.tool: AUTOMATIC needs it.")
    if (undo.tool is None) != (undo.effect is None):
        raise ConfigurationError("compensation.effect: a tool needs its contract, and a contract its tool.")
    if undo.argument in BOUND_ARGUMENTS:
        raise ConfigurationError(f"compensation.argument: {undo.argument} is bound already.")
    if undo.tool is not None and undo.effect is not None:
        _check_effect(undo.tool, undo.effect, "compensation.effect")


def _check_parameters(parameters: tuple[ParameterModel, ...]) -> None:
    taken: set[str] = set(BOUND_ARGUMENTS)
    for place, it in enumerate(parameters):
        argument = it.argument or it.parameter
        if argument in taken:
            raise ConfigurationError(f"parameters.{place}.argument: {argument} is bound already.")
        taken.add(argument)


def terms_of(effect: EffectModel) -> Terms:
    """Return an effect contract as the domain has it."""
    return Terms(
        contract=effect.contract,
        settle_delay_ms=_ms(effect.settle_delay_s),
        key_retention_ms=_ms(effect.key_retention_s or 0),
        absence_proof_ms=None if effect.absence_proof_s is None else _ms(effect.absence_proof_s),
        look_up_tool=effect.look_up_tool,
        before_tool=effect.before_tool,
    )


def _compensation(undo: CompensationModel) -> Compensation:
    return Compensation(undo.mode, undo.tool, undo.argument, terms_of(undo.effect) if undo.effect else None)


def _effect_document(terms: Terms) -> dict[str, Json]:
    return _given(
        {
            "contract": terms.contract.value,
            "settle_delay_s": _s(terms.settle_delay_ms),
            "key_retention_s": _s(terms.key_retention_ms) if terms.key_retention_ms else None,
            "absence_proof_s": None if terms.absence_proof_ms is None else _s(terms.absence_proof_ms),
            "look_up_tool": terms.look_up_tool,
            "before_tool": terms.before_tool,
        }
    )


def _parameter_document(mapping: ParameterMapping) -> dict[str, Json]:
    return {
        "parameter": mapping.parameter,
        "argument": mapping.argument,
        "required": mapping.required,
        "transform": mapping.transform.value,
    }


def _given(document: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in document.items() if value is not None}


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _s(milliseconds: int) -> int | float:
    return milliseconds // 1000 if milliseconds % 1000 == 0 else milliseconds / 1000
