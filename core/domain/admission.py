"""Admission: which call reached a target, told by its proof alone, and the request that is made of it there."""

import hmac
from collections.abc import Mapping

from core.domain.canonical import Json, compact, digest
from core.domain.contract import Terms
from core.domain.keys import IntentKey
from core.domain.making import dataclass
from core.domain.proof import PROOF, Asks, Keyring, NotProvedError, Proof, proved
from core.domain.request import Request

BEFORE = "before"
"""The argument in which a look-up bears the before-image."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that an executor of ours made. ``arguments`` are those of the effect, as JSON text."""

    proof: Proof
    arguments: str
    before: str | None = None

    @property
    def key(self) -> IntentKey:
        """Whose call it is."""
        return self.proof.key

    def request(self, terms: Terms) -> Request:
        """Return the request of this layer: digest and key are the proof's, the contract is this layer's own."""
        return Request(
            key=self.proof.key,
            tool=self.proof.effect_tool,
            tool_schema_version="",
            registry_version=0,
            effect_key=self.proof.effect_key,
            arguments=self.arguments,
            sha256=self.proof.arguments_sha256,
            timeout_ms=self.proof.timeout_ms,
            terms=terms,
        )


def admit(tool: str, arguments: Mapping[str, Json], keyring: Keyring) -> Admitted:
    """Return the call, if its proof is for this tool and these very arguments.

    What the arguments say of tenant, account, intent and key must be what the proof says, and is believed nowhere.

    Raises:
        NotProvedError: it is not.
    """
    proof = proved(arguments.get(PROOF), keyring)
    own = {name: value for name, value in arguments.items() if name != PROOF}
    if proof.tool != tool or (proof.asks is Asks.CALL and proof.effect_tool != tool):
        raise NotProvedError("The proof is for another tool.")
    if not hmac.compare_digest(_digest(own), proof.arguments_sha256):
        raise NotProvedError("The proof is for other arguments.")
    bound = {
        "tenant_id": proof.key.tenant_id,
        "account_id": proof.key.account_id,
        "action_intent_id": proof.key.intent_id,
        "idempotency_key": proof.effect_key,
    }
    if any(own.get(name, value) != value for name, value in bound.items()):
        raise NotProvedError("The arguments contradict the proof.")
    before = own.pop(BEFORE, None) if proof.asks is Asks.LOOK_UP else None
    return Admitted(proof, compact(own), None if before is None else compact(before))


def _digest(arguments: Mapping[str, Json]) -> str:
    try:
        return digest(dict(arguments))
    except (ValueError, TypeError, RecursionError):
        raise NotProvedError("The arguments have no canonical form.") from None
