"""Which cells of a store an exhibit is of, and finding them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from vibench.errors import UnknownName, UsageError
from vibench.paper.published import JUDGES, MODELS, VALUES
from vibench.records import canonical_json
from vibench.registry import Catalogue, load_catalogue
from vibench.report.rows import Expression, Row
from vibench.report.run_report import RunReport
from vibench.results.cells import FailedCell
from vibench.results.judge_labels import judge_plugin
from vibench.results.manifests import read_manifest
from vibench.results.outcomes import EXPRESSION

__all__ = ["TEMPERATURE", "TEMPERATURES", "Cells", "Choice", "Place"]

BETA = 0.1
TEMPERATURE = 0.7
TEMPERATURES = "sampling.temperature"
"""The parameter that a temperature stands under."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which cells count where a store has several.

    `judge` is "" for, in each eval, the paper's own if it has judged there, else the first
    that is no baseline, else the first. `beta` and
    `temperature` are None for 0.1 and 0.7 where they are there, else what most cells have.
    `trainer` is what Train and Both are by. Numbers are means over `seeds`, () for all.
    """

    judge: str = ""
    beta: float | None = None
    temperature: float | None = None
    trainer: str = "dpo"
    seeds: tuple[int, ...] = ()

    def inducer(self, setting: str) -> str:
        """The inducer of the paper's None, Prompt, Train or Both."""
        return {
            "None": "none",
            "Prompt": "prompt",
            "Train": self.trainer,
            "Both": f"{self.trainer}+prompt",
        }[setting]

    def sets(self, trained: bool) -> dict[str, Sequence[Any]]:
        """What a run that makes such cells has to set, `trained` if it trains any."""
        said = {f"{self.trainer}.beta": self.beta if trained else None}
        said[TEMPERATURES] = self.temperature
        return {name: [setting] for name, setting in said.items() if setting is not None}


@dataclass(frozen=True, slots=True)
class Place:
    """One combination of the matrix; `pinned` are parameters that are not the chosen ones
    (name, value). The untouched model has the value ""."""

    model: str
    inducer: str
    value: str
    eval: str
    pinned: tuple[tuple[str, Any], ...] = ()

    @property
    def vanilla(self) -> Place:
        """The untouched model's cell that this one is compared with."""
        kept = tuple(pin for pin in self.pinned if pin[0].startswith("sampling."))
        return Place(self.model, "none", "", self.eval, kept)


Group = tuple[str, str]


