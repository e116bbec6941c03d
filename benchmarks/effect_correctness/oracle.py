"""The oracle: somebody else's system, in a process of its own, with a durable ledger. It imports nothing of ours.

``python oracle.py LEDGER`` serves on a free port of this host; the first line on stdout is {"port": ...}. Each write is
one line of the ledger, on disk before it is answered. Each effect contract has a path; X-Trial says whose a call is.

| request | what it does |
|---|---|
| POST /{kind} | makes a new object. For ``keyed`` an Idempotency-Key has its first answer replayed |
| PUT /natural/{id} | upserts; the same text again changes nothing |
| PUT /client/{id} | creates under the caller's id; 409 where it is taken |
| GET /{kind}/{id}, GET /{kind}?reference= | reads |
| GET /news | reads, and is counted |
| POST /plan | {"trial", "fault", "seconds"}: what befalls the first call of a trial |
| GET /truth/{trial} | {"writes": [text, ...], "calls": number, "is_planned": whether a fault still waits} |
"""

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

HOST = "127.0.0.1"
KINDS = ("keyed", "natural", "client", "readback", "opaque")
FAULTS = ("reply_lost", "reply_late", "error_after", "slow")
MOST_BYTES = 64 * 1024
Reply = tuple[int, dict[str, object]]


class Ledger:
    """What was really written: appended and synced, one line a write."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.writes: dict[str, list[str]] = {}

    def write(self, trial: str, kind: str, name: str, text: str) -> None:
        line = {"at": time.time(), "trial": trial, "kind": kind, "object_id": name, "text": text}
        os.write(self._file, f"{json.dumps(line)}\n".encode())
        os.fsync(self._file)
        self.writes.setdefault(trial, []).append(text)


class World:
    """Objects of every kind, the keys that were seen, and the faults to come. Used under one lock."""

    def __init__(self, ledger: Ledger) -> None:
        self.lock = threading.Lock()
        self.ledger = ledger
        self.plans: dict[str, tuple[str, float]] = {}
        self.calls: dict[str, int] = {}
        self._objects: dict[tuple[str, str], dict[str, object]] = {}
        self._answers: dict[str, tuple[str, Reply]] = {}

    def fault(self, trial: str) -> tuple[str, float]:
        """Count a call, and take the fault that was planned for the first."""
        self.calls[trial] = self.calls.get(trial, 0) + 1
        return self.plans.pop(trial, ("", 0.0))

    def create(self, trial: str, kind: str, text: str, reference: str | None, key: str | None) -> Reply:
        if kind == "keyed" and key is not None and key in self._answers:
            first, answer = self._answers[key]
            return answer if first == text else (422, {"error": "this key came with another body"})
        name = f"{kind}-{len(self._objects) + 1}"
        answer = 201, self._write(trial, kind, name, text, reference)
        if kind == "keyed" and key is not None:
            self._answers[key] = text, answer
        return answer

    def put(self, trial: str, kind: str, name: str, text: str) -> Reply:
        held = self._objects.get((kind, name))
        if held is None:
            return 201, self._write(trial, kind, name, text, None)
        if kind == "client":
            return 409, {"error": "this id is taken"}
        return 200, held if held["text"] == text else self._write(trial, kind, name, text, None)

    def read(self, kind: str, name: str) -> Reply:
        held = self._objects.get((kind, name))
        return (404, {"error": "no such object"}) if held is None else (200, held)

    def search(self, kind: str, reference: str) -> Reply:
        # Search finds what was written before; there is no lag here.
        return 200, {
            "items": [it for (of, _), it in self._objects.items() if (of, it["reference"]) == (kind, reference)]
        }

    def truth(self, trial: str) -> Reply:
        return 200, {
            "writes": self.ledger.writes.get(trial, []),
            "calls": self.calls.get(trial, 0),
            "is_planned": trial in self.plans,
        }

    def _write(self, trial: str, kind: str, name: str, text: str, reference: str | None) -> dict[str, object]:
        self.ledger.write(trial, kind, name, text)
        self._objects[kind, name] = {"id": name, "text": text, "reference": reference}
        return self._objects[kind, name]


class Server(ThreadingHTTPServer):
    """A thread for each connection, a connection for each request."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, world: World) -> None:
        super().__init__((HOST, 0), Handler)
        self.world = world


class Handler(BaseHTTPRequestHandler):
    """One request, with its fault."""

    server: Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        kind, _, name = parts.path.removeprefix("/").partition("/")
        world = self.server.world
        fault = ("", 0.0)
        with world.lock:
            if kind == "truth":
                reply = world.truth(name)
            elif kind == "news":
                fault, reply = world.fault(self._trial), (200, {"id": "news", "text": "read"})
            elif name:
                reply = world.read(kind, name)
            else:
                reply = world.search(kind, parse_qs(parts.query).get("reference", [""])[0])
        self._answer(fault, reply)

    def do_POST(self) -> None:
        document = self._document()
        kind = self.path.removeprefix("/")
        if kind == "plan":
            self._plan(document)
        elif kind in KINDS:
            key = self.headers.get("Idempotency-Key")
            with self.server.world.lock:
                fault = self.server.world.fault(self._trial)
                reply = self.server.world.create(self._trial, kind, document["text"], document.get("reference"), key)
            self._answer(fault, reply)
        else:
            self._send((404, {"error": "no such kind"}))

    def do_PUT(self) -> None:
        document = self._document()
        kind, _, name = self.path.removeprefix("/").partition("/")
        with self.server.world.lock:
            fault = self.server.world.fault(self._trial)
            reply = self.server.world.put(self._trial, kind, name, document["text"])
        self._answer(fault, reply)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    @property
    def _trial(self) -> str:
        return self.headers.get("X-Trial", "nobody")

    def _document(self) -> dict[str, str]:
        length = min(int(self.headers.get("Content-Length") or 0), MOST_BYTES)
        document: dict[str, str] = json.loads(self.rfile.read(length))
        return document

    def _plan(self, document: dict[str, str]) -> None:
        if document["fault"] not in FAULTS:
            self._send((400, {"error": f"the faults are {', '.join(FAULTS)}"}))
            return
        with self.server.world.lock:
            self.server.world.plans[document["trial"]] = document["fault"], float(document["seconds"])
        self._send((200, {}))

    def _answer(self, planned: tuple[str, float], reply: Reply) -> None:
        fault, seconds = planned
        if fault == "reply_lost":
            self.close_connection = True
            return
        if fault in {"reply_late", "slow"}:
            time.sleep(seconds)
        self._send((500, {"error": "something broke after it was done"}) if fault == "error_after" else reply)

    def _send(self, reply: Reply) -> None:
        body = json.dumps(reply[1]).encode()
        head = f"HTTP/1.1 {reply[0]} -\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        try:
            self.connection.sendall(f"{head}Connection: close\r\n\r\n".encode() + body)
        except OSError:
            # Whoever asked has left, which is what a late reply is for.
            pass
        self.close_connection = True


def main() -> None:
    server = Server(World(Ledger(Path(sys.argv[1]))))
    print(json.dumps({"port": server.server_port}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
