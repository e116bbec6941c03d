"""What the HTTP API says of itself, and how it says no."""

from collections.abc import Sequence
from typing import Literal

from core.domain.contract import EffectContract
from core.domain.registry import CompensationMode, RegistryEntry, Transform
from ports.wire.outcome import Composed


class ErrorModel(Composed):
    """Why a request was refused. ``error_code`` is there where the refusal has one."""

    error: str
    error_code: str | None = None


class HealthModel(Composed):
    """That the service answers; nothing is read for it."""

    status: Literal["ok"]
    version: str


class ProviderModel(Composed):
    """Where a person signs in by an authorization code with PKCE. ``scopes`` has a space between each and the next."""

    authorize_url: str
    token_url: str
    client_id: str
    scopes: str


class SignInModel(Composed):
    """What the page needs to sign a person in; without a provider it asks for a token."""

    provider: ProviderModel | None


class RegisteredParameterModel(Composed):
    """One parameter of an intent and the tool argument it becomes."""

    parameter: str
    argument: str
    required: bool
    transform: Transform


class RegisteredCompensationModel(Composed):
    """How a write is undone; the tool is null where nobody but a person can."""

    mode: CompensationMode
    tool: str | None
    effect_contract: EffectContract | None


class RegisteredModel(Composed):
    """One version of what an action type calls."""

    action_type: str
    version: int
    tool: str
    tool_schema_version: str
    effect_contract: EffectContract
    risk: str
    compensation: RegisteredCompensationModel
    parameters: tuple[RegisteredParameterModel, ...]


class RegistryModel(Composed):
    """What is in the registry, by action type and rising version."""

    entries: tuple[RegisteredModel, ...]


def registry_model(entries: Sequence[RegistryEntry]) -> RegistryModel:
    """Return the registry's wire form."""
    return RegistryModel(entries=tuple(_registered(it) for it in entries))


def _registered(entry: RegistryEntry) -> RegisteredModel:
    undo = entry.compensation
    return RegisteredModel(
        action_type=entry.action_type,
        version=entry.version,
        tool=entry.tool,
        tool_schema_version=entry.tool_schema_version,
        effect_contract=entry.terms.contract,
        risk=entry.risk,
        compensation=RegisteredCompensationModel(
            mode=undo.mode, tool=undo.tool, effect_contract=undo.terms.contract if undo.terms else None
        ),
        parameters=tuple(
            RegisteredParameterModel(
                parameter=it.parameter, argument=it.argument, required=it.required, transform=it.transform
            )
            for it in entry.parameters
        ),
    )
