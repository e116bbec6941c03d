"""Switching: which kill switches are closed, and closing and opening one."""

from collections.abc import Sequence

from core.domain.operating import Operator
from core.domain.switches import Switch
from ports.clock import Clock
from ports.kill_switches import KillSwitches
from ports.wire.act import SwitchesModel, SwitchModel


class Switching:
    """The kill switches as operators see and throw them."""

    def __init__(self, switches: KillSwitches, clock: Clock) -> None:
        """Keep the ports."""
        self._switches = switches
        self._clock = clock

    def closed(self, tenant_id: str | None) -> SwitchesModel:
        """Return what is closed for one tenant, by a strongly consistent read of its own switches and the global one.

        Tenant None is the whole installation: what somebody closed, and no tenant that nobody opened.

        Raises:
            SwitchUnreadableError: it could not be read, which counts as closed.
        """
        return SwitchesModel(switches=tuple(switch_model(it, closed=True) for it in self._closed(tenant_id)))

    def throw(self, switch: Switch, operator: Operator, *, closed: bool) -> SwitchModel:
        """Close or open a switch: durable and ledgered when this returns."""
        turn = self._switches.close if closed else self._switches.open
        turn(switch, operator=operator.name, reason=operator.reason, at_ms=self._clock.now_ms())
        return switch_model(switch, closed=closed)

    def _closed(self, tenant_id: str | None) -> Sequence[Switch]:
        if tenant_id is None:
            return self._switches.closed()
        reading = self._switches.read(tenant_id)
        closed = [] if reading.global_enabled else [Switch()]
        closed += [] if reading.tenant_enabled else [Switch(tenant_id)]
        return [*closed, *(Switch(tenant_id, it) for it in sorted(reading.disabled_action_types))]


def switch_model(switch: Switch, *, closed: bool) -> SwitchModel:
    """Return the wire form of a switch."""
    scope = switch.scope.value.upper()
    return SwitchModel.model_validate(
        {"scope": scope, "tenant_id": switch.tenant_id, "action_type": switch.action_type, "closed": closed}
    )


def switch_of(model: SwitchModel) -> Switch:
    """Return the switch of a wire form."""
    return Switch(model.tenant_id, model.action_type)
