"""What an exhibit lacks, in few lines, and a command that makes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vibench.errors import UsageError
from vibench.paper.commands import run_command
from vibench.paper.published import MODELS
from vibench.registry import load_catalogue
from vibench.text import clean

if TYPE_CHECKING:
    from vibench.paper.cell_selection import Cells, Place

__all__ = ["Lacking"]

Key = tuple[str, str, str, tuple[tuple[str, Any], ...]]


class Lacking:
    """Every place that an exhibit looked at, and those where nothing was."""

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

    def look(self, at: Place, found: Collection[int]) -> None:
        """That a place was looked at, and which seeds are there."""
        key = (at.model, at.inducer, at.eval, at.pinned)
        self.looked[key].add(at.value)
        seeds = set(self.cells.seeds) - set(found)
        if seeds:
            self.absent[key][at.value] = seeds

    def metric(self, evaluation: str, metric: str) -> None:
        """That an eval's cells are there without a metric."""
        self.metrics[f"{clean(evaluation)} has no metric {clean(metric)}"] = None

    def stages(self, words: str, stages: Collection[str]) -> None:
        """That the store has no model of these stages."""
        self.more.append(f"no {words} model")
        self.models |= dict.fromkeys(_models_of(stages, self.cells.models))

    def sweep(self, what: str, parameter: str, settings: Sequence[Any]) -> None:
        """That a parameter would have to be swept over these settings."""
        self.more.append(what)
        self.sweeps[parameter] = settings

    def needs(
        self, *, evaluation: str, inducers: Iterable[str], models: Iterable[str] = ()
    ) -> None:
        """What a run would have to have, where there is no place to look at."""
        self.needed |= dict.fromkeys(models)
        self.evals[evaluation] = None
        self.inducers |= dict.fromkeys(inducers)

    def lines(self) -> Iterator[str]:
        """Compact: models, and then evals, that lack the same are named together."""
        models: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
        for (model, inducer, evaluation, pinned), values in self.absent.items():
            looked = self.looked[model, inducer, evaluation, pinned]
            chosen = self.cells.choice.sets(self._trained([inducer]))
            pins = {name: setting for name, (setting,) in chosen.items()} | dict(pinned)
            what = _what(inducer, pins.items(), values, looked, self._seeds(values))
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
        if len(self.cells.seeds) < 2 or absent == set(self.cells.seeds):
            return ""
        return f", seed {', '.join(map(str, sorted(absent)))}"

    def _who(self, models: Sequence[str]) -> str:
        if len(models) > 1 and set(models) == set(self.cells.models):
            return "every model"
        return f"model{'s' * (len(models) > 1)} {', '.join(map(clean, models))}"

    def _failed(self, models: Sequence[str], inducer: str, evaluation: str) -> str:
        failed = sum(
            one.model in models and one.inducer == inducer and one.eval == evaluation
            for one in self.cells.report.failed
        )
        return f": {failed:,} asked for have no result" if failed else ""

    def command(self) -> str:
        """A `vibench run` that makes what is missing; "" if nothing is."""
        if not (self.absent or self.more or self.metrics):
            return ""
        keys = self.absent or self.looked
        pinned: dict[str, Sequence[Any]] = {}
        for name, setting in {pin: None for *_, pins in self.absent for pin in pins}:
            pinned[name] = [*pinned.get(name, ()), setting]
        values = {v for by in self.absent.values() for v in by if v} or set(self.cells.values)
        models = dict.fromkeys(key[0] for key in self.absent) | self.models
        inducers = [key[1] for key in keys] or list(self.inducers)
        evals = [key[2] for key in keys] or list(self.evals)
        asked = {
            "model": list(models or self.needed) or list(self.cells.models),
            "inducer": list(dict.fromkeys(i for i in inducers if i != "none")) or ["none"],
            "value": [value for value in self.cells.values if value in values],
            "eval": list(dict.fromkeys(evals)),
        }
        sets = self.cells.choice.sets(self._trained(asked["inducer"])) | pinned | self.sweeps
        return run_command(self.cells, asked, sets)

    def _trained(self, inducers: Iterable[str]) -> bool:
        return any(name.split("+")[0] == self.cells.choice.trainer for name in inducers)


def _what(
    inducer: str, pinned: Iterable[tuple[str, Any]], absent: Collection[str],
    looked: Collection[str], seeds: str,
) -> str:  # fmt: skip
    at = "".join(f", {name.rpartition('.')[2]} {setting:g}" for name, setting in pinned)
    if inducer == "none":
        return f"none{at}{seeds}"
    if len(absent) == len(looked) == 1:
        return f"{clean(inducer)} on {clean(next(iter(absent)))}{at}{seeds}"
    some = "all" if len(absent) == len(looked) else f"{len(absent)} of"
    return f"{clean(inducer)} on {some} {len(looked)} values{at}{seeds}"


def _models_of(stages: Collection[str], known: Sequence[str]) -> list[str]:
    """Registered models of these stages that are not there: of the project's own small ones
    if the store's are such, else the paper's."""
    try:
        catalogue = load_catalogue(())
    except UsageError:
        return []
    small = bool(known) and all(map(catalogue.embedded, known))
    own = [name for name in catalogue.models if catalogue.embedded(name)] if small else []
    for names in (own, MODELS):
        found = [n for n in names if catalogue.models.get(n, {}).get("stage") in stages]
        if further := [name for name in found if name not in known]:
            return further
    return []
