"""The tool meter port: what watches the calls of tools, and decides nothing."""

from typing import Protocol

from core.domain.answer import Answer, Finding


class ToolMeter(Protocol):
    """Told of each call and look-up when it has ended, from many threads; durations in milliseconds."""

    def called(self, tool: str, answer: Answer, took_ms: int) -> None:
        """Note what a call was answered, and how long it took."""
        ...

    def looked_up(self, tool: str, finding: Finding, took_ms: int) -> None:
        """Note what a look-up found, and how long it took."""
        ...
