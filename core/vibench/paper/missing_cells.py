"""The cells that an exhibit lacks, in few lines, and a command that makes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from vibench.errors import UsageError
from vibench.paper.commands import run_command
from vibench.paper.paper_numbers import MODELS
from vibench.registry import load_catalogue
from vibench.text import clean

if TYPE_CHECKING:
    from vibench.paper.cell_selection import Cells
    from vibench.paper.choice import CellKey

__all__ = ["MissingCells"]

Key = tuple[str, str, str, tuple[tuple[str, Any], ...]]


class MissingCells:
    """The cells that an exhibit looked up, and those that the store lacks."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.looked: defaultdict[Key, set[str]] = defaultdict(set)
        self.absent: defaultdict[Key, dict[str, set[int]]] = defaultdict(dict)
        self.metrics: dict[str, None] = {}
        self.models: dict[str, None] = {}
        self.sweeps: dict[str, Sequence[Any]] = {}
        self.needed: dict[str, None] = {}
        self.inducers: dict[str, None] = {}
        self.evals: dict[str, None] = {}
        self.more: list[str] = []

    def look(self, cell_key: CellKey, seeds_present: Collection[int]) -> None:
        """Record that a cell was looked up, and the seeds that it has."""
        key = (cell_key.model, cell_key.inducer, cell_key.eval, cell_key.pinned)
        # "3 of 15 values" needs the cells that are there as well.
        self.looked[key].add(cell_key.value)
        seeds = set(self.cells.seeds) - set(seeds_present)
        if seeds:
            self.absent[key][cell_key.value] = seeds

    def metric(self, evaluation: str, metric: str) -> None:
        """Record that an eval's cells lack a metric."""
        self.metrics[f"{clean(evaluation)} has no metric {clean(metric)}"] = None

    def stages(self, words: str, stages: Collection[str]) -> None:
        """Record that the store has no model of these stages."""
        self.more.append(f"no {words} model")
        self.models |= dict.fromkeys(_models_of(stages, self.cells.models))

    def sweep(self, what: str, parameter: str, settings: Sequence[Any]) -> None:
        """Record that a parameter has to be swept over these settings."""
        self.more.append(what)
        self.sweeps[parameter] = settings

    def needs(
        self, *, evaluation: str, inducers: Iterable[str], models: Iterable[str] = ()
    ) -> None:
        """Record what a run needs, for an exhibit that has no cell to look up."""
        self.needed |= dict.fromkeys(models)
        self.evals[evaluation] = None
        self.inducers |= dict.fromkeys(inducers)

    def lines(self) -> Iterator[str]:
        """Yield a line for each gap; models, and then evals, that lack the same share one."""
        # A store without half its runs lacks hundreds of cells; merged by model, then by eval,
        # they are a few lines.
        models: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
        for (model, inducer, evaluation, pinned), values in self.absent.items():
            values_of_key = self.looked[model, inducer, evaluation, pinned]
            chosen = self.cells.choice.sets(self._trained([inducer]))
            pins = {name: setting for name, (setting,) in chosen.items()} | dict(pinned)
            what = _what(inducer, pins.items(), values, values_of_key, self._seeds(values))
            models[what, inducer, evaluation].append(model)
        evals: defaultdict[str, list[str]] = defaultdict(list)
        for (what, inducer, evaluation), lacking in models.items():
            failed = self._failed(lacking, inducer, evaluation)
            evals[f"{self._who(lacking)}: {what}"].append(f"{clean(evaluation)}{failed}")
        for line, names in evals.items():
            yield f"{line} ({', '.join(names)})"
        yield from self.metrics
        yield from self.more

    def _seeds(self, values: Mapping[str, set[int]]) -> str:
        absent = {seed for seeds in values.values() for seed in seeds}
        # Seeds are named only if some of them are there.
        if len(self.cells.seeds) < 2 or absent == set(self.cells.seeds):
            return ""
        return f", seed {', '.join(map(str, sorted(absent)))}"

    def _who(self, models: Sequence[str]) -> str:
        if len(models) > 1 and set(models) == set(self.cells.models):
            return "every model"
        return f"model{'s' * (len(models) > 1)} {', '.join(map(clean, models))}"

    def _failed(self, models: Sequence[str], inducer: str, evaluation: str) -> str:
        failed = sum(
            cell.model in models and cell.inducer == inducer and cell.eval == evaluation
            for cell in self.cells.report.failed
        )
        return f": {failed:,} failed or have no result yet" if failed else ""

    def command(self) -> str:
        """Return the `vibench run` that makes what is missing; "" if nothing is."""
        if not (self.absent or self.more or self.metrics):
            return ""
        request, sets = self._request()
        return run_command(self.cells, request, sets)

    def answers(self) -> int | None:
        """Return how many answers of models the command asks for if none of its cells is in the
        store; None without a command, and for an eval of which the store has no cell."""
        if not self.command():
            return None
        request, sets = self._request()
        induced = len(request["value"]) * sum(name != "none" for name in request["inducer"])
        # The 1 is the untouched model, which every run includes.
        cells = len(request["model"]) * (1 + induced) * len(self.cells.seeds)
        cells *= prod(map(len, sets.values()))
        answers = {
            name: max((row.cut_offs.answers for row in self.cells.report.rows if row.eval == name),
                      default=0)
            for name in request["eval"]
        }  # fmt: skip
        return cells * sum(answers.values()) if all(answers.values()) else None

    def _request(self) -> tuple[dict[str, list[str]], dict[str, Sequence[Any]]]:
        """Return the lists by flag and the parameters of the command."""
        # Without an absent cell the gap is a sweep, a model or a metric: repeat what was looked up.
        keys = self.absent or self.looked
        pinned: dict[str, Sequence[Any]] = {}
        for name, setting in {pin: None for *_, pins in self.absent for pin in pins}:
            pinned[name] = [*pinned.get(name, ()), setting]
        values = {v for by in self.absent.values() for v in by if v} or set(self.cells.values)
        models = dict.fromkeys(key[0] for key in self.absent) | self.models
        inducers = [key[1] for key in keys] or list(self.inducers)
        evals = [key[2] for key in keys] or list(self.evals)
        request = {
            "model": list(models or self.needed) or list(self.cells.models),
            "inducer": list(dict.fromkeys(i for i in inducers if i != "none")) or ["none"],
            "value": [value for value in self.cells.values if value in values],
            "eval": list(dict.fromkeys(evals)),
        }
        sets = self.cells.choice.sets(self._trained(request["inducer"])) | pinned | self.sweeps
        return request, sets

    def _trained(self, inducers: Iterable[str]) -> bool:
        return any(name.split("+")[0] == self.cells.choice.trainer for name in inducers)


