"""The verdicts: what was told against what really happened, each computed from the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from examples.demo.actions import Action
from examples.demo.evidence import Evidence, Key, Row, key_of
from examples.demo.scenarios import STOPPED_TENANT, STOPPED_TYPE_OF

ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})
SIGNAL_OF = {
    "SUCCEEDED": "ACTION_EXECUTED",
    "FAILED": "ACTION_FAILED",
    "CANCELLED": "ACTION_FAILED",
    "IN_DOUBT": "ACTION_IN_DOUBT",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One claim. ``counted`` is how many things it was checked on, ``breaches`` those that contradict it."""

    claim: str
    counted: int
    breaches: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Nothing contradicts it, and it was checked on something."""
        return not self.breaches and self.counted > 0


def repeats(evidence: Evidence) -> dict[Key, int]:
    """Return the intents for which the provider, by its own log, wrote more than once."""
    return {key: len(rows) for key, rows in evidence.written.items() if len(rows) > 1}


def judge(evidence: Evidence) -> list[Verdict]:
    """Return every verdict."""
    actions = evidence.script.actions
    succeeded = [it for it in actions if evidence.status(it) == "SUCCEEDED"]
    failed = [it for it in actions if evidence.status(it) in {"FAILED", "CANCELLED"}]
    stopped = [it for it in actions if is_stopped(it)]
    written = [it for it in actions if it.key in evidence.written or it.key in evidence.kept]
    return [
        _once(evidence),
        _each("Every approved action ended, or is parked and told so", actions, lambda it: _is_told(evidence, it)),
        _each(
            "SUCCEEDED: exactly one write or object is there (a read: none)",
            succeeded,
            lambda it: _has_one(evidence, it),
        ),
        _each("FAILED: nothing is there", failed, lambda it: evidence.standing(it.key) == 0),
        _each("What was written is what was approved", written, lambda it: _is_as_approved(evidence, it)),
        _each("Stopped by a switch: not one call", stopped, lambda it: evidence.sends[it.key] == 0),
        _strangers(evidence),
        _each("Every outcome was signalled, as what it is", actions, lambda it: _is_signalled(evidence, it)),
        Verdict("The ledger's hash chains hold", 1, () if evidence.ledger_holds else (evidence.ledger_said,)),
    ]


def is_stopped(action: Action) -> bool:
    """Tell whether a kill switch of the demo is closed for this action."""
    tenant, action_type = action.key[0], action.intent["action_type"]
    return tenant == STOPPED_TENANT or (tenant, action_type) == STOPPED_TYPE_OF


def truth(evidence: Evidence, parked: Row) -> tuple[bool, str]:
    """Return whether a parked action happened, by the provider's own log, and the line that proves it."""
    rows = evidence.written.get(key_of(parked), [])
    if not rows:
        return False, "no such write in the provider log"
    return True, f"provider log line {rows[0]['seq']}: {rows[0]['object_id']}"


def _each(claim: str, actions: Iterable[Action], is_so: Callable[[Action], bool]) -> Verdict:
    checked = list(actions)
    return Verdict(claim, len(checked), tuple(it.intent_id for it in checked if not is_so(it)))


def _once(evidence: Evidence) -> Verdict:
    breaches = tuple(f"{key[2]} ({count} times)" for key, count in repeats(evidence).items())
    return Verdict("No action was written twice, by the provider's own log", len(evidence.written), breaches)


def _strangers(evidence: Evidence) -> Verdict:
    """Whatever was written was approved: nothing came of the refused lines."""
    approved = {it.key for it in evidence.script.actions}
    there = [*evidence.written, *evidence.kept]
    return Verdict(
        "Nothing was written that nobody approved", len(there), tuple(k[2] for k in there if k not in approved)
    )


def _is_told(evidence: Evidence, action: Action) -> bool:
    status = evidence.status(action)
    return status in ENDED or (status == "IN_DOUBT" and action.key in {key_of(it) for it in evidence.parked})


def _has_one(evidence: Evidence, action: Action) -> bool:
    told = evidence.told[action.key]
    if told["evidence"] == "OPERATOR":
        return True
    wanted = 0 if evidence.contract(action) == "READ_ONLY" else 1
    return evidence.standing(action.key) == wanted


def _is_as_approved(evidence: Evidence, action: Action) -> bool:
    """The texts and numbers of the approved parameters, whatever the mapping calls them, are all that was written."""
    rows = [*evidence.written.get(action.key, []), *evidence.kept.get(action.key, [])]
    approved = Counter(_plain(it) for it in action.intent["parameters"].values())
    beside = {"target", "action_intent_id"}
    return all(
        Counter(_plain(it) for name, it in row["fields"].items() if name not in beside) == approved for row in rows
    )


def _plain(value: object) -> str:
    return str(value).upper()


def _is_signalled(evidence: Evidence, action: Action) -> bool:
    wanted = SIGNAL_OF.get(evidence.status(action))
    return (action.key, wanted) in evidence.signalled
