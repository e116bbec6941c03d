"""Serve: carry out one call that came through a gateway, at most once, whoever repeats it (the inner layer).

Nothing here raises for a domain outcome. What is said to have changed nothing is recorded so before it is said: an
invocation that was repeated on the way must not say it of one that is under way.
"""

from collections.abc import Callable, Mapping

from core.domain.admission import Admitted, admit
from core.domain.answer import Answer, Applied, CannotTell, Finding, Happened, Hold, NotSent, Refused, Unknown
from core.domain.canonical import Json
from core.domain.changing import changed
from core.domain.contract import EffectContract, Terms
from core.domain.decision import Fail, LookUp, SendNext, Step, WaitUntil, decide, decide_found
from core.domain.effect import Effect, EffectState
from core.domain.errors import ExecutionError, StoreUnavailableError
from core.domain.making import dataclass
from core.domain.proof import Asks, NotProvedError
from core.domain.request import Request
from core.domain.serving import (
    BRIEF,
    RecordMovedError,
    RecordPlace,
    TargetRecord,
    Window,
    disproved,
    found,
    held_up,
    opened,
    replay,
    settled,
    window,
    with_next_send,
)
from core.domain.timing import Timing
from core.usecases.serving_gate import ServingGate, Unoffered
from ports.clock import Clock
from ports.connector import Connector, Connectors
from ports.ids import Ids
from ports.proof_keys import ProofKeys
from ports.target_records import TargetRecords

UNDECLARED = Terms(EffectContract.OPAQUE)
"""What holds for a tool of which nobody said how its doubt is settled: it is never sent again."""

JUDGEMENTS = 4
SETTLE_TRIES = 5
SETTLE_PAUSE_MS = 200
UNREADABLE = "The target's records could not be read or written."


@dataclass(frozen=True, slots=True)
class Image:
    """What an update is about to change, as JSON text; None: it could not be read."""

    text: str | None


Said = Answer | Finding | Image
LeftMs = Callable[[], int]
"""Returns the milliseconds that are left of the serving process's own time."""


@dataclass(frozen=True, slots=True)
class _Call:
    """One call, and who answers it."""

    admitted: Admitted
    request: Request
    connector: Connector
    left_ms: LeftMs


