"""Start the fake: python -m tests.providers.desk --port 0 --log writes.jsonl --token secret.

``--stream`` lets it answer as an event stream, ``--no-session`` without sessions.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.providers.control import serve
from tests.providers.desk.protocol import Desk
from tests.providers.desk.tools import Tools
from tests.providers.shelf import Shelf

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.providers.desk")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free port")
    parser.add_argument("--log", type=Path, required=True, help="the write log, JSON Lines; replayed at start")
    parser.add_argument("--token", default="token", help="the bearer token that is asked for")
    parser.add_argument("--stream", action="store_true", help="answer as an event stream")
    parser.add_argument("--no-session", action="store_true", help="keep no sessions")
    given = parser.parse_args()
    desk = Desk(Tools(Shelf(given.log)), given.token, streams=given.stream, keeps_sessions=not given.no_session)
    serve(desk, given.port)
