"""What a training says of its rows stands in the output of the run."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from vibench.cli.progress import Display
from vibench.plan import Stage
from vibench.store import Store

NOTE = "2 of 2 pairs were rendered onto the asked prompt."


@pytest.mark.parametrize(("facts", "shown"), [({"notes": [NOTE]}, True), ({"rows": 2}, False)])
def test_notes_of_a_training_are_shown_when_it_ends(
    store: Store, facts: dict[str, object], shown: bool
) -> None:
    stage = Stage("adapter", "a" * 64, "tiny dpo honesty", (), {})
    with store.making(stage.kind, stage.key, {"facts": facts}) as folder:
        (folder / "log.jsonl").write_text("")
    screen = io.StringIO()
    Display(Console(file=screen, width=200), 1, store).finished(stage, "made", 1.0, None)
    assert "tiny dpo honesty" in screen.getvalue()
    assert (NOTE in screen.getvalue()) is shown
