"""Hypothesis profiles: the same few examples on every run, or a long search (`make fuzz`)."""

from __future__ import annotations

import os

from hypothesis import settings

pytest_plugins = ["tests.emulators.fixtures"]

settings.register_profile("modest", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("fuzz", max_examples=int(os.environ.get("FUZZ_EXAMPLES", "20000")), deadline=None)
settings.load_profile("modest")
