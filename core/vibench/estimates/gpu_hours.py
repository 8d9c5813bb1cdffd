"""The expected GPU hours of a plan: work times assumed or measured rates.

Nothing here is exact. What stages of the same kind, model and engine took on a machine with an
accelerator is used where the store has such; else the assumptions of `stages/workload.py`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.engines.model_folder import parameter_count
from vibench.records import Model
from vibench.sessions.bills import at_endpoint
from vibench.stages.kinds import KINDS
from vibench.stages.specification import StageSpec, engine_of
from vibench.stages.workload import ANSWER, PAIRS, REPLY, REQUEST, TOKENS, Workload
from vibench.store.json_files import read_object

if TYPE_CHECKING:
    from vibench.plan import Stage
    from vibench.plugins import Plugins
    from vibench.store.artefacts import Store

__all__ = ["MEASURED", "Hours", "billions", "gpu_hours", "read_manifest", "told_hours"]

MEASURED = 48
"""Artefacts of a kind whose times are looked at."""

# "8B", or "8x7B" for experts; not inside a longer word or number such as "v0.3beta".
SIZE = re.compile(r"(?<![\w.])(?:(\d+)x)?(\d+(?:\.\d+)?)b(?![a-z])", re.IGNORECASE)
UNSIZED = {"mistral-nemo": 12.2}
"""Billions of parameters of models that do not have their size in their names (Table 4)."""


@dataclass(frozen=True, slots=True)
class Hours:
    """GPU hours of the stages of a plan that are left, by what they do. `measured` is the part
    of them that goes by this store's own times; `not_known` says what is not in them."""

    by_kind: Mapping[str, float]
    measured: float
    not_known: tuple[str, ...]

    @property
    def total(self) -> float:
        """All of them."""
        return sum(self.by_kind.values())


def billions(model: Model) -> float | None:
    """Return a model's parameters in billions, by its name or hub id, else by its folder's weights;
    None where neither says it."""
    source, name = model.source, model.name
    for text in (source.rpartition("/")[2], name):
        if match := SIZE.search(text.replace("_", "-")):
            return float(match[1] or 1) * float(match[2])
    for part, size in UNSIZED.items():
        if part in source.lower():
            return size
    folder = Path(source)
    return parameter_count(folder) / 1e9 or None if folder.is_dir() else None


def gpu_hours(todo: Iterable[Stage], store: Store, plugins: Plugins) -> Hours:
    """Return the GPU hours of the stages that are left. Endpoints, judges without a model and the
    models that are shipped with the project take none."""
    rates = _Rates(store)
    sums: defaultdict[str, float] = defaultdict(float)
    measured = 0.0
    not_known: dict[str, None] = {}
    for stage in todo:
        spec, model, load = stage.spec, stage.spec.model, stage.spec.workload()
        if load is None or model is None or at_endpoint(engine_of(spec), plugins):
            continue
        if model.source.startswith("embedded:"):
            continue
        units = rates.units(stage)
        if units is None:
            not_known[f"{load.label} (how many pairs there are is not known yet)"] = None
            continue
        # A measured rate first: it includes what the assumptions cannot know about this machine.
        rate = rates.measured(spec)
        seconds = rates.assumed(spec, load, model) if rate is None else rate
        if seconds is None:
            not_known[f"{model.name} (its size is not in its name)"] = None
            continue
        sums[load.label] += units * seconds / 3600
        measured += units * seconds / 3600 if rate is not None else 0.0
    return Hours(dict(sums), measured, tuple(not_known))


