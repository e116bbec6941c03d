"""The last look into the oracle's ledger, after everybody has gone: what was written late is seen here."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from benchmarks.effect_correctness.lead import Results


def audited(ledger: Path, results: Iterable[Results]) -> list[str]:
    """Return every trial of which the ledger says something else than what was judged."""
    rows = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    written = Counter(row["trial"] for row in rows)
    judged = {name: count for result in results for name, count in result.writes.items()}
    strangers = [
        f"{name}: {count} written, and no trial has this name" for name, count in written.items() if name not in judged
    ]
    return strangers + [
        f"{name}: {written[name]} written, judged by {count}"
        for name, count in judged.items()
        if written[name] != count
    ]
