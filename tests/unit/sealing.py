"""A ledger of several days in memory or elsewhere, its sealer, and what finds fault with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from adapters.memory.clock import FakeClock
from adapters.system.signatures import HeadSignatures
from core.domain.sealing import DAY_MS, Finding, starts_ms
from core.domain.timing import Timing
from core.usecases.seal import Seal
from core.usecases.verify_days import VerifyDays
from core.usecases.verify_ledger import Verified, VerifyLedger
from ports.executions import Executions
from ports.ledger import Ledger
from tests.contract.head_backends import Vault, memory
from tests.contract.samples import claimed, intent, key, refusal, settled

FIRST_DAY = date(2026, 11, 20)
START_MS = starts_ms(FIRST_DAY)
HOUR_MS = 3_600_000


@dataclass
class Archive:
    """What seals and verifies one ledger."""

    executions: Executions
    ledger: Ledger
    vault: Vault = field(default_factory=memory)
    clock: FakeClock = field(default_factory=lambda: FakeClock(START_MS))

    def seal(self) -> Seal:
        vault = self.vault
        return Seal(self.ledger, vault.heads, vault.rolls, vault.signer, self.clock, Timing())

    def at(self, day: int, ms: int = 0) -> None:
        """Let it be so long after the start of a day, counted from the first."""
        self.clock.advance(START_MS + day * DAY_MS + ms - self.clock.now_ms())

    def seal_all(self, day: int) -> int:
        """Seal what may be sealed two hours after the start of a day; return how many days."""
        self.at(day, 2 * HOUR_MS)
        return self.seal()().days

    def verified(self, tenant_id: str | None = None) -> tuple[Verified, list[Finding]]:
        vault = self.vault
        days = VerifyDays(self.ledger, vault.heads, vault.rolls, HeadSignatures())
        found: list[Finding] = []
        told = VerifyLedger(self.ledger, days)(tenant_id, [vault.signer.public_key()], found.append)
        return told, found

    def told(self, tenant_id: str | None = None) -> list[str]:
        return [str(it) for it in self.verified(tenant_id)[1]]

    def write(self, number: int, at_ms: int, *, tenant: str = "acme") -> None:
        """Four entries of an intent: begun and prepared, then settled and told two hundred milliseconds later."""
        change = claimed(intent(key(f"intent-{number}", tenant=tenant)), now_ms=at_ms)
        self.executions.commit(change)
        self.executions.commit(settled(change.execution, now_ms=at_ms + 200))

    def refuse(self, number: int, at_ms: int, *, body: str = "other", tenant: str = "acme") -> None:
        self.executions.refuse(refusal(body, of=key(f"intent-{number}", tenant=tenant), at_ms=at_ms))


def filled(archive: Archive, days: Sequence[int]) -> None:
    """Write so many intents on each day, spread over it, from midnight to the last millisecond."""
    number = 0
    for day, count in enumerate(days):
        for place in range(count):
            at_ms = START_MS + day * DAY_MS + place * (DAY_MS - 201) // max(1, count - 1)
            archive.write(number, at_ms)
            number += 1
