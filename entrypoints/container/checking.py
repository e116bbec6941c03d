"""Checking an export needs no installation: a file, and the keys that are trusted."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from adapters.files.head_signer import load_public_keys
from adapters.system.signatures import HeadSignatures
from entrypoints.export_check import Checked, ExportCheck


def check_export(file: BinaryIO, public_keys: Sequence[Path], tell: Callable[[str], None]) -> Checked:
    """Check a file; without keys, those are trusted that it brings itself.

    Raises:
        ConfigurationError: a key is none.
    """
    return ExportCheck(HeadSignatures(), load_public_keys(public_keys), tell)(file)
