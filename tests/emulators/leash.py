"""Runs a command until stdin closes, then kills it and its children: no emulator outlives the tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def main(command: list[str]) -> int:
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=kill_when_stdin_closes, args=(child,), daemon=True).start()
    code = child.wait()
    kill(child)
    return code


def kill_when_stdin_closes(child: subprocess.Popen[bytes]) -> None:
    os.read(sys.stdin.fileno(), 1)
    kill(child)


def kill(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
