"""Start the fake: python -m tests.providers.orders --port 0 --log writes.jsonl --token secret."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.providers.control import serve
from tests.providers.orders.api import Shop
from tests.providers.shelf import Shelf

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.providers.orders")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free port")
    parser.add_argument("--log", type=Path, required=True, help="the write log, JSON Lines; replayed at start")
    parser.add_argument("--token", default="token", help="the bearer token that is asked for")
    given = parser.parse_args()
    serve(Shop(Shelf(given.log), given.token), given.port)
