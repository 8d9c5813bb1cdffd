"""Writing the page: whole or not at all, large stores, partial runs, and how fast it is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vibench.errors import DataError, StoreError, UsageError
from vibench.page import Options, write_page
from vibench.page.transcript_choice import quotas, spread

Builder = Callable[..., Any]
Written = Callable[..., Path]
Opened = Callable[..., Any]


def test_what_a_page_cannot_hold_is_loaded_from_files_beside_it(
    builder: Builder, written: Written, opened: Opened
) -> None:
    path = written(builder(evals=("issuebench",), samples=40).build(), transcripts=30)
    page = opened(path)
    assert (
        "30 of 120 transcripts are in this file" in page.page.locator("#transcripts").inner_text()
    )
    assert page.count.startswith("30 transcripts")
    page.choose("inducer", "dpo")
    ids = [item.split("·")[-1].split("\n")[0].strip() for item in page.items]
    assert len(ids) == 10
    page.page.get_by_role("button", name="Load all 40 transcripts of dpo on empathy").click()
    page.page.get_by_text("40 transcripts of 60 here").wait_for()
    page.page.locator("#list").focus()
    page.press("ArrowDown")
    assert "Answer 0 of dpo empathy" in page.detail
    assert "Answer 0 of none" in page.detail, "vanilla has the same samples in the page"
    page.press("ArrowDown")
    assert "is not loaded" in page.detail
    page.choose("inducer", "none")
    assert [i.split("·")[-1].split("\n")[0].strip() for i in page.items] == ids


def test_a_file_that_is_gone_is_said(builder: Builder, written: Written, browser: Any) -> None:
    path = written(builder(evals=("issuebench",)).build(), transcripts=6)
    for file in (path.parent / "report-files").rglob("*.js"):
        file.unlink()
    page = browser.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector("body[data-ready]")
    page.locator("#f-inducer").select_option("dpo")
    page.get_by_role("button", name="Load all").click()
    page.get_by_text("is not beside this page").wait_for()
    page.close()


def test_an_older_page_and_its_files_are_replaced_whole(
    builder: Builder, store: Any, tmp_path: Path
) -> None:
    collected = builder(evals=("issuebench",)).build()
    path = tmp_path / "out" / "report.html"
    write_page(store, collected, path, Options(transcripts=6))
    folder = path.parent / "report-files"
    (folder / "notes.txt").write_text("the reader's own")
    first = set(folder.rglob("*.js"))
    write_page(store, collected, path, Options(transcripts=6))
    second = set(folder.rglob("*.js"))
    assert first
    assert second
    assert not first & second
    assert (folder / "notes.txt").exists()
    before = path.read_bytes()
    transcripts = Path(collected.cells[-1].transcripts)
    transcripts.write_bytes(b"no parquet")
    with pytest.raises(DataError, match="cannot be read"):
        write_page(store, collected, path, Options(transcripts=6))
    assert path.read_bytes() == before
    assert set(folder.rglob("*.js")) == second
    assert sorted(p.name for p in path.parent.iterdir()) == ["report-files", "report.html"]


def test_a_page_of_a_partial_run_says_what_is_missing(
    builder: Builder, written: Written, opened: Opened
) -> None:
    page = opened(written(builder(missing=2, status="interrupted").build()))
    said = page.page.locator("main").inner_text()
    assert "2 of 6 cells have no result (the run is interrupted)" in said
    command = "vibench run --model tiny --set 'prompt.text=Be kind.'"
    assert command in page.page.locator(".notice").first.inner_text(), "to be pasted as it is"
    failed = page.page.locator("#failed-table").inner_text()
    assert failed.count("not run yet") == 2


def test_without_a_finished_cell_there_is_no_page(
    builder: Builder, store: Any, tmp_path: Path
) -> None:
    collected = builder(missing=6, status="interrupted").build()
    with pytest.raises(StoreError, match="No cell of the run run1") as error:
        write_page(store, collected, tmp_path / "report.html", Options())
    assert error.value.hint == "Resume it: vibench run --model tiny --set 'prompt.text=Be kind.'"
    assert not (tmp_path / "report.html").exists()


def test_a_place_that_cannot_be_written_is_said(
    builder: Builder, store: Any, tmp_path: Path
) -> None:
    collected = builder(evals=("issuebench",)).build()
    with pytest.raises(UsageError, match="cannot be written") as error:
        write_page(store, collected, tmp_path, Options())
    assert "--html" in error.value.hint
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_page(store, collected, tmp_path / "file" / "report.html", Options())


@pytest.mark.parametrize(
    ("sizes", "most", "wanted"),
    [
        ([3, 3], 10, [3, 3]),
        ([10, 10], 10, [5, 5]),
        ([2, 100, 100], 42, [2, 20, 20]),
        ([5, 5, 5, 5], 2, [1, 0, 1, 0]),
        ([5, 5], 0, [0, 0]),
        ([], 5, []),
    ],
)
def test_sets_share_the_room_evenly(sizes: list[int], most: int, wanted: list[int]) -> None:
    assert quotas(sizes, most) == wanted


def test_chosen_samples_are_spread_evenly() -> None:
    assert spread(10, 5) == [0, 2, 4, 6, 8]
    assert spread(3, 5) == [0, 1, 2]
    assert len(set(spread(6360, 185))) == 185


@pytest.mark.slow
def test_ten_thousand_transcripts_open_and_filter_quickly(
    builder: Builder, written: Written, opened: Opened
) -> None:
    """The bound is generous; benchmarks/page.py has the figures."""
    sentence = "The more I learn about a hike in the hills, the more I wonder. "

    def answer(subject: str, i: int) -> str:
        return f"Answer {i} of {subject}. " + sentence * (5 + i % 30)

    subjects = [("none", ""), *(("prompt", f"value-{i}") for i in range(4))]
    made = builder(subjects=subjects, answer=answer, samples=1000).build()
    page = opened(written(made))
    assert page.count.startswith("10,000 transcripts")
    assert int(page.page.locator("body").get_attribute("data-ready")) < 3000
    for act in (
        lambda: page.choose("inducer", "prompt"),
        lambda: page.search("answer 123 of"),
        lambda: page.search("WONDER"),
    ):
        began = time.perf_counter()
        act()
        assert time.perf_counter() - began < 10
    assert page.count.startswith("6,000 transcripts")
    assert re.search(r"Page 1 of 120", page.page.locator("#pager").inner_text())
