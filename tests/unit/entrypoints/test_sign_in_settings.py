from __future__ import annotations

from pathlib import Path

import pytest

from core.domain.errors import ConfigurationError
from entrypoints.api.static import policy
from entrypoints.settings.loading import Overrides, load
from entrypoints.settings.sign_in import SignIn, SignInTable
from entrypoints.settings.variables import SIGN_IN

AUTHORIZE, TOKEN = "https://login.example/oauth2/authorize", "https://login.example/oauth2/token"
WHOLE = {"sign_in_authorize_url": AUTHORIZE, "sign_in_token_url": TOKEN, "sign_in_client_id": "console"}
BARE = policy(None)


def sign_in(folder: Path, environment: dict[str, str] | None = None, /, **given: str) -> SignIn | None:
    file = folder / "actonce.toml"
    lines = [f"{name} = '{value}'\n" for name, value in given.items()]
    file.write_text(f"[api]\n{''.join(lines)}", encoding="utf-8")
    return load(Overrides(config=file), environment or {}).api.sign_in


def connections(text: str) -> str:
    (found,) = [it for it in text.split("; ") if it.startswith("connect-src ")]
    return found


def test_nobody_is_sent_anywhere_where_nothing_is_said(tmp_path: Path) -> None:
    assert sign_in(tmp_path) is None


def test_a_whole_sign_in_is_read_from_the_file_and_asks_for_an_id_token(tmp_path: Path) -> None:
    assert sign_in(tmp_path, **WHOLE) == SignIn(AUTHORIZE, TOKEN, "console", "openid")


def test_the_environment_says_it_as_well_and_has_the_last_word(tmp_path: Path) -> None:
    environment = {f"ACTONCE_API_{name.upper()}": value for name, value in WHOLE.items()}
    environment["ACTONCE_API_SIGN_IN_SCOPES"] = "openid profile"
    given = {**WHOLE, "sign_in_client_id": "another"}
    assert sign_in(tmp_path, environment, **given) == SignIn(AUTHORIZE, TOKEN, "console", "openid profile")


@pytest.mark.parametrize("name", WHOLE)
def test_a_part_that_is_missing_is_refused(tmp_path: Path, name: str) -> None:
    rest = {it: value for it, value in WHOLE.items() if it != name}
    with pytest.raises(ConfigurationError, match="give sign_in_authorize_url, sign_in_token_url and sign_in_client_id"):
        sign_in(tmp_path, **rest)


@pytest.mark.parametrize("name", ["sign_in_authorize_url", "sign_in_token_url"])
@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("http://login.example/token", "must be https, unless"),
        ("http://localhost.evil.example/token", "must be https, unless"),
        ("javascript:alert(1)", "must be an https address"),
        ("https://", "must be an https address"),
        ("https://ada@login.example/token", "without a user name"),
        ("https://login.example/token#part", "and a fragment"),
        ("https://login.example; script-src *", "must be an https address"),
        ("https://login.example;script-src", "must be an https address"),
        ("https://*/token", "must be an https address"),
        ("https://login.example/a b", "must be an https address"),
        ("https://login.example:99999/token", "must be an https address"),
        ("https://login.example/" + "a" * 2_048, "at most 2048"),
    ],
)
def test_an_endpoint_that_is_none_is_refused_by_name(tmp_path: Path, name: str, url: str, named: str) -> None:
    with pytest.raises(ConfigurationError, match=f"api.{name}: .*{named}"):
        sign_in(tmp_path, **{**WHOLE, name: url})


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("sign_in_client_id", "two words", "sign_in_client_id"),
        ("sign_in_client_id", "a" * 257, "sign_in_client_id"),
        ("sign_in_scopes", "profile", "must have openid"),
        ("sign_in_scopes", "openid offline_access", "must not have offline_access"),
        ("sign_in_scopes", "openid  profile", "sign_in_scopes"),
        ("sign_in_scopes", "", "sign_in_scopes"),
        ("sign_in_secret", "x", "sign_in_secret"),
    ],
)
def test_what_else_is_wrong_is_refused_by_name(tmp_path: Path, name: str, value: str, named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        sign_in(tmp_path, **{**WHOLE, name: value})


def test_an_address_of_this_machine_may_be_plain(tmp_path: Path) -> None:
    found = sign_in(tmp_path, **{**WHOLE, "sign_in_token_url": "http://127.0.0.1:9/token"})
    assert found is not None
    assert found.token_origin == "http://127.0.0.1:9"


def test_the_policy_lets_the_page_call_its_own_origin_alone_where_nobody_signs_in() -> None:
    assert connections(BARE) == "connect-src 'self'"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        (TOKEN, "https://login.example"),
        ("https://Login.Example:8443/t?tenant=1", "https://login.example:8443"),
        ("http://localhost:9/token", "http://localhost:9"),
    ],
)
def test_a_sign_in_opens_the_policy_for_the_origin_of_the_token_endpoint_and_for_nothing_else(
    url: str, origin: str
) -> None:
    told = policy(SignIn("https://elsewhere.example/authorize", url, "console", "openid"))
    assert connections(told) == f"connect-src 'self' {origin}"
    assert told.replace(f" {origin}", "") == BARE


def test_each_key_of_the_table_has_a_variable() -> None:
    assert set(SIGN_IN) == SignInTable.model_fields.keys()