def _what(
    inducer: str,
    pinned: Iterable[tuple[str, Any]],
    absent: Collection[str],
    values: Collection[str],
    seeds: str,
) -> str:
    pins = "".join(f", {name.rpartition('.')[2]} {setting:g}" for name, setting in pinned)
    if inducer == "none":
        return f"none{pins}{seeds}"
    if len(absent) == len(values) == 1:
        return f"{clean(inducer)} on {clean(next(iter(absent)))}{pins}{seeds}"
    share = "all" if len(absent) == len(values) else f"{len(absent)} of"
    return f"{clean(inducer)} on {share} {len(values)} values{pins}{seeds}"


def _models_of(stages: Collection[str], names_in_store: Sequence[str]) -> list[str]:
    """Return registered models of these stages that the store lacks: small embedded ones if the
    store's are such, else the paper's."""
    try:
        catalogue = load_catalogue(())
    except UsageError:
        return []
    small = bool(names_in_store) and all(map(catalogue.embedded, names_in_store))
    small_names = [name for name in catalogue.models if catalogue.embedded(name)] if small else []
    for names in (small_names, MODELS):
        candidates = [n for n in names if catalogue.models.get(n, {}).get("stage") in stages]
        if further := [name for name in candidates if name not in names_in_store]:
            return further
    return []
