"""How many GPU hours a plan is going to take, about: work times assumed or measured rates.

Nothing here is exact, and the assumptions were not checked against a GPU. What stages of the
same kind, model and engine took on a machine with an accelerator is used where the store has
such; else these assumptions, for one GPU of the H100's class and in proportion to a model's
size:

- training as the paper tells it (Appendix A): 15 adapters in three days on eight H100, so 576
  hours for the 212,084 pairs of Table 1, 5 epochs, models of 10.9 billion parameters on
  average (it does not say which model that was). References take a forward pass, a third of
  an epoch.
- writing 40,000 tokens a second for each billion parameters' share (5,000 for an 8B model)
  under vLLM with adapters, reading ten times as many; a fifth of that for padded batches.
- replies of 400 tokens to prompts of 300, judges' answers of 150 to prompts of 1,100, and
  600 tokens read for a request of an eval that measures by itself (what GSM8K and MMLU-Pro
  write is not counted).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vibench.plan.bills import at_endpoint
from vibench.preferences.subsets import SubsetCounts
from vibench.store.files import read_whole

if TYPE_CHECKING:
    from vibench.plan import Plan, Stage
    from vibench.plugins import Plugins
    from vibench.store.artefacts import Store

__all__ = ["Hours", "billions", "gpu_hours", "told_hours"]

PAIR = 576 * 3600 / (212_084 * 5 * 10.9)
"""Seconds of training for a pair, an epoch and a billion parameters."""
PAIRS = 212_084 / 15
"""Pairs of a subset that is not made yet: the mean of Table 1."""
FORWARD = 1 / 3
TOKENS = 40_000
"""Tokens a second written by a model of one billion parameters."""
READING = 10
PADDED = 5
REPLY, PROMPT, ANSWER, QUESTION, REQUEST = 400, 300, 150, 1_100, 600
EPOCHS = 1.0

MEASURED = 48
"""Artefacts of a kind whose times are looked at."""

SIZE = re.compile(r"(?<![\w.])(?:(\d+)x)?(\d+(?:\.\d+)?)b(?![a-z])", re.IGNORECASE)
UNSIZED = {"mistral-nemo": 12.2}
"""Billions of parameters of models that do not have their size in their names (Table 4)."""

WORDS = {
    "reference": "references",
    "adapter": "training",
    "transcripts": "answers",
    "values": "values of pairs",
    "verdicts": "judging",
}


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


def billions(model: Mapping[str, Any]) -> float | None:
    """A model's parameters in billions, by its name or hub id, else by its folder's weights;
    None where neither says it."""
    source, name = str(model["source"]), str(model["name"])
    for text in (source.rpartition("/")[2], name):
        if found := SIZE.search(text.replace("_", "-")):
            return float(found[1] or 1) * float(found[2])
    for part, size in UNSIZED.items():
        if part in source.lower():
            return size
    folder = Path(source)
    if folder.is_dir():
        size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
        return size / 2e9 or None  # two bytes a parameter
    return None


def gpu_hours(plan: Plan, todo: Iterable[Stage], store: Store, plugins: Plugins) -> Hours:
    """What is left of a plan, in GPU hours. Endpoints, judges without a model and the models
    that are shipped with the project take none."""
    rates = _Rates(plan, store)
    sums: defaultdict[str, float] = defaultdict(float)
    measured = 0.0
    not_known: dict[str, None] = {}
    for stage in todo:
        model = _model(stage.spec)
        if stage.kind not in WORDS or model is None or at_endpoint(stage.spec, plugins):
            continue
        if str(model["source"]).startswith("embedded:"):
            continue
        units = rates.units(stage)
        if units is None:
            not_known[f"{WORDS[stage.kind]} (how many pairs there are is not known yet)"] = None
            continue
        own = rates.measured(stage.kind, stage.spec)
        seconds = rates.assumed(stage.kind, stage.spec, model) if own is None else own
        if seconds is None:
            not_known[f"{model['name']} (its size is not in its name)"] = None
            continue
        sums[WORDS[stage.kind]] += units * seconds / 3600
        measured += units * seconds / 3600 if own is not None else 0.0
    return Hours(dict(sums), measured, tuple(not_known))


def _model(spec: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The model that a stage holds: its judge's, else its subject's."""
    subject = spec.get("judge_model") or (None if "judge" in spec else spec.get("subject"))
    model: Mapping[str, Any] | None = subject and subject["model"]
    return model


