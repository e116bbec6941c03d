from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from adapters.files.signals_file import JsonLinesSignals
from core.domain.errors import StoreUnavailableError
from core.domain.signal import Signal, SignalType
from tests.unit.making import KEY, NOW_MS, TRACE

WRITERS, TURNS, EACH = 4, 25, 10


def signals(count: int, writer: int = 0, turn: int = 0) -> list[Signal]:
    return [
        Signal(f"{writer}-{turn}-{number}", SignalType.ACTION_REFUSED, KEY, 1, NOW_MS, TRACE, "", reason="x" * 500)
        for number in range(count)
    ]


def ids(file: Path) -> list[str]:
    events = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [event["detail"]["metadata"]["id"] for event in events]


def write_many(path: str, writer: int) -> None:
    out = JsonLinesSignals(Path(path))
    for turn in range(TURNS):
        out.publish(signals(EACH, writer, turn))


def test_every_signal_is_one_line_in_order(tmp_path: Path) -> None:
    file = tmp_path / "signals.jsonl"
    out = JsonLinesSignals(file, source="our-source")

    assert list(out.publish(signals(2))) == []
    assert list(out.publish(signals(1, turn=1))) == []

    assert ids(file) == ["0-0-0", "0-0-1", "0-1-0"]
    assert json.loads(file.read_text(encoding="utf-8").splitlines()[0])["source"] == "our-source"


def test_nothing_to_publish_makes_no_file(tmp_path: Path) -> None:
    assert list(JsonLinesSignals(tmp_path / "signals.jsonl").publish([])) == []
    assert list(tmp_path.iterdir()) == []


def test_a_line_that_a_dead_writer_left_torn_stays_alone(tmp_path: Path) -> None:
    file = tmp_path / "signals.jsonl"
    file.write_text('{"torn": ', encoding="utf-8")

    JsonLinesSignals(file).publish(signals(1))

    torn, whole = file.read_text(encoding="utf-8").splitlines()
    assert torn == '{"torn": '
    assert json.loads(whole)["detail-type"] == "ACTION_REFUSED"


def test_lines_of_several_processes_are_never_mixed(tmp_path: Path) -> None:
    file = tmp_path / "signals.jsonl"
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_many, args=(str(file), writer)) for writer in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    found = ids(file)

    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert sorted(found) == sorted(f"{w}-{t}-{n}" for w in range(WRITERS) for t in range(TURNS) for n in range(EACH))


def test_a_file_that_cannot_be_written_leaves_the_signals_in_the_outbox(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError):
        JsonLinesSignals(tmp_path).publish(signals(1))
    with pytest.raises(StoreUnavailableError):
        JsonLinesSignals(tmp_path / "nowhere" / "signals.jsonl").publish(signals(1))


def test_a_full_disk_is_told_and_not_swallowed() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")

    with pytest.raises(StoreUnavailableError):
        JsonLinesSignals(full).publish(signals(1))
