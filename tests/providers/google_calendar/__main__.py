"""Start the fake: python -m tests.providers.google_calendar --port 0 --log writes.jsonl --token secret."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.providers.control import serve
from tests.providers.google_calendar.api import GoogleCalendar
from tests.providers.shelf import Shelf

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.providers.google_calendar")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free port")
    parser.add_argument("--log", type=Path, required=True, help="the write log, JSON Lines; replayed at start")
    parser.add_argument("--token", default="token", help="the access token that is handed out and asked for")
    parser.add_argument("--calendar", default="team@example.com", help="the one calendar there is")
    given = parser.parse_args()
    serve(GoogleCalendar(Shelf(given.log), given.token, given.calendar), given.port)
