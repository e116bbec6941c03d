"""Which dead letters may go back: those of which something may come."""

from collections.abc import Callable, Collection

from core.domain.errors import IntentNotFoundError, InvalidEventError, PayloadConflictError
from core.domain.making import dataclass
from ports.dead_letters import DeadLetter
from ports.intents import Intents
from ports.wire.messages import WakeUp, parse_message


@dataclass(frozen=True, slots=True)
class Choice:
    """What an operator asks for: letters by id and by the beginning of their reason; none named is every one."""

    ids: Collection[str] = ()
    reason: str = ""

    def __call__(self, letter: DeadLetter) -> bool:
        """Tell whether a letter is meant."""
        return (not self.ids or letter.message_id in self.ids) and letter.reason.startswith(self.reason)


def judging(source: str, intents: Intents) -> Callable[[DeadLetter], str | None]:
    """Return what says why nothing can come of a letter, None where something may."""

    def hopeless(letter: DeadLetter) -> str | None:
        if letter.reason.startswith(PayloadConflictError.error_code):
            return "the intent's first body stands"
        try:
            message = parse_message(letter.body, source=source)
        except InvalidEventError as error:
            return error.message
        is_missing = letter.reason.startswith(IntentNotFoundError.error_code)
        if is_missing and not isinstance(message, WakeUp) and message.intent is None:
            return None if intents.get(message.key) is not None else "its intent is still not there"
        return None

    return hopeless
