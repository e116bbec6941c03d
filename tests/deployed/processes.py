"""Processes of this machine, found by what their command line says."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
LISTED = ("ps", "-axww", "-o", "pid=,args=")


def kill(*words: str) -> int:
    """End by SIGKILL every process whose command line has all the words; return how many there were."""
    ended = found(*words)
    for process_id in ended:
        os.kill(process_id, signal.SIGKILL)
    return len(ended)


def found(*words: str) -> list[int]:
    """Return the ids of every process whose command line has all the words."""
    return [process_id for process_id, line in _command_lines() if all(word in line for word in words)]


def _command_lines() -> Iterator[tuple[int, str]]:
    """Yield from where Linux shows them, which may lack ps, and elsewhere from ps."""
    if not (PROC / "self").exists():
        for line in subprocess.run(LISTED, capture_output=True, text=True, check=True).stdout.splitlines():
            process_id, _, command = line.strip().partition(" ")
            yield int(process_id), command
        return
    for file in PROC.glob("[0-9]*/cmdline"):
        try:
            yield int(file.parent.name), file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
