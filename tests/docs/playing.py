"""Plays a page: its runnable blocks, in order, in one shell, in a fresh copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.docs.marks import Runnable, is_output, mark_of
from tests.docs.pages import ROOT, Block

LIMIT_S = 150
PORT = re.compile(r"(?P<before>127\.0\.0\.1:|--port[ =])(?P<port>\d{4,5})\b")
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "venv", "build", "dist", "__pycache__", ".*_cache", ".terraform", ".hypothesis"
)


@dataclass(frozen=True, slots=True)
class Step:
    """A runnable block and the output that the page shows for it, if it shows any."""

    block: Block
    exit_code: int
    shown: str | None


def steps_of(blocks: Sequence[Block]) -> list[Step]:
    """Return what is to be run; an output that follows no runnable block raises."""
    steps = []
    for number, block in enumerate(blocks):
        after = blocks[number + 1] if number + 1 < len(blocks) else None
        mark = mark_of(block) if block.is_shell else None
        if isinstance(mark, Runnable):
            steps.append(Step(block, mark.exit_code, after.text if after is not None and is_output(after) else None))
        elif after is not None and is_output(after):
            message = f"{after.place}: shows the output of nothing that is run"
            raise ValueError(message)
    return steps


def play(steps: Sequence[Step], folder: Path, source: Path = ROOT, limit_s: int = LIMIT_S) -> list[str]:
    """Run the steps and return what is wrong: a block that failed, or printed other than what is shown."""
    clone, told = folder / "actonce", folder / "told"
    shutil.copytree(source, clone, ignore=LEFT_OUT, symlinks=True)
    (clone / ".venv").symlink_to(sys.prefix)
    told.mkdir()
    ports = _free_ports({found["port"] for step in steps for found in PORT.finditer(step.block.text)})
    script = folder / "page.sh"
    script.write_text(_moved("".join(_script(steps, told)), ports), encoding="utf-8")
    with _shell(script, clone, folder) as shell:
        try:
            code = shell.wait(timeout=limit_s)
        except subprocess.TimeoutExpired:
            return [f"{_last(steps, told).block.place}: still running after {limit_s} s\n{_tail(told)}"]
    if not (told / "end").exists() and not code:
        return [f"{_last(steps, told).block.place}: left the shell\n{_tail(told)}"]
    if code:
        return [f"{_last(steps, told).block.place}: ended with {code}\n{_tail(told)}"]
    return [
        f"{step.block.place}: does not print {missing!r}, but\n{said}"
        for number, step in enumerate(steps)
        if step.shown is not None
        for said in [(told / f"{number:03}").read_text(encoding="utf-8")]
        for missing in [first_missing(_moved(step.shown, ports), said)]
        if missing is not None
    ]


def first_missing(shown: str, said: str) -> str | None:
    """Return the first shown line that is not among those that were said, in order; `...` is any text."""
    lines = iter(" ".join(line.split()) for line in said.splitlines())
    for line in (" ".join(line.split()) for line in shown.splitlines()):
        pattern = re.compile(".*".join(re.escape(part) for part in line.split("...")))
        if line not in {"", "..."} and not any(pattern.fullmatch(candidate) for candidate in lines):
            return line
    return None


def _script(steps: Sequence[Step], told: Path) -> Iterator[str]:
    for number, step in enumerate(steps):
        yield f"exec >'{told}/{number:03}' 2>&1\n"
        if step.exit_code:
            yield f"set +e\n{step.block.text}\nended_with=$?\nset -e\n"
            yield f'[ "$ended_with" -eq {step.exit_code} ] || {{ echo "exit code $ended_with"; exit 1; }}\n'
        else:
            yield step.block.text
    yield f"exec >'{told}/end'\n"


@contextmanager
def _shell(script: Path, clone: Path, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start the page; whatever it left running ends with it."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("ACTONCE_", "AWS_", "PYTEST_"))}
    env = clean | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(clone),
        "HOME": str(home),
        "COLUMNS": "150",
        "NO_COLOR": "1",
    }
    shell = subprocess.Popen(
        ["bash", "-euo", "pipefail", script], cwd=clone, env=env, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield shell
    finally:
        try:
            os.killpg(shell.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        shell.wait()


def _last(steps: Sequence[Step], told: Path) -> Step:
    return steps[max(0, sum(1 for _ in told.iterdir()) - 1)]


def _tail(told: Path) -> str:
    files = sorted(told.iterdir())
    return files[-1].read_text(encoding="utf-8")[-2000:] if files else ""


def _free_ports(named: set[str]) -> dict[str, str]:
    """Give each port that a page names one that is free here, since pages and machines share the loopback."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in named]
    try:
        return {port: str(listener.getsockname()[1]) for port, listener in zip(sorted(named), held, strict=True)}
    finally:
        for listener in held:
            listener.close()


def _moved(text: str, ports: dict[str, str]) -> str:
    return PORT.sub(lambda found: found["before"] + ports.get(found["port"], found["port"]), text)
