"""The watch at the target: compares what was said of each call with what the external system did, then and later."""

from typing import TYPE_CHECKING

from core.domain.answer import Answer, Applied, NotSent, Refused
from core.domain.effect import EffectState
from core.domain.request import Request
from core.domain.serving import RecordPlace
from tests.simulation.proof import Violation
from tests.simulation.target.lane import EFFECT_KEY, KEY, TOOL

if TYPE_CHECKING:
    from tests.simulation.target.lane import Lane
    from tests.simulation.target.world import TargetWorld

PLACE = RecordPlace(KEY, TOOL, EFFECT_KEY)


class TargetWatch:
    """Stands at the provider's door and where answers leave."""

    def __init__(self, world: "TargetWorld") -> None:
        """Keep the world."""
        self.world = world
        self.answers: list[tuple[int, Answer]] = []
        self.bearers: list[int] = []

    def sending(self, lane: "Lane", request: Request) -> None:
        """Check what must hold when a call starts."""
        record = self.world.records.read(PLACE)
        sends = () if record is None else record.effect.sends
        own = [it for it in sends if it.deadline_ms == lane.asked.deadline_ms]
        if record is None or record.effect.request.sha256 != request.sha256 or len(own) != 1:
            raise Violation("a call without one stored prepare for its proof")
        if own[0].answer is not None:
            raise Violation("a call for a send that is answered already")
        if self.world.now + request.timeout_ms > lane.asked.expires_at:
            raise Violation("a call that may be under way when its executor begins to judge")

    def wrote(self, bearer: int) -> None:
        """Note for which of the executor's calls the provider wrote what is new in its log."""
        new = len(self.world.provider.log) - len(self.bearers)
        self.bearers += [bearer] * new

    def said(self, lane: "Lane", answer: Answer) -> None:
        """Take what was said of a call."""
        self.world.labels.append(f"{lane.number} said {type(answer).__name__}")
        self.answers.append((lane.asked.number, answer))
        if isinstance(answer, Applied) and not self.world.provider.log:
            raise Violation("told as applied, but nothing was written")

    def judge(self) -> None:
        """Compare, when nothing can happen any more."""
        writes = sum(it.fresh for it in self.world.provider.log)
        if writes > 1:
            raise Violation(f"written {writes} times")
        for number, answer in self.answers:
            if isinstance(answer, Refused) and answer.replayed and self._spoken_for(number, answer):
                raise Violation("said that no call under this key changed anything, but one did")
            if isinstance(answer, NotSent | Refused) and number in self.bearers:
                raise Violation("said that a call changed nothing, but it did")
        self._judge_record()
        if self.world.scene.is_sure and not is_decided(self.world.heard):
            raise Violation("never settled, though the contract can always be")

    def _spoken_for(self, number: int, answer: Refused) -> list[int]:
        """Return the calls that wrote, of those for which a replayed refusal speaks: a final one for whatever comes."""
        return [it for it in self.bearers if it <= number or not answer.retryable]

    def _judge_record(self) -> None:
        record = self.world.records.read(PLACE)
        state = EffectState.OPEN if record is None else record.effect.state
        if state is EffectState.UNAPPLIED and self.bearers:
            raise Violation("recorded as not applied, but it is written")
        if state in {EffectState.APPLIED, EffectState.FLAWED} and not self.bearers:
            raise Violation("recorded as applied, but nothing is written")


def is_decided(answer: Answer | None) -> bool:
    """Tell whether an executor asks no more after this."""
    return isinstance(answer, Applied) or (isinstance(answer, Refused) and not answer.retryable)
