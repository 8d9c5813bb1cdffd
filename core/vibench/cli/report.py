"""`vibench report`: the findings of runs, from the store alone."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.cli import screen
from vibench.cli.options import STORE
from vibench.errors import UnansweredError, UnknownName
from vibench.report.run_report import run_report
from vibench.results.runs import run_ids
from vibench.store.artefacts import Store

if TYPE_CHECKING:
    from rich.console import Console

    from vibench.execute.failures import StageFailure
    from vibench.report.tables import Report

__all__ = ["FORMS", "failures", "report", "show", "to_page"]

FORMS = ("terminal", "markdown", "csv", "json")


def report(runs: Sequence[str], root: str, form: str) -> int:
    """Print the report of the named runs (the last one if none is named)."""
    if form not in FORMS:
        raise UnknownName("report format", form, FORMS)
    store = Store(root)
    several(store, run_ids(store, runs), form, screen.console())
    return 0


def show(
    store: Store,
    run: str,
    form: str,
    console: Console,
    failed: bool = True,
    rows: int | None = None,
) -> None:
    """Print a run's report in one of `FORMS`."""
    several(store, [run], form, console, failed, rows)


def several(
    store: Store,
    runs: Sequence[str],
    form: str,
    console: Console,
    failed: bool = True,
    rows: int | None = None,
) -> None:
    """Print one report of several runs; `failed` decides if failed cells are listed.

    On a terminal, tables of more than `rows` rows in all are left out, with the commands that
    show them.
    """
    collected = run_report(store, runs)
    to_print = collected.report
    # A run has just printed its failures, and need not list them twice.
    to_print = to_print if failed else replace(to_print, failed=())
    if form == "terminal":
        _print(to_print, console, store.root, runs, rows)
    else:
        sys.stdout.write(_text(to_print, collected.records, len(runs) > 1, form))


def _print(
    report: Report, console: Console, root: Path, runs: Sequence[str], rows: int | None
) -> None:
    from vibench.exhibits.report_document import report_document
    from vibench.exhibits.terminal import show as print_document

    row_count = sum(len(table.rows) for table in report.tables)
    is_brief = rows is not None and row_count > rows
    print_document(report_document(report, console.width, tables=not is_brief), console)
    if is_brief:
        from rich.text import Text

        console.print(Text(everything(row_count, root, runs)), soft_wrap=True)


def _text(
    report: Report, records: Sequence[Mapping[str, Any]], several_runs: bool, form: str
) -> str:
    from vibench.exhibits.markdown import as_markdown
    from vibench.exhibits.report_document import report_document
    from vibench.exhibits.report_records import report_csv, report_json

    if form == "markdown":
        return as_markdown(report_document(report))
    if form == "csv":
        return report_csv(report)
    costs = {record["id"]: cost for record in records if (cost := record.get("cost"))}
    if not costs:
        return report_json(report)
    # The cost of one run, or of several by run.
    return report_json(report, cost=costs if several_runs else next(iter(costs.values())))


def everything(rows: int, root: Path, runs: Sequence[str]) -> str:
    """Return the commands that show all rows of a large report."""
    option = "" if str(root) == STORE else f" --store {shlex.quote(str(root))}"
    command = f"vibench report {' '.join(runs)}{option}"
    return (
        f"\nThe tables have {rows:,} rows, too many to print here.\n"
        f"All of them: {command}\n"
        f"As a file: {command} --format csv > report.csv"
    )


def to_page(
    runs: Sequence[str], root: str, path: Path, redact: bool, paper: bool, transcripts: int | None
) -> int:
    """Write the report as a page, and print what it holds."""
    from vibench.cli.html import supplement
    from vibench.page import Options, write_page

    store = Store(root)
    options = Options(redact, paper)
    if transcripts is not None:
        options = replace(options, transcripts=transcripts)
    collected = run_report(store, runs)
    done = write_page(store, collected, path, options, supplement(store, collected))
    print(f"Wrote {path} ({path.stat().st_size / 1e6:,.1f} MB).", end=" ")
    if done.held == done.transcripts:
        print(f"It holds all {done.held:,} transcripts.")
    elif done.files:
        print(
            f"It holds {done.held:,} of {done.transcripts:,} transcripts; all are in "
            f"{done.files:,} files in {path.with_name(path.stem + '-files')}, which it needs "
            "beside it for the rest."
        )
    else:
        print(
            f"It holds {done.held:,} of {done.transcripts:,} transcripts; `vibench view` shows "
            "all of them."
        )
    return 0


def failures(failed: Mapping[str, StageFailure], console: Console) -> None:
    """Print each cause of failure once, with what can be done about it."""
    # A failure blocks all stages behind it: print the cause, and count the rest.
    roots = [f for f in failed.values() if f.blocked_by is None]
    blocked = Counter(f.message for f in failed.values() if f.blocked_by is not None)
    alike: dict[tuple[str, str], list[StageFailure]] = {}
    for failure in roots:
        # The number of failed requests differs from stage to stage; their sum is printed.
        cause = failure.message if failure.unanswered is None else failure.unanswered.requests
        alike.setdefault((failure.stage.kind, cause), []).append(failure)
    for (kind, _), several in alike.items():
        first = several[0]
        further = f" and {len(several) - 1} more" if len(several) > 1 else ""
        # A blocked stage repeats the message of what blocks it.
        waiting = sum(blocked[message] for message in {f.message for f in several})
        after = f" ({waiting} stages that need it were not run)" if waiting else ""
        console.print(f"failed: {kind}: {first.stage.label}{further}{after}", markup=False)
        unanswered = [f.unanswered for f in several if f.unanswered is not None]
        error = UnansweredError.of(unanswered) if unanswered else first
        console.print(f"  {error.message} {error.hint}".rstrip(), markup=False)
    # After wrong input alone, rerunning would fail in the same way.
    if not all(f.usage for f in roots):
        console.print(
            "The results of other cells are kept. Rerun the command to retry these.",
            markup=False,
        )
