"""One line of the doctor's, and how it is found; what it looks at is in ``checking`` and ``checking_api``."""

import sys
from collections.abc import Callable, Iterable, Iterator
from shlex import quote

from core.domain.errors import ConfigurationError, ExecutionError
from core.domain.making import dataclass
from core.domain.switches import Switch

OLDEST_PYTHON = (3, 11)
OK, WARN, FAIL = "ok", "warn", "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's."""

    verdict: str
    what: str
    found: str
    advice: str = ""


def python() -> Check:
    """Look at the interpreter."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] < OLDEST_PYTHON:
        return Check(FAIL, "python", version, "Install Python 3.11 or newer.")
    return Check(OK, "python", version)


def tried(what: str, check: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """Yield what a check finds; trouble with one keeps back no other."""
    try:
        yield from check()
    except ConfigurationError as error:
        yield Check(FAIL, what, error.message, "Mend the configuration.")
    except ExecutionError as error:
        yield Check(FAIL, what, error.message, "Try again; then look at the store, and at the rights to it.")


def closed(switch: Switch) -> Check:
    """Tell of a closed switch, and how it is opened."""
    return Check(WARN, "kill switch", f"closed: {switch}", f"actonce resume {_options(switch)}")


def parked(count: int, *, is_api: bool = False) -> Check:
    """Tell how much is in doubt, through the API as far as the token lets it be seen."""
    if not count:
        return Check(OK, "inbox", nothing_in_doubt(is_api=is_api))
    return Check(WARN, "inbox", f"{count} in doubt", "Settle them: actonce inbox")


def nothing_in_doubt(*, is_api: bool) -> str:
    """Say that nothing is in doubt, and no more of it than is known."""
    return "nothing that this token may see is in doubt" if is_api else "nothing is in doubt"


def _options(switch: Switch) -> str:
    if switch.tenant_id is None:
        return "--global"
    action_type = f" --action-type {quote(switch.action_type)}" if switch.action_type else ""
    return f"--tenant {quote(switch.tenant_id)}{action_type}"
