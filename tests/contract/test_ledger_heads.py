"""Heads, rolls and signatures, wherever they are kept."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.files.head_signer import FileHeadSigner, load_public_keys
from adapters.system.signatures import HeadSignatures
from core.domain.errors import ConfigurationError, LedgerUnreadableError
from core.domain.sealing import DayHead, PublicKey, Signature, SignedHead, piece_hash, root_of
from ports.wire.head_names import head_name
from tests.contract.head_backends import Vault, files, memory, on_aws

DAY = date(2026, 11, 24)
CHECK = HeadSignatures()


@pytest.fixture(params=["memory", "files", "moto", pytest.param("ministack", marks=pytest.mark.service)])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Vault]:
    match request.param:
        case "memory":
            yield memory()
        case "files":
            yield files(tmp_path)
        case emulator:
            yield on_aws(request.getfixturevalue(emulator))


def head(day: date = DAY, *, tenant: str = "acme", entries: int = 0) -> SignedHead:
    return SignedHead(DayHead(tenant, day, entries, root_of([]), (), ""), Signature("0" * 64, b"signature"))


def test_the_first_head_of_a_day_stands(vault: Vault) -> None:
    first, other = head(entries=1), head(entries=2)
    assert vault.heads.keep(first) == first
    assert vault.heads.keep(other) == first
    assert vault.heads.keep(first) == first
    assert list(vault.heads.since("acme", None)) == [first]


def test_heads_come_oldest_first_from_a_day_on(vault: Vault) -> None:
    days = [DAY + timedelta(days=number) for number in range(12)]
    for day in reversed(days):
        vault.heads.keep(head(day))
    vault.heads.keep(head(days[-1] + timedelta(days=1), tenant="acme2"))
    assert [it.head.day for it in vault.heads.since("acme", None)] == days
    assert [it.head.day for it in vault.heads.since("acme", days[9])] == days[9:]
    newest = vault.heads.newest("acme")
    assert newest is not None
    assert newest.head.day == days[-1]
    assert vault.heads.newest("nobody") is None


@pytest.mark.usefixtures("moto")
@pytest.mark.parametrize("way", ["removed", "written over"])
def test_a_head_that_was_hidden_in_its_bucket_is_named_and_not_sealed_anew(way: str) -> None:
    vault = on_aws(None)
    days = [DAY + timedelta(days=number) for number in range(3)]
    for day in days:
        vault.heads.keep(head(day))
    bucket: Any = vault.heads._bucket  # type: ignore[attr-defined]
    name = head_name("acme", days[2])
    if way == "removed":
        bucket._client.delete_object(Bucket=bucket._name, Key=name)
    else:
        bucket._client.put_object(Bucket=bucket._name, Key=name, Body=b"{}")
    said = f"{name} was {way}"
    with pytest.raises(LedgerUnreadableError, match=said):
        vault.heads.newest("acme")
    with pytest.raises(LedgerUnreadableError, match=said):
        list(vault.heads.since("acme", days[1]))
    assert vault.heads.tenants() == ["acme"]


@pytest.mark.usefixtures("moto")
def test_a_tenant_whose_heads_were_all_hidden_still_has_some() -> None:
    vault = on_aws(None)
    vault.heads.keep(head())
    bucket: Any = vault.heads._bucket  # type: ignore[attr-defined]
    bucket._client.delete_object(Bucket=bucket._name, Key=head_name("acme", DAY))
    assert vault.heads.tenants() == ["acme"]


@pytest.mark.usefixtures("moto")
def test_keys_are_listed_page_by_page() -> None:
    vault = on_aws(None)
    days = [DAY + timedelta(days=number) for number in range(5)]
    for day in days:
        vault.heads.keep(head(day))
    bucket: Any = vault.heads._bucket  # type: ignore[attr-defined]
    asked = list(bucket._pages({"Bucket": bucket._name, "MaxKeys": 2}))
    assert [it["Key"] for page in asked for it in page["Versions"]] == [head_name("acme", it) for it in days]


def test_tenants_of_any_name_are_kept_apart(vault: Vault) -> None:
    names = sorted(["*", "..", "acme", "acme@example.com", "a:b", "a-b", "A.b"])
    assert list(vault.heads.tenants()) == []
    for name in names:
        vault.heads.keep(head(tenant=name))
    assert list(vault.heads.tenants()) == names
    assert [[it.head.tenant_id for it in vault.heads.since(name, None)] for name in names] == [[it] for it in names]


def test_a_piece_is_kept_under_its_hash_and_for_its_tenant(vault: Vault) -> None:
    piece = "1700000000000 account-1/intent-1 1 ab\n" * 3
    name = vault.rolls.keep("acme", piece)
    assert name == vault.rolls.keep("acme", piece) == piece_hash(piece)
    assert vault.rolls.read("acme", name) == piece
    assert vault.rolls.read("other", name) is None
    assert vault.rolls.read("acme", "0" * 64) is None


@pytest.mark.parametrize("size", [1, 4_096])
def test_a_signature_holds_for_its_bytes_and_its_key_alone(vault: Vault, size: int) -> None:
    content = b"x" * size
    signature, key = vault.signer.sign(content), vault.signer.public_key()
    stranger = memory().signer.public_key()
    assert signature.signed_by == key.key_id
    assert CHECK.holds(content, signature.octets, key)
    assert not CHECK.holds(content + b"x", signature.octets, key)
    changed = signature.octets[:-1] + bytes([signature.octets[-1] ^ 1])
    assert not CHECK.holds(content, changed, key)
    assert not CHECK.holds(content, signature.octets, stranger)
    assert not CHECK.holds(content, signature.octets, replace(key, key_id=stranger.key_id))


def test_a_key_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        CHECK.holds(b"", b"", PublicKey("0" * 64, "no key"))


def test_the_key_file_is_made_for_its_owner_alone_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    with pytest.raises(ConfigurationError, match="seal"):
        FileHeadSigner(path).public_key()
    FileHeadSigner(path).sign(b"")
    made = FileHeadSigner(path).public_key()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [it.name for it in tmp_path.iterdir()] == ["key.pem"]
    assert FileHeadSigner(path).public_key() == made
    (tmp_path / "public.pem").write_text(made.pem, encoding="ascii")
    assert load_public_keys([tmp_path / "public.pem"]) == [made]


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    FileHeadSigner(path).sign(b"")
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="can be read by others"):
        FileHeadSigner(path).sign(b"")


def test_what_is_no_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text("secret words", encoding="ascii")
    path.chmod(0o600)
    for trying in (lambda: FileHeadSigner(path).sign(b""), lambda: load_public_keys([path])):
        with pytest.raises(ConfigurationError, match=r"key\.pem") as refused:
            trying()
        assert "secret words" not in refused.value.message
    with pytest.raises(ConfigurationError, match="cannot be made"):
        FileHeadSigner(tmp_path / "absent" / "key.pem").sign(b"")


@pytest.mark.parametrize("text", ["", "{}", "[" * 100_000, '{"format_version": "1"}'])
def test_a_file_that_is_no_head_is_named(tmp_path: Path, text: str) -> None:
    vault = files(tmp_path)
    vault.heads.keep(head())
    (place,) = tmp_path.rglob("2026-11-24.json")
    place.chmod(0o600)
    place.write_text(text, encoding="utf-8")
    for trying in (lambda: vault.heads.newest("acme"), lambda: list(vault.heads.since("acme", None))):
        with pytest.raises(LedgerUnreadableError, match=r"tenant=acme/heads/2026-11-24\.json"):
            trying()
