"""Mutants of the protocol: each lacks one clause of design section 3, and the simulation must catch each.

A mutant replaces text in one source file; the text must occur there exactly once, so that no mutant goes stale.
``hint`` narrows the first search to scenarios whose name contains it, and to kinds of injection.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A clause, and the source without it."""

    clause: str
    file: str
    old: str
    new: str
    hint: tuple[str, tuple[str, ...]] = ("", ("crash",))


D, U = "core/domain/", "core/usecases/"
CLAIM, DECIDE, SEND, SETTLE = D + "claiming.py", D + "decision.py", D + "sending.py", D + "settling.py"
OPERATE, TELL, GATE = D + "operating.py", D + "telling.py", U + "gate.py"

CLAIMING = (
    Mutant(
        "a live lease keeps others out",
        CLAIM,
        "if not (is_same_owner or is_lease_over):",
        "if False:",
        ("", ("duplicate",)),
    ),
    Mutant(
        "an expired lease lets others in",
        CLAIM,
        "(is_same_owner or is_lease_over)",
        "is_same_owner",
        ("drumming", ("crash",)),
    ),
    Mutant(
        "a lease ends later for other clocks",
        CLAIM,
        "attempt.lease_until_ms + timing.max_skew_ms\n",
        "attempt.lease_until_ms\n",
        ("drumming", ("crash", "pause")),
    ),
    Mutant(
        "finished and parked work is claimed by nobody",
        CLAIM,
        "if not attempt.is_open:",
        "if False:",
        ("", ("duplicate",)),
    ),
    Mutant(
        "a claim raises the generation",
        CLAIM,
        "        generation=attempt.generation + 1,\n",
        "",
        ("", ("short_stall", "stall")),
    ),
    Mutant(
        "another payload under the same id is refused",
        CLAIM,
        "if draft.attempt.fingerprint != fingerprint:",
        "if False:",
        ("conflict", ()),
    ),
    Mutant(
        "a refused payload is signalled",
        U + "start.py",
        '        self._executions.refuse(\n            Refusal(\n                refusal_id=f"',
        '        (lambda it: it)(\n            Refusal(\n                refusal_id=f"',
        ("conflict", ()),
    ),
    Mutant(
        "our own commit is success",
        U + "transact.py",
        "return stale.existing is not None and",
        "return False and",
        ("sure-opaque", ("lose",)),
    ),
    Mutant(
        "a lost reply is asked for again",
        U + "transact.py",
        "if left == 0:",
        "if True:",
        ("sure-opaque", ("throttle", "lose")),
    ),
    Mutant(
        "a settle that is overtaken is decided again",
        U + "transact.py",
        "                known = stale.existing",
        "                raise",
        ("", ("duplicate", "sweep", "short_stall")),
    ),
)

PREPARING = (
    Mutant(
        "a call is prepared before it is made",
        U + "execute.py",
        "        execution, effect = self._prepare.next(execution, effect, absent=step.absent)\n",
        "",
        ("", ("crash",)),
    ),
    Mutant(
        "the frozen request is read, never computed again",
        U + "execute.py",
        "absent=step.absent)\n",
        "absent=step.absent)\n        effect = __import__('dataclasses').replace(effect, request=__import__('core.domain.request').domain.request.frozen(self._plan_open(execution), 'action', 1))\n",
        ("", ("deploy",)),
    ),
    Mutant(
        "a prepare is fenced by generation and by the send that was judged",
        SEND,
        "    fence(attempt, owner, generation)\n    effect = draft.execution.effect(open_work(attempt), attempt.run)\n    if effect is None or effect.state is not EffectState.OPEN or effect.send_no != judged_send_no:",
        "    effect = draft.execution.effect(open_work(attempt), attempt.run)\n    if effect is None or effect.state is not EffectState.OPEN:",
        ("", ("short_stall", "stall", "duplicate")),
    ),
    Mutant(
        "a first prepare is fenced",
        SEND,
        "    fence(attempt, owner, generation)\n    work = open_work(attempt)\n    if draft.execution.effect(work, attempt.run) is not None:",
        "    work = open_work(attempt)\n    if False:",
        ("read_back", ("short_stall", "stall")),
    ),
    Mutant(
        "a send under way is waited for",
        DECIDE,
        "if effect.last.answer is None and now_ms <= quiet_at(effect, timing):",
        "if False:",
        ("", ("crash", "short_stall")),
    ),
    Mutant(
        "waiting for a send allows for other clocks",
        DECIDE,
        "effect.terms.settle_delay_ms + timing.max_skew_ms\n\n\ndef landed_at",
        "effect.terms.settle_delay_ms\n\n\ndef landed_at",
        ("drumming", ("crash", "jump_ahead")),
    ),
)

