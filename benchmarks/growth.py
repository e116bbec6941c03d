"""Whether a store that has grown is slower: actions, status look-ups and listings on top of 10^3 to 10^6 intents.

The stores are filled with copies of one action that was really carried out: every row under fresh ids and times, its
ledger chain hashed anew. All stores are open at once and asked in turn, so that a busy disk hits all of them.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter

from benchmarks.assembly import TENANT, Embedded
from benchmarks.copies import Copies
from benchmarks.part import Goal, Part, at_most, paired
from benchmarks.throughput import disk
from core.domain.keys import IntentKey
from core.domain.ledger import Chain, verify
from core.domain.timing import Timing
from entrypoints.desk.listing import Listing, Wanted
from entrypoints.desk.viewing import Viewing

GROUP = "growth"
SMALLEST = 1_000
SIZES = (SMALLEST, 10_000, 100_000, 1_000_000)
SHORT_SIZES = (SMALLEST, 10_000)
MOST = at_most(1.5)
WARM_UP = 20
LIMIT = 20
CHUNK = 5_000
ACCOUNTS = 20
CHECKED = 50
GIGABYTE = 10**9
BYTES_EACH = 10_000
"""What an intent takes with all its rows and indexes, and some room."""

Measuring = Callable[["Grown", int], float]


@dataclass(frozen=True, slots=True)
class Length:
    """How much is done on top in each round."""

    rounds: int
    actions: int
    reads: int


class Grown:
    """An embedded system whose store holds so many finished intents already."""

    def __init__(self, folder: Path, size: int) -> None:
        self.size = size
        _fill(folder, size)
        self._embedded = Embedded(folder)
        container = self._embedded.container
        self._executions, self._ledger = container.executions(), container.ledger()
        self._viewing = Viewing(self._executions, container.intents(), self._ledger, container.clock())
        self._listing = Listing(container.listings(), container.clock(), Timing())
        self._check()
        self.actions(WARM_UP)

    def actions(self, count: int) -> float:
        """Return milliseconds for an action."""
        self._embedded.fill(count)
        written = self._embedded.connector.written
        begun = perf_counter()
        self._embedded.work(1)
        taken = perf_counter() - begun
        if self._embedded.connector.written != written + count:
            raise LookupError("the tool was not called once per action")
        return taken / count * 1_000

    def statuses(self, count: int) -> float:
        """Return milliseconds for the status of an intent, each of another one."""
        keys = [key_of(number * self.size // count % self.size) for number in range(count)]
        begun = perf_counter()
        found = [self._viewing.status(self._viewing.seen(key)) for key in keys]
        taken = perf_counter() - begun
        if any(status is None for status in found):
            raise LookupError("an intent is missing")
        return taken / count * 1_000

    def listings(self, count: int) -> float:
        """Return milliseconds for the newest page of an account, each of another one."""
        begun = perf_counter()
        pages = [self._page(number % ACCOUNTS) for number in range(count)]
        taken = perf_counter() - begun
        if pages != [LIMIT] * count:
            raise LookupError("a page is not full")
        return taken / count * 1_000

    def close(self) -> None:
        self._embedded.close()

    def _page(self, account: int) -> int:
        wanted = Wanted(tenant_id=TENANT, account_id=account_of(account))
        return len(self._listing.page(wanted, limit=LIMIT, place=None).executions)

    def _check(self) -> None:
        """Some of the copies are read as any execution is, and their chains verified."""
        for number in range(0, self.size, max(1, self.size // CHECKED)):
            key = key_of(number)
            execution = self._executions.load(key)
            if execution is None:
                raise LookupError(f"{key} is missing")
            chain = Chain(TENANT, f"{key.account_id}/{key.intent_id}")
            fault = verify(self._ledger.entries(chain), execution.attempt.head)
            if fault is not None:
                raise LookupError(f"the copy is not valid: {fault}")


MEASURED: dict[str, tuple[Measuring, Goal | None]] = {
    "an action": (Grown.actions, MOST),
    # What nobody touched for seconds is read from memory that this machine may have let go, a page at a time: that
    # says more of the machine than of the store. The second reading finds the same pages at hand, in every size.
    "a status after a pause": (Grown.statuses, None),
    "a status": (Grown.statuses, MOST),
    "a listing": (Grown.listings, MOST),
}


def measure(length: Length, sizes: tuple[int, ...]) -> list[Part]:
    """Fill a store of each size, and ask all of them in turn."""
    _check_room(sum(sizes) * BYTES_EACH)
    seen: dict[tuple[str, int], list[float]] = {(what, size): [] for what in MEASURED for size in sizes}
    with ExitStack() as stack:
        grown: list[Grown] = []
        for size in sizes:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=disk())))
            grown.append(Grown(folder, size))
            stack.callback(grown[-1].close)
        for _ in range(length.rounds):
            for what, (measuring, _goal) in MEASURED.items():
                for one in grown:
                    count = length.actions if what == "an action" else length.reads
                    seen[what, one.size].append(measuring(one, count))
    return parts(seen)


def parts(seen: dict[tuple[str, int], list[float]]) -> list[Part]:
    """Return milliseconds by size, each next to the smallest in the same round."""
    found = []
    for (what, size), values in seen.items():
        is_first = size == SMALLEST
        ratios = () if is_first else paired(values, seen[what, SMALLEST])
        found.append(
            Part(
                group=GROUP,
                name=f"{what} on {size:,}",
                unit="ms",
                values=values,
                ratios=ratios,
                of="" if is_first else f"{SMALLEST:,}",
                goal=None if is_first else MEASURED[what][1],
                size=size,
            )
        )
    return found


def _check_room(needed: int) -> None:
    free = shutil.disk_usage(disk()).free
    if free < needed:
        raise LookupError(
            f"The stores need {needed / GIGABYTE:.0f} GB under build/, and {free / GIGABYTE:.0f} are free."
        )


def _fill(folder: Path, size: int) -> None:
    sample = folder / "sample"
    sample.mkdir()
    embedded = Embedded(sample)
    embedded.fill(1)
    embedded.work(1)
    embedded.close()
    copies = Copies(sample / "store.db")
    Embedded(folder).close()
    connection = sqlite3.connect(folder / "store.db", isolation_level=None)
    try:
        # A fault would cost the copies, which nobody needs: it is made again.
        connection.execute("PRAGMA synchronous = OFF")
        numbers = iter(range(size))
        while chunk := list(islice(numbers, CHUNK)):
            connection.execute("BEGIN IMMEDIATE")
            for table, made in _by_table(copies, chunk):
                marks = ", ".join("?" * len(made[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", made)
            connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()


def _by_table(copies: Copies, numbers: list[int]) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    made = [copies.of(key_of(number), number) for number in numbers]
    for table in made[0]:
        yield table, [row for one in made for row in one[table]]


def key_of(number: int) -> IntentKey:
    """Return the key of a copy; their ids are spread as random ones are, for the trees to be as deep and as cold."""
    return IntentKey(TENANT, account_of(number), f"{number * 0x9E3779B97F4A7C15 % 2**128:032x}")


def account_of(number: int) -> str:
    return f"grown-{number % ACCOUNTS:02d}"
