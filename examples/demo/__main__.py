"""The demo: hundreds of approved actions, a provider that misbehaves, a worker that is killed, and the truth of it.

python -m examples.demo [--out build/demo] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from examples.demo.actions import write_script
from examples.demo.evidence import Evidence, gather, run_until_settled
from examples.demo.scenarios import STOPPED_TENANT, STOPPED_TYPE_OF
from examples.demo.screen import Screen, next_steps, resolving
from examples.demo.stage import Stage, StageError
from examples.demo.verdicts import Verdict, judge, repeats
from examples.mcp_server.probe import running

HELD, BROKEN, CANNOT, INTERRUPTED = 0, 1, 2, 130
STOPS = (
    ("stop", "--tenant", STOPPED_TENANT, "--reason", "contract ended"),
    ("stop", "--tenant", STOPPED_TYPE_OF[0], "--action-type", STOPPED_TYPE_OF[1], "--reason", "wrong owners"),
)


def play(stage: Stage, screen: Screen) -> Evidence:
    """Play the whole story, and return what is left of it."""
    script = write_script()
    stage.clear()
    stage.write(script)
    with running(stage.write_log, "--faults", str(stage.faults)) as probe:
        stage.configure(probe.port)
        screen.open(script, probe.port)
        screen.opened(len(stage.open_tenants()))
        screen.commands(*STOPS)
        for command in (*stage.open_tenants(), *STOPS):
            stage.actonce(*command)
        run = ("run", str(stage.events))
        screen.step("The worker")
        screen.commands(run)
        screen.killed(script, stage.run_and_kill(script.killed.intent_id))
        screen.step("The worker again", "The same command: every event is published a second time.")
        screen.commands(run)
        return gather(stage, script, probe, run_until_settled(stage))


def summary(stage: Stage, evidence: Evidence, found: Sequence[Verdict], seconds: float) -> dict[str, Any]:
    """Return the facts as one JSON object."""
    killed = evidence.script.killed
    return {
        "ok": all(it.holds for it in found),
        "seconds": round(seconds, 1),
        "actions": len(evidence.script.actions),
        "tenants": Counter(it.key[0] for it in evidence.script.actions),
        "lines": len(evidence.script.lines),
        "told": Counter(evidence.status(it) for it in evidence.script.actions),
        "codes": Counter(it["error_code"] for it in evidence.told.values() if it.get("error_code")),
        "evidence": Counter(it["evidence"] for it in evidence.told.values() if it.get("evidence")),
        "sends": evidence.sends.total(),
        "writes": sum(len(it) for it in evidence.written.values()),
        "replies_lost": len(evidence.unread),
        "written_twice": [key[2] for key in repeats(evidence)],
        "signals": Counter(it["detail-type"] for it in evidence.signals),
        "dead_letters": Counter(it["reason"].partition(":")[0] for it in evidence.dead_letters),
        "killed": {"told": evidence.told.get(killed.key), "effects": evidence.timeline["effects"]},
        "parked": {it["action_intent_id"]: stage.shown(*resolving(evidence, it)) for it in evidence.parked},
        "ledger": evidence.ledger_said,
        "verdicts": {it.claim: list(it.breaches) for it in found},
        "next": next_steps(stage, evidence),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, judge and tell; 0 only if every verdict holds."""
    parser = argparse.ArgumentParser(prog="python -m examples.demo", description="actonce in half a minute")
    parser.add_argument("--out", type=Path, default=Path("build/demo"), help="the folder that is made anew")
    parser.add_argument("--json", action="store_true", help="print one summary object and nothing else")
    given = parser.parse_args(arguments)
    stage = Stage(given.out, is_quiet=given.json)
    screen = Screen(stage, is_quiet=given.json)
    begun = time.monotonic()
    try:
        evidence = play(stage, screen)
    except StageError as error:
        Console(stderr=True).print(f"demo: {error}", style="bold red", highlight=False, markup=False, soft_wrap=True)
        return CANNOT
    except KeyboardInterrupt:
        return INTERRUPTED
    found = judge(evidence)
    seconds = time.monotonic() - begun
    screen.close(evidence, found, seconds)
    if given.json:
        print(json.dumps(summary(stage, evidence, found, seconds)))
    return HELD if all(it.holds for it in found) else BROKEN


if __name__ == "__main__":
    sys.exit(main())