CALLING = (
    Mutant("a closed switch stops a call", GATE, "self._switch() or ", "", ("", ("stop_and_wait",))),
    Mutant(
        "a reading of the switches ages",
        GATE,
        "if held is not None and self._is_young(held[0]):",
        "if held is not None:",
        ("", ("stop_and_wait", "stop_type")),
    ),
    Mutant(
        "a reading's age counts from before it was sent",
        GATE,
        "self._readings[tenant_id] = (begun_ms, reading)",
        "self._readings[tenant_id] = (self._clock.monotonic_ms(), reading)",
        ("stopped-after", ()),
    ),
    Mutant(
        "an unreadable switch is a closed one",
        GATE,
        "            return NotSent(Hold.SWITCH_UNREADABLE, unreadable.message)",
        "            pass",
        ("", ("dark",)),
    ),
    Mutant("an expired approval is not sent", GATE, "self._expiry() or ", "", ("expiring", ("pause", "stall"))),
    Mutant("a call that would end late is not started", GATE, " or self._window()", "", ("", ("pause", "short_stall"))),
    Mutant(
        "the window allows for other clocks",
        GATE,
        "self._effect.request.timeout_ms + self._timing.max_skew_ms",
        "self._effect.request.timeout_ms",
        ("", ("pause",)),
    ),
    Mutant(
        "an unanswered or unknown send proves nothing",
        D + "effect.py",
        "SendAnswer.NOT_SENT}",
        "SendAnswer.NOT_SENT, SendAnswer.UNKNOWN, None}",
        ("", ("crash",)),
    ),
)

SETTLING = (
    Mutant(
        "a late applied answer settles, whoever brings it",
        SETTLE,
        "    if isinstance(answer, Applied):\n",
        "    if isinstance(answer, Applied) and send.generation == draft.attempt.generation:\n",
        ("", ("short_stall", "stall")),
    ),
    Mutant(
        "a late refusal settles only its own send",
        SETTLE,
        "elif attempt.parked is not None and not effect.unproved:",
        "elif attempt.parked is not None:",
        ("refuse", ("short_stall", "stall")),
    ),
    Mutant(
        "failed is said only when every send is proved",
        DECIDE,
        "    if not effect.unproved:\n",
        "    if True:\n",
        ("late,refuse", ()),
    ),
    Mutant(
        "what ends unproved by a key is parked",
        DECIDE,
        'return Park(f"no further send is allowed',
        'return Fail(barred) if barred else Park(f"no further send is allowed',
        ("provider_key:late", ("stop_and_wait",)),
    ),
    Mutant(
        "an end is signalled in its transaction",
        TELL,
        "    draft.tell(outcome)\n    draft.signal(_SIGNALS[status], outcome)",
        "    draft.tell(outcome)",
        ("", ()),
    ),
    Mutant(
        "a revision is written once",
        TELL,
        "    draft.set(revision=draft.attempt.revision + 1)\n    outcome = _outcome(",
        "    draft.set(revision=max(1, draft.attempt.revision))\n    outcome = _outcome(",
        ("", ("retry",)),
    ),
    Mutant(
        "the ledger's head is kept with the attempt",
        D + "draft.py",
        "attempt, head=replace(",
        "attempt, head=attempt.head) if self._entries[1:] else replace(attempt, head=replace(",
        ("", ()),
    ),
    Mutant(
        "the outbox mark goes after publishing",
        U + "relay.py",
        "            refused = self._signals.publish(batch)\n",
        "            self._outbox.published(batch)\n            refused = self._signals.publish(batch)\n",
        ("", ("crash",)),
    ),
    Mutant(
        "a signal that was not accepted stays",
        U + "relay.py",
        "[signal for signal in batch if signal not in refused]",
        "list(batch)",
        ("", ("throttle",)),
    ),
    Mutant(
        "a wait has a due date", SETTLE, "        due_at_ms=until_ms,\n", "        due_at_ms=None,\n", ("unwoken", ())
    ),
    Mutant("a wait is woken", U + "execute.py", "        self._arrange_wake_up(execution)\n", "", ("busy", ())),
    Mutant(
        "a claim has a due date",
        CLAIM,
        "    draft.set(due_at_ms=draft.attempt.lease_until_ms + timing.max_skew_ms + 1)",
        "    draft.set(due_at_ms=None)",
        ("ruled", ("crash", "deploy")),
    ),
)

