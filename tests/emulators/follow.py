"""Runs a command as long as whoever started it lives: for a program that its parent puts into a session of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time

POLL_S = 0.2


def main(command: list[str]) -> int:
    parent = os.getppid()
    child = subprocess.Popen(command)
    while child.poll() is None:
        if os.getppid() != parent:
            child.kill()
        time.sleep(POLL_S)
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