class _Rates:
    """Units of work, and seconds for one of them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.facts: dict[tuple[str, str], Mapping[str, Any] | None] = {}
        self.times: dict[str, dict[Likeness, tuple[float, float]]] = {}

    def units(self, stage: Stage) -> float | None:
        """Return pairs times epochs, completions, requests or verdicts; None if not known yet."""

        def facts(name: str) -> Mapping[str, Any] | None:
            return next((self._facts(n.kind, n.key) for n in stage.needs if n.name == name), None)

        return stage.spec.units(stage.work, facts)

    def _facts(self, kind: str, key: str) -> Mapping[str, Any] | None:
        # Thousands of trainings share the subset of their value.
        if (kind, key) not in self.facts:
            manifest = read_manifest(self.store.folder(kind, key))
            self.facts[kind, key] = manifest and manifest["facts"]
        return self.facts[kind, key]

    def assumed(self, spec: StageSpec, load: Workload, model: Model) -> float | None:
        """Return seconds a unit by the assumptions; None for a model of unknown size."""
        size = billions(model)
        if size is None:
            return None
        engine = engine_of(spec)
        return load.seconds(size, padded=engine is not None and engine.name == "transformers")

    def measured(self, spec: StageSpec) -> float | None:
        """Return seconds a unit by what such stages took in this store; None if there is none."""
        if spec.kind not in self.times:
            self.times[spec.kind] = self._times(type(spec))
        seconds, units = self.times[spec.kind].get(_like(spec), (0.0, 0.0))
        return seconds / units if units else None

    def _times(self, form: type[StageSpec]) -> dict[Likeness, tuple[float, float]]:
        keys = self.store.keys(form.kind)
        times: dict[Likeness, tuple[float, float]] = {}
        # Spread over the store: the first of a kind are often small trials.
        for key in keys[:: 1 + len(keys) // MEASURED]:
            manifest = read_manifest(self.store.folder(form.kind, key))
            # Times of a machine without a GPU say nothing about GPU hours.
            if manifest is None or not manifest.get("hardware", {}).get("accelerators"):
                continue
            try:
                spec = KINDS[form.kind].of(manifest["spec"])
            except TypeError:  # Of a version with other fields, whose times say little of today's.
                continue
            load = spec.workload()
            seconds, units = times.get(_like(spec), (0.0, 0.0))
            done = load.done(manifest["facts"]) if load is not None else 0.0
            times[_like(spec)] = seconds + manifest["seconds"], units + done
        return times


Likeness = tuple[str, ...]
"""The names that stages share which take about as long for a unit: model, engine, plugins."""


def _like(spec: StageSpec) -> Likeness:
    names: dict[str, str] = {}
    for config in spec.plugins():
        names.setdefault(config.kind, config.name)
    identity = spec.model.identity if spec.model is not None else ""
    return (identity, *(names.get(kind, "") for kind in ("engine", "eval", "inducer")))


def read_manifest(folder: Path) -> Mapping[str, Any] | None:
    """Return an artefact's manifest; None where there is none that can be read."""
    try:
        return read_object(folder / "manifest.json", folder)
    except (FileNotFoundError, ValueError):
        return None


def told_hours(hours: Hours) -> Iterator[str]:
    """Yield what to expect, in lines for people; nothing where no GPU is needed."""
    if hours.total:
        parts = ", ".join(f"{what} {_number(n)}" for what, n in hours.by_kind.items() if n)
        measured = ""
        if hours.measured:
            share = 100 * hours.measured / hours.total
            measured = f"; {share:.0f} % of it by what such stages took in this store"
        yield (
            f"Expected time: about {_number(hours.total)} GPU hours ({parts}){measured}. An "
            "estimate by assumptions for GPUs of the H100's class, which may be far off: training "
            f"as long as the paper's took, subsets of {PAIRS:,.0f} pairs where not made yet"
            f", {TOKENS // 8:,} tokens a second written by an 8B model under vLLM and a fifth of "
            f"that under transformers, replies of {REPLY} tokens, judges' answers of {ANSWER}, "
            f"{REQUEST} tokens read for a request that measures."
        )
    for what in hours.not_known:
        yield f"  Not included: {what}."


def _number(hours: float) -> str:
    return f"{hours:,.0f}" if hours >= 10 else f"{hours:.2g}"
