"""Progress, the training log, and checkpoints that a kill cannot break."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["last_checkpoint", "make_callback", "write_log"]

COMPLETE = "complete"
"""A file written into a checkpoint once all else in it is: without it, a kill fell into
the saving, and the checkpoint before is used."""


def last_checkpoint(scratch: Path) -> str | None:
    """The folder of the last complete checkpoint, if there is any."""
    # Not glob: it passes over what may not be read, and training would begin anew and replace
    # the checkpoints that are there.
    complete = [
        path
        for path in (scratch.iterdir() if scratch.exists() else ())
        if path.name.startswith("checkpoint-") and (path / COMPLETE).exists()
    ]
    return str(max(complete, key=lambda p: int(p.name.rpartition("-")[2]))) if complete else None


def make_callback(progress: Callable[[int, int, str], None]) -> Any:
    """A TrainerCallback that reports each step and marks complete checkpoints."""
    from transformers import TrainerCallback

    class Watcher(TrainerCallback):  # type: ignore[misc]
        note = ""

        def on_log(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            self.note = describe(state.log_history[-1])

        def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            progress(state.global_step, state.max_steps, self.note)

        def on_save(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
            (folder / COMPLETE).touch()

    return Watcher()


def describe(entry: Mapping[str, Any]) -> str:
    """One line about one log entry."""
    shown = (("loss", "loss"), ("rewards/accuracies", "accuracy"), ("rewards/margins", "margin"))
    return ", ".join(f"{name} {float(entry[key]):.3f}" for key, name in shown if key in entry)


def write_log(folder: Path, history: Sequence[Mapping[str, Any]]) -> None:
    """`log.jsonl`: one line for each log entry, also those from before a resumed kill."""
    with (folder / "log.jsonl").open("w", encoding="utf-8") as file:
        for entry in history:
            file.write(json.dumps(entry, sort_keys=True) + "\n")
