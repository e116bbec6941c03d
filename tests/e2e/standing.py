"""A server that is struck again and again and stands up on the same port: killed, or stopped for a while."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.emulators.server import LEASH, STOP_LIMIT_S, DidNotStart, answers_in_time, environment, tail


@dataclass
class Standing:
    """An emulator on a leash, in a folder that outlives its processes."""

    folder: Path
    command: Sequence[str]
    endpoint_url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    _leash: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self._leash = subprocess.Popen(
                [*LEASH, *self.command],
                cwd=self.folder,
                env=environment(str(self.folder)) | dict(self.settings),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if not answers_in_time(self._leash, self.endpoint_url):
            raise DidNotStart(f"{self.command}:\n{tail(self.folder / 'log')}")

    def kill(self) -> None:
        """Kill it at once, by SIGKILL."""
        if self._leash is not None:
            with suppress(ProcessLookupError):
                self._signal(signal.SIGKILL)
            self._leash.communicate(timeout=STOP_LIMIT_S)
            self._leash = None

    def pause(self) -> None:
        """Let it stand still: connections are taken, and nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._leash is None:
            raise ProcessLookupError("it does not run")
        pid = self._leash.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        for child in children:
            # The leash makes each a leader of its group.
            os.killpg(int(child), number)
