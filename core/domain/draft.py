"""A change in the making: transitions are written into a draft, which becomes one transaction."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from core.domain.attempt import Attempt, ChainHead, EffectKind
from core.domain.canonical import Json
from core.domain.changing import changed
from core.domain.effect import Effect
from core.domain.execution import Change, Execution
from core.domain.intent import Intent
from core.domain.ledger import Chain, LedgerEntry, LedgerEvent, seal
from core.domain.outcome import Outcome
from core.domain.signal import Signal, SignalType, signal_id

_CHANGING = frozenset(it.name for it in fields(Attempt)) - {"key", "brief"}


class Draft:
    """Collects what one transaction will write; never used for two."""

    def __init__(self, existing: Execution | None, *, now_ms: int, nonce: str) -> None:
        """Start from what is stored, at a moment, with the nonce that will name this transaction."""
        self.now_ms = now_ms
        self.intent: Intent | None = None
        self._nonce = nonce
        self._expected = existing.attempt.version if existing else 0
        self._attempt = existing.attempt if existing else None
        # Changes of the attempt that nobody has asked to see: a frozen row is made once for many of them.
        self._pending: dict[str, Any] = {}
        self._effects = {(it.kind, it.run): it for it in existing.effects} if existing else {}
        self._outcome = existing.outcome if existing else None
        self._touched: dict[tuple[EffectKind, int], Effect] = {}
        self._new_outcome: Outcome | None = None
        self._entries: list[LedgerEntry] = []
        self._signals: list[Signal] = []
        self._chain: Chain | None = None

    @property
    def attempt(self) -> Attempt:
        """The attempt as it stands in this draft; one must be there."""
        if self._attempt is None:
            raise LookupError("no attempt in this draft")
        if self._pending:
            self._attempt = changed(self._attempt, **self._pending)
            self._pending = {}
        return self._attempt

    @property
    def exists(self) -> bool:
        """Tell whether there is an attempt."""
        return self._attempt is not None

    @property
    def execution(self) -> Execution:
        """The whole state as it stands in this draft."""
        return Execution(self.attempt, tuple(self._effects.values()), self._outcome)

    def effect(self, kind: EffectKind, run: int) -> Effect | None:
        """Return the effect of one run and kind as it stands in this draft, None where nothing was prepared."""
        return self._effects.get((kind, run))

    def open(self, attempt: Attempt) -> None:
        """Put the first attempt."""
        self._attempt = attempt
        self._pending = {}

    def set(self, **changes: Any) -> None:  # noqa: ANN401 - dataclasses.replace is untyped in the same way
        """Change fields of the attempt; whose it is and what it is about never change."""
        if self._attempt is None or not changes.keys() <= _CHANGING:
            raise LookupError("no attempt in this draft, or no such field")
        self._pending |= changes

    def next_revision(self) -> int:
        """Raise the outcome's revision and return it."""
        attempt = self._attempt or self.attempt
        revision: int = self._pending.get("revision", attempt.revision) + 1
        self.set(revision=revision)
        return revision

    def put(self, effect: Effect) -> None:
        """Write an effect row."""
        self._effects[effect.kind, effect.run] = effect
        self._touched[effect.kind, effect.run] = effect

    def tell(self, outcome: Outcome) -> None:
        """Write an outcome revision."""
        self._outcome = self._new_outcome = outcome

    def note(self, event: LedgerEvent, body: Mapping[str, Json]) -> None:
        """Append to the intent's ledger chain."""
        attempt = self._attempt or self.attempt
        now = self._pending.get
        if self._chain is None:
            self._chain = Chain(attempt.key.tenant_id, chain_of(attempt))
        whole: dict[str, Json] = {
            "run": now("run", attempt.run),
            "generation": now("generation", attempt.generation),
            "trace_id": attempt.brief.trace_id,
            "decision_trace_id": attempt.brief.decision_trace_id,
            **body,
        }
        entry = seal(self._chain, now("head", attempt.head), event, self.now_ms, whole)
        self._entries.append(entry)
        self.set(head=ChainHead(entry.sequence, entry.sha256))

    def signal(self, type_: SignalType, outcome: Outcome, *, undo: bool = False) -> None:
        """Put a signal into the outbox."""
        self._signals.append(
            Signal(
                signal_id=signal_id(outcome.key, type_, outcome.run, undo=undo),
                type=type_,
                key=outcome.key,
                revision=outcome.revision,
                at_ms=self.now_ms,
                trace_id=outcome.trace_id,
                decision_trace_id=outcome.decision_trace_id,
                outcome=outcome,
                error_code=outcome.fault.error_code if outcome.fault else None,
            )
        )

    def change(self) -> Change:
        """Return the transaction: the version raised by one, the nonce left on the row."""
        self.set(version=self._expected + 1, nonce=self._nonce)
        return Change(
            expected_version=self._expected,
            execution=self.execution,
            effects=tuple(self._touched.values()),
            outcome=self._new_outcome,
            entries=tuple(self._entries),
            signals=tuple(self._signals),
            intent=self.intent,
        )


def chain_of(attempt: Attempt) -> str:
    """Return the subject of an intent's own ledger chain."""
    return f"{attempt.key.account_id}/{attempt.key.intent_id}"
