"""actonce in its embedded mode: what ``actonce run`` runs, on a database of its own for each trial."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.effect_correctness.contenders.marked import mark
from benchmarks.effect_correctness.contenders.ours_told import intent_of, stop, told_of
from benchmarks.effect_correctness.contenders.ours_tools import CONFIG, EMBEDDED, ENTRIES
from benchmarks.effect_correctness.faults import Cell, Life
from benchmarks.effect_correctness.judge import Status
from benchmarks.effect_correctness.trial import Marks, Trial
from entrypoints.container import building
from entrypoints.container.embedded import EmbeddedContainer
from entrypoints.draining import Tally, drain
from entrypoints.settings.loading import Overrides, load
from ports.wire.messages import approved_event


class Ours:
    """Each trial is an installation; each life is a run of its worker."""

    name = "actonce"

    def __init__(self, port: int, folder: Path) -> None:
        """Make an installation whose database every trial starts from a copy of."""
        config = folder / "actonce.toml"
        config.write_text(EMBEDDED + CONFIG.format(port=port), encoding="utf-8")
        self._settings = load(Overrides(config=config), environment={})
        container = building.build_embedded(self._settings)
        for entry in ENTRIES:
            container.registry().apply(entry)
        building.close(container)
        self._template = self._settings.paths.database

    def not_offered(self, cell: Cell) -> str | None:  # noqa: ARG002 - every cell can be asked
        return None

    def lay_out(self, folder: Path, trial: Trial) -> None:  # noqa: ARG002 - all trials begin alike
        shutil.copyfile(self._template, folder / "actonce.db")

    def close(self) -> None:
        """Nothing: a life closes what it opened."""

    def live(self, folder: Path, trial: Trial, life: Life, marks: Marks) -> Status:
        container = self._container(folder, marks)
        marks.stop = lambda: self._stop(container, trial)
        if life.is_delivery:
            container.queue().send([approved_event(intent_of(trial, life), embed=True)])
        worker, tally = container.worker(), Tally(keep=True)
        worker.start(tally)
        drain(container, worker, tally, max_wait_s=self._settings.run.max_wait_s, tick=lambda: None)
        worker.stop(self._settings.run.stop_s)
        said = told_of(folder / "signals.jsonl", container, trial, life)
        building.close(container)
        return said

    def _container(self, folder: Path, marks: Marks) -> EmbeddedContainer:
        settings = self._settings
        paths = settings.paths.model_copy(
            update={"database": folder / "actonce.db", "signals": folder / "signals.jsonl"}
        )
        container = building.build_embedded(replace(settings, paths=paths))
        mark(container, marks)
        return container

    def _stop(self, container: EmbeddedContainer, trial: Trial) -> None:
        """Throw the switch, and come back when it must hold."""
        stop(container, trial)
        time.sleep(self._settings.timing.switch_age_ms / 1_000)


def contender(arm: str | None, port: int, folder: Path) -> Ours:
    """Return the one arm."""
    if arm is not None:
        raise LookupError(f"actonce has no arm {arm}")
    return Ours(port, folder)
