"""Whether a worker's memory grows with what it has done: its resident set after 10^4 actions and after 10^5.

``python -m benchmarks.memory FIRST LAST`` is the worker: a process of its own that carries actions out and publishes
their signals, and prints what it holds at both points. Its files lie in memory where the machine has a place for that,
for this part is about memory, and a synced disk would take too long.
"""

import gc
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.assembly import Embedded
from benchmarks.machine import ROOT
from benchmarks.part import Part, at_most
from benchmarks.throughput import disk

GROUP = "memory of a worker"
POINTS = (10_000, 100_000)
SHORT_POINTS = (1_000, 4_000)
MOST = at_most(1.1)
CHUNK = 500
WORKERS = 4
IN_MEMORY = Path("/dev/shm")
KIB_PER_MIB = 1024


def measure(points: tuple[int, int]) -> list[Part]:
    """Run one worker, and compare what it holds."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", *map(str, points)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    first, last = (float(it) for it in json.loads(done.stdout))
    return parts(points, first, last)


def parts(points: tuple[int, int], first: float, last: float) -> list[Part]:
    """Return both points, in MiB; one worker is one round."""
    names = [f"after {point:,} actions" for point in points]
    return [
        Part(group=GROUP, name=names[0], unit="MiB", values=(first,), size=points[0]),
        Part(
            group=GROUP,
            name=names[1],
            unit="MiB",
            values=(last,),
            ratios=(last / first,),
            of=f"{points[0]:,}",
            goal=MOST,
            size=points[1],
        ),
    ]


def worker(points: tuple[int, int], folder: Path) -> list[float]:
    """Carry out as many actions as the last point says; return what is held at each."""
    embedded, held, done = Embedded(folder), [], 0
    relay = embedded.container.relay()
    for point in points:
        while done < point:
            count = min(CHUNK, point - done)
            embedded.fill(count)
            embedded.work(WORKERS)
            published = 0
            while published < count:
                published += relay()
            done += count
        gc.collect()
        held.append(resident_mib())
    if embedded.connector.written != points[-1]:
        raise LookupError("the tool was not called once per action")
    embedded.close()
    return held


def resident_mib() -> float:
    """Return what this process holds now, without what it shares with files."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / KIB_PER_MIB
    raise LookupError("/proc does not say what this process holds")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else disk()) as made:
        print(json.dumps(worker((int(sys.argv[1]), int(sys.argv[2])), Path(made))))
