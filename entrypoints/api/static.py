"""The page: files beside this module, by their exact names; nothing else is ever opened."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from core.domain.making import dataclass

CONSOLE, INDEX = "/console", "index.html"
TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page."""

    text: str
    headers: Mapping[str, str]


def found(name: str) -> PageFile | None:
    """Return a file of the page, None where there is none of this name."""
    return _files().get(name)


@cache
def _files() -> Mapping[str, PageFile]:
    folder = files("entrypoints.api").joinpath("page")
    if not folder.is_dir():
        return {}
    kept = [it for it in folder.iterdir() if it.is_file() and it.name.rpartition(".")[2] in TYPES]
    return {it.name: PageFile(it.read_text(encoding="utf-8"), _headers(it.name)) for it in kept}


def _headers(name: str) -> Mapping[str, str]:
    return {"Content-Type": TYPES[name.rpartition(".")[2]], "Content-Security-Policy": POLICY}