class _Rates:
    """Units of work, and seconds for one of them."""

    def __init__(self, plan: Plan, store: Store) -> None:
        self.plan, self.store = plan, store
        self.pairs: dict[str, int | None] = {}
        self.times: dict[str, dict[tuple[str, ...], tuple[float, float]]] = {}

    def units(self, stage: Stage) -> float | None:
        """Pairs times epochs, pairs, completions or requests, verdicts; None if not known."""
        if stage.kind in ("adapter", "reference"):
            pairs = self._of_subset(stage.needs[0])
            return (PAIRS if pairs is None else pairs) * _epochs(stage.kind, stage.spec)
        if stage.kind == "values":
            made = self._facts("pairs", stage.needs[0])
            return 2 * float(made["pairs"]) if made else None
        return float(sum(stage.work.values()))

    def _of_subset(self, key: str) -> int | None:
        if key not in self.pairs:
            made = self._facts("subset", key)
            self.pairs[key] = SubsetCounts.of(made).total if made else None
        return self.pairs[key]

    def _facts(self, kind: str, key: str) -> Mapping[str, Any] | None:
        manifest = _manifest(self.store.folder(kind, key))
        facts: Mapping[str, Any] | None = manifest and manifest["facts"]
        return facts

    def assumed(self, kind: str, spec: Mapping[str, Any], model: Mapping[str, Any]) -> float | None:
        """By the assumptions above; None for a model of unknown size."""
        size = billions(model)
        if size is None:
            return None
        if kind == "adapter":
            return PAIR * size
        if kind == "reference":
            return PAIR * size * FORWARD
        padded = PADDED if spec.get("engine", {}).get("name") == "transformers" else 1
        second = TOKENS / size / padded
        if kind in ("verdicts", "values"):
            return ANSWER / second + QUESTION / (READING * second)
        if "asks" in spec:
            return REQUEST / (READING * second)
        most = int(spec.get("sampling", {}).get("max_tokens", REPLY))
        return min(REPLY, most) / second + PROMPT / (READING * second)

    def measured(self, kind: str, spec: Mapping[str, Any]) -> float | None:
        """By what the like of it took in this store; None if there is none."""
        if kind not in self.times:
            self.times[kind] = self._times(kind)
        seconds, units = self.times[kind].get(_like(spec), (0.0, 0.0))
        return seconds / units if units else None

    def _times(self, kind: str) -> dict[tuple[str, ...], tuple[float, float]]:
        keys = self.store.keys(kind)
        found: dict[tuple[str, ...], tuple[float, float]] = {}
        for key in keys[:: 1 + len(keys) // MEASURED]:
            manifest = _manifest(self.store.folder(kind, key))
            if manifest is None or not manifest.get("hardware", {}).get("accelerators"):
                continue
            seconds, units = found.get(_like(manifest["spec"]), (0.0, 0.0))
            done = _done(kind, manifest["spec"], manifest["facts"])
            found[_like(manifest["spec"])] = seconds + manifest["seconds"], units + done
        return found


def _like(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """What stages that take about as long for a unit have in common."""
    model = _model(spec) or {}
    names = (spec.get(part, {}).get("name", "") for part in ("engine", "eval", "inducer"))
    return (str(model.get("identity", "")), *map(str, names))


def _epochs(kind: str, spec: Mapping[str, Any]) -> float:
    if kind != "adapter":
        return 1.0
    return float(spec["inducer"]["parameters"].get("epochs", EPOCHS))


def _done(kind: str, spec: Mapping[str, Any], facts: Mapping[str, Any]) -> float:
    counted = {"adapter": "rows_used", "reference": "computed"}.get(kind, kind)
    return float(facts.get(counted, 0)) * _epochs(kind, spec)


def _manifest(folder: Path) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = json.loads(read_whole(folder / "manifest.json", folder))
    except (FileNotFoundError, ValueError):
        return None
    return found


def told_hours(hours: Hours) -> Iterator[str]:
    """What to expect, in lines for people; nothing where no GPU is needed."""
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
        yield f"  Not in it: {what}."


def _number(hours: float) -> str:
    return f"{hours:,.0f}" if hours >= 10 else f"{hours:.2g}"
