"""Reporting a run: a bar while it lasts, and at its end what came of every intent and every refused line."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from core.domain.canonical import Json
from core.domain.errors import KillSwitchEnabledError
from entrypoints.cli.listing import show_parked
from entrypoints.cli.show import listed, say, say_json
from entrypoints.container.desk import listing_of
from entrypoints.draining import Standing, Tally
from entrypoints.handled import Handled, Verdict
from ports.wire.status import status_document

if TYPE_CHECKING:
    from entrypoints.container.embedded import EmbeddedContainer

ALL_SETTLED, NOT_SETTLED = 0, 6
MAX_SHOWN = 20


@dataclass(slots=True)
class Bar:
    """A progress bar on stderr, or nothing."""

    tally: Tally
    rich: Progress | None = None
    task: TaskID | None = None
    total: int = 0

    def published(self, count: int) -> None:
        """Note that so many more are to be settled."""
        self.total += count
        self.tick()

    def tick(self) -> None:
        """Show how far it has come."""
        if self.rich is not None and self.task is not None:
            done = self.tally.settled
            self.rich.update(self.task, completed=done, total=max(self.total, done))


@contextmanager
def progress(tally: Tally, *, is_shown: bool) -> Iterator[Bar]:
    """Show a bar while this lasts, where there is a terminal."""
    if not is_shown:
        yield Bar(tally)
        return
    columns = (SpinnerColumn(), TextColumn("settled"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as rich:
        yield Bar(tally, rich, rich.add_task("run", total=None))


class Report:
    """What a run tells: with ``as_json`` an object per intent, else tables. While it follows, each as it is settled."""

    def __init__(self, container: "EmbeddedContainer", tally: Tally, *, as_json: bool, follow: bool) -> None:
        """Keep where to look."""
        self._container = container
        self._tally = tally
        self._as_json = as_json
        self._follow = follow

    def observe(self, handled: Handled) -> None:
        """Count a delivery; while it follows, also tell of it."""
        self._tally(handled)
        if not (self._follow and self._as_json):
            return
        if handled.verdict is Verdict.DEAD_LETTERED:
            say_json(refused_document(handled))
        elif handled.execution is not None and not Standing.of(handled.execution).is_open:
            say_json(status_document(handled.execution, None, 0))

    def close(self) -> int:
        """Tell the rest, and return the exit code."""
        ended = Counter(self._tally.ended)
        executions = self._container.executions()
        for key, standing in self._tally.reached(executions):
            ended[standing] += 1
            if self._as_json:
                say_json(status_document(executions.load(key), None, 0))
        if self._as_json:
            for refused in self._tally.refused:
                say_json(refused_document(refused))
        else:
            self._show(ended)
        unsettled = any(standing.is_parked or standing.is_open for standing in ended)
        has_refused = bool(self._tally.refused_by_code)
        waiting = not self._follow and self._container.backlog().next_visible_ms() is not None
        return NOT_SETTLED if unsettled or has_refused or waiting else ALL_SETTLED

    def _show(self, ended: Counter[Standing]) -> None:
        if not ended and not self._tally.refused_by_code:
            say("Nothing was waiting.")
        if ended:
            by_name = sorted(ended.items(), key=lambda it: (it[0].status, it[0].error_code or ""))
            rows = [(it.status, it.error_code, _meaning(it), count) for it, count in by_name]
            listed("Outcomes", ("status", "code", "", "intents"), rows)
        if self._tally.refused_by_code:
            listed("Dead letters", ("reason", "messages"), sorted(self._tally.refused_by_code.items()))
            say("Why, one by one: actonce dead-letters")
        if self._tally.put_back:
            listed("Put back", ("reason", "times"), sorted(self._tally.put_back.items()))
        if any(standing.is_parked for standing in ended):
            show_parked(listing_of(self._container).inbox(None, limit=MAX_SHOWN).executions)
            say(f"All of them: actonce inbox (up to {MAX_SHOWN} are shown here).")
        if any(standing.error_code == KillSwitchEnabledError.error_code for standing in ended):
            say("Which switch: actonce switches. Open a tenant: actonce resume --tenant T. Then: actonce retry INTENT.")
        if any(standing.is_open for standing in ended):
            say("What is still RUNNING goes on with the next actonce run.")


def refused_document(handled: Handled) -> dict[str, Json]:
    """Return what is told of a line that was turned away."""
    named: dict[str, Json] = {}
    if handled.key is not None:
        named = {
            "action_intent_id": handled.key.intent_id,
            "tenant_id": handled.key.tenant_id,
            "account_id": handled.key.account_id,
        }
    return {
        "status": "REFUSED",
        **named,
        "error_code": handled.error_code,
        "error_message": handled.reason,
        "message_id": handled.message_id,
    }


def _meaning(standing: Standing) -> str:
    if standing.is_parked:
        return "waits for an operator"
    return "goes on later" if standing.is_open else ""
