"""The report on a terminal, by rich."""

from __future__ import annotations

from collections import Counter

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Drawing
from rich.text import Text

from vibench.report.grid import Grid, grids
from vibench.report.headlines import headlines
from vibench.report.notes import notes, report_warnings
from vibench.report.phrases import LEGEND, failures_line, heading, judge_line, transcripts_line
from vibench.report.seed_spread import told_all
from vibench.report.tables import Report
from vibench.results.cells import FailedCell
from vibench.results.cut_off_warnings import alarming
from vibench.text import clean

__all__ = ["show"]

MAX_NOTES = 12
"""Notes of trainings that are shown; one matrix may have hundreds of trainings."""


def show(report: Report, console: Console, tables: bool = True) -> None:
    """Print what changed: warnings, sentences, a table for each eval and judge, failures, a
    legend. Without `tables` what stands around each is printed, but not its rows.

    Everything is printed as plain text, so that markup in a model's name or an error does
    nothing.
    """
    for warning in report_warnings(report):
        console.print(Text(f"WARNING: {warning}", style="bold red"))
    points = Drawing.grid(padding=(0, 1, 0, 0))
    for sentence in headlines(report):
        points.add_row(Text("" if sentence.startswith("(") else "•"), Text(sentence))
    console.print(points)
    for warning in report.warnings:
        console.print(Text(f"WARNING: {clean(warning, 600)}", style="bold yellow"))
    for table in report.tables:
        console.print()
        console.print(Text(heading(table), style="bold"))
        console.print(Text(judge_line(table), style="yellow" if table.judge_baseline else ""))
        for grid in grids(table, console.width) if tables else ():
            console.print(_drawn(grid))
            console.print()
        loud = "bold red" if alarming(table.cells) else ""
        for line in notes(table):
            console.print(Text(line, style=loud if "cut off" in line.partition(":")[0] else ""))
        console.print(Text(transcripts_line(table)), soft_wrap=True)
    sentences = [*(subset.sentence for subset in report.subsets), *_shown_notes(report)]
    if sentences:
        console.print()
        console.print(Text("pairs trained on", style="bold"))
        for sentence in sentences:
            console.print(Padding(Text(clean(sentence, 600)), (0, 0, 0, 2)))
    if report.seeds:
        console.print()
        console.print(Text("over seeds", style="bold"))
        for sentence in told_all(report.seeds):
            console.print(Padding(Text(sentence), (0, 0, 0, 2)))
    if report.failed:
        console.print()
        _failures(report.failed, console)
    if any(row.contrast for row in report.rows):
        console.print()
        console.print(Text(LEGEND, style="dim"))


def _shown_notes(report: Report) -> list[str]:
    """What trainings say of their pairs; of very many, the first."""
    notes, rest = report.training_notes[:MAX_NOTES], len(report.training_notes) - MAX_NOTES
    return [*notes, *([f"and {rest:,} more such notes (--format json)"] if rest > 0 else [])]


def _drawn(grid: Grid) -> Drawing:
    drawn = Drawing(
        box=box.SIMPLE_HEAD,
        title=Text(grid.title, style="bold"),
        title_justify="left",
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        header_style="",
    )
    for i, head in enumerate(grid.head):
        words = i < grid.words
        drawn.add_column(
            Text(head),
            justify="left" if words else "right",
            no_wrap=not words,
            overflow="fold" if words else "ellipsis",
        )
    for row in grid.rows:
        drawn.add_row(*(Text(cell, style="bold" if "†" in cell else "") for cell in row))
    return drawn


def _failures(failed: tuple[FailedCell, ...], console: Console) -> None:
    console.print(Text(f"{failures_line(len(failed))}:", style="bold red"))
    settings: dict[str, set[str]] = {}
    for cell in failed:
        for name, setting in cell.parameters.items():
            settings.setdefault(name, set()).add(str(setting))
    telling = {name for name, several in settings.items() if len(several) > 1}
    causes = Counter(clean(cell.cause, 300) for cell in failed)
    for cause, n in causes.most_common():
        console.print(Padding(Text(cause), (0, 0, 0, 2)))
        named = [_cell(cell, telling) for cell in failed if clean(cell.cause, 300) == cause]
        more = f", and {n - 8} more" if n > 8 else ""
        console.print(Padding(Text(f"{'; '.join(named[:8])}{more}"), (0, 0, 0, 4)))


def _cell(cell: FailedCell, telling: set[str]) -> str:
    """A failed cell's name, with the settings that tell it from the others."""
    settings = [f"{k}={v}" for k, v in cell.parameters.items() if k in telling]
    parts = [cell.model, cell.inducer, cell.value, cell.eval, cell.judge, *settings]
    return clean(" ".join(part for part in parts if part))