DOUBTING = (
    Mutant(
        "a read is called again",
        DECIDE,
        "return Fail(barred) if barred else _paced(effect, now_ms, timing)\n    if contract is EffectContract.PROVIDER_KEY",
        "return Park('a read')\n    if contract is EffectContract.PROVIDER_KEY",
        ("sure-read_only:drop", ()),
    ),
    Mutant(
        "a key is used only while the provider holds it",
        DECIDE,
        "if not is_key_held(effect, sent_at, timing):",
        "if False:",
        ("forgetful", ("crash",)),
    ),
    Mutant(
        "a key's age counts from its first prepare",
        DECIDE,
        "effect.key_since_ms +",
        "effect.last.prepared_at_ms +",
        ("forgetful", ("crash",)),
    ),
    Mutant(
        "an opaque effect in doubt is parked",
        DECIDE,
        'return Park("the tool\'s contract is opaque: nothing can tell whether it happened")',
        "return _paced(effect, now_ms, timing)",
        ("opaque", ()),
    ),
    Mutant(
        "an error of a look-up is no absence",
        DECIDE,
        "        return _undecided(finding, now_ms, timing, look_ups)",
        "        pass",
        ("proved_absent:drop", ("edit",)),
    ),
    Mutant(
        "absence is proved only after the declared bound",
        DECIDE,
        "is not None and looked_at_ms > absence_at(effect, timing)",
        "is not None",
        ("proved_absent:late", ()),
    ),
    Mutant(
        "without a declared bound absence is never proved",
        DECIDE,
        "return effect.terms.absence_proof_ms is not None and looked_at_ms",
        "return looked_at_ms",
        ("read_back:late", ()),
    ),
    Mutant(
        "absence counts from when the look-up began",
        U + "reconcile.py",
        "looked_at_ms = self._clock.now_ms()\n            found",
        "looked_at_ms = self._clock.now_ms() + 9_000\n            found",
        ("proved_absent:late", ()),
    ),
    Mutant(
        "same-object doubt is looked up",
        DECIDE,
        "    if contract in LOOKED_UP:\n",
        "    if contract in LOOKED_UP - SAME_OBJECT:\n",
        ("sure-natural_key:drop", ()),
    ),
    Mutant(
        "look-ups go on when parked",
        U + "reconcile.py",
        "is_quiet = self._clock.now_ms() >",
        "is_quiet = 0 >",
        ("found-", ()),
    ),
    Mutant(
        "spent sends leave doubt",
        DECIDE,
        "        if parked or barred is not None:\n            return Fail(barred or _last_fault(effect), absent=True)\n        return SendNext(absent=True)\n    if effect.terms.contract in SAME_OBJECT and barred is None and not parked:",
        "        if parked or barred is not None:\n            return Fail(barred or _last_fault(effect), absent=True)\n        return SendNext(absent=True)\n    if barred is not None:\n        return Fail(barred)\n    if effect.terms.contract in SAME_OBJECT and barred is None and not parked:",
        ("natural_key:l", ("stop_and_wait", "stop")),
    ),
    Mutant(
        "a flawed write is not told as done",
        SETTLE,
        "    state = EffectState.FLAWED if flawed else EffectState.APPLIED\n",
        "    state, flawed = EffectState.APPLIED, False\n",
        ("flaw", ()),
    ),
    Mutant(
        "a flawed write is undone through the protocol",
        SETTLE,
        "        work=EffectKind.UNDO,\n",
        "        work=None,\n",
        ("partial", ()),
    ),
    Mutant(
        "an undo waits until nothing can land",
        DECIDE,
        "return 0 if latest is None else latest + bound_ms + timing.max_skew_ms",
        "return 0",
        ("late", ("undo",)),
    ),
    Mutant(
        "compensation obeys the switches",
        GATE,
        "self._effect.kind is EffectKind.UNDO and self._attempt.while_stopped",
        "self._effect.kind is EffectKind.UNDO",
        ("", ("undo_into_stop", "stop_and_wait")),
    ),
)

