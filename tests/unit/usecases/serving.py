"""A target to serve calls at, on a clock that stands still, with a provider that answers as it is told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.memory.clock import CountingIds, FakeClock
from adapters.memory.target_records import MemoryTargetRecords
from adapters.system.secret_proof_keys import SecretProofKeys
from core.domain.answer import (
    Answer,
    Applied,
    Finding,
    ObjectRef,
    Refused,
)
from core.domain.canonical import Json, digest
from core.domain.contract import EffectContract, Terms
from core.domain.errors import ErrorClass, StoreUnavailableError
from core.domain.keys import IntentKey
from core.domain.proof import PROOF, Asks, Proof, read_keyring, signed
from core.domain.request import Request
from core.domain.serving import RecordPlace, TargetRecord
from core.domain.timing import Timing
from core.usecases.serve import Said, Serve
from ports.connector import Connector, Gate
from tests.unit.making import NOW_MS, terms_of

TOOL = "crm.create_task"
KEY = IntentKey("tenant-1", "account-1", "intent-1")
EFFECT_KEY = "ab" * 32
SECRET = json.dumps({"signing": "k1", "keys": {"k1": "one-shared-secret-of-32-bytes-or-more"}})
TIMEOUT_MS = 10_000
LONG_MS = 60_000
REF = ObjectRef("crm", "task", "7")
DONE = Applied((REF,), '{"id":"7"}')
NO = Refused(ErrorClass.VALIDATION, "NO_SUCH_OWNER", "The owner does not exist.")
ARGUMENTS: dict[str, Json] = {"title": "Call them", "tenant_id": "tenant-1", "idempotency_key": EFFECT_KEY}
PAST_MS = TIMEOUT_MS + 10_000


class Died(BaseException):
    """The process is gone."""


@dataclass
class Provider:
    """Answers as it is told; ``None`` is a process that dies when it would hear the answer."""

    clock: FakeClock
    answers: list[Answer | None] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    image: str | None = '{"v":1}'
    took_ms: int = 0
    called: list[Request] = field(default_factory=list)
    befores: list[str | None] = field(default_factory=list)

    def offering(self, tool: str, tenant_id: str) -> Connector | None:
        return self if (tool, tenant_id) == (TOOL, "tenant-1") else None

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        self.clock.advance(self.took_ms)
        if (closed := gate.closed()) is not None:
            return closed
        self.called.append(request)
        self.befores.append(before)
        answer = self.answers.pop(0)
        if answer is None:
            raise Died
        return answer

    def look_up(self, request: Request, before: str | None) -> Finding:
        return self.findings.pop(0)

    def before_image(self, request: Request) -> str | None:
        return self.image


@dataclass
class Records:
    """Records that can be away."""

    inner: MemoryTargetRecords = field(default_factory=MemoryTargetRecords)
    away: list[bool] = field(default_factory=list)

    def read(self, place: RecordPlace) -> TargetRecord | None:
        return self.inner.read(place)

    def keep(self, record: TargetRecord) -> None:
        if self.away and self.away.pop(0):
            raise StoreUnavailableError("The store is away.")
        self.inner.keep(record)


@dataclass
class Bench:
    terms: Terms
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW_MS))
    records: Records = field(default_factory=Records)
    left_ms: int = LONG_MS
    secret: str = SECRET

    def __post_init__(self) -> None:
        self.provider = Provider(self.clock)
        keys = SecretProofKeys(lambda: self.secret)
        terms = {TOOL: self.terms}
        self.serve = Serve(self.provider, self.records, keys, terms, self.clock, CountingIds(), Timing())

    def __call__(self, **changes: Any) -> Said:  # noqa: ANN401 - fields of a proof
        arguments = changes.pop("arguments", ARGUMENTS)
        fields: dict[str, Any] = {
            "key": KEY,
            "asks": Asks.CALL,
            "tool": TOOL,
            "effect_tool": TOOL,
            "effect_key": EFFECT_KEY,
            "arguments_sha256": digest(arguments),
            "timeout_ms": TIMEOUT_MS,
            "expires_ms": self.clock.now_ms() + TIMEOUT_MS + 2_000,
        }
        proof = Proof(**(fields | changes))
        text = signed(proof, read_keyring(SECRET))
        return self.serve(proof.tool, {**arguments, PROOF: text}, left_ms=lambda: self.left_ms)

    def dies(self, *more: Answer | None) -> None:
        """Let a call die after it was made, and its deadline pass."""
        self.provider.answers = [None, *more]
        with pytest.raises(Died):
            self()
        self.clock.advance(PAST_MS)


def a_bench(contract: EffectContract, **terms: Any) -> Bench:  # noqa: ANN401 - fields of terms
    return Bench(terms_of(contract, **terms))


EVERY = [it for it in EffectContract if it is not EffectContract.READ_ONLY]
