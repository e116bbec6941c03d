"""From intent to outbound request: the mapping, the effect key, and the frozen form that is stored and sent."""

from collections.abc import Mapping
from dataclasses import field
from hashlib import sha256

from core.domain.canonical import Json, canonical, compact, text_digest
from core.domain.contract import Terms
from core.domain.errors import ConfigurationError, ValidationError
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from core.domain.making import dataclass
from core.domain.registry import CompensationMode, ParameterMapping, RegistryEntry, Transform

KEY_FORMAT = 1
MAX_ARGUMENT_BYTES = 200 * 1024
KEY_BYTES = 100


@dataclass(frozen=True, slots=True)
class MappedCall:
    """What one effect will ask of which tool, before it has a key.

    ``requests`` are those frozen of it so far: it may be frozen before its turn comes (``MapTool.ahead``).
    """

    key: IntentKey
    tool: str
    tool_schema_version: str
    registry_version: int
    terms: Terms
    timeout_ms: int
    arguments: Mapping[str, Json]
    compensation: CompensationMode = CompensationMode.NONE
    canonical: bytes = field(init=False, repr=False, compare=False)
    requests: dict[tuple[str, int], "Request"] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Write the arguments out, once: their size is judged by this form, and the effect key is made of it."""
        object.__setattr__(self, "canonical", canonical(self.arguments))
        object.__setattr__(self, "requests", {})


@dataclass(frozen=True, slots=True)
class Request:
    """The exact outbound request. ``arguments`` is the JSON text that is sent, ``sha256`` its digest.

    ``compensation`` says who may undo what it writes.
    """

    key: IntentKey
    tool: str
    tool_schema_version: str
    registry_version: int
    effect_key: str
    arguments: str
    sha256: str
    timeout_ms: int
    terms: Terms
    compensation: CompensationMode = CompensationMode.NONE


def effect_key(call: MappedCall, kind: str, key_run: int) -> str:
    """Return the effect key: SHA-256 of the RFC 8785 array of all that names the effect (design 3.2)."""
    names = canonical(
        [
            KEY_FORMAT,
            call.key.tenant_id,
            call.key.account_id,
            call.key.intent_id,
            kind,
            key_run,
            call.tool,
            call.tool_schema_version,
            call.registry_version,
        ]
    )
    # An array's canonical form is that of its values with commas between.
    return sha256(b"%b,%b]" % (names[:-1], call.canonical)).hexdigest()


def frozen(call: MappedCall, kind: str, key_run: int) -> Request:
    """Freeze a mapped call into the request that is stored, sent and never computed again."""
    known = call.requests.get((kind, key_run))
    if known is None:
        known = call.requests[kind, key_run] = _request(call, effect_key(call, kind, key_run))
    return known


def _request(call: MappedCall, name: str) -> Request:
    text = compact({**call.arguments, "idempotency_key": name})
    return Request(
        key=call.key,
        tool=call.tool,
        tool_schema_version=call.tool_schema_version,
        registry_version=call.registry_version,
        effect_key=name,
        arguments=text,
        sha256=text_digest(text),
        timeout_ms=call.timeout_ms,
        terms=call.terms,
        compensation=call.compensation,
    )


def map_action(intent: Intent, entry: RegistryEntry) -> MappedCall:
    """Map an intent's parameters to the tool's arguments.

    Raises:
        ValidationError: a required parameter is absent, null or empty, one is given that no mapping names, or all
            together are too large.
    """
    known = {mapping.parameter for mapping in entry.parameters}
    if stray := sorted(set(intent.parameters) - known):
        raise ValidationError(f"{intent.action_type} version {entry.version} takes no parameter {stray[0]!r}.")
    arguments: dict[str, Json] = {}
    for mapping in entry.parameters:
        _map_one(intent, mapping, arguments)
    arguments |= binding(intent.key)
    if entry.takes_target and intent.target is not None:
        arguments["target"] = intent.target.document()
    call = MappedCall(
        key=intent.key,
        tool=entry.tool,
        tool_schema_version=entry.tool_schema_version,
        registry_version=entry.version,
        terms=entry.terms,
        timeout_ms=entry.timeout_ms(intent.policy.timeout_seconds),
        arguments=arguments,
        compensation=entry.compensation.mode,
    )
    _check_size(call)
    return call


def map_compensation(key: IntentKey, entry: RegistryEntry, object_id: str, policy_timeout_s: int) -> MappedCall:
    """Map the undoing of one written object to a call of the compensating tool.

    Raises:
        ConfigurationError: the registry entry names no compensating tool.
    """
    undo = entry.compensation
    if undo.tool is None or undo.terms is None:
        raise ConfigurationError(f"{entry.action_type} version {entry.version} names no compensating tool.")
    return MappedCall(
        key=key,
        tool=undo.tool,
        tool_schema_version=entry.tool_schema_version,
        registry_version=entry.version,
        terms=undo.terms,
        timeout_ms=entry.timeout_ms(policy_timeout_s),
        arguments=binding(key) | {undo.argument: object_id},
    )


def _check_size(call: MappedCall) -> None:
    """Refuse what is too large before anything is claimed for it; the effect key comes on top."""
    size = len(call.canonical) + KEY_BYTES
    if size > MAX_ARGUMENT_BYTES:
        raise ValidationError(f"The arguments of {call.tool} are {size} bytes, over {MAX_ARGUMENT_BYTES}.")


def binding(key: IntentKey) -> dict[str, Json]:
    """Return the arguments that bind every call to its tenant, account and intent."""
    return {
        "action_intent_id": key.intent_id,
        "tenant_id": key.tenant_id,
        "account_id": key.account_id,
    }


def _map_one(intent: Intent, mapping: ParameterMapping, arguments: dict[str, Json]) -> None:
    value = intent.parameters.get(mapping.parameter)
    if mapping.required and value in (None, ""):
        raise ValidationError(
            f"{intent.action_type} needs the parameter {mapping.parameter!r}.",
            error_code="MISSING_REQUIRED_PARAMETER",
        )
    if mapping.parameter in intent.parameters:
        arguments[mapping.argument] = _transformed(value, mapping)


def _transformed(value: Json, mapping: ParameterMapping) -> Json:
    if mapping.transform is Transform.PASSTHROUGH or value is None:
        return value
    if not isinstance(value, str):
        raise ValidationError(f"The parameter {mapping.parameter!r} must be a text.")
    return value.upper() if mapping.transform is Transform.UPPERCASE else value.lower()
