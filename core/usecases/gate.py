"""The gate: what must hold just before the first byte of a call (design 3.1)."""

from core.domain.answer import Hold, NotSent
from core.domain.attempt import Attempt, EffectKind
from core.domain.effect import Effect
from core.domain.errors import KillSwitchEnabledError, SwitchUnreadableError
from core.domain.intent import is_expired
from core.domain.switches import SwitchReading
from core.domain.timing import Timing
from ports.clock import Clock
from ports.kill_switches import KillSwitches

MAX_TENANTS = 10_000


class Switchboard:
    """Readings of the kill switches, shared by the calls of one process while they are young."""

    def __init__(self, switches: KillSwitches, clock: Clock, timing: Timing) -> None:
        """Keep the ports."""
        self._switches = switches
        self._clock = clock
        self._timing = timing
        self._readings: dict[str, tuple[tuple[int, int], SwitchReading]] = {}

    def reading(self, tenant_id: str) -> SwitchReading:
        """Return a reading at most ``switch_age_ms`` old, counted from before the read was sent.

        Raises:
            SwitchUnreadableError: there is none, and none could be read in time.
        """
        held = self._readings.get(tenant_id)
        if held is not None and self._is_young(held[0]):
            return held[1]
        begun = (self._clock.monotonic_ms(), self._clock.now_ms())
        reading = self._switches.read(tenant_id)
        if not self._is_young(begun):
            raise SwitchUnreadableError("Reading the kill switches took too long.")
        if len(self._readings) >= MAX_TENANTS:
            self._readings.clear()
        self._readings[tenant_id] = (begun, reading)
        return reading

    def check(self, tenant_id: str, action_type: str) -> None:
        """Raise KillSwitchEnabledError when a switch stops this action type for this tenant."""
        closed = self.reading(tenant_id).stops(action_type)
        if closed is not None:
            raise KillSwitchEnabledError(f"Stopped by {closed}: tenant {tenant_id}, action type {action_type}.")

    def _is_young(self, begun: tuple[int, int]) -> bool:
        monotonic_ms, wall_ms = begun
        age_ms = self._clock.monotonic_ms() - monotonic_ms
        # A process that was frozen may not see it on its monotonic clock; a wall clock that jumped costs one read more.
        return max(age_ms, abs(self._clock.now_ms() - wall_ms)) <= self._timing.switch_age_ms


class CallGate:
    """The gate of one prepared send."""

    def __init__(self, board: Switchboard, clock: Clock, timing: Timing, attempt: Attempt, effect: Effect) -> None:
        """Keep whose call it is."""
        self._board = board
        self._clock = clock
        self._timing = timing
        self._attempt = attempt
        self._effect = effect

    def closed(self) -> NotSent | None:
        """Return why the call must not start, None when it may start now."""
        return self._switch() or self._expiry() or self._window()

    def _switch(self) -> NotSent | None:
        if self._effect.kind is EffectKind.UNDO and self._attempt.while_stopped:
            return None
        try:
            self._board.check(self._attempt.key.tenant_id, self._attempt.brief.action_type)
        except KillSwitchEnabledError as closed:
            return NotSent(Hold.SWITCH_CLOSED, closed.message)
        except SwitchUnreadableError as unreadable:
            return NotSent(Hold.SWITCH_UNREADABLE, unreadable.message)
        return None

    def _expiry(self) -> NotSent | None:
        is_action = self._effect.kind is EffectKind.ACTION
        if is_action and is_expired(self._attempt.brief.expires_at_epoch, self._clock.now_ms()):
            return NotSent(Hold.EXPIRED, "The approval expired before the call could start.")
        return None

    def _window(self) -> NotSent | None:
        latest_end_ms = self._clock.now_ms() + self._effect.request.timeout_ms + self._timing.max_skew_ms
        if latest_end_ms > self._effect.last.deadline_ms:
            return NotSent(Hold.TOO_LATE, "The call would end after its deadline.")
        return None
