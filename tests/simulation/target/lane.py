"""A lane: one invocation of the target, in a process of its own, which may hang or die at every port call."""

from typing import TYPE_CHECKING, Any

from greenlet import getcurrent, greenlet

from adapters.memory.clock import CountingIds
from core.domain.answer import Answer, Finding
from core.domain.canonical import Json, digest
from core.domain.changing import changed
from core.domain.keys import IntentKey
from core.domain.proof import PROOF, Asks, Keyring, Proof, signed
from core.domain.request import Request
from core.usecases.serve import Serve
from ports.connector import Gate
from tests.simulation.process import through
from tests.simulation.stage import Crash
from tests.simulation.target.scene import TIMEOUT_MS, TIMING

if TYPE_CHECKING:
    from tests.simulation.target.world import TargetWorld

KEY = IntentKey("acme", "a1", "i1")
TOOL = "sim.write"
EFFECT_KEY = "ab" * 32
RING = Keyring("k1", {"k1": b"one-shared-secret-of-32-bytes-or-more"})
ARGUMENTS: dict[str, Json] = {"title": "t", "tenant_id": KEY.tenant_id, "idempotency_key": EFFECT_KEY}


class Ring:
    """The keys of proofs."""

    def keyring(self) -> Keyring:
        """Return them."""
        return RING


class Asked:
    """One call of the executor: a proof, and how long by true time its executor waits for it."""

    def __init__(self, number: int, now_ms: int, skew_ms: int) -> None:
        """Sign."""
        self.number = number
        own_ms = now_ms + skew_ms
        proof = Proof(
            key=KEY,
            asks=Asks.CALL,
            tool=TOOL,
            effect_tool=TOOL,
            effect_key=EFFECT_KEY,
            arguments_sha256=digest(ARGUMENTS),
            timeout_ms=TIMEOUT_MS,
            expires_ms=own_ms + TIMEOUT_MS + TIMING.max_skew_ms,
        )
        self.deadline_ms = proof.expires_ms - TIMING.max_skew_ms
        self.expires_at = proof.expires_ms - skew_ms
        self.arguments: dict[str, Json] = {**ARGUMENTS, PROOF: signed(proof, RING)}


class LaneClock:
    """True time, off by this machine's skew."""

    def __init__(self, lane: "Lane", skew_ms: int) -> None:
        """Keep the skew."""
        self._lane = lane
        self._skew_ms = skew_ms

    def now_ms(self) -> int:
        """Return what this machine believes."""
        return self._lane.world.now + self._skew_ms

    def monotonic_ms(self) -> int:
        """Return true time."""
        return self._lane.world.now

    def pause(self, longest_ms: int) -> None:
        """Wait."""
        self._lane.sleep(longest_ms)


class TargetConnector:
    """What the target calls; asks the gate, then sends at once."""

    def __init__(self, lane: "Lane") -> None:
        """Keep who calls."""
        self._lane = lane

    def call(self, request: Request, gate: Gate, before: str | None) -> Answer:
        """Send once, and wait for the answer; the process may hang or die with it in its hands."""
        held = gate.closed()
        if held is not None:
            return held
        world = self._lane.world
        answer, after_ms = world.receive(self._lane, request)
        world.labels.append(type(answer).__name__)
        self._lane.sleep(after_ms)
        return answer

    def look_up(self, request: Request, before: str | None) -> Finding:
        """Look."""
        world = self._lane.world
        finding = world.provider.look_up(changed(request, terms=world.scene.terms), before)
        world.labels.append(type(finding).__name__)
        return finding

    def before_image(self, request: Request) -> str | None:
        """Return the version before."""
        world = self._lane.world
        return str(world.provider.version(changed(request, terms=world.scene.terms)))


class OneConnector:
    """One connector for all tools."""

    def __init__(self, connector: Any) -> None:  # noqa: ANN401 - one that passes through the world
        """Keep it."""
        self._connector = connector

    def offering(self, tool: str, tenant_id: str) -> Any:  # noqa: ANN401 - as above
        """Return it."""
        return self._connector


class Lane:
    """An invocation that bears what the executor asked."""

    def __init__(self, world: "TargetWorld", number: int, asked: Asked) -> None:
        """Build the use case on ports of this world."""
        self.world = world
        self.number = number
        self.asked = asked
        self.begun_ms = self.ready_at = world.now
        self.is_heard = True
        self.answer: Answer | None = None
        terms = {TOOL: world.scene.terms} if world.scene.is_told else {}
        self._serve = Serve(
            OneConnector(through(TargetConnector(self), "connector", self)),  # type: ignore[arg-type]
            through(world.records, "records", self),  # type: ignore[arg-type]
            Ring(),
            terms,
            LaneClock(self, world.scene.skews[1]),
            CountingIds(number),
            TIMING,
        )
        # One that another made must not go back to that one when it ends.
        self.thread = greenlet(self._live, parent=world.main)

    def sleep(self, for_ms: int) -> None:
        """Let the others go on for so long."""
        self.ready_at = max(self.ready_at, self.world.now + for_ms)
        self.world.labels.append(f"{self.number}...")
        self.world.main.switch()

    def left_ms(self) -> int:
        """Return what is left of the process's own time."""
        return max(0, self.world.scene.left_ms - (self.world.now - self.begun_ms))

    def _live(self) -> None:
        assert getcurrent() is self.thread
        try:
            answer = self._serve(TOOL, self.asked.arguments, left_ms=self.left_ms)
            # The answer is made, and may yet be lost with the process.
            self.world.point(self, "answer")
        except Crash:
            self.world.labels.append(f"{self.number} died")
            return
        assert isinstance(answer, Answer)
        self.answer = answer
        self.world.watch.said(self, answer)
