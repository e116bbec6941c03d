"""The screen: what a newcomer sees, step by step."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.columns import Columns
from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from examples.demo import tables
from examples.demo.actions import Script
from examples.demo.evidence import Evidence, Key, Row, key_of
from examples.demo.scenarios import ACCOUNTS, NOTE
from examples.demo.stage import Kill, Stage
from examples.demo.verdicts import Verdict, is_stopped, repeats, truth

PIPE_WIDTH = 120


class Screen:
    """Writes to stdout, or nothing where only JSON is wanted. A pipe gets no colours."""

    def __init__(self, stage: Stage, *, is_quiet: bool) -> None:
        width = None if sys.stdout.isatty() else PIPE_WIDTH
        self._console = Console(highlight=False, width=width, quiet=is_quiet)
        self._stage = stage

    def open(self, script: Script, port: int) -> None:
        """Say what will be done."""
        tenants = {it.key[0] for it in script.actions}
        working = sum(it.key[0] in ACCOUNTS for it in script.actions)
        self._console.print(Rule(Text("actonce: an approved action is enacted at most once", style="bold")))
        self.step("A provider", f"An MCP server of somebody else's, on port {port}: CRM, calendar, mail, payments.")
        self._note(
            "It drops replies, stalls, writes late, throttles and refuses, and keeps a log of what it really did:"
        )
        self._note(str(self._stage.write_log))
        self.step("Approved actions", f"{len(script.actions)} of {len(tenants)} tenants, in {len(script.lines)} lines:")
        self._note(
            f"{script.duplicates} lines come twice, {script.conflicts} reuse an id for another payload, "
            f"{script.malformed} are malformed, {script.orphans} have no intent."
        )
        self._note(f"{working} are of tenants at work; a kill switch stops {sum(map(is_stopped, script.actions))}.")
        self._note(str(self._stage.events))

    def step(self, name: str, text: str = "") -> None:
        """Begin a step."""
        self._console.print()
        self._console.print(Text.assemble(("  ● ", "cyan"), (name, "bold"), f"  {text}" if text else ""))

    def opened(self, tenants: int) -> None:
        """Say which switches are touched."""
        self.step(
            "Kill switches", f"{tenants} tenants are opened, for none may act before that; two switches are closed:"
        )

    def commands(self, *commands: Sequence[str]) -> None:
        """Show commands that are about to run."""
        for it in commands:
            self.paste(self._stage.shown(*it), indent="     $ ")

    def killed(self, script: Script, kill: Kill) -> None:
        """Say that the worker was killed."""
        where = f"after {kill.killed_s:.1f} s and {kill.writes} writes"
        self._console.print(
            Text(f"     The worker (process {kill.pid}) was killed by SIGKILL, {where}, mid-call:", "bold red")
        )
        self._note(f"the provider had just written {script.killed.intent_id}, and nobody was left to read its reply.")

    def close(self, evidence: Evidence, found: Sequence[Verdict], seconds: float) -> None:
        """Show the evidence, the verdict and what to try next."""
        self._aftermath(evidence)
        self._console.print()
        self._console.print(Rule(Text("What came of it", style="bold")))
        for table in (tables.by_trouble(evidence), tables.told_by_tenant(evidence), tables.told_and_true(evidence)):
            self._console.print()
            self._console.print(table)
        self._console.print()
        beside = (tables.traffic(evidence), tables.signals(evidence), tables.dead_letters(evidence))
        self._console.print(Columns(beside, padding=(0, 4)))
        self._parked(evidence)
        self._console.print()
        self._console.print(tables.verdicts(found))
        self._note(evidence.ledger_said)
        self._last_word(evidence, found, seconds)
        self._next(evidence)

    def paste(self, command: str, *, indent: str) -> None:
        """Show a command that a terminal does not fold, so that it can be pasted."""
        self._console.print(Text.assemble((indent, "dim"), (command, "cyan")), soft_wrap=True)

    def _aftermath(self, evidence: Evidence) -> None:
        """Tell how the killed worker's call was settled, from the ledger and the provider's log."""
        action = evidence.script.killed
        effect = next(it for it in evidence.timeline["effects"] if it["kind"] == "action")
        unanswered = sum(it["answer"] is None for it in effect["sends"])
        sends, writes = len(effect["sends"]), len(evidence.written.get(action.key, ()))
        told = evidence.told[action.key]
        self._note(
            f"{action.intent_id}: {sends} send, {unanswered} never answered; told {told['status']} "
            f"by {told['evidence']}; the provider wrote {writes}."
        )

    def _parked(self, evidence: Evidence) -> None:
        self._console.print()
        title = "In doubt: nothing can prove these, so nobody guesses. A person looks, and says what he found"
        self._console.print(Text(title, style="bold"))
        for row in evidence.parked:
            happened, proof = truth(evidence, row)
            said = "it is there" if happened else "it is not there"
            name = f"{row['tenant_id']}  {row['action_intent_id']}"
            self._console.print(Text.assemble((name, "yellow"), (f"  {said}: {proof}", "dim")), soft_wrap=True)
            self.paste(self._stage.shown(*resolving(evidence, row)), indent="  ")

    def _last_word(self, evidence: Evidence, found: Sequence[Verdict], seconds: float) -> None:
        self._console.print()
        if repeats(evidence):
            loud = f" WRITTEN TWICE: {', '.join(key[2] for key in repeats(evidence))} "
            self._console.print(Rule(Text(loud, style="bold white on red"), style="red"))
        elif not all(it.holds for it in found):
            self._console.print(Rule(Text(" A verdict is broken. See above. ", style="bold white on red"), style="red"))
        else:
            counted = f"{len(evidence.unread)} replies lost, one worker killed, every event published twice: "
            self._console.print(
                Text(f"{counted}nothing was written twice. It took {seconds:.0f} s.", style="bold green")
            )

    def _next(self, evidence: Evidence) -> None:
        """Three things to paste."""
        self._console.print()
        self._console.print(Text("Try next, from this folder", style="bold"))
        for why, command in next_steps(self._stage, evidence).items():
            self._console.print(Text(f"{why}:", style="dim"))
            self.paste(command, indent="  ")

    def _note(self, text: str) -> None:
        self._console.print(Text(f"     {text}", style="dim"), soft_wrap=True)


def resolving(evidence: Evidence, parked: Row) -> tuple[str, ...]:
    """Return the command that settles a parked action by what the provider's log says."""
    happened, proof = truth(evidence, parked)
    word = "--happened" if happened else "--did-not-happen"
    return ("resolve", parked["action_intent_id"], *_place(key_of(parked)), word, "-e", proof)


def next_steps(stage: Stage, evidence: Evidence) -> dict[str, str]:
    """Return what to paste, by what it is for; none needs the provider, which is gone by then."""
    killed = evidence.script.killed
    steps = {"How the killed call was settled": stage.shown("timeline", killed.intent_id, *_place(killed.key))}
    for row in evidence.parked[:1]:
        steps["Settle a doubt"] = stage.shown(*resolving(evidence, row))
    notes = (it for it in evidence.script.actions if it.intent["action_type"] == NOTE)
    note = next((it for it in notes if evidence.status(it) == "SUCCEEDED"), None)
    if note is not None:
        named = (note.intent_id, *_place(note.key))
        commands = (("undo", *named, "--reason", "wrong customer"), ("run",), ("status", *named))
        steps["Undo what was done"] = " && ".join(stage.shown(*it) for it in commands)
    return steps


def _place(key: Key) -> tuple[str, ...]:
    return ("-t", key[0], "-a", key[1])
