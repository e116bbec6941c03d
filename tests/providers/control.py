"""The controls of a fake, on a port of their own.

All JSON:

| | |
|---|---|
| GET /log | every write, by clients of the API and by people |
| GET /counts | {"asked": requests of the API, those for tokens apart, "strays": requests to anywhere else here} |
| POST /faults | {"on": "write" or "read", "fault": name, "seconds": number}: for the next such request |
| POST /lag | {"seconds": number}: reads show only what is older |
| POST /calm | {}: no faults, no lag |
| POST /people | what people do; each fake says in its own docstring what it understands |
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.providers.faults import Plan, planned
from tests.providers.messages import called, raw
from tests.providers.serving import HOST, Api, ApiServer, Counts


class ControlServer(ThreadingHTTPServer):
    """Serves the controls."""

    daemon_threads = True

    def __init__(self, served: ApiServer) -> None:
        super().__init__((HOST, 0), ControlHandler)
        self.served = served


class ControlHandler(BaseHTTPRequestHandler):
    """One control request."""

    server: ControlServer

    def do_GET(self) -> None:
        served = self.server.served
        if self.path == "/log":
            self._say(200, served.api.shelf.lines)
        elif self.path == "/counts":
            self._say(200, {"asked": served.counts.asked, "strays": served.counts.strays})
        else:
            self._stray()

    def do_POST(self) -> None:
        document = called(self).document
        served = self.server.served
        try:
            if self.path == "/faults":
                planned(served.plan, document)
                self._say(200, {})
            elif self.path == "/lag":
                served.api.shelf.lag_s = float(document["seconds"])
                self._say(200, {})
            elif self.path == "/calm":
                served.plan.clear()
                served.api.shelf.lag_s = 0.0
                self._say(200, {})
            elif self.path == "/people":
                with served.lock:
                    said = served.api.people(document)
                self._say(200, said)
            else:
                self._stray()
        except (ValueError, KeyError, TypeError) as fault:
            self._say(400, {"error": str(fault)})

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Whatever else comes strayed."""
        if name in {"do_DELETE", "do_PATCH", "do_PUT"}:
            return self._stray
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def _stray(self) -> None:
        self.server.served.counts.strays += 1
        self._say(200, {"id": "you-should-not-be-here"})

    def _say(self, status: int, document: object) -> None:
        self.wfile.write(raw(status, {"Content-Type": "application/json"}, json.dumps(document).encode()))
        self.close_connection = True


def serve(api: Api, port: int) -> None:
    """Serve until the process is ended; the first line on stdout is {"port": ..., "control": ...}.

    ``port`` 0 lets the system choose.
    """
    served = ApiServer(port, api, Plan(), Counts())
    control = ControlServer(served)
    served.elsewhere = f"http://localhost:{control.server_port}/elsewhere"
    threading.Thread(target=control.serve_forever, daemon=True).start()
    print(json.dumps({"port": served.server_port, "control": control.server_port}), flush=True)
    served.serve_forever()
