"""The target behind a gateway, over the container of a function."""

from adapters.aws.target_records import DynamoTargetRecords
from adapters.system.secret_proof_keys import SecretProofKeys
from adapters.system.watched_connectors import IsOver
from core.domain.errors import ConfigurationError
from core.usecases.serve import Serve
from entrypoints.container.functions import build_function
from entrypoints.container.secret_refs import secret_of
from entrypoints.settings.loading import GATEWAY_TARGET, Settings
from ports.tool_meter import ToolMeter


def build_target(settings: Settings, *, meter: ToolMeter, is_over: IsOver) -> Serve:
    """Return the use case of a target, on DynamoDB.

    Raises:
        ConfigurationError: it was not told what to trust, or the target is not AWS.
    """
    target = settings.gateway_target
    if target is None:
        raise ConfigurationError(f"Say what this target trusts: set {GATEWAY_TARGET}.")
    container = build_function(settings, needs=(), meter=meter, is_over=is_over)
    return Serve(
        connectors=container.reached(),
        records=DynamoTargetRecords(container.tables()),
        proof_keys=SecretProofKeys(secret_of(target.proof_secret, container.secrets())),
        terms=target.terms,
        clock=container.clock(),
        ids=container.ids(),
        timing=settings.timing,
    )
