"""A new kind of stage is one class and one line in the table; nothing else knows its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from vibench.data import DataFiles
from vibench.estimates.gpu_hours import gpu_hours
from vibench.execute.readiness import check_ready
from vibench.execute.run import carry_out
from vibench.execute.scheduler import done_stages
from vibench.plan import Plan
from vibench.plan.graph import Graph
from vibench.plan.parts import part
from vibench.plan.preference_stages import PreferenceStages
from vibench.plan.upgrades import plugins_in_use
from vibench.plugins import Plugins
from vibench.registry import Catalogue
from vibench.sessions.work import Work
from vibench.spec_completion import from_flags
from vibench.stages import kinds
from vibench.stages.specification import StageSpec
from vibench.store.artefacts import CorruptArtefact, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthsSpec(StageSpec):
    """How long the chosen responses of a source's pairs are."""

    kind = "lengths"
    version = 3
    needed: ClassVar = {"pairs": "pairs"}
    until = True

    unit: int

    def run(self, work: Work) -> Mapping[str, Any]:
        from vibench.preferences.tables import read_pairs

        pairs = list(read_pairs(work.need("pairs").file("pairs.parquet")))
        lengths = [len(pair.chosen) // self.unit for pair in pairs]
        (work.folder / "lengths.txt").write_text("\n".join(map(str, lengths)))
        return {"lengths": len(lengths)}


class Quiet:
    """A listener that keeps what it is told of the stages that ended."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, str]] = []

    def started(self, *facts: object) -> None: ...

    def progress(self, *facts: object) -> None: ...

    def finished(self, stage: Any, status: str, seconds: float, error: str | None) -> None:
        self.ended.append((stage.kind, status))

    def waiting(self, stages: int) -> None: ...

    def remade(self, error: CorruptArtefact) -> None: ...


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch, catalogue: Catalogue, plugins: Plugins) -> Plan:
    monkeypatch.setitem(kinds.KINDS, LengthsSpec.kind, LengthsSpec)
    spec = from_flags(catalogue, plugins, evals=["advbench"], values=["empathy"])
    graph = Graph(spec, catalogue, plugins, DataFiles(None, True, catalogue.datasets))
    wanted = tuple(
        graph.stage(LengthsSpec, f"lengths of {name}", {"unit": part(10)}, [("pairs", key)])
        for name, key in PreferenceStages(graph).read_pairs().items()
    )
    return Plan(graph.stages, [], {}, wanted, graph.spending())


def test_a_new_kind_is_planned_and_executed_and_found_again(
    plan: Plan, store: Store, plugins: Plugins, catalogue: Catalogue, tmp_path: Path
) -> None:
    assert LengthsSpec.kind in kinds.until_kinds()
    assert len(plan.until(LengthsSpec.kind).wanted) == len(plan.wanted) == 1
    check_ready(plan.stages.values(), plugins)
    assert gpu_hours(plan.stages.values(), store, plugins).total == 0
    assert [name for name in plugins_in_use(plan.stages.values()) if name.startswith("source")]
    listener, data = Quiet(), DataFiles(None, True, catalogue.datasets)
    store.prepare()
    log = tmp_path / "worker.log"
    result = carry_out("run", plan, store, plugins, data, listener, log)
    assert (result.made, result.failures) == (2, {})
    assert listener.ended == [("pairs", "made"), ("lengths", "made")]
    (key,) = plan.wanted
    artefact = store.open(LengthsSpec.kind, key)
    assert artefact.manifest["spec"] == {"unit": 10}
    assert LengthsSpec.of(artefact.manifest["spec"]) == plan.stages[key].spec
    lengths = artefact.file("lengths.txt").read_text().split()
    assert len(lengths) == artefact.manifest["facts"]["lengths"] > 0
    assert done_stages(plan, store) == {key}


def test_a_need_of_another_kind_than_the_declared_one_is_refused(
    plan: Plan, catalogue: Catalogue, plugins: Plugins
) -> None:
    spec = from_flags(catalogue, plugins, evals=["advbench"], values=["empathy"])
    graph = Graph(spec, catalogue, plugins, DataFiles(None, True, catalogue.datasets))
    (pairs,) = PreferenceStages(graph).read_pairs().values()
    lengths = graph.stage(LengthsSpec, "lengths", {"unit": part(10)}, [("pairs", pairs)])
    with pytest.raises(AssertionError, match=r"LengthsSpec\.pairs is of the kind pairs"):
        graph.stage(LengthsSpec, "lengths", {"unit": part(1)}, [("pairs", lengths)])
