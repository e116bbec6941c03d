"""A stand-in for Secrets Manager: it gives the same made-up secret to whoever asks for one."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = json.dumps({"Name": "made-up", "SecretString": "made-up-" * 4}).encode()
MOST_BYTES = 64 * 1024


class Vault(BaseHTTPRequestHandler):
    """Answers any request."""

    def do_POST(self) -> None:
        """Give the secret."""
        self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MOST_BYTES))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that it is called by
        """Say nothing."""


@contextmanager
def a_vault() -> Iterator[str]:
    """Yield the address of one on this machine, which is there until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Vault) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
