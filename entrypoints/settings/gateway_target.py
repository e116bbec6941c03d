"""The settings of a target behind an AgentCore gateway: the keys it trusts, and how its tools settle doubt."""

from typing import Annotated

from pydantic import Field, model_validator

from core.domain.contract import EffectContract, Terms
from entrypoints.settings.auth import SecretRef
from entrypoints.settings.tables import Table
from ports.wire.registry import EffectModel, ToolName, terms_of

MOST_TOOLS = 1_000
INTERNAL_TOOLS = ("create_note", "create_task", "delete_note", "delete_task")


class GatewayTargetSettings(Table):
    """What a target is told. ``effects``: by tool, its effect contract towards the external system.

    A tool that is not named is OPAQUE, which is never sent again in doubt; our own notes and tasks are CLIENT_ID. What
    an executor's registry says of a tool is not asked: towards it this target replays by key, whatever the tool does.
    """

    proof_secret: SecretRef
    effects: Annotated[dict[ToolName, EffectModel], Field(max_length=MOST_TOOLS)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _keys_are_held_for_some_time(self) -> "GatewayTargetSettings":
        for tool, effect in self.effects.items():
            if (effect.contract is EffectContract.PROVIDER_KEY) != (effect.key_retention_s is not None):
                raise ValueError(f"effects.{tool}: PROVIDER_KEY needs key_retention_s, and nothing else has it")
        return self

    @property
    def terms(self) -> dict[str, Terms]:
        """The effect contract of each tool that has one."""
        ours = {f"internal.{it}": Terms(EffectContract.CLIENT_ID) for it in INTERNAL_TOOLS}
        return ours | {tool: terms_of(effect) for tool, effect in self.effects.items()}
