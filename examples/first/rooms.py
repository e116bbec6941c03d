"""A meeting house with a JSON API that can lose a reply.

python -m examples.first.rooms --port 8090 --log rooms.jsonl

PUT, GET and DELETE /bookings/{id}, where the caller chooses the id; POST /letters, of which nothing can be asked
afterwards. What it really did is in its log. Where a file named lose-next lies in its folder, it removes the file, does
the next write, and drops the reply.
"""

from __future__ import annotations

import argparse
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

LOSE_NEXT = Path("lose-next")
MAX_BODY_BYTES = 65_536


class Rooms(ThreadingHTTPServer):
    """The house: its bookings, and the log of its writes."""

    daemon_threads = True

    def __init__(self, port: int, log: Path) -> None:
        super().__init__(("127.0.0.1", port), Door)
        self.log = log
        self.bookings: dict[str, dict[str, Any]] = {}

    def wrote(self, what: str, document: dict[str, Any]) -> None:
        """Append a write to the log, before anybody is told of it."""
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"wrote": what} | document) + "\n")


class Door(BaseHTTPRequestHandler):
    """One request."""

    server: Rooms

    def do_PUT(self) -> None:
        """Book; the same booking again is the same booking."""
        booking = {"id": self.path.removeprefix("/bookings/")} | self._document()
        if self.server.bookings.get(booking["id"], booking) != booking:
            self._say(409, {"error": "the id is taken"})
            return
        if booking["id"] not in self.server.bookings:
            self.server.bookings[booking["id"]] = booking
            self.server.wrote("booking", booking)
        self._say_unless_lost(200, booking)

    def do_POST(self) -> None:
        """Send a letter, each time anew."""
        letter = self._document()
        self.server.wrote("letter", letter)
        self._say_unless_lost(201, {"id": "a letter has no number that could be asked for"})

    def do_DELETE(self) -> None:
        """Give the room back."""
        booking = self.server.bookings.pop(self.path.removeprefix("/bookings/"), None)
        if booking is not None:
            self.server.wrote("removal", booking)
        self._say_unless_lost(204 if booking else 404, None)

    def do_GET(self) -> None:
        """Show a booking."""
        booking = self.server.bookings.get(self.path.removeprefix("/bookings/"))
        self._say(200 if booking else 404, booking)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing on stderr; the log has what was written."""

    def _document(self) -> dict[str, Any]:
        length = min(int(self.headers.get("Content-Length", 0)), MAX_BODY_BYTES)
        document: dict[str, Any] = json.loads(self.rfile.read(length) or b"{}")
        return document

    def _say_unless_lost(self, status: int, document: dict[str, Any] | None) -> None:
        if LOSE_NEXT.exists():
            LOSE_NEXT.unlink()
            self.close_connection = True
        else:
            self._say(status, document)

    def _say(self, status: int, document: dict[str, Any] | None) -> None:
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Read the arguments, say where it listens, and serve until it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m examples.first.rooms", description="a meeting house")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free port")
    parser.add_argument("--log", type=Path, required=True, help="what was written, JSON Lines")
    arguments = parser.parse_args()
    with Rooms(arguments.port, arguments.log) as house:
        print(f"listening on http://127.0.0.1:{house.server_address[1]}", flush=True)
        try:
            house.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
