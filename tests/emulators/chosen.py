"""Which emulator the suites run on: ministack, or the one that ACTONCE_EMULATOR names."""

from __future__ import annotations

import os

from tests.emulators import localstack, ministack

VARIABLE = "ACTONCE_EMULATOR"
SERVERS = {"ministack": ministack, "localstack": localstack}


def chosen() -> str:
    """Return its name, which is that of its fixture too; ValueError where it is none."""
    name = os.environ.get(VARIABLE) or "ministack"
    if name not in SERVERS:
        raise ValueError(f"{VARIABLE}={name} is none of {', '.join(SERVERS)}")
    return name
