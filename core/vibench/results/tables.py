"""The runs and cells of a selection as tables."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.records import canonical_json
from vibench.results.cells import CellResult
from vibench.results.cut_off_warnings import cut_off_warnings
from vibench.results.cut_offs import CutOffs, known_values
from vibench.results.runs import FoundCell, FoundRun, path_of
from vibench.results.views import COLUMNS, PARAMETERS
from vibench.store.columns import column

if TYPE_CHECKING:
    import pyarrow as pa

    from vibench.results.database import Selection
    from vibench.store.artefacts import Store

__all__ = ["cells_table", "cut_off_notes", "facts_of", "parameter_names", "row_of", "runs_table"]


def parameter_names(cells: Iterable[FoundCell]) -> list[str]:
    """The parameters that any of these cells has, sorted."""
    return sorted({name for one in cells for name in one.parameters})


def facts_of(run: FoundRun) -> dict[str, Any]:
    """A run as a row of the view `runs`."""
    record, asked = run.record, run.asked
    return {
        "run": run.id,
        "status": run.status,
        "started": record.get("started"),
        "seconds": record.get("seconds"),
        "cells": run.cells,
        "finished": run.finished,
        "failed": run.failed,
        "models": list(asked.get("models", ())),
        "inducers": list(asked.get("inducers", ())),
        "induced": list(asked.get("values", ())),
        "evals": list(asked.get("evals", ())),
        "judges": list(asked.get("judges", ())),
        "seeds": list(asked.get("seeds", ())),
        "samples_limit": asked.get("limit"),
        "profile": asked.get("profile"),
        "engine": asked.get("engine"),
        "vibench": record.get("versions", {}).get("vibench"),
        "usd": record.get("cost", {}).get("spent", {}).get("usd"),
        "command": shlex.join(map(str, record.get("command", ()))),
    }


def runs_table(runs: Sequence[FoundRun]) -> pa.Table:
    """The view `runs`."""
    import pyarrow as pa

    rows = [facts_of(run) for run in runs]
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


def cells_table(selection: Selection) -> pa.Table:
    """The view `cells`, each cell's position, and the only values that its judge can find, a
    line each (null if it may find any)."""
    import pyarrow as pa

    cells = selection.cells
    rows = [row_of(selection.store, one) for one in cells]
    numbers = (
        "seed", "samples", "answers", "cut_off", "judge_replies", "judge_cut_off", "outcomes",
        "unscored",
    )  # fmt: skip
    columns: dict[str, pa.Array] = {}
    for name in COLUMNS["cells"]:
        if name == PARAMETERS:
            for parameter in parameter_names(cells):
                columns[parameter] = _typed([one.parameters.get(parameter) for one in cells])
            continue
        values = [row[name] for row in rows]
        if name in ("vanilla", "latest"):
            columns[name] = _truths(values)
        else:
            columns[name] = column(values, pa.int64() if name in numbers else pa.string())
    columns["position"] = column(list(range(len(cells))), pa.int64())
    known = [known_values(one.facts) for one in cells]
    joined = [None if values is None else "\n".join(sorted(values)) for values in known]
    columns["known_values"] = column(joined, pa.string())
    return _table(columns)


def row_of(store: Store, one: FoundCell) -> Mapping[str, Any]:
    c = one.cell
    keys = {"outcomes": c.outcomes, "transcripts": c.transcripts, "verdicts": c.verdicts}
    places = {
        f"{kind}_file": str(path_of(store, kind, key)) if key else None
        for kind, key in keys.items()
    }
    unscored = one.facts.get("unscored")
    return {
        "run": one.run,
        "cell": c.outcomes,
        **{n: getattr(c, n) for n in ("model", "inducer", "value", "eval")},
        "judge": one.judge,
        "seed": c.seed,
        "vanilla": c.vanilla is None,
        "vanilla_cell": one.vanilla,
        "state": one.state,
        "cause": one.cause,
        "latest": one.latest,
        "samples": one.answers.get("transcripts"),
        "answers": one.answers.get("answers"),
        "cut_off": one.answers.get("cut_off"),
        "judge_replies": one.facts.get("judge_replies"),
        "judge_cut_off": one.facts.get("judge_cut_off"),
        "outcomes": one.facts.get("outcomes"),
        "unscored": None if unscored is None else sum(unscored.values()),
        "transcripts": c.transcripts,
        "verdicts": c.verdicts or None,
        **places,
    }


def cut_off_notes(cells: Iterable[FoundCell]) -> list[str]:
    """Return the warnings of answers and replies that were cut off, as reports have them."""
    latest = (one for one in cells if one.latest and one.state == "finished")
    return cut_off_warnings([_counted(one) for one in latest])


def _counted(one: FoundCell) -> CellResult:
    c = one.cell
    return CellResult(
        c.model, c.inducer, c.value, c.eval, one.judge, Path(),
        seed=c.seed, parameters=one.parameters, transcripts=c.transcripts,
        cut_offs=CutOffs.of(one.facts), known_values=known_values(one.facts),
    )  # fmt: skip


def _typed(values: Sequence[Any]) -> pa.Array:
    """A column of a parameter: truths, whole numbers, numbers, strings, or JSON of the rest."""
    import pyarrow as pa

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
