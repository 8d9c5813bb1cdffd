"""Progress where there is no live display: lines, few of them."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from vibench.cli.progress import Display
from vibench.sessions.open_sessions import LOADING


class AnyStage:
    key = "a" * 64
    label = "mine none: advbench"


def test_a_model_that_is_loading_is_told_at_once_and_other_notes_are_not(store: Any) -> None:
    screen = io.StringIO()
    display = Display(Console(file=screen, width=200), 1, store)
    stage: Any = AnyStage()
    display.started(stage)
    display.progress(stage, 0, 0, "the endpoint asked us to slow down")
    assert not screen.getvalue()
    display.progress(stage, 0, 0, f"{LOADING}mine")
    assert screen.getvalue() == "    mine none: advbench: loading mine\n"
    display.progress(stage, 1, 9, "conversations")
    assert screen.getvalue().count("\n") == 1


def screen_at(width: int, store: Any, *progress: tuple[int, int, str]) -> list[str]:
    """The live display's lines at a width, after some progress."""
    stage: Any = AnyStage()
    stage.label = "a-model-with-a-rather-long-name-8b dpo+prompt intellectual curiosity: issuebench"
    stage.kind = "transcripts"
    terminal = Console(file=io.StringIO(), width=width, force_terminal=True)
    display = Display(terminal, 7616, store)
    with display:
        display.started(stage)
        for done, total, note in progress:
            display.progress(stage, done, total, note)
        screen = Console(file=io.StringIO(), width=width)
        screen.print(display.live.get_renderable())
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_a_narrow_terminal_keeps_counts_and_time(width: int, store: Any) -> None:
    note = "conversations, 12 requests wait for the endpoint, which is slow"
    (line,) = screen_at(width, store, (1234, 6360, note))
    assert len(line) <= width
    assert "1234/6360" in line
    assert re.search(r"\d:\d\d:\d\d", line)
    assert "[1/7616] trans" in line


def test_loading_says_what_it_loads_at_80_columns(store: Any) -> None:
    (line,) = screen_at(80, store, (0, 0, f"{LOADING}Llama-3.3-70B-Instruct"))
    assert "[1/7616] loading Llama-3.3-70B-Instruct" in line
    (line,) = screen_at(80, store, (0, 0, f"{LOADING}Llama-3.3-70B-Instruct"), (1, 9, ""))
    assert "loading" not in line
    assert "1/9" in line
