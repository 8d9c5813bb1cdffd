"""`vibench gate`: pass or block a run's subjects by how far each metric may change."""

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
    """Print the gate's decision and return the exit code: 0 (PASS, WARN), 1 (BLOCK) or
    3 (INCONCLUSIVE).

    Raises UsageError (exit code 2) for a wrong option.
    """
    from vibench.exhibits.gate_document import gate_document
    from vibench.exhibits.gate_records import gate_json, gate_junit
    from vibench.exhibits.markdown import as_markdown
    from vibench.exhibits.terminal import show

    if form not in FORMS:
        raise UnknownName("gate format", form, FORMS)
    allowed = parse_tolerances(tolerances)
    store = Store(root)
    [run_id] = run_ids(store, [run] if run else [])
    report = run_report(store, [run_id]).report
    # Only now, because the hint names the metrics that this run has.
    if not allowed:
        raise UsageError(
            "No tolerance is given.",
            f"Say how far a metric may change, such as --tolerance refusal=-2. "
            f"{_available(run_id, report)}",
        )
    decision = decide(report, allowed, max_unscored / 100)
    if form == "json":
        sys.stdout.write(gate_json(decision, run_id, strict))
    elif form == "markdown":
        sys.stdout.write(as_markdown(gate_document(decision, run_id)))
    else:
        show(gate_document(decision, run_id), console())
    if junit is not None:
        write(junit, gate_junit(decision, run_id, strict))
    return decision.exit_code(strict)


def write(path: Path, content: bytes) -> None:
    try:
        # A device cannot be replaced by a renamed file.
        if path.exists() and not path.is_file():  # /dev/stdout
            path.write_bytes(content)
            return
        with replacing(path) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise UsageError(
            f"--junit {path}: the file cannot be written ({error.strerror}).",
            "Name a file in an existing folder.",
        ) from error


def _available(run: str, report: Report) -> str:
    metrics: dict[str, list[str]] = {}
    for row in report.rows:
        metrics.setdefault(row.eval, [])
        if row.metric not in metrics[row.eval]:
            metrics[row.eval].append(row.metric)
    evals = (
        f"{name} ({', '.join(map(clean, names[:8]))}{', ...' if len(names) > 8 else ''})"
        for name, names in metrics.items()
    )
    return f"The run {run} has {'; '.join(evals)}." if metrics else f"The run {run} has no result."
