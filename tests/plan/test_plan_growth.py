"""Large plans: what is looked up, listed and built does not multiply with their cells."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vibench.data import DataFiles
from vibench.estimates.costs_ahead import estimates
from vibench.execute.scheduler import done_stages
from vibench.plan import Cell, Plan, Stage, make_plan
from vibench.plugins import Plugins
from vibench.registry import Catalogue
from vibench.sessions.configs import EvalConfig
from vibench.sessions.stage_work import Need
from vibench.spec_completion import from_flags
from vibench.stages.outcomes import OutcomesSpec
from vibench.store.artefacts import Store


def stage(key: str, *needs: str) -> Stage:
    named = tuple(Need("transcripts", "outcomes", need) for need in needs)
    return Stage(key, key, named, OutcomesSpec(eval=EvalConfig("e", {}, {})))


def plan_of(stages: list[Stage], *wanted: str) -> Plan:
    return Plan({s.key: s for s in stages}, (), {}, wanted)


class Counting(dict[str, Stage]):
    """Stages that count how often each is looked up."""

    def __init__(self, stages: list[Stage]) -> None:
        super().__init__({s.key: s for s in stages})
        self.lookups: Counter[str] = Counter()

    def __getitem__(self, key: str) -> Stage:
        self.lookups[key] += 1
        return super().__getitem__(key)


def test_what_is_needed_stops_at_what_is_done() -> None:
    stages = [stage("a"), stage("b", "a"), stage("c", "a"), stage("d", "b", "c"), stage("e", "d")]
    plan = plan_of([*stages, stage("unused", "a")], "e")
    assert [s.key for s in plan.needed(())] == ["a", "b", "c", "d", "e"]
    assert [s.key for s in plan.needed(("b", "a"))] == ["c", "d", "e"]
    assert [s.key for s in plan.needed(("d",))] == ["e"], "what made it is not needed"
    assert plan.needed(("e",)) == []


def test_each_stage_is_looked_up_once_whatever_needs_it() -> None:
    """40 layers of 50 stages, each needing the whole layer before: 98,000 needs. A chain of
    100,000 stages would take hours with a copy of what is known for each need."""
    layers = [[f"{i}-{n}" for n in range(50)] for i in range(40)]
    stages = [stage(key) for key in layers[0]]
    for before, layer in itertools.pairwise(layers):
        stages += [stage(key, *before) for key in layer]
    counting = Counting(stages)
    assert len(Plan(counting, (), {}, tuple(layers[-1])).needed(())) == 2000
    assert set(counting.lookups.values()) == {1}

    chain = [stage(f"{n}", *([f"{n - 1}"] if n else [])) for n in range(100_000)]
    assert len(plan_of(chain, "99999").needed(())) == 100_000


class Watched(Store):
    """A store that counts the artefacts that are looked at."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.looks = 0

    def has(self, kind: str, key: str) -> bool:
        self.looks += 1
        return super().has(kind, key)


def test_only_artefacts_that_are_there_are_looked_at(tmp_path: Path) -> None:
    store = Watched(tmp_path / "store")
    keys = [f"{n:032x}" for n in range(1000, 3000)]
    stages = [stage(key) for key in keys]
    assert done_stages(plan_of(stages, *keys), store) == set()
    assert store.looks == 0, "nothing is there"
    store.prepare()
    for key in keys[:3]:
        with store.making("outcomes", key, {}) as folder:
            (folder / "outcomes.parquet").write_bytes(b"rows")
    store.folder("outcomes", keys[2]).joinpath("outcomes.parquet").unlink()
    assert done_stages(plan_of(stages, *keys), store) == set(keys[:2]), "one is damaged"
    assert store.looks == 3


class CountingPlugins(Plugins):
    """Plugins that count how often one is built."""

    builds = 0

    def build(self, kind: Any, name: str, parameters: Mapping[str, Any]) -> Any:
        type(self).builds += 1
        return super().build(kind, name, parameters)


def test_plugins_are_built_once_however_many_cells_there_are(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    def count(seeds: int) -> tuple[int, list[Cell]]:
        CountingPlugins.builds = 0
        plugins = CountingPlugins.discover()
        spec = from_flags(
            catalogue,
            plugins,
            inducers=["prompt"],
            values=["empathy,honesty"],
            evals=["advbench"],
            judges=["o4-mini"],
            seeds=[str(n) for n in range(seeds)],
        )
        plan = make_plan(spec, catalogue, plugins, DataFiles(None, True, catalogue.datasets))
        (expected,) = estimates(plan, plan.stages.values(), Store(tmp_path / "none"), plugins)
        assert expected.questions == 28 * len(plan.cells)
        return plugins.builds, list(plan.cells)

    (few, cells), (many, more) = count(2), count(20)
    assert len(more) == 10 * len(cells)
    assert many == few
