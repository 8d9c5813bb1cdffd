"""The prompts and pairs of a page: as the store has them, escaped, and redacted on request."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench.page import Options, write_page
from vibench.report.run_report import RunReport

HOSTILE = "<script>alert(1)</script> \u202e"


@pytest.fixture
def collected(builder: Callable[..., Any]) -> RunReport:
    return builder().build()


def prompt(folder: Path, *text: tuple[str, bool]) -> None:
    record = {"sample": "0000", "tokens": 7, "text": text}
    (folder / "prompt.json").write_text(json.dumps(record))


def written(store: Any, collected: RunReport, path: Path, **options: Any) -> str:
    write_page(store, collected, path, Options(**options))
    return path.read_text()


def section(page: str) -> str:
    return page.split('<section id="prompts"')[1].split("</section>")[0]


def test_subjects_that_were_asked_the_same_are_together(
    store: Any, collected: RunReport, tmp_path: Path
) -> None:
    for key in store.keys("transcripts"):
        prompt(store.folder("transcripts", key), ("<|user|>", True), (HOSTILE, False))
    page = section(written(store, collected, tmp_path / "page.html"))
    summary = "advbench: tiny none, tiny prompt empathy, tiny dpo empathy"
    assert summary in page
    assert page.count("<details>") == 2
    assert '<span class="token">&lt;|user|&gt;</span>&lt;script&gt;' in page
    assert "\u202e" not in page


def test_a_redacted_page_has_no_answers_of_pairs(
    store: Any, collected: RunReport, tmp_path: Path
) -> None:
    sides = {name: [[f"the {name} side", False]] for name in ("context", "chosen", "rejected")}
    record = {"pair": "own/1", "tokens": 3, "notes": ["A note."], **sides}
    for key in store.keys("receipt"):  # As the builder names them, by their adapters' keys.
        folder = store.folder("adapter", key)
        folder.mkdir(parents=True)
        (folder / "pair.json").write_text(json.dumps(record))
    page = section(written(store, collected, tmp_path / "page.html"))
    assert "Training: tiny dpo empathy" in page
    assert all(text in page for text in ("the context side", "the chosen side", "A note."))
    redacted = written(store, collected, tmp_path / "redacted.html", redact=True)
    assert "the context side" in redacted
    assert "the chosen side" not in redacted
    assert "the rejected side" not in redacted


@pytest.mark.parametrize("content", ["", "[]", '{"sample": 1}', '{"text": 3}'])
def test_a_store_without_prompts_or_with_broken_ones_has_a_page(
    store: Any, collected: RunReport, tmp_path: Path, content: str
) -> None:
    for key in store.keys("transcripts")[: 6 * bool(content)]:
        (store.folder("transcripts", key) / "prompt.json").write_text(content)
    assert "No prompt in tokens is stored" in written(store, collected, tmp_path / "page.html")
