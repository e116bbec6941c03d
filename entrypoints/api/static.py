"""The page: files beside this module, by their exact names; nothing else is ever opened."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from core.domain.making import dataclass
from entrypoints.settings.sign_in import SignIn

CONSOLE, INDEX = "/console", "index.html"
TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page."""

    text: str
    media_type: str


def policy(sign_in: SignIn | None) -> str:
    """Return the page's policy: beside its own origin it may call the one that turns a code into a token."""
    connect = "'self'" if sign_in is None else f"'self' {sign_in.token_origin}"
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src {connect};"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def found(name: str) -> PageFile | None:
    """Return a file of the page, None where there is none of this name."""
    return _files().get(name)


@cache
def _files() -> Mapping[str, PageFile]:
    folder = files("entrypoints.api").joinpath("page")
    if not folder.is_dir():
        return {}
    kept = [(it, it.name.rpartition(".")[2]) for it in folder.iterdir() if it.is_file()]
    return {it.name: PageFile(it.read_text(encoding="utf-8"), TYPES[end]) for it, end in kept if end in TYPES}
