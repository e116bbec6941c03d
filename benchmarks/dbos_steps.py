"""The work of an action as five steps of a DBOS workflow on SQLite, in the interpreter that has the peers' packages.

``python -m benchmarks.dbos_steps FOLDER JOURNAL WORKERS ACTIONS`` prints one JSON object. Used as docs.dbos.dev/python
says: a workflow of steps, each recorded when it is over; the workflow's id is the intent's. JOURNAL is ``default``, as
DBOS opens its file, or ``wal``, set before it does. As in our own arm, the tool answers at once.
"""

import json
import sqlite3 as builtin_sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

WARM_UP = 10
STEPS = 5
Json = dict[str, Any]


def validate(intent: Json) -> Json:
    if not intent["parameters"].get("title"):
        raise LookupError("a title is missing")
    return intent


def map_tool(intent: Json) -> Json:
    return {"tool": "crm.create_task", "arguments": {**intent["parameters"], "idempotency_key": intent["intent_id"]}}


def invoke(request: Json) -> Json:
    return {"id": request["arguments"]["idempotency_key"], "success": True}


def record(answer: Json) -> Json:
    return {"status": "SUCCEEDED", "external_object_refs": [answer["id"]]}


def tell(outcome: Json) -> str:
    return json.dumps({"type": "ACTION_EXECUTED", "outcome": outcome})


def intent(intent_id: str) -> Json:
    """Return an action with the parameters of our own arm's."""
    parameters = {
        "title": "Call the customer about the renewal",
        "description": "The contract ends next month; usage went up by a third since spring. " * 3,
        "due_date": "2031-03-14",
        "owner_email": "ada@example.com",
    }
    return {"intent_id": intent_id, "parameters": parameters}


def measured(folder: Path, journal: str, workers: int, actions: int) -> Json:
    """Carry the actions out, and count what the store holds of them."""
    # Its SQLite schema needs unixepoch('subsec'), newer than the SQLite of some interpreters.
    sys.modules["sqlite3"] = import_module("pysqlite3")
    dbos = import_module("dbos")
    path = folder / "dbos.sqlite"
    if journal == "wal":
        builtin_sqlite3.connect(path).execute("PRAGMA journal_mode = WAL").connection.close()
    dbos.DBOS(
        config={
            "name": "bench",
            "system_database_url": f"sqlite:///{path}",
            "run_admin_server": False,
            "log_level": "CRITICAL",
        }
    )
    steps = [dbos.DBOS.step()(it) for it in (validate, map_tool, invoke, record, tell)]

    def act(given: Json) -> Any:  # noqa: ANN401 - what the last step returns
        for step in steps:
            given = step(given)
        return given

    workflow = dbos.DBOS.workflow()(act)
    dbos.DBOS.launch()

    def carry_out(intent_id: str) -> None:
        with dbos.SetWorkflowID(intent_id):
            workflow(intent(intent_id))

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(carry_out, [str(uuid4()) for _ in range(WARM_UP)]))
        names = [str(uuid4()) for _ in range(actions)]
        begun = perf_counter()
        list(pool.map(carry_out, names))
        taken_s = perf_counter() - begun
    dbos.DBOS.destroy()
    return {"rate": actions / taken_s, **_stored(path)}


def _stored(path: Path) -> Json:
    connection = import_module("sqlite3").connect(path)
    ((succeeded,),) = connection.execute("SELECT count(*) FROM workflow_status WHERE status = 'SUCCESS'")
    ((steps,),) = connection.execute("SELECT count(*) FROM operation_outputs")
    ((mode,),) = connection.execute("PRAGMA journal_mode")
    connection.close()
    return {"actions": succeeded - WARM_UP, "steps": steps - WARM_UP * STEPS, "journal": mode}


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
