"""Progress, the training log, and checkpoints that a kill cannot leave half written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["last_checkpoint", "mark_complete", "progress_callback", "write_log"]

COMPLETE = "complete"
"""An empty file written into a checkpoint after everything else. Without it a kill interrupted
the saving, and the checkpoint before is used."""

METRICS = (("loss", "loss"), ("rewards/accuracies", "accuracy"), ("rewards/margins", "margin"))


def mark_complete(checkpoint: Path) -> None:
    """Mark a checkpoint, all of whose files are written, as one to resume from."""
    (checkpoint / COMPLETE).touch()


def last_checkpoint(scratch: Path) -> str | None:
    """Return the folder of the last complete checkpoint (`checkpoint-STEP`), or None."""
    # Not glob: it skips what may not be read, and training would begin anew and replace the
    # checkpoints that are there.
    complete = [
        path
        for path in (scratch.iterdir() if scratch.exists() else ())
        if path.name.startswith("checkpoint-") and (path / COMPLETE).exists()
    ]
    return str(max(complete, key=lambda p: int(p.name.rpartition("-")[2]))) if complete else None


def progress_callback(progress: Callable[[int, int, str], None]) -> Any:
    """Return a TrainerCallback that reports each step and marks complete checkpoints."""
    from transformers import TrainerCallback

    class ProgressCallback(TrainerCallback):  # type: ignore[misc]
        note = ""

        def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.note = describe(state.log_history[-1])

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            progress(state.global_step, state.max_steps, self.note)

        def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            # The Trainer calls this after all files of the checkpoint are written.
            mark_complete(Path(args.output_dir) / f"checkpoint-{state.global_step}")

    return ProgressCallback()


def describe(entry: Mapping[str, Any]) -> str:
    """Return one line about a log entry."""
    return ", ".join(f"{name} {float(entry[key]):.3f}" for key, name in METRICS if key in entry)


def write_log(folder: Path, history: Sequence[Mapping[str, Any]]) -> None:
    """Write `log.jsonl`: one line for each log entry, those before an interruption included."""
    with (folder / "log.jsonl").open("w", encoding="utf-8") as file:
        for entry in history:
            file.write(json.dumps(entry, sort_keys=True) + "\n")
