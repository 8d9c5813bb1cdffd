"""The cells of a store that exhibits are made from."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from vibench.errors import UnknownName, UsageError
from vibench.paper.choice import BETA, TEMPERATURE, TEMPERATURES, CellKey, Choice
from vibench.paper.paper_numbers import JUDGES, MODELS, VALUES
from vibench.records import canonical_json
from vibench.registry import Catalogue, load_catalogue
from vibench.report.rows import Expression, Row
from vibench.report.run_report import RunReport
from vibench.results.cells import FailedCell
from vibench.results.judge_labels import judge_plugin
from vibench.results.manifests import read_manifest
from vibench.results.outcomes import EXPRESSION

__all__ = ["Cells"]

Group = tuple[str, str]


class Cells:
    """The rows and expressions of a report by cell, of the chosen cells."""

    def __init__(self, collected: RunReport, choice: Choice) -> None:
        self.collected = collected
        self.choice = choice
        self.report = collected.report
        # Judges first: which rows count depends on the judge of their eval.
        self._judges = self._judges_by_eval()
        self._check_judge()
        self._rows: dict[CellKey, dict[str, list[Row]]] = {}
        self._metrics: dict[str, dict[str, None]] = {}
        for row in self.report.rows:
            if row.judge == self.judge(row.eval):
                cell_key = CellKey(row.model, row.inducer, row.value, row.eval)
                self._rows.setdefault(cell_key, {}).setdefault(row.metric, []).append(row)
                self._metrics.setdefault(row.eval, {})[row.metric] = None
        self._expressions: defaultdict[CellKey, list[Expression]] = defaultdict(list)
        for expression in self.report.expressions:
            if expression.judge == self.judge(expression.eval):
                cell_key = CellKey(
                    expression.model, expression.inducer, expression.value, expression.eval
                )
                self._expressions[cell_key].append(expression)
        self.options = self._options()
        self.expressing = self.eval_of(EXPRESSION, "issuebench")
        """The eval that reports which values are expressed."""
        # Failed cells too, so that a model without any result keeps its row.
        results: list[Row | Expression | FailedCell] = [
            *self.report.rows,
            *self.report.expressions,
            *self.report.failed,
        ]
        self.models = _ordered((result.model for result in results), MODELS)
        self.values = _ordered((result.value for result in results if result.value), VALUES)
        self.seeds = choice.seeds or tuple(sorted({result.seed for result in results})) or (0,)
        # Both are asked for every number of every exhibit.
        self._stages: dict[str, str] = {}
        self._fitting: dict[tuple[CellKey, int], bool] = {}

    @cached_property
    def catalogue(self) -> Catalogue | None:
        """Return the registry as it is now; None if an overlay was broken since the run."""
        try:
            return load_catalogue(())
        except UsageError:
            return None

    @cached_property
    def _listed(self) -> Mapping[str, str]:
        return _listed_stages(self.catalogue)

    def _judges_by_eval(self) -> dict[str, dict[str, bool]]:
        """Return each eval's judges in order; True for a baseline."""
        judges: dict[str, dict[str, bool]] = {}
        for row in self.report.rows:
            judges.setdefault(row.eval, {}).setdefault(row.judge, row.judge_baseline)
        # A judge whose cells all failed comes after any that judged, as baselines do.
        for failed in self.report.failed:
            judges.setdefault(failed.eval, {}).setdefault(failed.judge, True)
        return judges

    def _check_judge(self) -> None:
        """Raise UnknownName for a judge that has not judged, UsageError for the name of several
        (of one plugin that asked several models)."""
        name = self.choice.judge
        if not name:
            return
        judges = {judge: None for by in self._judges.values() for judge in by if judge}
        if not _of_plugin(judges, name):
            raise UnknownName("judge", name, judges, "These judges have judged in these runs.")
        for by in self._judges.values():
            if len(several := _of_plugin(by, name)) > 1:
                raise UsageError(
                    f"'{name}' matches {len(several)} judges in these runs: {'; '.join(several)}.",
                    f"Name one of these in full: --judge '{several[0]}'",
                )

    def judge(self, evaluation: str) -> str:
        """Return the judge whose verdicts count in an eval; "" where it measures without one."""
        judges = self._judges.get(evaluation, {})
        # "" is the judge of an eval that measures by itself: a chosen judge does not apply there.
        if self.choice.judge and set(judges) != {""}:
            return next(iter(_of_plugin(judges, self.choice.judge)), self.choice.judge)
        if of_paper := _of_plugin(judges, JUDGES.get(evaluation, "")):
            return of_paper[0]
        # A model judge before word lists, whatever the order of the run.
        able = [judge for judge, baseline in judges.items() if not baseline]
        return next(iter(able or judges), "")

    def _options(self) -> dict[Group, dict[str, list[Any]]]:
        """Return each parameter's settings by eval and model, the one of most cells first."""
        seen: defaultdict[Group, defaultdict[str, Counter[str]]] = defaultdict(
            lambda: defaultdict(Counter)
        )
        for cell_key, metrics in self._rows.items():
            parameter_sets = {
                id(r.parameters): r.parameters for rows in metrics.values() for r in rows
            }
            for parameters in parameter_sets.values():
                for name, setting in parameters.items():
                    # Counted as JSON, because a setting may be a list.
                    seen[cell_key.eval, cell_key.model][name][canonical_json(setting)] += 1
        return {
            group: {
                name: [json.loads(text) for text, _ in counts.most_common()]
                for name, counts in parameters.items()
            }
            for group, parameters in seen.items()
        }

    def all_options(self, evaluation: str, parameter: str) -> list[Any]:
        """Return a parameter's settings in an eval, over all models, smallest first."""
        options = {
            option
            for (name_of_eval, _), parameters in self.options.items()
            if name_of_eval == evaluation
            for option in parameters.get(parameter, ())
        }
        return sorted(options)

    def chosen(self, evaluation: str, model: str, parameter: str) -> Any:
        """Return the setting of a parameter that counts; None where no cell has the parameter."""
        options = self.options.get((evaluation, model), {}).get(parameter, [])
        # The paper varies temperature and beta alone; any other parameter goes by most cells.
        if parameter == TEMPERATURES:
            return _preferred(options, self.choice.temperature, TEMPERATURE)
        if parameter.endswith(".beta"):
            # The chosen beta is the chosen trainer's; other trainers stay at their usual one.
            setting = self.choice.beta if parameter == f"{self.choice.trainer}.beta" else None
            return _preferred(options, setting, BETA)
        return options[0] if options else None

    def _fits(self, cell_key: CellKey, parameters: Mapping[str, Any]) -> bool:
        # The rows of a cell share one object, which the report keeps alive.
        key = (cell_key, id(parameters))
        if key not in self._fitting:
            # What is pinned (one point of a sweep) goes over what is chosen.
            pinned = dict(cell_key.pinned)
            chosen = {name: self.chosen(cell_key.eval, cell_key.model, name) for name in parameters}
            self._fitting[key] = all(
                setting == (chosen | pinned)[name] for name, setting in parameters.items()
            )
        return self._fitting[key]

    def rows(self, cell_key: CellKey, metric: str) -> dict[int, Row]:
        """Return a metric's rows of a cell, by seed."""
        metrics = self._rows.get(_bare(cell_key), {})
        rows = [row for row in metrics.get(metric, ()) if row.seed in self.seeds]
        return {row.seed: row for row in rows if self._fits(cell_key, row.parameters)}

    def there(self, cell_key: CellKey) -> set[int]:
        """Return the seeds that count and have a row in a cell."""
        return {
            row.seed
            for rows in self._rows.get(_bare(cell_key), {}).values()
            for row in rows
            if row.seed in self.seeds and self._fits(cell_key, row.parameters)
        }

    def expressed(self, cell_key: CellKey) -> dict[int, Expression]:
        """Return the values expressed in the transcripts of a cell, by seed."""
        expressions = self._expressions.get(_bare(cell_key), [])
        return {
            expression.seed: expression
            for expression in expressions
            if expression.seed in self.seeds and self._fits(cell_key, expression.parameters)
        }

    def metrics(self, evaluation: str, prefix: str = "") -> tuple[str, ...]:
        """Return an eval's metrics in its order."""
        return tuple(m for m in self._metrics.get(evaluation, ()) if m.startswith(prefix))

    def eval_of(self, prefix: str, usual: str) -> str:
        """Return the eval whose metrics start so: the usual one, unless only another has them."""
        evals = [evaluation for evaluation in self._metrics if self.metrics(evaluation, prefix)]
        return usual if usual in evals or not evals else evals[0]

    def stages(self, *stages: str) -> tuple[str, ...]:
        """Return the store's models of these stages (base, sft, instruct)."""
        return tuple(model for model in self.models if self.stage(model) in stages)

    def stage(self, model: str) -> str:
        """Return a model's stage: from the registry (by name or hub id), else from the manifest
        beside its transcripts, else instruct, which is the registry's default."""
        if model not in self._stages:
            rows = (row.transcripts for row in self.report.rows if row.model == model)
            stored = _stage_when_made(next(filter(None, rows), ""))
            self._stages[model] = self._listed.get(model) or stored or "instruct"
        return self._stages[model]