class Serve:
    """The use case of a gateway's target."""

    def __init__(
        self,
        connectors: Connectors,
        records: TargetRecords,
        proof_keys: ProofKeys,
        terms: Mapping[str, Terms],
        clock: Clock,
        ids: Ids,
        timing: Timing,
    ) -> None:
        """Keep the ports. ``terms``: by tool, how its doubt is settled here, whatever the executor's registry says."""
        self._connectors = connectors
        self._records = records
        self._proof_keys = proof_keys
        self._terms = terms
        self._clock = clock
        self._ids = ids
        # How often it is asked is paced by the executor; here only what the provider asked for is waited for.
        self._timing = changed(timing, backoff_ms=0, max_backoff_ms=0)

    def __call__(self, tool: str, arguments: Mapping[str, Json], *, left_ms: LeftMs) -> Said:
        """Do what a call asks for, within ``left_ms``, and within what its executor waits for."""
        try:
            admitted = admit(tool, arguments, self._proof_keys.keyring())
        except NotProvedError as fault:
            return Refused(fault.error_class, fault.error_code, fault.message)
        except ExecutionError as fault:
            # Without the keys nobody knows whose call it is, and so not whether it came before.
            return Unknown(fault.message)
        request = admitted.request(self._terms.get(admitted.proof.effect_tool, UNDECLARED))
        connector = self._connectors.offering(request.tool, request.key.tenant_id) or Unoffered()
        call = _Call(admitted, request, connector, left_ms)
        match admitted.proof.asks:
            case Asks.CALL:
                return self._call(call)
            case Asks.LOOK_UP:
                return self._look_up(call, request, admitted.before)
            case Asks.BEFORE:
                return Image(self._image(call))

    def _call(self, call: _Call) -> Answer:
        if call.request.terms.contract is EffectContract.READ_ONLY:
            return self._reach(call, call.request, self._window(call), None)
        place = RecordPlace(call.request.key, call.request.tool, call.request.effect_key)
        try:
            held = self._records.read(place)
            for _ in range(JUDGEMENTS):
                try:
                    return self._again(call, held) if held is not None else self._first(call)
                except RecordMovedError as moved:
                    held = moved.existing
        except StoreUnavailableError:
            return Unknown(UNREADABLE)
        return Unknown("Too many calls under this key came at once.")

    def _first(self, call: _Call) -> Answer:
        image = self._image(call) if call.request.terms.before_tool is not None else None
        return self._send(call, None, opened(call.request, image, self._clock.now_ms()), absent=False)

    def _again(self, call: _Call, held: TargetRecord) -> Answer:
        """Judge what an earlier call left, by the contract that was frozen with it."""
        effect = held.effect
        if effect.request.sha256 != call.request.sha256:
            return Unknown("Under this effect key stands another request.")
        if (told := replay(effect)) is not None:
            return told
        step = decide(effect, BRIEF, self._clock.now_ms(), self._timing)
        if isinstance(step, LookUp):
            looked_at_ms = self._clock.now_ms()
            finding = self._look_up(call, effect.request, effect.before)
            if isinstance(finding, Happened):
                return self._kept(held, found(effect, finding))
            step = decide_found(
                effect,
                BRIEF,
                finding,
                looked_at_ms=looked_at_ms,
                now_ms=self._clock.now_ms(),
                timing=self._timing,
                look_ups=0,
                parked=False,
            )
        return self._follow(call, held, step)

    def _follow(self, call: _Call, held: TargetRecord, step: Step) -> Answer:
        effect = held.effect
        allowed = self._window(call)
        if isinstance(step, SendNext | WaitUntil) and any(it.deadline_ms == allowed.deadline_ms for it in effect.sends):
            # One proof, one send: what was said of it, whoever heard it, must stay true.
            return Unknown("Nothing was sent: this very call came before.")
        if isinstance(step, SendNext):
            return self._send(call, held, self._with_image(call, effect), absent=step.absent)
        if isinstance(step, WaitUntil) and not effect.unproved:
            return self._wait(held, step, allowed)
        if isinstance(step, Fail) and step.absent:
            return self._kept(held, disproved(effect, step))
        return held_up(effect, step)

    def _wait(self, held: TargetRecord, step: WaitUntil, allowed: Window) -> Answer:
        """Record that this call is not sent before it is said: its other invocation may come when the wait is over."""
        now_ms, told = self._clock.now_ms(), held_up(held.effect, step)
        effect = with_next_send(held.effect, allowed.deadline_ms, now_ms)
        waits = NotSent(Hold.THROTTLED, "The provider asked to be left alone for a while.", step.at_ms - now_ms)
        self._records.keep(self._after(held, settled(effect, effect.send_no, waits, now_ms)))
        return told

    def _kept(self, held: TargetRecord, effect: Effect) -> Answer:
        self._records.keep(self._after(held, effect))
        return replay(effect) or Unknown(UNREADABLE)

    def _send(self, call: _Call, held: TargetRecord | None, effect: Effect, *, absent: bool) -> Answer:
        """Prepare a send and call; what must not be sent is kept as such, so that it is true of every invocation."""
        allowed, now_ms = self._window(call), self._clock.now_ms()
        effect = with_next_send(effect, allowed.deadline_ms, now_ms, absent=absent)
        hold = _late(allowed) or _blind(effect)
        if hold is not None:
            effect = settled(effect, effect.send_no, hold, now_ms)
        record = self._after(held, effect)
        self._records.keep(record)
        if hold is not None:
            return hold
        return self._settle(record, self._reach(call, effect.request, allowed, effect.before))

    def _reach(self, call: _Call, request: Request, allowed: Window, before: str | None) -> Answer:
        if (late := _late(allowed)) is not None:
            return late
        return call.connector.call(_timed(request, allowed), ServingGate(self._clock, allowed), before)

    def _settle(self, record: TargetRecord, answer: Answer) -> Answer:
        """Keep an answer; it is as true where that fails, and then the record is judged when somebody asks again."""
        send_no = record.effect.send_no
        effect = settled(record.effect, send_no, answer, self._clock.now_ms())
        after = self._after(record, effect)
        for _ in range(SETTLE_TRIES):
            try:
                self._records.keep(after)
            except RecordMovedError as moved:
                if moved.existing is None:
                    break
                effect = settled(moved.existing.effect, send_no, answer, self._clock.now_ms())
                if effect == moved.existing.effect:
                    break
                after = self._after(moved.existing, effect)
            except StoreUnavailableError:
                self._clock.pause(SETTLE_PAUSE_MS)
            else:
                break
        return _told(effect, send_no, answer)

    def _with_image(self, call: _Call, effect: Effect) -> Effect:
        if effect.terms.before_tool is None or effect.before is not None or effect.unproved:
            return effect
        return changed(effect, before=self._image(call))

    def _image(self, call: _Call) -> str | None:
        allowed = self._window(call)
        return call.connector.before_image(_timed(call.request, allowed)) if allowed.is_open else None

    def _look_up(self, call: _Call, request: Request, before: str | None) -> Finding:
        allowed = self._window(call)
        if not allowed.is_open:
            return CannotTell("No time is left to look.")
        return call.connector.look_up(_timed(request, allowed), before)

    def _window(self, call: _Call) -> Window:
        return window(call.admitted.proof, self._clock.now_ms(), call.left_ms(), self._timing)

    def _after(self, held: TargetRecord | None, effect: Effect) -> TargetRecord:
        return TargetRecord(effect, 1 if held is None else held.version + 1, self._ids.fresh())


def _timed(request: Request, allowed: Window) -> Request:
    return changed(request, timeout_ms=allowed.timeout_ms)


def _blind(effect: Effect) -> NotSent | None:
    if effect.terms.before_tool is None or effect.before is not None:
        return None
    return NotSent(Hold.NOT_READY, "What is about to be changed could not be read.")


def _late(allowed: Window) -> NotSent | None:
    if allowed.is_open:
        return None
    return NotSent(Hold.TOO_LATE, "The proof of the call has expired, or leaves no time for it.")


def _told(effect: Effect, send_no: int, answer: Answer) -> Answer:
    """Return an answer as it holds beside what else is recorded under the key."""
    if isinstance(answer, Applied):
        return answer
    if effect.state is not EffectState.OPEN:
        return replay(effect) or answer
    return _spoken(effect, send_no, answer) if isinstance(answer, Refused) else answer


def _spoken(effect: Effect, send_no: int, refusal: Refused) -> Refused:
    """Return a refusal, replayed where it speaks for every call under the key: the executor believes that of all.

    A final one does, where nothing before it is unproved: whoever comes later is refused. One that may be accepted
    later does not, for an earlier call may yet come. What a provider repeats by our key proves earlier sends; the same
    word of one that holds no keys proves nothing.
    """
    if refusal.retryable or any(it.number <= send_no for it in effect.unproved):
        return changed(refusal, replayed=False)
    return changed(refusal, replayed=refusal.replayed or effect.send_no > 1)
