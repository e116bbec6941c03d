"""What one part of a run says: a value a round, its ratio to something measured in the same round, and its goal."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any

FEWEST_ROUNDS = 5
"""Of what is timed, for a median to be published."""


class Verdict(StrEnum):
    """What a part says of its goal; ``INFORMATION`` has none, or none that a busy machine can judge."""

    MET = "met"
    MISSED = "MISSED"
    INFORMATION = "information"
    NOT_MEASURED = "not measured"


class Side(StrEnum):
    """On which side of its bound a goal is met."""

    AT_LEAST = "at least"
    AT_MOST = "at most"


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound. ``is_exact``: it is about what is counted, so that a busy machine says the same."""

    side: Side
    bound: float
    is_exact: bool = False

    def is_met(self, seen: float, bound: float) -> bool:
        """Tell whether a median is on the good side of a bound."""
        return seen >= bound if self.side is Side.AT_LEAST else seen <= bound

    def __str__(self) -> str:
        return f"{self.side} {self.bound:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One line of a run. Where there are ratios, the goal is about them, otherwise about the values.

    ``values`` and ``ratios`` have one number a round; ``of`` says what a ratio is taken of; ``missing`` says why
    nothing was measured; ``size`` is the place on the axis of a part that is measured at several sizes.
    """

    group: str
    name: str
    unit: str
    values: Sequence[float] = ()
    ratios: Sequence[float] = ()
    of: str = ""
    goal: Goal | None = None
    missing: str = ""
    size: int | None = None

    @property
    def value(self) -> float | None:
        """The median of the rounds."""
        return median(self.values) if self.values else None

    @property
    def ratio(self) -> float | None:
        """The median of the rounds' own ratios."""
        return median(self.ratios) if self.ratios else None

    @property
    def judged(self) -> float | None:
        """What the goal is about."""
        return self.ratio if self.ratios else self.value

    def verdict(self, *, is_short: bool) -> Verdict:
        """Return what it says of its goal; the short form judges only what is counted."""
        if self.judged is None:
            return Verdict.NOT_MEASURED
        if self.goal is None or (is_short and not self.goal.is_exact):
            return Verdict.INFORMATION
        return Verdict.MET if self.goal.is_met(self.judged, self.goal.bound) else Verdict.MISSED

    def fault(self, *, is_short: bool) -> str | None:
        """Return why a run with this part fails, None where it does not."""
        verdict = self.verdict(is_short=is_short)
        if verdict is not Verdict.MISSED or self.goal is None or self.judged is None:
            return None
        return f"{self.group}: {self.name}: {self.judged:.3g}, {self.goal} is wanted"

    def document(self, *, is_short: bool) -> dict[str, Any]:
        """Return it as JSON."""
        goal = self.goal
        return {
            "group": self.group,
            "name": self.name,
            "unit": self.unit,
            "rounds": max(len(self.values), len(self.ratios)),
            "values": list(self.values),
            "value": self.value,
            "ratios": list(self.ratios),
            "ratio": self.ratio,
            "of": self.of,
            "size": self.size,
            "goal": None if goal is None else {"side": goal.side, "bound": goal.bound, "is_exact": goal.is_exact},
            "verdict": self.verdict(is_short=is_short),
            "missing": self.missing,
        }


def paired(values: Sequence[float], others: Sequence[float]) -> list[float]:
    """Return each round's ratio to the same round of another contender."""
    return [value / other for value, other in zip(values, others, strict=True)]


def at_least(bound: float) -> Goal:
    return Goal(Side.AT_LEAST, bound)


def at_most(bound: float, *, is_exact: bool = False) -> Goal:
    return Goal(Side.AT_MOST, bound, is_exact)
