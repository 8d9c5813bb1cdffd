"""Progress where there is no live display: lines, few of them."""

from __future__ import annotations

import io
from typing import Any

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
