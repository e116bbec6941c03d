"""Diagrams are text; where Mermaid's own command is installed, each is rendered."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import Block, all_pages

DIAGRAMS = tuple(block for page in all_pages() for block in page.blocks() if block.language == "mermaid")
KINDS = ("flowchart ", "sequenceDiagram", "stateDiagram-v2")
MERMAID = shutil.which("mmdc")


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda block: block.place)
def test_a_diagram_is_of_a_kind_that_is_known(diagram: Block) -> None:
    lines = [line for line in diagram.text.splitlines() if line.strip() and not line.startswith(("%%", "---"))]
    assert lines[0].startswith(KINDS)


@pytest.mark.skipif(MERMAID is None, reason="mmdc is not installed: npm install -g @mermaid-js/mermaid-cli")
@pytest.mark.parametrize("diagram", DIAGRAMS, ids=lambda block: block.place)
def test_a_diagram_can_be_rendered(diagram: Block, tmp_path: Path) -> None:
    source, picture = tmp_path / "diagram.mmd", tmp_path / "diagram.svg"
    source.write_text(diagram.text, encoding="utf-8")
    subprocess.run([str(MERMAID), "-i", str(source), "-o", str(picture)], check=True, timeout=100)
    assert picture.stat().st_size > 0
