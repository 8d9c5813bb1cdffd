"""The runs and cells of a selection as tables."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vibench.records import canonical_json
from vibench.results.cut_off_warnings import cut_off_warnings
from vibench.results.cut_offs import known_values
from vibench.results.run_results import cell_result
from vibench.results.runs import StoredRun, progress
from vibench.results.stored_cells import StoredCell, rows_path
from vibench.results.views import COLUMNS, PARAMETERS
from vibench.stages.transcripts import TranscriptsSpec
from vibench.store.columns import column

if TYPE_CHECKING:
    import pyarrow as pa

    from vibench.store.artefacts import Store

__all__ = ["cell_row", "cells_table", "cut_off_notes", "parameter_names", "run_row", "runs_table"]


def parameter_names(cells: Iterable[StoredCell]) -> list[str]:
    """Return the parameters that any of these cells has, sorted."""
    return sorted({name for stored in cells for name in stored.parameters})


def run_row(store: Store, run: StoredRun) -> dict[str, Any]:
    """Return a run as a row of the view `runs`."""
    record, spec = run.record, run.spec
    counts = progress(store, run)
    return {
        "run": run.id,
        "status": run.status,
        "started": record.get("started"),
        "seconds": record.get("seconds"),
        "cells": counts.cells,
        "finished": counts.finished,
        "failed": counts.failed,
        "models": list(spec.get("models", ())),
        "inducers": list(spec.get("inducers", ())),
        "induced": list(spec.get("values", ())),
        "evals": list(spec.get("evals", ())),
        "judges": list(spec.get("judges", ())),
        "seeds": list(spec.get("seeds", ())),
        "samples_limit": spec.get("limit"),
        "profile": spec.get("profile"),
        "engine": spec.get("engine"),
        "vibench": record.get("versions", {}).get("vibench"),
        "usd": record.get("cost", {}).get("spent", {}).get("usd"),
        "command": shlex.join(map(str, record.get("command", ()))),
    }


def runs_table(store: Store, runs: Sequence[StoredRun]) -> pa.Table:
    """Return the view `runs`."""
    import pyarrow as pa

    rows = [run_row(store, run) for run in runs]
    for row in rows:
        row["seeds"] = list(map(str, row["seeds"]))
    numbers = {"seconds": pa.float64(), "usd": pa.float64()}
    numbers |= dict.fromkeys(("cells", "finished", "failed", "samples_limit"), pa.int64())
    lists = ("models", "inducers", "induced", "evals", "judges", "seeds")
    forms = {**dict.fromkeys(lists, pa.list_(pa.string())), **numbers}
    return _table(
        {
            name: column([row[name] for row in rows], forms.get(name, pa.string()))
            for name in COLUMNS["runs"]
        }
    )


def cells_table(store: Store, cells: Sequence[StoredCell]) -> pa.Table:
    """Return the view `cells` with two more columns: each cell's position, and the only values
    that its judge can find, a line each (null if it may find any)."""
    import pyarrow as pa

    rows = [cell_row(store, stored) for stored in cells]
    numbers = (
        "seed", "samples", "answers", "cut_off", "judge_replies", "judge_cut_off", "outcomes",
        "unscored",
    )  # fmt: skip
    columns: dict[str, pa.Array] = {}
    for name in COLUMNS["cells"]:
        if name == PARAMETERS:
            for parameter in parameter_names(cells):
                columns[parameter] = _typed([stored.parameters.get(parameter) for stored in cells])
            continue
        values = [row[name] for row in rows]
        if name in ("vanilla", "latest"):
            columns[name] = _truths(values)
        else:
            columns[name] = column(values, pa.int64() if name in numbers else pa.string())
    columns["position"] = column(list(range(len(cells))), pa.int64())
    values_of_judge = [known_values(stored.facts) for stored in cells]
    joined = [None if values is None else "\n".join(sorted(values)) for values in values_of_judge]
    columns["known_values"] = column(joined, pa.string())
    return _table(columns)


def cell_row(store: Store, stored: StoredCell) -> Mapping[str, Any]:
    """Return a cell as a row of the view `cells`, without its parameters."""
    c = stored.cell
    answers = (store.manifest(TranscriptsSpec.kind, c.transcripts) or {}).get("facts", {})
    keys = {"outcomes": c.outcomes, "transcripts": c.transcripts, "verdicts": c.verdicts}
    places = {
        f"{kind}_file": str(rows_path(store, kind, key)) if key else None
        for kind, key in keys.items()
    }
    unscored = stored.facts.get("unscored")
    return {
        "run": stored.run,
        "cell": c.outcomes,
        **{n: getattr(c, n) for n in ("model", "inducer", "value", "eval")},
        "judge": stored.judge,
        "seed": c.seed,
        "vanilla": c.vanilla is None,
        "vanilla_cell": stored.vanilla,
        "state": stored.state,
        "cause": stored.cause,
        "latest": stored.latest,
        "samples": answers.get("transcripts"),
        "answers": answers.get("answers"),
        "cut_off": answers.get("cut_off"),
        "judge_replies": stored.facts.get("judge_replies"),
        "judge_cut_off": stored.facts.get("judge_cut_off"),
        "outcomes": stored.facts.get("outcomes"),
        "unscored": None if unscored is None else sum(unscored.values()),
        "transcripts": c.transcripts,
        "verdicts": c.verdicts or None,
        **places,
    }


def cut_off_notes(store: Store, cells: Iterable[StoredCell]) -> list[str]:
    """Return the warnings about answers and replies that were cut off, as in reports."""
    latest = (stored for stored in cells if stored.latest and stored.finished)
    return cut_off_warnings([cell_result(store, stored) for stored in latest])


def _typed(values: Sequence[Any]) -> pa.Array:
    """A column of a parameter: truths, whole numbers, numbers, strings, or JSON of the rest."""
    import pyarrow as pa

    # One parameter may be a number in one run and text in another: mixed columns are JSON.
    kinds = {type(v) for v in values if v is not None}
    if kinds == {bool}:
        return _truths(values)
    if kinds == {int}:
        return column(values, pa.int64())
    if kinds <= {int, float}:
        return column(values, pa.float64())
    if kinds == {str}:
        return column(values, pa.string())
    return column([None if v is None else canonical_json(v) for v in values], pa.string())


def _truths(values: Sequence[bool | None]) -> pa.Array:
    import pyarrow as pa

    return column([None if v is None else int(v) for v in values], pa.int8()).cast(pa.bool_())


def _table(columns: Mapping[str, pa.Array]) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_arrays(list(columns.values()), names=list(columns))