def _of_plugin(judges: Iterable[str], name: str) -> list[str]:
    """Return the judge of exactly that name, else all judges of the plugin of that name."""
    models = [judge for judge in judges if judge]
    return [name] if name in models else [j for j in models if name and judge_plugin(j) == name]


def _listed_stages(catalogue: Catalogue | None) -> dict[str, str]:
    models = catalogue.models if catalogue else {}
    stages = {name: table.get("stage", "instruct") for name, table in models.items()}
    # Cells of models given by hub id have that id as their name; real names win.
    return {table["source"]: stages[name] for name, table in models.items()} | stages


def _stage_when_made(transcripts: str) -> str:
    try:
        folder = Path(transcripts).parent
        return str(read_manifest(folder)["spec"]["subject"]["model"]["stage"])
    except (KeyError, TypeError):
        return ""


def _bare(cell_key: CellKey) -> CellKey:
    return CellKey(cell_key.model, cell_key.inducer, cell_key.value, cell_key.eval)


def _preferred(options: list[Any], setting: float | None, usual: float) -> Any:
    if setting is not None:
        return setting
    # The first option is the one that most cells have.
    return usual if usual in options or not options else options[0]


Name = TypeVar("Name", bound=Hashable)


def _ordered(names: Iterable[Name], first: Iterable[Name]) -> tuple[Name, ...]:
    """Return each name once: those of the paper in its order, then the rest as they come."""
    distinct = dict.fromkeys(names)
    return (*(n for n in first if n in distinct), *(n for n in distinct if n not in set(first)))
