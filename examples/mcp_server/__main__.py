"""Start the example provider.

python -m examples.mcp_server --port 0 --log writes.jsonl [--faults plan.json] [--sse] [--sessions]

The first line on stdout is {"url": ..., "port": ...}.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from examples.mcp_server.faults import FaultPlan
from examples.mcp_server.server import serve


def main() -> None:
    """Read the arguments and serve; a bad fault plan ends the process with 2 and its reason."""
    parser = argparse.ArgumentParser(prog="python -m examples.mcp_server", description="somebody else's systems")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free port")
    parser.add_argument("--log", type=Path, required=True, help="the write log, JSON Lines; replayed at start")
    parser.add_argument("--faults", type=Path, help="a JSON file with a fault plan")
    parser.add_argument("--sse", action="store_true", help="answer as an event stream")
    parser.add_argument("--sessions", action="store_true", help="keep sessions for whoever speaks an older version")
    arguments = parser.parse_args()
    plan = FaultPlan()
    if arguments.faults is not None:
        try:
            plan.put(json.loads(arguments.faults.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            parser.error(f"--faults: {error}")
    serve(arguments.port, arguments.log, plan, sse=arguments.sse, sessions=arguments.sessions)


if __name__ == "__main__":
    main()
