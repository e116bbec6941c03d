"""Adds up how many schedules were played, and how many of them were distinct traces."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the sums; workers' reports carry their own numbers."""
    sums = {"schedules": 0, "distinct_traces": 0}
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name in sums:
                sums[name] += int(str(value))
    if sums["schedules"]:
        terminalreporter.write_line(
            f"simulation: {sums['schedules']:,} schedules, {sums['distinct_traces']:,} distinct traces"
        )
