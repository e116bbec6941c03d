"""LangGraph with its SQLite checkpointer: a node that writes and one after it, resumed on the same thread.

Used as docs.langchain.com/oss/python/langgraph says. durable-execution: ``durability="sync"``, the most durable mode;
after a failure the graph is invoked on its thread with None as input; side effects should be idempotent. use-graph-api:
``RetryPolicy`` on a node, which the idempotent arm has and the plain arm has not. Beyond the documentation, its caller
looks at the thread's state first, so that a redelivery of a finished one invokes nothing.
"""

import sqlite3
from importlib import import_module
from pathlib import Path
from typing import Any, TypedDict

from benchmarks.effect_correctness.contenders.peers import Arm, Tool, not_asked
from benchmarks.effect_correctness.faults import Cell, Fault, Life
from benchmarks.effect_correctness.judge import Status
from benchmarks.effect_correctness.tool import ToolError
from benchmarks.effect_correctness.trial import Marks, Trial

graphs = import_module("langgraph.graph")
savers = import_module("langgraph.checkpoint.sqlite")
types = import_module("langgraph.types")

TRIES = 5
BEYOND_THE_LIBRARY = {
    Fault.PARALLEL: "who may run a thread at a time is said by the platform (double-texting), not by the library",
    Fault.SWAP: "a thread takes new input at any time; that a request has an identity is for its caller to say",
}
RESUMES = 8
"""How often a caller resumes after a fault that is not the tool's."""


class State(TypedDict, total=False):
    """What the graph keeps."""

    text: str
    object_id: str


class ThrottledCursor(sqlite3.Cursor):
    """A cursor of a database that refuses while the store is throttled."""

    marks: Marks

    def execute(self, sql: str, parameters: Any = (), /) -> "ThrottledCursor":  # noqa: ANN401 - the base class's
        if self.marks.is_refused():
            raise sqlite3.OperationalError("database is locked")
        super().execute(sql, parameters)
        return self


class ThrottledConnection(sqlite3.Connection):
    """A connection whose cursors do."""

    marks: Marks

    def cursor(self, *_: Any) -> Any:  # noqa: ANN401 - the base class's
        made = super().cursor(ThrottledCursor)
        made.marks = self.marks
        return made


class LangGraph:
    """One thread for each trial; each life is a process that invokes or resumes it."""

    def __init__(self, arm: Arm, port: int) -> None:
        self.name = f"LangGraph, {arm} tool"
        self._arm = arm
        self._port = port

    def not_offered(self, cell: Cell) -> str | None:
        return BEYOND_THE_LIBRARY.get(cell.fault) or not_asked(self._arm, cell)

    def lay_out(self, folder: Path, trial: Trial) -> None:
        """Nothing: the checkpointer makes its tables itself."""

    def close(self) -> None:
        """Nothing: it keeps nothing open."""

    def live(self, folder: Path, trial: Trial, life: Life, marks: Marks) -> Status:
        path = folder / "checkpoints.sqlite"
        connection = sqlite3.connect(path, factory=ThrottledConnection, check_same_thread=False)
        connection.marks = marks
        graph = self._graph(savers.SqliteSaver(connection), Tool(self._port, self._arm, trial, marks))
        config = {"configurable": {"thread_id": trial.name}}
        for _ in range(RESUMES):
            try:
                held = graph.get_state(config)
                if held.values.get("object_id") and not held.next:
                    return Status.SUCCEEDED
                graph.invoke(None if held.next else {"text": life.text}, config, durability="sync")
            except ToolError:
                return Status.FAILED
            except sqlite3.OperationalError:
                # Its store is busy for now, so it is resumed, which is what a checkpointer is for.
                continue
            return Status.SUCCEEDED
        return Status.FAILED

    def _graph(self, saver: object, tool: Tool) -> Any:  # noqa: ANN401 - a compiled graph
        def write(state: State) -> State:
            return {"object_id": str(tool(state["text"])["id"])}

        def note(state: State) -> State:  # noqa: ARG001 - a node is given the state
            tool.has_recorded()
            return {}

        policy = types.RetryPolicy(max_attempts=TRIES, initial_interval=0.05, retry_on=ToolError)
        builder = graphs.StateGraph(State)
        builder.add_node("write", write, retry_policy=policy if self._arm is Arm.IDEMPOTENT else None)
        builder.add_node("note", note)
        builder.add_edge(graphs.START, "write")
        builder.add_edge("write", "note")
        builder.add_edge("note", graphs.END)
        return builder.compile(checkpointer=saver)


def contender(arm: str | None, port: int, folder: Path) -> LangGraph:  # noqa: ARG001 - it keeps nothing between trials
    """Return one of the arms."""
    return LangGraph(Arm(arm or Arm.PLAIN), port)
