"""A report as a document: warnings, what changed most, a table for each eval and judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from vibench.exhibits.document import Block, Document, Paragraph, Points, Section
from vibench.exhibits.report_tables import report_tables
from vibench.report.headlines import headlines
from vibench.report.notes import notes, report_warnings
from vibench.report.phrases import LEGEND, failures_line, heading, judge_line, transcripts_line
from vibench.report.seed_spread import seed_sentences
from vibench.report.tables import Report
from vibench.report.tables import ReportTable as Rows
from vibench.results.cells import NOT_YET, FailedCell
from vibench.results.cut_off_warnings import alarming
from vibench.text import clean

__all__ = ["report_document"]

MAX_NOTES = 12
"""Notes of trainings on a terminal; one matrix may have hundreds of trainings."""
MAX_CELLS = 8
"""Failed cells that a terminal names for one cause."""


def report_document(report: Report, width: int | None = None, tables: bool = True) -> Document:
    """Return a report as a document, for a terminal of that width or, without one, in full.

    Without `tables` it has what stands around each table, but not the rows.
    """
    # Cells that a running run has yet to reach are counted in its progress.
    failed = [cell for cell in report.failed if cell.cause != NOT_YET]
    sections = [
        Section("", tuple(_opening(report))),
        *(_table_section(rows, width, tables) for rows in report.tables),
        Section("Evals", _points(clean(note, 600) for note in report.eval_notes)),
        Section("Chat templates", _points(clean(note, 600) for note in report.template_notes)),
        Section("Pairs trained on", _points(_pairs(report, brief=width is not None))),
        Section("Over seeds", _points(seed_sentences(report.seeds)) if report.seeds else ()),
        Section(
            failures_line(len(failed)),
            _points(_failures(failed) if width is not None else map(_line, failed)),
            tone="alarm",
        ),
    ]
    if any(row.contrast for row in report.rows):
        sections.append(Section("", (Paragraph(LEGEND, "dim"),)))
    return tuple(section for section in sections if section.blocks)


def _opening(report: Report) -> Iterable[Block]:
    waiting = sum(cell.cause == NOT_YET for cell in report.failed)
    for sentence in report.progress:
        yield Paragraph(sentence, "warning")
    if waiting:
        yield Paragraph(f"{waiting:,} cell{'s' * (waiting != 1)} without a result so far.")
    for warning in report_warnings(report):
        yield Paragraph(f"WARNING: {warning}", "alarm")
    sentences = headlines(report)
    # The last one, in brackets, is on how to read the others.
    yield from _points(sentence for sentence in sentences if not sentence.startswith("("))
    yield from (Paragraph(sentence) for sentence in sentences if sentence.startswith("("))
    for warning in report.warnings:
        yield Paragraph(f"WARNING: {clean(warning, 600)}", "warning")


def _table_section(rows: Rows, width: int | None, tables: bool) -> Section:
    cut_off: list[str] = [line for line in notes(rows) if "cut off" in line.partition(":")[0]]
    loud = alarming(rows.cells)
    blocks: list[Block] = [Paragraph(judge_line(rows), "doubt" if rows.judge_baseline else "")]
    blocks += report_tables(rows, width) if tables else ()
    for line in notes(rows):
        blocks.append(Paragraph(line, "alarm" if loud and line in cut_off else ""))
    blocks.append(Paragraph(transcripts_line(rows), unbroken=True))
    return Section(heading(rows), tuple(blocks))


def _points(items: Iterable[str]) -> tuple[Points, ...]:
    """Return a list of the items, or nothing if there are none."""
    lines = tuple(items)
    return (Points(lines),) if lines else ()


def _pairs(report: Report, brief: bool) -> list[str]:
    """Return sentences on the pairs of each value, and the notes of trainings on theirs."""
    sentences = [clean(subset.sentence, 600) for subset in report.subsets]
    remarks = [clean(note, 600) for note in report.training_notes]
    rest = len(remarks) - MAX_NOTES
    if brief and rest > 0:
        remarks = [*remarks[:MAX_NOTES], f"and {rest:,} more such notes (--format json)"]
    return [*sentences, *remarks]


def _failures(failed: Sequence[FailedCell]) -> Iterable[str]:
    """Yield each cause once, with the cells that it stopped."""
    settings: dict[str, set[str]] = {}
    for cell in failed:
        for name, setting in cell.parameters.items():
            settings.setdefault(name, set()).add(str(setting))
    swept = {name for name, options in settings.items() if len(options) > 1}
    causes = Counter(clean(cell.cause, 300) for cell in failed)
    for cause, count in causes.most_common():
        cells = [_cell(cell, swept) for cell in failed if clean(cell.cause, 300) == cause]
        rest = f", and {count - MAX_CELLS} more" if count > MAX_CELLS else ""
        yield f"{cause}\n{'; '.join(cells[:MAX_CELLS])}{rest}"


def _line(cell: FailedCell) -> str:
    return f"{_cell(cell, set(cell.parameters))}: {clean(cell.cause, 300)}"


def _cell(cell: FailedCell, settings: set[str]) -> str:
    """Return a failed cell's name, with these of its settings."""
    swept = [f"{k}={v}" for k, v in cell.parameters.items() if k in settings]
    parts = [cell.model, cell.inducer, cell.value, cell.eval, cell.judge, *swept]
    return clean(" ".join(part for part in parts if part))
