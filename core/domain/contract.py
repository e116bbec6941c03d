"""Effect contracts: how a tool's write can be made safe, and within which declared bounds."""

from core.domain.choice import Choice
from core.domain.making import dataclass


class EffectContract(Choice):
    """How doubt about one write is settled (design 3.2)."""

    READ_ONLY = "READ_ONLY"
    PROVIDER_KEY = "PROVIDER_KEY"
    NATURAL_KEY = "NATURAL_KEY"
    CLIENT_ID = "CLIENT_ID"
    READ_BACK = "READ_BACK"
    OPAQUE = "OPAQUE"


SAME_OBJECT = frozenset({EffectContract.NATURAL_KEY, EffectContract.CLIENT_ID})
"""Contracts under which a late first send and a second one land on the same object."""

LOOKED_UP = SAME_OBJECT | {EffectContract.READ_BACK}
"""Contracts whose doubt is settled by a look-up."""


@dataclass(frozen=True, slots=True)
class Terms:
    """An effect contract with its bounds, frozen at the first prepare.

    ``settle_delay_ms``: how long after a call's deadline a look-up may still miss its write.
    ``key_retention_ms``: how long the provider replays by key (PROVIDER_KEY).
    ``absence_proof_ms``: the provider's bound on late application, None where it declares none.
    """

    contract: EffectContract
    settle_delay_ms: int = 0
    key_retention_ms: int = 0
    absence_proof_ms: int | None = None
    look_up_tool: str | None = None
    before_tool: str | None = None
