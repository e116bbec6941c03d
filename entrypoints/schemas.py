"""JSON Schemas of every message that crosses the boundary: written from the models, committed, checked for drift."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from ports.wire.act import (
    ActModel,
    ReasonModel,
    RehearsalModel,
    ResolveModel,
    SwitchChangeModel,
    SwitchesModel,
    SwitchModel,
    UndoModel,
)
from ports.wire.event import EventModel
from ports.wire.intent import IntentModel
from ports.wire.listing import CountsModel, InboxModel, ListingModel
from ports.wire.messages import WakeUpModel
from ports.wire.outcome import OutcomeModel
from ports.wire.registry import RegistryEntryModel
from ports.wire.service import ErrorModel, RegistryModel, SignInModel
from ports.wire.signal_models import SignalModel
from ports.wire.state import HeldModel, OrderedModel, ToldModel
from ports.wire.status import StatusModel
from ports.wire.timeline import TimelineModel

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

INCOMING: Mapping[str, type[BaseModel]] = {
    "approved-event.v1": EventModel,
    "act-resolve.v1": ResolveModel,
    "act-undo.v1": UndoModel,
    "act-why.v1": ReasonModel,
    "intent.v1": IntentModel,
    "kill-switch-change.v1": SwitchChangeModel,
    "registry-entry.v1": RegistryEntryModel,
    "step-input.v1": OrderedModel,
    "step-state.v1": HeldModel,
    "wake-up.v1": WakeUpModel,
}
OUTGOING: Mapping[str, type[BaseModel]] = {
    "act.v1": ActModel,
    "counts.v1": CountsModel,
    "error.v1": ErrorModel,
    "inbox.v1": InboxModel,
    "kill-switch.v1": SwitchModel,
    "kill-switches.v1": SwitchesModel,
    "listing.v1": ListingModel,
    "outcome.v1": OutcomeModel,
    "registry.v1": RegistryModel,
    "rehearsal.v1": RehearsalModel,
    "sign-in.v1": SignInModel,
    "signal.v1": SignalModel,
    "status.v1": StatusModel,
    "step-output.v1": ToldModel,
    "timeline.v1": TimelineModel,
}


def schemas() -> dict[str, str]:
    """Return the text of every schema by its file name."""
    found = {f"{name}.schema.json": _text(model, "validation") for name, model in INCOMING.items()}
    return found | {f"{name}.schema.json": _text(model, "serialization") for name, model in OUTGOING.items()}


def drift(folder: Path, wanted: Mapping[str, str] | None = None) -> list[str]:
    """Return the names of files that are missing, different or left over; ``wanted`` is every schema by default."""
    wanted = schemas() if wanted is None else wanted
    committed = {it.name: it.read_text(encoding="utf-8") for it in folder.glob("*.json")}
    return sorted(name for name in wanted.keys() | committed.keys() if wanted.get(name) != committed.get(name))


def write(folder: Path, wanted: Mapping[str, str] | None = None) -> list[str]:
    """Write what is wanted, remove what is left over, and return the names of what changed."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = schemas() if wanted is None else wanted
    changed = drift(folder, wanted)
    for name in changed:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return changed


def main(arguments: Sequence[str]) -> int:
    """Check or write; return 1 when the committed schemas are not those of the models."""
    parser = argparse.ArgumentParser(prog="python -m entrypoints.schemas", description=__doc__)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check", action="store_true", help="tell whether the committed schemas are up to date")
    choice.add_argument("--write", action="store_true", help="write them (the default)")
    if parser.parse_args(arguments).check:
        stale = drift(FOLDER)
        print(f"Out of date, run `make schemas`: {', '.join(stale)}" if stale else "The schemas are up to date.")
        return 1 if stale else 0
    print(f"Written: {', '.join(write(FOLDER)) or 'nothing changed'}")
    return 0


def _text(model: type[BaseModel], mode: Literal["validation", "serialization"]) -> str:
    schema = model.model_json_schema(by_alias=True, mode=mode)
    return json.dumps({"$schema": DIALECT, **schema}, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
