"""``python -m tests.e2e.soak MINUTES``: workers, store and tool server struck at random, the invariants at the end.

DynamoDB Local keeps its tables in a file and is killed by SIGKILL; ministack (queues, bus, secrets) keeps all in
memory, so it is stopped for a while instead, and answers nobody meanwhile. The tool server replays its log of writes.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.intents import DynamoIntents
from adapters.aws.tables import Tables
from benchmarks.machine import commit, machine
from core.domain.errors import TransientError
from ports.wire.messages import approved_event
from tests.architecture.sources import ROOT
from tests.e2e.barriers import APPLIED, PREPARED, SENT, SETTLED
from tests.e2e.soak_checks import faults_of
from tests.e2e.soak_site import HEADING, PREFIX, furnished, tool_server
from tests.e2e.standing import Standing
from tests.e2e.yard import MAY_BE_IN_DOUBT, Yard, every_outcome, laid_out
from tests.emulators import clients, dynamodb_local, ministack
from tests.emulators.server import HOST, free_port

RESULT = ROOT / "build" / "soak.json"
SEED = 20_263
WORKERS = 3
PER_STRIKE = 10
BETWEEN_S = (0.2, 1.0)
DOWN_S = (0.1, 2.0)
PATIENCE_S = 120.0
SETTLED_S = 420.0
COMMITTED_S = 1.0
NAMED = re.compile(r"intent-\d+")
MOST_KEPT = 50
STOPPED_S = 30.0
MINUTE_S = 60
NEVER_UP = 7
"""How a worker ends whose store cannot be reached while it starts."""

PAUSES = (None, None, PREPARED, SENT, APPLIED, SETTLED)
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIASOAK", "AWS_SECRET_ACCESS_KEY": "made-up", "BARRIER_TARGET": "aws"}


@dataclass
class Soak:
    """Everything that can be struck, and what was done to it."""

    yard: Yard
    store: Standing
    services: Standing
    queues: dict[str, str]
    chance: random.Random
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    strikes: Counter[str] = field(default_factory=Counter)
    odd_ends: list[int] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """Where the services are: the tables elsewhere than the rest."""
        return CREDENTIALS | {
            "AWS_ENDPOINT_URL": self.services.endpoint_url,
            "AWS_ENDPOINT_URL_DYNAMODB": self.store.endpoint_url,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def run(self, seconds: float) -> None:
        """Strike at random for so long, with new work all the time."""
        kinds = [self.kill_worker] * WORKERS + [self.kill_store, self.stop_services, self.kill_tool_server]
        end, told = time.monotonic() + seconds, 0
        while (left_s := end - time.monotonic()) > 0:
            self._keep_workers()
            self._publish()
            time.sleep(self.chance.uniform(*BETWEEN_S))
            self.chance.choice(kinds)()
            if (minutes := int((seconds - left_s) / MINUTE_S)) > told:
                told = minutes
                said = f"{minutes} min: {self.strikes.total()} strikes, {len(self.yard.intents)} intents"
                print(said, file=sys.stderr, flush=True)
        self._keep_workers()

    def kill_worker(self) -> None:
        """Kill the oldest, whatever it is at; some of them stand still in a window by then."""
        if self.workers:
            self._bury(self.workers.pop(0))
            self.strikes["worker killed"] += 1

    def kill_store(self) -> None:
        """Kill the engine while nobody asks it, and start it on the same file.

        It answers a moment before it commits: killed at any time it forgets what it had said was written, and nobody
        who loses a prepare can know that it was sent. So the workers stand still until it has done what it was asked.
        """
        self._signal_workers(signal.SIGSTOP)
        time.sleep(COMMITTED_S)
        self.store.kill()
        self._signal_workers(signal.SIGCONT)
        time.sleep(self.chance.uniform(*DOWN_S))
        self.store.start()
        self.strikes["store killed"] += 1

    def stop_services(self) -> None:
        """Let queues and bus stand still."""
        self.services.pause()
        time.sleep(self.chance.uniform(*DOWN_S))
        self.services.resume()
        self.strikes["queues and bus stopped"] += 1

    def kill_tool_server(self) -> None:
        """Kill the external system, and start it from its log on the same port."""
        probe = self.yard.probe
        probe.process.kill()
        probe.process.wait()
        time.sleep(self.chance.uniform(*DOWN_S))
        self.yard.probe = tool_server(self.yard.folder / "writes.jsonl", probe.port)
        self.strikes["tool server killed"] += 1

    def settled(self) -> list[dict[str, Any]]:
        """Strike no more, start workers afresh, and wait until everything has ended, or is for an operator alone."""
        while self.workers:
            self._bury(self.workers.pop())
        self.workers = [self._worker(None) for _ in range(WORKERS)]
        outcomes: list[dict[str, Any]] = []
        end = time.monotonic() + SETTLED_S
        while time.monotonic() < end:
            self._keep_workers()
            outcomes = every_outcome(self.yard, self.environment)
            if len(outcomes) == len(self.yard.intents) and all(self._is_over(it) for it in outcomes):
                break
            time.sleep(1)
        for worker in self.workers:
            worker.send_signal(signal.SIGTERM)
        self.odd_ends += [code for it in self.workers if (code := it.wait(STOPPED_S)) != 0]
        self.workers.clear()
        return outcomes

    def signals(self) -> list[dict[str, Any]]:
        """Every signal that reached the subscribed queue."""
        client = clients.sqs(self.services.endpoint_url)
        told: list[dict[str, Any]] = []
        asked = {"QueueUrl": self.queues["signals"], "MaxNumberOfMessages": 10, "VisibilityTimeout": 3_600}
        while found := client.receive_message(**asked).get("Messages"):  # type: ignore[arg-type]
            told += [json.loads(message["Body"]) for message in found]
        return told

    def _is_over(self, outcome: dict[str, Any]) -> bool:
        """Tell whether nothing more is to come; doubt that can be settled is looked into again, minutes later."""
        if outcome["status"] == "IN_DOUBT":
            return self.yard.intents[outcome["action_intent_id"]] in MAY_BE_IN_DOUBT
        return bool(outcome["status"] != "RUNNING")

    def _signal_workers(self, number: signal.Signals) -> None:
        for worker in self.workers:
            worker.send_signal(number)

    def _keep_workers(self) -> None:
        for worker in [it for it in self.workers if it.poll() is not None]:
            self.workers.remove(worker)
            if worker.returncode != NEVER_UP:
                self.odd_ends.append(worker.returncode)
        while len(self.workers) < WORKERS:
            self.workers.append(self._worker(self.chance.choice(PAUSES)))

    def _worker(self, pause: str | None) -> subprocess.Popen[bytes]:
        skip = self.chance.randrange(10)
        return self.yard.start("worker", "--stop-s", "20", pause=pause, skip=skip, environment=self.environment)

    def _bury(self, worker: subprocess.Popen[bytes]) -> None:
        worker.kill()
        if worker.wait() not in {-signal.SIGKILL, NEVER_UP}:
            self.odd_ends.append(worker.returncode)

    def _publish(self) -> None:
        """Send new intents, half of them by id alone; upstream asks again until it is answered."""
        intents = DynamoIntents(Tables(clients.dynamodb(self.store.endpoint_url), PREFIX))
        queue = clients.sqs(self.services.endpoint_url)
        for place, intent in enumerate(self.yard.fresh(PER_STRIKE)):
            if place % 2 == 0:
                insisted(lambda it=intent: intents.put(it))  # type: ignore[misc]
            body = approved_event(intent, embed=place % 2 == 1)
            insisted(lambda it=body: queue.send_message(QueueUrl=self.queues["work"], MessageBody=it))  # type: ignore[misc]


def insisted(act: Callable[[], object]) -> None:
    """Do until it is done, as a publisher does; all of them may be done twice."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            act()
        except (BotoCoreError, ClientError, TransientError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


@contextmanager
def laid_out_soak(folder: Path, seed: int) -> Iterator[Soak]:
    """Start all of it; nothing of it outlives this."""
    ports = free_port(), free_port()
    engine = [it for it in dynamodb_local.command(ports[0]) if it != "-inMemory"]
    store = Standing(folder / "store", [*engine, "-dbPath", "."], f"http://{HOST}:{ports[0]}")
    launch = [sys.executable, ministack.WITHOUT_THIS_FOLDER, str(ministack.LAUNCHER)]
    services = Standing(folder / "services", launch, f"http://{HOST}:{ports[1]}", ministack.settings(ports[1]))
    try:
        store.start()
        services.start()
        queues = furnished(store.endpoint_url, services.endpoint_url)
        heading = HEADING.format(region=clients.REGION, work=queues["work"], dead=queues["dead"])
        with laid_out(folder, heading=heading, visibility_s=2.0, call_slack_ms=1_500) as yard:
            config = folder / "actonce.toml"
            text = config.read_text(encoding="utf-8") + "breaker_failures = 1000\n"
            # The tool server may be away for longer than a few look-ups, which here follow each other within a second.
            config.write_text(text.replace("[timing]\n", "[timing]\nlook_up_limit = 1000\n"), encoding="utf-8")
            soak = Soak(yard, store, services, queues, random.Random(seed))
            applied = yard.actonce("registry", "apply", environment=soak.environment)
            if applied.returncode != 0:
                raise LookupError(applied.stderr)
            try:
                yield soak
            finally:
                soak.yard.probe.process.kill()
                soak.yard.probe.process.wait()
    finally:
        store.kill()
        services.kill()


def keep(soak: Soak, faults: list[str], folder: Path) -> None:
    """Keep what tells how it came about: everybody's records, and the timeline of each intent that a fault names."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(soak.yard.folder, folder, ignore=shutil.ignore_patterns("services", "*.sock"))
    for name in sorted({found for fault in faults for found in NAMED.findall(fault)})[:MOST_KEPT]:
        asked = ("timeline", name, "-t", "tenant", "-a", "account", "--json")
        (folder / f"{name}.json").write_text(soak.yard.actonce(*asked, environment=soak.environment).stdout, "utf-8")
    faults.append(f"what tells of it is kept in {folder.relative_to(ROOT)}")


def main(arguments: list[str]) -> int:
    """Soak, check, write what was seen; 1 when an invariant is broken."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    minutes, seed = float(arguments[0]), int(arguments[1]) if len(arguments) > 1 else SEED
    for fault in (dynamodb_local.missing(), ministack.missing()):
        if fault is not None:
            print(fault, file=sys.stderr)
            return 2
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="soak-") as made, laid_out_soak(Path(made), seed) as soak:
        soak.run(minutes * MINUTE_S)
        outcomes = soak.settled()
        log, signals = soak.yard.probe.log(), soak.signals()
        verified = soak.yard.actonce("ledger", "verify", environment=soak.environment)
        faults = faults_of(soak.yard.intents, outcomes, log, signals)
        faults += [f"a worker ended by itself with {code}" for code in soak.odd_ends]
        faults += [f"the ledger is not whole: {verified.stdout[-500:]}"] if verified.returncode else []
        if faults:
            keep(soak, faults, RESULT.with_name("soak-evidence"))
        seen = {
            "machine": machine(),
            "commit": commit(),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "minutes": minutes,
            "seed": seed,
            "strikes": dict(soak.strikes),
            "intents": len(soak.yard.intents),
            "outcomes": dict(Counter(it["status"] for it in outcomes)),
            "passed": not faults,
            "faults": faults,
        }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(seen, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(seen, indent=2))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
