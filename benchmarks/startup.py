"""What a Lambda function's imports cost at its start, in instructions, next to what any Python function on AWS imports.

Both come from the same unzipped native package, in an interpreter that sees nothing else. Instructions are counted by
valgrind, so that a busy machine says the same; two counts differ by some thousandths, for hashes are random.
"""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.machine import ROOT
from benchmarks.part import Part, at_most
from scripts.package.checking import handlers_of_terraform

GROUP = "start of a function"
UNIT = "million instructions"
MISSING = "valgrind is missing. On Debian: apt-get install valgrind"
BASELINE = "boto3 with a client of DynamoDB, and pydantic"
BASE = 'import boto3, pydantic; boto3.client("dynamodb", region_name="eu-central-1")'
GOAL = at_most(1.25, is_exact=True, held=1.4)
BUILT = {
    "entrypoints.steps": "entrypoints.steps.invoke.built()",
    **{
        f"entrypoints.{it}": f"entrypoints.{it}._function()"
        for it in ("consumer", "ended", "relay", "starter", "sweeper")
    },
}
"""What the first invocation does before it looks at its event; where that needs no store to answer."""

SETTINGS = {
    "ACTONCE_TARGET": "aws",
    "ACTONCE_AWS_ARTIFACTS_BUCKET": "actonce",
    "ACTONCE_AWS_BUS_NAME": "actonce",
    "ACTONCE_AWS_DEAD_LETTER_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/dead",
    "ACTONCE_AWS_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/work",
    "ACTONCE_AWS_REGION": "eu-central-1",
    "ACTONCE_AWS_STATE_MACHINE_ARN": "arn:aws:states:eu-central-1:123456789012:stateMachine:actonce",
    "AWS_ACCESS_KEY_ID": "AKIABENCHMARK",
    "AWS_SECRET_ACCESS_KEY": "made-up",
    "POWERTOOLS_METRICS_NAMESPACE": "actonce",
    "POWERTOOLS_SERVICE_NAME": "actonce",
}
COUNTED = re.compile(r"I\s+refs:\s+([\d,]+)")
TOOL = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
ABREAST = 2
SAMPLE = ("entrypoints.api.function", "entrypoints.consumer", "entrypoints.steps")
MILLION = 1_000_000
LIMIT_S = 300


def measure(build: Path, *, is_short: bool) -> list[Part]:
    """Build the package and count, in the short form a sample; without valgrind say what is missing."""
    if shutil.which(TOOL[0]) is None:
        return [Part(group=GROUP, name=BASELINE, unit=UNIT, missing=MISSING)]
    folder = _unpacked(build)
    modules = sorted({it.rpartition(".")[0] for it in handlers_of_terraform()})
    if is_short:
        modules = [it for it in modules if it in SAMPLE]
    codes = {BASELINE: BASE, **{it: f"import {it}" for it in modules}}
    codes |= {f"{it}, built": f"import {it}; {BUILT[it]}" for it in modules if it in BUILT}
    with ThreadPoolExecutor(ABREAST) as pool:
        counts = list(pool.map(lambda code: counted(folder, code), codes.values()))
    return parts(dict(zip(codes, counts, strict=True)))


def parts(counts: dict[str, int]) -> list[Part]:
    """Return the counts next to the baseline; each has one round, for every other would be the same."""
    base = counts[BASELINE]
    found = [Part(group=GROUP, name=BASELINE, unit=UNIT, values=(base / MILLION,))]
    for name, count in sorted(counts.items(), key=lambda it: it[1]):
        if name != BASELINE:
            values, ratios = (count / MILLION,), (count / base,)
            found.append(
                Part(group=GROUP, name=name, unit=UNIT, values=values, ratios=ratios, of="baseline", goal=GOAL)
            )
    return found


def counted(folder: Path, code: str) -> int:
    """Return how many instructions an interpreter takes for some code, its own start included."""
    program = f"import sys; sys.path.insert(0, {str(folder)!r}); {code}"
    done = subprocess.run(
        [*TOOL, sys.executable, "-I", "-S", "-B", "-c", program],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "AWS_EC2_METADATA_DISABLED": "true", **SETTINGS},
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    found = COUNTED.search(done.stderr)
    if done.returncode != 0 or found is None:
        raise LookupError(f"{code} could not be counted: {done.stderr[-2_000:]}")
    return int(found[1].replace(",", ""))


def _unpacked(build: Path) -> Path:
    archive, folder = build / "package.zip", build / "package"
    subprocess.run(
        [sys.executable, "-m", "scripts.package", "--native", "--output", str(archive)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    return folder
