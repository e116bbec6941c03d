"""An external system that says hostile things: a small MCP server whose every answer is chosen by a letter's body."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# Whatever runs this in the page is caught twice: by the canary it sets, and by the policy's word in the console.
CANARY = '<img src=x onerror="window.canary=1"><script>window.canary=1</script>\'"><svg onload=window.canary=1>'
TURNED = "abc\u202edcba"
URL = 'https://letters.example/4711?"><img/src=x/onerror=window.canary=1>'
REF = {"system": "letters", "object_type": "letter", "object_id": "4711", "object_url": "https://letters.example/4711"}
HOSTILE_REF = {"system": CANARY, "object_type": CANARY, "object_id": CANARY, "object_url": URL}
ANSWERS: Mapping[str, dict[str, Any]] = {
    "write": {"success": True, "external_object_refs": [REF]},
    "write hostile": {"success": True, "external_object_refs": [HOSTILE_REF]},
    "refuse": {
        "success": False,
        "not_applied": True,
        "error_code": "NO_STAMPS",
        "error_message": "No stamps are left.",
    },
    "refuse hostile": {
        "success": False,
        "not_applied": True,
        "error_code": CANARY,
        "error_message": f"{TURNED} {CANARY}",
    },
}


class Desk(BaseHTTPRequestHandler):
    """Answers a call, or cuts the line where the letter's body names no answer."""

    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        envelope = ANSWERS.get(call["params"]["arguments"]["body"])
        if envelope is None:
            self.close_connection = True
            return
        result = {"content": [{"type": "text", "text": json.dumps(envelope)}], "resultType": "complete"}
        body = json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": result}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def working() -> Iterator[str]:
    """Yield the endpoint's URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/mcp"
        finally:
            server.shutdown()
            thread.join(10)
