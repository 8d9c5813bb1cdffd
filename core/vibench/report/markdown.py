"""The report as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from vibench.report.grid import Grid, grids
from vibench.report.headlines import headlines
from vibench.report.notes import notes, report_warnings
from vibench.report.phrases import LEGEND, failures_line, heading, judge_line, transcripts_line
from vibench.report.seed_spread import told_all
from vibench.report.tables import Report
from vibench.text import clean, markdown_escaped

__all__ = ["as_markdown"]


def as_markdown(report: Report) -> str:
    """The same sentences, tables, failures and legend as on a terminal; tables are not cut."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterable[str]:
    for warning in report_warnings(report):
        yield from (f"**WARNING: {markdown_escaped(warning)}**", "")
    for sentence in headlines(report):
        yield f"- {markdown_escaped(sentence)}"
    for warning in report.warnings:
        yield from ("", f"**Warning:** {markdown_escaped(clean(warning, 600))}")
    for table in report.tables:
        yield from (
            "",
            f"## {markdown_escaped(heading(table))}",
            "",
            markdown_escaped(judge_line(table)),
        )
        for grid in grids(table, width=10**9):
            yield from ("", *_drawn(grid))
        for line in (*notes(table), transcripts_line(table)):
            yield from ("", markdown_escaped(line))
    sentences = [*(subset.sentence for subset in report.subsets), *report.training_notes]
    if sentences:
        yield from ("", "## Pairs trained on", "")
        yield from (f"- {markdown_escaped(clean(sentence, 600))}" for sentence in sentences)
    if report.seeds:
        yield from ("", "## Over seeds", "")
        yield from (f"- {markdown_escaped(sentence)}" for sentence in told_all(report.seeds))
    if report.failed:
        yield from ("", f"## {failures_line(len(report.failed))}", "")
        for cell in report.failed:
            parts = (cell.model, cell.inducer, cell.value, cell.eval, cell.judge)
            settings = (f"{name}={value}" for name, value in cell.parameters.items())
            who = clean(" ".join(part for part in (*parts, *settings) if part))
            yield f"- {markdown_escaped(who)}: {markdown_escaped(clean(cell.cause, 300))}"
    if any(row.contrast for row in report.rows):
        yield from ("", markdown_escaped(LEGEND))


def _drawn(grid: Grid) -> Iterable[str]:
    yield f"**{markdown_escaped(grid.title)}**"
    yield ""
    yield _row(grid.head)
    rules = ["---" if i < grid.words else "---:" for i in range(len(grid.head))]
    yield f"| {' | '.join(rules)} |"
    yield from map(_row, grid.rows)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return "<br>".join(markdown_escaped(" ".join(line.split())) for line in text.split("\n"))
