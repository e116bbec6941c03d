"""Server-sent events, read as they come, until the response is there."""

from collections.abc import Iterator

from ports.wire.mcp import is_response

EVENT_STREAM = "text/event-stream"


class EventStream:
    """Finds the first event that is a response; what the server notifies or asks on the way is passed over."""

    def __init__(self) -> None:
        """Start at the beginning of a stream."""
        self.response: str | None = None
        self._rest: list[bytes] = []
        self._is_after_cr = False
        self._data: list[bytes] = []

    def takes(self, content_type: str, piece: bytes) -> bool:
        """Take the next piece of a body; True when the response is complete."""
        if content_type != EVENT_STREAM:
            return False
        for line in self._lines(piece):
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
            elif not line and self.response is None:
                self.response = self._dispatched()
        return self.response is not None

    def _lines(self, piece: bytes) -> Iterator[bytes]:
        """Yield the lines that are complete; they end in CR, LF, or both, which two pieces may share."""
        text = piece.removeprefix(b"\n") if self._is_after_cr else piece
        if piece:
            self._is_after_cr = piece.endswith(b"\r")
        first, *others = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        # Joined only when a line ends: a line in a million pieces costs no more than in one.
        self._rest.append(first)
        for line in others:
            yield b"".join(self._rest)
            self._rest = [line]

    def _dispatched(self) -> str | None:
        """Return an event's message if it is a response; an empty one for what is no text."""
        data, self._data = b"\n".join(self._data), []
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return ""
        return text if text.strip() and is_response(text) else None
