"""What a Lambda function's start costs, in instructions, next to what any Python function on AWS imports.

Both come from the same unzipped native package, in an interpreter that sees nothing else. Instructions are counted by
valgrind, so that a busy machine says the same; two counts differ by some thousandths, for hashes are random.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from benchmarks.machine import ROOT
from benchmarks.part import Goal, Part, at_most
from benchmarks.vault import a_vault
from scripts.package.checking import handlers_of_terraform

GROUP = "start of a function"
UNIT = "million instructions"
MISSING = "valgrind is missing. On Debian: apt-get install valgrind"
BASELINE = "boto3 with a client of DynamoDB, and pydantic"
BASE = 'import boto3, pydantic; boto3.client("dynamodb", region_name="eu-central-1")'
WITH_SECRET = "the same, and a secret read"
WITH_TLS = "the same, and the certificates of an HTTP client"
BASES = {
    BASELINE: BASE,
    WITH_SECRET: f"{BASE}; import os; boto3.client('secretsmanager', region_name='eu-central-1',"
    " endpoint_url=os.environ['ACTONCE_AWS_ENDPOINT_URL']).get_secret_value(SecretId='paging')",
    WITH_TLS: f"{BASE}; import httpcore, ssl; httpcore.ConnectionPool(ssl_context=ssl.create_default_context())",
}
"""What a start is held against: the same work made bare."""

GOAL = at_most(1.25, is_exact=True)
REACHED = at_most(1.5, is_exact=True)
"""No aim, but what was reached, so that no change makes it worse unseen."""

STEPS = ("start", "validate", "map_tool", "invoke", "reconcile", "record")
VAULT_ADDRESS = "{vault}"
VAULT = {"ACTONCE_AWS_PAGING_SECRET": "paging", "ACTONCE_AWS_ENDPOINT_URL": VAULT_ADDRESS}
SERVER = {
    "ACTONCE_CONNECTORS": json.dumps({"crm": {"kind": "mcp", "url": "https://crm.example/mcp", "tools": ["crm."]}})
}
TRUSTED = {"ACTONCE_GATEWAY_TARGET": json.dumps({"proof_secret": {"secret": "keys"}})}


@dataclass(frozen=True, slots=True)
class Start:
    """What the first invocation of a module does before it looks at its event, in an environment with more in it."""

    module: str
    building: str
    environment: Mapping[str, str] = field(default_factory=dict)
    goal: Goal = GOAL
    base: str = BASELINE

    @property
    def code(self) -> str:
        """What an interpreter is given."""
        return f"import {self.module}; {self.module}.{self.building}"


BUILT = {
    **{
        f"entrypoints.{it}, built": Start(f"entrypoints.{it}", "_function()")
        for it in ("consumer", "ended", "relay", "sealer", "starter", "sweeper")
    },
    **{f"entrypoints.steps.{it}, built": Start("entrypoints.steps", f"{it}.built()") for it in STEPS},
    "entrypoints.gateway_target, built": Start("entrypoints.gateway_target", "_function()", TRUSTED),
    "entrypoints.consumer, built, an MCP server": Start("entrypoints.consumer", "_function()", SERVER, base=WITH_TLS),
    "entrypoints.api.function, built, its secret read": Start(
        "entrypoints.api.function", "_function()", VAULT, REACHED, WITH_SECRET
    ),
}
"""Only the API asks anybody before its first event: for the secret that signs places of listings."""

SETTINGS = {
    "ACTONCE_TARGET": "aws",
    "ACTONCE_AWS_ARTIFACTS_BUCKET": "actonce",
    "ACTONCE_AWS_BUS_NAME": "actonce",
    "ACTONCE_AWS_HEADS_BUCKET": "actonce-heads",
    "ACTONCE_AWS_HEADS_KEY": "alias/actonce-heads",
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
SAMPLE_BUILT = ("entrypoints.consumer, built", "entrypoints.steps.invoke, built")
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
    starts = {name: it for name, it in BUILT.items() if name in SAMPLE_BUILT or not is_short}
    bases = {BASELINE, *(it.base for it in starts.values())}
    codes = {**{it: BASES[it] for it in BASES if it in bases}, **{it: f"import {it}" for it in modules}}
    with a_vault() as vault, ThreadPoolExecutor(ABREAST) as pool:
        asked = [(it, _placed(VAULT, vault)) for it in codes.values()]
        asked += [(it.code, _placed(it.environment, vault)) for it in starts.values()]
        counts = list(pool.map(lambda it: counted(folder, *it), asked))
    return parts(dict(zip([*codes, *starts], counts, strict=True)))


def parts(counts: dict[str, int]) -> list[Part]:
    """Return the counts next to their baselines; each has one round, for every other would be the same."""
    bases = [name for name in BASES if name in counts]
    found = [Part(group=GROUP, name=name, unit=UNIT, values=(counts[name] / MILLION,)) for name in bases]
    for name, count in sorted(counts.items(), key=lambda it: it[1]):
        if name not in bases:
            start = BUILT.get(name)
            base, goal = (start.base, start.goal) if start else (BASELINE, GOAL)
            values, ratios = (count / MILLION,), (count / counts[base],)
            of = "baseline" if base == BASELINE else base
            found.append(Part(group=GROUP, name=name, unit=UNIT, values=values, ratios=ratios, of=of, goal=goal))
    return found


def counted(folder: Path, code: str, environment: Mapping[str, str] = MappingProxyType({})) -> int:
    """Return how many instructions an interpreter takes for some code, its own start included."""
    program = f"import sys; sys.path.insert(0, {str(folder)!r}); {code}"
    alone = {"PATH": os.environ["PATH"], "HOME": str(folder), "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run(
        [*TOOL, sys.executable, "-I", "-S", "-B", "-c", program],
        cwd=folder,
        env={**alone, **SETTINGS, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    found = COUNTED.search(done.stderr)
    if done.returncode != 0 or found is None:
        raise LookupError(f"{code} could not be counted: {done.stderr[-2_000:]}")
    return int(found[1].replace(",", ""))


def _placed(environment: Mapping[str, str], vault: str) -> dict[str, str]:
    return {name: vault if it == VAULT_ADDRESS else it for name, it in environment.items()}


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
