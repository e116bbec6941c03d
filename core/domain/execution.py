"""An execution: everything kept of one intent; and a change: everything one transaction writes of it."""

from core.domain.attempt import Attempt, EffectKind
from core.domain.effect import Effect, EffectState
from core.domain.errors import PermanentError, TransientError
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from core.domain.ledger import LedgerEntry, LedgerEvent
from core.domain.making import dataclass
from core.domain.outcome import Outcome
from core.domain.signal import Signal

_WRITTEN = frozenset({EffectState.APPLIED, EffectState.FLAWED})


@dataclass(frozen=True, slots=True)
class Execution:
    """The attempt, the effects of every run, and the latest outcome."""

    attempt: Attempt
    effects: tuple[Effect, ...] = ()
    outcome: Outcome | None = None

    def effect(self, kind: EffectKind, run: int) -> Effect | None:
        """Return the effect of one run and kind, None where nothing was prepared."""
        for it in self.effects:
            if it.run == run and it.kind is kind:
                return it
        return None

    @property
    def action(self) -> Effect | None:
        """The action's effect in the current run."""
        return self.effect(EffectKind.ACTION, self.attempt.run)

    @property
    def undo(self) -> Effect | None:
        """The undo's effect in the current run."""
        return self.effect(EffectKind.UNDO, self.attempt.run)

    @property
    def open_effect(self) -> Effect | None:
        """The effect that the current work is about, None where it is not prepared yet or nothing is open."""
        return None if self.attempt.work is None else self.effect(self.attempt.work, self.attempt.run)

    @property
    def standing(self) -> Effect | None:
        """The latest action's effect that is proved to be there and was not undone."""
        undone = {key for it in self.effects if it.state is EffectState.APPLIED for key in self._undone_by(it)}
        written = [
            it
            for it in self.effects
            if it.kind is EffectKind.ACTION and it.state in _WRITTEN and it.request.effect_key not in undone
        ]
        return max(written, key=lambda it: it.run, default=None)

    def _undone_by(self, undo: Effect) -> tuple[str, ...]:
        # What shares its effect key with something undone is the same write, and as gone.
        action = self.effect(EffectKind.ACTION, undo.undoes_run) if undo.kind is EffectKind.UNDO else None
        return (action.request.effect_key,) if action is not None else ()


@dataclass(frozen=True, slots=True)
class Change:
    """One atomic transaction on one execution, allowed only at ``expected_version`` (0: there is none yet).

    ``execution`` is the whole state afterwards; ``effects`` are the rows of it that this change writes.
    ``intent`` is stored with it, by the condition that the id has no other fingerprint.
    """

    expected_version: int
    execution: Execution
    effects: tuple[Effect, ...] = ()
    outcome: Outcome | None = None
    entries: tuple[LedgerEntry, ...] = ()
    signals: tuple[Signal, ...] = ()
    intent: Intent | None = None

    @property
    def key(self) -> IntentKey:
        """Whose change this is."""
        return self.execution.attempt.key


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event turned away: a side-chain entry and a signal, written once per ``refusal_id``."""

    refusal_id: str
    key: IntentKey
    event: LedgerEvent
    code: str
    reason: str
    at_ms: int
    trace_id: str = ""


class StaleError(TransientError):
    """The execution moved on since it was read; carries it as it is now (None: it is gone or not there yet)."""

    error_code = "STALE"

    def __init__(self, existing: Execution | None) -> None:
        """Keep the existing row, so that the loser decides again without a read."""
        super().__init__("The execution was changed by somebody else.")
        self.existing = existing


class LostError(PermanentError):
    """A newer generation or send took over: this owner must stop, and write nothing more but the truth."""

    error_code = "LOST"


class AlreadyFinishedError(PermanentError):
    """Finished or parked work is not claimed; acknowledge the redelivery."""

    error_code = "ALREADY_FINISHED"
