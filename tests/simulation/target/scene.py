"""Scenes: one effect behind a gateway under one effect contract of the target, and what befalls its sends."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.domain.contract import EffectContract, Terms
from core.domain.timing import Timing
from tests.simulation.provider import Fault
from tests.simulation.scenario import ABSENCE_MS, SETTLE_MS

TIMING = Timing(max_skew_ms=2_000, call_slack_ms=2_000, backoff_ms=500, max_backoff_ms=16_000)
TIMEOUT_MS = 3_000
LATE_MS = 16_000
LAG_MS = SETTLE_MS - 100

C = EffectContract
F = Fault
TERMS = {
    "provider_key": Terms(C.PROVIDER_KEY, SETTLE_MS, key_retention_ms=1_200_000),
    "forgetful_key": Terms(C.PROVIDER_KEY, SETTLE_MS, key_retention_ms=14_000),
    "natural_key": Terms(C.NATURAL_KEY, SETTLE_MS),
    "client_id": Terms(C.CLIENT_ID, SETTLE_MS, absence_proof_ms=ABSENCE_MS),
    "read_back": Terms(C.READ_BACK, SETTLE_MS, before_tool="sim.get"),
    "proved_absent": Terms(C.READ_BACK, SETTLE_MS, absence_proof_ms=ABSENCE_MS, before_tool="sim.get"),
    "opaque": Terms(C.OPAQUE, SETTLE_MS),
}
CERTAIN = frozenset({"provider_key", "natural_key", "client_id", "proved_absent"})
"""Contracts whose doubt is always settled in the end, while the store and the provider come back."""

PLANS: tuple[tuple[Fault, ...], ...] = (
    (),
    (F.DROP,),
    (F.LOST,),
    (F.LATE,),
    (F.REFUSE,),
    (F.BUSY,),
    (F.THROTTLE,),
    (F.PARTIAL,),
    (F.LOST, F.REFUSE),
    (F.LATE, F.BUSY),
    (F.LATE, F.BUSY, F.DROP),
    (F.LATE, F.THROTTLE),
    (F.BUSY, F.LATE),
    (F.THROTTLE, F.DROP),
    (F.LOST, F.LATE),
    (F.RESET, F.THROTTLE, F.LATE),
    (F.LOST, F.AGAIN),
)
_LEAVING = frozenset({F.REFUSE, F.PARTIAL, F.AGAIN, F.NEVER})
"""What may rightly leave an effect in doubt, where an earlier send is unproved."""


@dataclass(frozen=True)
class Scene:
    """What happens when nothing is injected. ``terms`` are how the external system behaves.

    ``is_told`` says that the target was told so; otherwise the tool is one of which it knows nothing. ``skews`` are how
    far off the clocks of the executor and of the target's processes are.
    """

    name: str
    terms: Terms
    faults: tuple[Fault, ...] = ()
    is_told: bool = True
    skews: tuple[int, int] = (0, 0)
    left_ms: int = 60_000
    is_sure: bool = False


def scenes() -> dict[str, Scene]:
    """Return every scene by name."""
    return {it.name: it for terms in TERMS for it in _of(terms)}


def _of(terms: str) -> Iterator[Scene]:
    for plan in PLANS:
        is_sure = terms in CERTAIN and not _LEAVING & set(plan)
        yield Scene(f"{terms}:{','.join(plan)}", TERMS[terms], plan, is_sure=is_sure)
    plain = Scene(terms, TERMS[terms], (F.LATE, F.LOST), is_sure=terms in CERTAIN)
    yield replace(plain, name=f"{terms}-before", skews=(1_000, -1_000))
    yield replace(plain, name=f"{terms}-behind", skews=(-1_000, 1_000))
    yield replace(plain, name=f"{terms}-hurried", left_ms=1_000)
    yield replace(plain, name=f"{terms}-untold", is_told=False, is_sure=False)
    if TERMS[terms].contract is not C.PROVIDER_KEY:
        # A system that holds no keys says of one call that it is the first answer again, which it cannot know.
        yield replace(plain, name=f"{terms}-boastful", faults=(F.LATE, F.AGAIN), is_sure=False)
        yield replace(plain, name=f"{terms}-final", faults=(F.LATE, F.NEVER), is_sure=False)


SCENES = scenes()
