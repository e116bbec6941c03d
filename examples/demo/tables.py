"""The tables at the end, each computed from the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from examples.demo.actions import Action
from examples.demo.evidence import Evidence, Row, kind_of
from examples.demo.scenarios import ACCOUNTS, SCENARIOS, STOPPED, STOPPED_TENANT
from examples.demo.verdicts import Verdict, is_stopped, repeats

STYLES = {"SUCCEEDED": "green", "FAILED": "red", "IN_DOUBT": "bold yellow", "RUNNING": "cyan", "NEVER TOLD": "bold red"}
ORDER = ("SUCCEEDED", "FAILED", "CANCELLED", "IN_DOUBT", "RUNNING", "NEVER TOLD")


def a_table(title: str, *columns: str, right: Sequence[int] = ()) -> Table:
    """Return an empty table; ``right`` are the places of its numbers."""
    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="dim", box=None, padding=(0, 2, 0, 0)
    )
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place in right else "left")
    return table


def told_by_tenant(evidence: Evidence) -> Table:
    """Outcomes by status, code and tenant."""
    tenants = (*ACCOUNTS, STOPPED_TENANT)
    counts: Counter[tuple[str, str, str]] = Counter()
    for action in evidence.script.actions:
        code = evidence.told.get(action.key, {}).get("error_code", "")
        counts[evidence.status(action), code, action.key[0]] += 1
    table = a_table("What was told, by tenant", "status", "code", *tenants, "all", right=range(2, 3 + len(tenants)))
    for status, code in sorted({it[:2] for it in counts}, key=lambda it: (ORDER.index(it[0]), it[1])):
        row = [counts[status, code, tenant] for tenant in tenants]
        table.add_row(_status(status), code, *(_number(it) for it in row), str(sum(row)))
    return table


def by_trouble(evidence: Evidence) -> Table:
    """What the provider did to us, how often it was called and wrote, and what was told."""
    grouped: dict[str, list[Action]] = {it.trouble: [] for it in SCENARIOS}
    for action in evidence.script.actions:
        grouped[STOPPED if is_stopped(action) else action.scenario.trouble].append(action)
    columns = ("trouble", "actions", "sends", "writes", "told, and how we know")
    table = a_table("What the provider did to us, and what came of it", *columns, right=(1, 2, 3))
    for trouble, actions in grouped.items():
        sends = sum(evidence.sends[it.key] for it in actions)
        writes = sum(len(evidence.written.get(it.key, ())) for it in actions)
        table.add_row(trouble, str(len(actions)), _number(sends), _number(writes), _told(evidence, actions))
    return table


def told_and_true(evidence: Evidence) -> Table:
    """Our word beside the provider's own log."""
    table = a_table(
        "Our word beside the provider's own log and our notes",
        "told",
        "actions",
        "there once",
        "there never",
        "written twice",
        right=(1, 2, 3, 4),
    )
    twice = repeats(evidence)
    groups: dict[tuple[str, str], list[Action]] = {}
    for action in evidence.script.actions:
        kind = " (a read)" if evidence.contract(action) == "READ_ONLY" else ""
        groups.setdefault((evidence.status(action), kind), []).append(action)
    for (status, kind), actions in sorted(groups.items(), key=lambda it: (ORDER.index(it[0][0]), it[0][1])):
        standing = Counter(evidence.standing(it.key) for it in actions)
        repeated = sum(it.key in twice for it in actions)
        name = _status(status).append(kind, style="dim")
        table.add_row(name, str(len(actions)), _number(standing[1]), _number(standing[0]), _bad(repeated))
    return table


def traffic(evidence: Evidence) -> Table:
    """What reached the provider."""
    kinds = Counter(kind_of(it) for it in evidence.calls)
    ops = Counter(it["op"] for it in evidence.writes)
    table = a_table("What reached the provider, by its own count", "", "", right=(1,))
    for name, count in (
        ("sends: calls that would write", kinds["write"]),
        ("  writes done", ops["WRITE"]),
        ("  writes done whose reply was lost", len(evidence.unread)),
        ("  sends that landed on what was there", ops["REPLAY"]),
        ("  deletions, to undo half-written work", ops["DELETE"]),
        ("look-ups: did it happen?", kinds["lookup"]),
        ("images taken before an update", kinds["image"]),
        ("reads", kinds["read"]),
    ):
        table.add_row(name, str(count))
    return table


def signals(evidence: Evidence) -> Table:
    """Signals by type."""
    counts = Counter(it["detail-type"] for it in evidence.signals)
    table = a_table(f"Signals ({evidence.signal_lines} lines, repeats dropped by id)", "type", "", right=(1,))
    for name, count in sorted(counts.items()):
        table.add_row(name, str(count))
    return table


def dead_letters(evidence: Evidence) -> Table:
    """Dead letters by reason. The file was published twice, so each line of it can be there twice."""
    messages: Counter[str] = Counter()
    bodies: dict[str, set[str]] = {}
    for letter in evidence.dead_letters:
        code = letter["reason"].partition(":")[0]
        messages[code] += 1
        bodies.setdefault(code, set()).add(letter["body"])
    table = a_table("Dead letters (the file came twice)", "reason", "lines", "messages", right=(1, 2))
    for code, count in sorted(messages.items()):
        table.add_row(code, str(len(bodies[code])), str(count))
    return table


def verdicts(found: Sequence[Verdict]) -> Table:
    """The claims, and whether they hold."""
    table = a_table("The verdict", "", "claim", "checked on", right=(2,))
    for verdict in found:
        mark = Text("holds", style="green") if verdict.holds else Text("BROKEN", style="bold white on red")
        table.add_row(mark, verdict.claim, str(verdict.counted))
        for breach in verdict.breaches:
            table.add_row("", Text(breach, style="red"))
    return table


def _told(evidence: Evidence, actions: Sequence[Action]) -> Text:
    """Return for example: 12 SUCCEEDED by READ_BACK, 3 IN_DOUBT."""
    counts: Counter[tuple[str, str]] = Counter()
    for action in actions:
        counts[evidence.status(action), _basis(evidence.told.get(action.key, {}))] += 1
    parts = []
    for (status, basis), count in sorted(counts.items(), key=lambda it: (ORDER.index(it[0][0]), it[0][1])):
        parts.append(Text(f"{count} ").append(_status(status)).append(basis, style="dim"))
    return Text(", ").join(parts)


def _basis(told: Row) -> str:
    evidence: Any = told.get("evidence")
    undone = ", undone" if told.get("compensation_status") == "COMPLETED" else ""
    return (f" by {evidence}" if evidence else "") + undone


def _status(status: str) -> Text:
    return Text(status, style=STYLES.get(status, ""))


def _number(count: int) -> Text:
    return Text(str(count)) if count else Text("-", style="dim")


def _bad(count: int) -> Text:
    return Text(str(count), style="bold white on red" if count else "green")