OPERATING = (
    Mutant(
        "retry waits until doubt is settled",
        OPERATE,
        'if attempt.work is not None or attempt.parked is not None:\n        raise OperatorRefusedError(f"It is {attempt.status.value}: settle',
        'if False:\n        raise OperatorRefusedError(f"It is {attempt.status.value}: settle',
        ("", ("retry",)),
    ),
    Mutant(
        "retry is refused while the effect stands",
        OPERATE,
        "    if execution.standing is not None:\n",
        "    if False:\n",
        ("", ("retry",)),
    ),
    Mutant(
        "a retry after did-not-happen keeps the key",
        OPERATE,
        "return any(send.answer not in settled for send in effect.sends)",
        "return False",
        ("", ("late_truth_retried",)),
    ),
    Mutant(
        "a retry after undo has a new key",
        OPERATE,
        "    if effect.state is not EffectState.UNAPPLIED:\n        return False\n",
        "",
        ("provider_key:partial", ("retry",)),
    ),
    Mutant(
        "resolve waits for the last call's end",
        OPERATE,
        "if draft.now_ms <= quiet_at(effect, timing):",
        "if False:",
        ("opaque", ("resolve_no",)),
    ),
    Mutant(
        "the provider's evidence outranks an operator's",
        SETTLE,
        "    superseding = effect.state is not EffectState.OPEN\n",
        "    superseding = effect.state is not EffectState.OPEN\n    if superseding:\n        return\n",
        ("", ("late_truth",)),
    ),
    Mutant(
        "what supersedes an operator's word is told",
        SETTLE,
        "        telling.succeed(draft, effect, superseding=superseding)",
        "        superseding or telling.succeed(draft, effect, superseding=superseding)",
        ("", ("late_truth",)),
    ),
    Mutant(
        "an undo past a closed switch must be asked for",
        OPERATE,
        "if is_stopped and not while_stopped:",
        "if False:",
        ("", ("undo_when_stopped",)),
    ),
    Mutant(
        "an undo past a closed switch is ledgered",
        OPERATE,
        ', "while_stopped": while_stopped}',
        "}",
        ("", ("undo_while_stopped",)),
    ),
    Mutant(
        "cancel is refused once prepared",
        OPERATE,
        "    if execution.action is not None:\n",
        "    if False:\n",
        ("", ("cancel",)),
    ),
    Mutant(
        "a cancelled intent is not sent",
        TELL,
        "    _end(draft, AttemptStatus.CANCELLED, fault)\n",
        "",
        ("", ("cancel",)),
    ),
    Mutant(
        "reconcile is fenced",
        U + "reconcile.py",
        "if not is_same or draft.execution.open_effect is not None:",
        "if False:",
        ("ruled", ("crash",)),
    ),
)

MUTANTS = (*CLAIMING, *PREPARING, *CALLING, *SETTLING, *DOUBTING, *OPERATING)
