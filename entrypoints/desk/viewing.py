"""Viewing one intent: where it stands, and everything that happened to it."""

from shlex import quote

from core.domain.attempt import ChainHead
from core.domain.draft import chain_of
from core.domain.execution import Execution
from core.domain.intent import Intent
from core.domain.keys import IntentKey
from core.domain.ledger import Chain, verify
from core.domain.making import dataclass
from core.domain.refusing import refusal_chain
from entrypoints.desk.doors import absent
from ports.clock import Clock
from ports.executions import Executions
from ports.intents import Intents
from ports.ledger import Ledger
from ports.wire.outcome import iso
from ports.wire.status import StatusModel, status_model
from ports.wire.timeline import ChainModel, TimelineModel, effect_model, entry_model


@dataclass(frozen=True, slots=True)
class Seen:
    """What is stored under a key, attempt and intent; both may be absent."""

    key: IntentKey
    execution: Execution | None
    intent: Intent | None

    @property
    def is_there(self) -> bool:
        """Tell whether outcome, attempt or intent is there."""
        return self.execution is not None or self.intent is not None


class Viewing:
    """Reads of one intent, as documents."""

    def __init__(self, executions: Executions, intents: Intents, ledger: Ledger, clock: Clock) -> None:
        """Keep the ports."""
        self._executions = executions
        self._intents = intents
        self._ledger = ledger
        self._clock = clock

    def seen(self, key: IntentKey) -> Seen:
        """Read what is there; the reads are the same whether it is or not."""
        return Seen(key, self._executions.load(key), self._intents.get(key))

    def status(self, seen: Seen) -> StatusModel | None:
        """Return where it stands, None where nothing is there."""
        return status_model(seen.execution, seen.intent, self._clock.now_ms())

    def status_of(self, key: IntentKey) -> StatusModel:
        """Return where it stands.

        Raises:
            IntentNotFoundError: outcome, attempt and intent are all absent.
        """
        status = self.status(self.seen(key))
        if status is None:
            raise absent(key)
        return status

    def timeline_of(self, key: IntentKey) -> TimelineModel:
        """Return what there is of it; where only refusals are on record it has no status.

        Raises:
            IntentNotFoundError: nothing is there, not even a refusal.
        """
        timeline = self.timeline(self.seen(key))
        if timeline.status is None and not timeline.chains:
            raise absent(key)
        return timeline

    def timeline(self, seen: Seen) -> TimelineModel:
        """Return its ledger, checked, its effects and what can be done about it."""
        execution = seen.execution
        return TimelineModel(
            action_intent_id=seen.key.intent_id,
            account_id=seen.key.account_id,
            status=self.status(seen),
            chains=tuple(self._chains(seen)),
            effects=tuple(effect_model(it) for it in execution.effects) if execution else (),
            hints=tuple(hints(execution)),
        )

    def _chains(self, seen: Seen) -> list[ChainModel]:
        wanted: list[tuple[Chain, ChainHead | None]] = [(refusal_chain(seen.key), None)]
        if seen.execution is not None:
            attempt = seen.execution.attempt
            wanted.insert(0, (Chain(seen.key.tenant_id, chain_of(attempt)), attempt.head))
        found = (self._chain(chain, head) for chain, head in wanted)
        return [it for it in found if it is not None]

    def _chain(self, chain: Chain, head: ChainHead | None) -> ChainModel | None:
        entries = self._ledger.entries(chain)
        if not entries and head is None:
            return None
        fault = verify(entries, head)
        return ChainModel(
            subject=chain.subject,
            verified=fault is None,
            fault=fault,
            entries=tuple(entry_model(it) for it in entries),
        )


def hints(execution: Execution | None) -> list[str]:
    """Return what waits, and what an operator can do about it."""
    if execution is None:
        return []
    attempt = execution.attempt
    if attempt.parked is not None:
        return [f"Parked: {attempt.parked}.", f"Settle it: {resolve_command(attempt.key)}"]
    if attempt.work is not None and attempt.due_at_ms is not None:
        return [f"Next look at {iso(attempt.due_at_ms)}."]
    return []


def resolve_command(key: IntentKey) -> str:
    """Return the command that settles a parked execution, to be pasted; the operator says which, and how he knows."""
    place = f"{quote(key.intent_id)} -t {quote(key.tenant_id)} -a {quote(key.account_id)}"
    return f"actonce resolve {place} --happened -e 'how you know'  # or --did-not-happen"
