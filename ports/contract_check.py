"""The contract check port: whether an external system, as it is set up, lets a tool keep its effect contract."""

from typing import Protocol

from core.domain.making import dataclass
from core.domain.registry import RegistryEntry


@dataclass(frozen=True, slots=True)
class Holding:
    """Whether it holds, what was found, and what to do where it does not."""

    holds: bool
    found: str
    advice: str = ""


class ContractCheck(Protocol):
    """One configured connector, asked by an operator before the first action. Reads only."""

    def check(self, entry: RegistryEntry) -> Holding:
        """Tell whether the entry's tools keep their contracts there; what cannot be found out does not hold."""
        ...
