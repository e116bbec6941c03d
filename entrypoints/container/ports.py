"""The ports that a mode's container fills, and what stands in those that not every mode has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from dependency_injector import containers, providers

from entrypoints.late import late

if TYPE_CHECKING:
    from adapters.connectors.signing import Sign
    from core.domain.sealing import PublicKey
    from entrypoints.settings.loading import Settings
    from ports.artifacts import Artifacts
    from ports.clock import Clock
    from ports.dead_letters import DeadLetters
    from ports.executions import Executions
    from ports.head_signer import HeadSigner
    from ports.ids import Ids
    from ports.intents import Intents
    from ports.internal_objects import InternalObjects
    from ports.kill_switches import KillSwitches
    from ports.ledger import Ledger
    from ports.ledger_heads import LedgerHeads
    from ports.ledger_rolls import LedgerRolls
    from ports.listings import Listings
    from ports.orchestrator import Orchestrator
    from ports.outbox import Outbox
    from ports.queue import Queue
    from ports.registry import Registry
    from ports.secrets import Secrets
    from ports.signals import Signals
    from ports.signature_check import SignatureCheck
    from ports.visibility import Visibility
    from ports.wake_ups import WakeUps


class Ports(containers.DynamicContainer, ABC):
    """One object behind each port for the life of a process; nothing is built before it is asked for.

    Each container makes its own providers. ``DeclarativeContainer`` would make them with its class and copy them for
    each container, which a function would pay for in every start and use once.
    """

    executions: providers.Provider[Executions]
    intents: providers.Provider[Intents]
    listings: providers.Provider[Listings]
    registry: providers.Provider[Registry]
    kill_switches: providers.Provider[KillSwitches]
    ledger: providers.Provider[Ledger]
    outbox: providers.Provider[Outbox]
    queue: providers.Provider[Queue]
    wake_ups: providers.Provider[WakeUps]
    dead_letters: providers.Provider[DeadLetters]
    artifacts: providers.Provider[Artifacts]
    internal_objects: providers.Provider[InternalObjects]
    ledger_heads: providers.Provider[LedgerHeads]
    ledger_rolls: providers.Provider[LedgerRolls]
    head_signer: providers.Provider[HeadSigner]
    signals: providers.Provider[Signals]

    def __init__(self, settings: Settings) -> None:
        """Fill the ports with what the settings ask for."""
        super().__init__()
        self.settings: providers.Provider[Settings] = providers.Object(settings)
        self.timing = self.settings.provided.timing
        self.clock: providers.Provider[Clock] = providers.Singleton(late("adapters.system.clock.SystemClock"))
        self.ids: providers.Provider[Ids] = providers.Singleton(late("adapters.system.clock.SystemIds"))
        self.signature_check: providers.Provider[SignatureCheck] = providers.Singleton(
            late("adapters.system.signatures.HeadSignatures")
        )
        self.trusted_keys: providers.Provider[list[PublicKey]] = providers.Callable(
            late("adapters.files.head_signer.load_public_keys"), self.settings.provided.paths.trusted_keys
        )
        self.orchestrator: providers.Provider[Orchestrator | None] = providers.Object(None)
        self.visibility: providers.Provider[Visibility | None] = providers.Object(None)
        self.secrets: providers.Provider[Secrets | None] = providers.Object(None)
        self.sign: providers.Provider[Callable[[str, str | None], Sign] | None] = providers.Object(None)
        self.placing: providers.Provider[Callable[[], None] | None] = providers.Object(None)
        self._fill()

    @abstractmethod
    def _fill(self) -> None:
        """Fill the ports, and put what a mode has of its own in place of what most have."""
