"""`vibench gate`: may a run's subjects pass, going by how far each metric may change?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from vibench.cli.screen import console
from vibench.errors import UnknownName, UsageError
from vibench.report.gate import gate as decide
from vibench.report.run_report import run_report
from vibench.report.tables import Report
from vibench.report.tolerances import parse_tolerances
from vibench.results.runs import run_ids
from vibench.store.artefacts import Store
from vibench.store.files import replacing
from vibench.text import clean

__all__ = ["FORMS", "gate"]

FORMS = ("terminal", "markdown", "json")


def gate(
    run: str,
    tolerances: Sequence[str],
    root: str,
    form: str,
    junit: Path | None,
    strict: bool,
    max_unscored: float,
) -> int:
    """Print what the gate decided; exit code 0 (PASS, WARN), 1 (BLOCK) or 3 (INCONCLUSIVE).

    Raises UsageError (exit code 2) for whatever was asked wrongly.
    """
    from vibench.exhibits.gate_document import gate_document
    from vibench.exhibits.gate_records import gate_json, gate_junit
    from vibench.exhibits.markdown import as_markdown
    from vibench.exhibits.terminal import show

    if form not in FORMS:
        raise UnknownName("gate format", form, FORMS)
    asked = parse_tolerances(tolerances)
    store = Store(root)
    [named] = run_ids(store, [run] if run else [])
    report = run_report(store, [named]).report
    if not asked:
        raise UsageError(
            "No --tolerance says how far any metric may change.",
            f"For example --tolerance refusal=-2. {_there_is(named, report)}",
        )
    found = decide(report, asked, max_unscored / 100)
    if form == "json":
        sys.stdout.write(gate_json(found, named, strict))
    elif form == "markdown":
        sys.stdout.write(as_markdown(gate_document(found, named)))
    else:
        show(gate_document(found, named), console())
    if junit is not None:
        write(junit, gate_junit(found, named, strict))
    return found.exit_code(strict)


def write(path: Path, content: bytes) -> None:
    try:
        if path.exists() and not path.is_file():  # /dev/stdout
            path.write_bytes(content)
            return
        with replacing(path) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise UsageError(
            f"--junit {path}: the file cannot be written ({error.strerror}).",
            "Name a file in a folder that is there.",
        ) from error


def _there_is(run: str, report: Report) -> str:
    metrics: dict[str, list[str]] = {}
    for row in report.rows:
        metrics.setdefault(row.eval, [])
        if row.metric not in metrics[row.eval]:
            metrics[row.eval].append(row.metric)
    said = (
        f"{name} ({', '.join(map(clean, of[:8]))}{', ...' if len(of) > 8 else ''})"
        for name, of in metrics.items()
    )
    return f"The run {run} has {'; '.join(said)}." if metrics else f"The run {run} has no result."
