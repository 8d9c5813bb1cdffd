"""The progress of a run: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vibench.sessions.open_sessions import LOADING
from vibench.stages.adapter import AdapterSpec
from vibench.stages.subset import SubsetSpec

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import ProgressColumn, TaskID

    from vibench.plan import Stage
    from vibench.store.artefacts import CorruptArtefact, Store

__all__ = ["Display"]

WAITING = "waiting"
"""The task that stands while only other runs' stages are left."""

LINE_SECONDS, NOTE_SECONDS = 30.0, 10.0
"""Where lines are printed: how often one says how far a stage is, and what it waits for."""


WIDE = 110
"""Columns of a terminal that has room for a bar and for notes of any length."""


def _columns(width: int) -> Sequence[ProgressColumn]:
    """Return the columns of the live display: in a narrow terminal the title and the note are cut,
    and never the counts and the time."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.table import Column

    title = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    note = Column(no_wrap=True, overflow="ellipsis", max_width=max(8, (width - 44) // 2))
    return (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False, table_column=title),
        *([BarColumn(bar_width=24)] if width >= WIDE else []),
        MofNCompleteColumn(table_column=Column(no_wrap=True, min_width=9, justify="right")),
        TimeElapsedColumn(table_column=Column(no_wrap=True, min_width=7)),
        TextColumn("{task.fields[note]}", style="dim", markup=False, table_column=note),
    )


class Display:
    """Tells a person how far a run is. `total` is the number of stages to be made; in `store`
    is what they made."""

    def __init__(self, console: Console, total: int, store: Store) -> None:
        self.console = console
        self.total = total
        self.store = store
        self.ended = 0
        self.live: Any = None
        self.tasks: dict[str, TaskID] = {}
        self.titles: dict[str, str] = {}
        self.told = time.monotonic()

    def __enter__(self) -> Display:
        if self.console.is_terminal:
            from rich.progress import Progress

            columns = _columns(self.console.width)
            self.live = Progress(*columns, console=self.console, transient=True, expand=True)
            self.live.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        if self.live is not None:
            self.live.__exit__(*exc)

    # -- the scheduler's listener ------------------------------------------------------

    def started(self, stage: Stage) -> None:
        self.told = time.monotonic()
        if self.live is not None and WAITING in self.tasks:
            self.live.remove_task(self.tasks.pop(WAITING))
        if self.live is not None:
            title = self.titles[stage.key] = self.title(stage, self.ended + 1)
            self.tasks[stage.key] = self.live.add_task(title, total=None, note="")

    def progress(self, stage: Stage, done: int, total: int, note: str) -> None:
        noted = not (done or total)  # how far it is is as before
        if self.live is not None and stage.key in self.tasks:
            amounts = {} if noted else {"completed": done, "total": total or None}
            title = self.titles[stage.key]
            if note.startswith(LOADING):
                # In the first place: the note may have no room, and there is nothing to count yet.
                title, note = f"{title.partition(' ')[0]} {note} ({stage.label})", ""
            self.live.update(self.tasks[stage.key], description=title, note=note, **amounts)
        elif self._is_due(note, noted):
            self.told = time.monotonic()
            amount = "" if noted else f"{done}/{total or '?'} "
            self.line(f"    {stage.label}: {amount}{note}")

    def _is_due(self, note: str, noted: bool) -> bool:
        """Return whether a line is printed now."""
        # Rare, and the last line for minutes with a large model.
        if note.startswith(LOADING):
            return True
        return time.monotonic() - self.told > (NOTE_SECONDS if noted else LINE_SECONDS)

    def finished(self, stage: Stage, status: str, seconds: float, error: str | None) -> None:
        self.ended += 1
        if self.live is not None and stage.key in self.tasks:
            self.live.remove_task(self.tasks.pop(stage.key))
        if status == "made":
            if not stage.spec.brief:
                self.line(f"{self.title(stage, self.ended)}  {seconds:.1f} s")
            if isinstance(stage.spec, SubsetSpec):
                self.subset(stage)
            elif isinstance(stage.spec, AdapterSpec):
                self.notes(stage)
        elif status == "failed":
            self.line(f"{self.title(stage, self.ended)}  FAILED: {error}", style="red")

    def subset(self, stage: Stage) -> None:
        """Say how many pairs are trained on as given, flipped and left out."""
        from vibench.preferences.subset_summary import SubsetSummary

        facts = self.store.open(stage.kind, stage.key).manifest["facts"]
        summary = SubsetSummary.of(stage.spec.table(), facts)
        self.line(f"    {summary.sentence}")
        if summary.warning:
            self.line(f"WARNING: {summary.warning}", style="bold yellow")

    def notes(self, stage: Stage) -> None:
        """Show what a training says of its pairs."""
        from vibench.execute.training_notes import notes_of

        for note in notes_of(self.store, stage):
            self.line(f"    {note}", style="yellow")

    def waiting(self, stages: int) -> None:
        if self.live is None and time.monotonic() - self.told < LINE_SECONDS:
            return
        self.told = time.monotonic()
        if WAITING not in self.tasks:
            text = f"waiting for {stages} stage(s) of another run"
            if self.live is None:
                self.line(text)
            else:
                self.tasks[WAITING] = self.live.add_task(text, total=None, note="")

    def remade(self, error: CorruptArtefact) -> None:
        self.line(error.message, style="yellow")

    # -- lines ---------------------------------------------------------------------------

    def title(self, stage: Stage, number: int) -> str:
        return f"[{min(number, self.total)}/{self.total}] {stage.kind}: {stage.label}"

    def line(self, text: str, style: str = "") -> None:
        self.console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
