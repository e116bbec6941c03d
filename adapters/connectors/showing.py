"""What of an external system's words may be shown to people."""

import re

MAX_SHOWN = 300

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def shown(text: str) -> str:
    """Return the text on one line, without control characters, at most 300 characters."""
    # Cut first, so that a long text costs no more than a short one.
    kept = "".join(it if it.isprintable() else " " for it in text[: MAX_SHOWN * 2])
    return " ".join(kept.split())[:MAX_SHOWN]


def shown_code(text: str | None, otherwise: str) -> str:
    """Return an error code if it looks like one."""
    return text if text is not None and _CODE.fullmatch(text) else otherwise