class Cells:
    """The rows and expressions of a report by place, of the chosen cells."""

    def __init__(self, collected: RunReport, choice: Choice) -> None:
        self.collected = collected
        self.choice = choice
        self.report = collected.report
        self._judges = self._judges_by_eval()
        self._check_judge()
        self._rows: dict[Place, dict[str, list[Row]]] = {}
        self._metrics: dict[str, dict[str, None]] = {}
        for row in self.report.rows:
            if row.judge == self.judge(row.eval):
                at = Place(row.model, row.inducer, row.value, row.eval)
                self._rows.setdefault(at, {}).setdefault(row.metric, []).append(row)
                self._metrics.setdefault(row.eval, {})[row.metric] = None
        self._expressions: defaultdict[Place, list[Expression]] = defaultdict(list)
        for one in self.report.expressions:
            if one.judge == self.judge(one.eval):
                self._expressions[Place(one.model, one.inducer, one.value, one.eval)].append(one)
        self.options = self._options()
        self.expressing = self.eval_of(EXPRESSION, "issuebench")
        """The eval that says which values are expressed."""
        known: list[Row | Expression | FailedCell] = [
            *self.report.rows,
            *self.report.expressions,
            *self.report.failed,
        ]
        self.models = _ordered((one.model for one in known), MODELS)
        self.values = _ordered((one.value for one in known if one.value), VALUES)
        self.seeds = choice.seeds or tuple(sorted({one.seed for one in known})) or (0,)
        self._stages: dict[str, str] = {}
        self._fitting: dict[tuple[Place, int], bool] = {}

    @cached_property
    def catalogue(self) -> Catalogue | None:
        """What the registry lists, as it is now; None if an overlay is broken since the run."""
        try:
            return load_catalogue(())
        except UsageError:
            return None

    @cached_property
    def _listed(self) -> Mapping[str, str]:
        return _listed_stages(self.catalogue)

    def _judges_by_eval(self) -> dict[str, dict[str, bool]]:
        """Each eval's judges in order, with whether they are baselines."""
        found: dict[str, dict[str, bool]] = {}
        for row in self.report.rows:
            found.setdefault(row.eval, {}).setdefault(row.judge, row.judge_baseline)
        for failed in self.report.failed:
            found.setdefault(failed.eval, {}).setdefault(failed.judge, True)
        return found

    def _check_judge(self) -> None:
        """Raise UnknownName for a judge that has not judged, UsageError for the name of several
        (of one plugin that asked several models)."""
        name = self.choice.judge
        if not name:
            return
        judges = {judge: None for by in self._judges.values() for judge in by if judge}
        if not _of_plugin(judges, name):
            raise UnknownName("judge", name, judges, "Those have judged in these runs.")
        for by in self._judges.values():
            if len(several := _of_plugin(by, name)) > 1:
                raise UsageError(
                    f"'{name}' is the name of {len(several)} judges in these runs: "
                    f"{'; '.join(several)}.",
                    f"Name one of these in full: --judge '{several[0]}'",
                )

    def judge(self, evaluation: str) -> str:
        """Whose verdicts count in an eval; "" where it measures without a judge."""
        judges = self._judges.get(evaluation, {})
        if self.choice.judge and set(judges) != {""}:
            return next(iter(_of_plugin(judges, self.choice.judge)), self.choice.judge)
        if known := _of_plugin(judges, JUDGES.get(evaluation, "")):
            return known[0]
        able = [judge for judge, baseline in judges.items() if not baseline]
        return next(iter(able or judges), "")

    def _options(self) -> dict[Group, dict[str, list[Any]]]:
        """Every setting of each parameter by eval and model, the one of most cells first."""
        seen: defaultdict[Group, defaultdict[str, Counter[str]]] = defaultdict(
            lambda: defaultdict(Counter)
        )
        for at, metrics in self._rows.items():
            own = {id(r.parameters): r.parameters for rows in metrics.values() for r in rows}
            for parameters in own.values():
                for name, setting in parameters.items():
                    seen[at.eval, at.model][name][canonical_json(setting)] += 1
        return {
            group: {
                name: [json.loads(text) for text, _ in counts.most_common()]
                for name, counts in parameters.items()
            }
            for group, parameters in seen.items()
        }

    def all_options(self, evaluation: str, parameter: str) -> list[Any]:
        """Every setting of a parameter in an eval, over all models, smallest first."""
        found = {
            option
            for (own, _), parameters in self.options.items()
            if own == evaluation
            for option in parameters.get(parameter, ())
        }
        return sorted(found)

    def chosen(self, evaluation: str, model: str, parameter: str) -> Any:
        """The setting of a parameter that counts; None where no cell has the parameter."""
        options = self.options.get((evaluation, model), {}).get(parameter, [])
        if parameter == TEMPERATURES:
            return _preferred(options, self.choice.temperature, TEMPERATURE)
        if parameter.endswith(".beta"):
            said = self.choice.beta if parameter == f"{self.choice.trainer}.beta" else None
            return _preferred(options, said, BETA)
        return options[0] if options else None

    def _fits(self, at: Place, parameters: Mapping[str, Any]) -> bool:
        # The rows of a cell share one object, which the report keeps alive.
        known = (at, id(parameters))
        if known not in self._fitting:
            pinned = dict(at.pinned)
            self._fitting[known] = all(
                setting
                == (pinned[name] if name in pinned else self.chosen(at.eval, at.model, name))
                for name, setting in parameters.items()
            )
        return self._fitting[known]

    def rows(self, at: Place, metric: str) -> dict[int, Row]:
        """A metric's rows at a place, by seed."""
        metrics = self._rows.get(_bare(at), {})
        found = [row for row in metrics.get(metric, ()) if row.seed in self.seeds]
        return {row.seed: row for row in found if self._fits(at, row.parameters)}

    def there(self, at: Place) -> set[int]:
        """The seeds that count of those of a place that have any row."""
        return {
            row.seed
            for rows in self._rows.get(_bare(at), {}).values()
            for row in rows
            if row.seed in self.seeds and self._fits(at, row.parameters)
        }

    def expressed(self, at: Place) -> dict[int, Expression]:
        """What the transcripts at a place express, by seed."""
        found = self._expressions.get(_bare(at), [])
        return {
            one.seed: one
            for one in found
            if one.seed in self.seeds and self._fits(at, one.parameters)
        }

    def metrics(self, evaluation: str, prefix: str = "") -> tuple[str, ...]:
        """An eval's metrics in its order."""
        return tuple(m for m in self._metrics.get(evaluation, ()) if m.startswith(prefix))

    def eval_of(self, prefix: str, usual: str) -> str:
        """The eval whose metrics start so: the usual one, unless only another has them."""
        found = [evaluation for evaluation in self._metrics if self.metrics(evaluation, prefix)]
        return usual if usual in found or not found else found[0]

    def stages(self, *stages: str) -> tuple[str, ...]:
        """The store's models of these stages (base, sft, instruct)."""
        return tuple(model for model in self.models if self.stage(model) in stages)

    def stage(self, model: str) -> str:
        """A model's stage: by the registry (its name or hub id), else by the manifest beside
        its transcripts, else instruct, as the registry has it for what it does not list."""
        if model not in self._stages:
            rows = (row.transcripts for row in self.report.rows if row.model == model)
            made = _stage_when_made(next(filter(None, rows), ""))
            self._stages[model] = self._listed.get(model) or made or "instruct"
        return self._stages[model]


def _of_plugin(judges: Iterable[str], name: str) -> list[str]:
    """The judge that is called so in full, else those of the plugin that is."""
    known = [judge for judge in judges if judge]
    return [name] if name in known else [j for j in known if name and judge_plugin(j) == name]


def _listed_stages(catalogue: Catalogue | None) -> dict[str, str]:
    models = catalogue.models if catalogue else {}
    stages = {name: table.get("stage", "instruct") for name, table in models.items()}
    return {table["source"]: stages[name] for name, table in models.items()} | stages


def _stage_when_made(transcripts: str) -> str:
    try:
        folder = Path(transcripts).parent
        return str(read_manifest(folder)["spec"]["subject"]["model"]["stage"])
    except (KeyError, TypeError):
        return ""


def _bare(at: Place) -> Place:
    return Place(at.model, at.inducer, at.value, at.eval)


def _preferred(options: list[Any], said: float | None, usual: float) -> Any:
    if said is not None:
        return said
    return usual if usual in options or not options else options[0]


Name = TypeVar("Name", bound=Hashable)


def _ordered(names: Iterable[Name], first: Iterable[Name]) -> tuple[Name, ...]:
    """Each once: those of the paper in its order, then the others as they come."""
    found = dict.fromkeys(names)
    return (*(n for n in first if n in found), *(n for n in found if n not in set(first)))
