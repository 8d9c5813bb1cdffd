"""Planning preference data alone: the stages that a run would train on, and their checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from vibench.boundary import planning
from vibench.errors import SpecError
from vibench.judging.rubrics import CLOSED_LABELS
from vibench.plan.graph import Graph
from vibench.plan.own_pairs import own_pairs
from vibench.plan.parts import part
from vibench.plan.plan import Plan
from vibench.plan.preference_stages import PreferenceStages
from vibench.preferences.values import normalise
from vibench.stages.annotation import AnnotationSpec
from vibench.stages.verification import VerificationSpec

if TYPE_CHECKING:
    from vibench.data import DataFiles
    from vibench.plugins import Plugins
    from vibench.registry import Catalogue
    from vibench.spec import Spec

__all__ = ["Annotating", "DataPlan", "Depth", "plan_data"]

Depth = Literal["pairs", "values", "subsets", "verification", "annotation"]


@dataclass(frozen=True, slots=True)
class Annotating:
    """The questions to people, and the people (paper, section 4: human evaluation)."""

    annotators: tuple[str, ...] = ("annotator-1", "annotator-2", "annotator-3")
    per_value: int = 100
    distractors: int = 3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class DataPlan:
    """A plan, and the keys of its stages: `pairs` and `values` by source, `subsets` by value,
    `verifications` by judge and value."""

    plan: Plan
    pairs: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict)
    subsets: Mapping[str, str] = field(default_factory=dict)
    verifications: Mapping[tuple[str, str], str] = field(default_factory=dict)
    annotation: str = ""


def plan_data(
    spec: Spec,
    catalogue: Catalogue,
    plugins: Plugins,
    data: DataFiles,
    depth: Depth,
    annotating: Annotating | None = None,
) -> DataPlan:
    """The stages of preference data down to `depth`: the very ones that a run has.

    Raises UsageError: an unknown source, value or judge, a judge that cannot answer.
    """
    graph = Graph(spec, catalogue, plugins, data)
    stages = PreferenceStages(graph)

    def planned(*goals: str, **keys: object) -> DataPlan:
        plan = Plan(graph.stages, [], {}, goals, graph.spending())
        return DataPlan(plan, **keys)  # type: ignore[arg-type]

    if depth == "pairs":
        pairs = {f"--pairs {value}": own_pairs(graph, value) for value in spec.pairs}
        pairs |= stages.read_pairs() if spec.sources or not pairs else {}
        return planned(*pairs.values(), pairs=pairs)
    keys: dict[str, object] = {"pairs": {}}
    if depth == "values" or not spec.only_own_pairs:
        preferences = stages.read_preferences()
        keys = {"pairs": preferences.pairs, "values": preferences.values}
        if depth == "values":
            return planned(*preferences.values.values(), **keys)
    subsets = {name: stages.subset(spec.definitions[name]) for name in spec.values}
    if depth == "subsets":
        return planned(*subsets.values(), **keys, subsets=subsets)
    if depth == "annotation":
        key = annotation(graph, subsets, annotating or Annotating())
        return planned(key, **keys, subsets=subsets, annotation=key)
    checks = verifications(graph, subsets)
    return planned(*checks.values(), **keys, subsets=subsets, verifications=checks)


def verifications(graph: Graph, subsets: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Each judge's check of each subset, against the closed set of Listing 1 and whatever
    of the values asked for it lacks."""
    names = sorted(map(normalise, subsets))
    labels = [name for name in names if name not in CLOSED_LABELS]
    keys = {}
    for name in graph.spec.judge_names:
        judge, setting = graph.parts.single("judge", name)
        with planning(graph.plugins.entry("judge", name), "accepts('values-closed')"):
            accepted = judge.accepts("values-closed")
        if not accepted:
            raise SpecError(
                f"The judge '{name}' does not say which of a closed set of values a text "
                "expresses.",
                "Name another with --judge.",
            )
        judged = graph.judged(judge, setting)
        for value, subset in subsets.items():
            keys[name, value] = graph.stage(
                VerificationSpec,
                f"{value} verified by {name}",
                {**judged, "more_labels": part(tuple(labels))},
                [("subset", subset)],
            )
    return keys


def annotation(graph: Graph, subsets: Mapping[str, str], request: Annotating) -> str:
    """The items that people are asked about, drawn from the subsets."""
    return graph.stage(
        AnnotationSpec,
        f"{request.per_value} pairs of each of {len(subsets)} values",
        {
            "values": part(tuple(subsets)),
            "names": part(tuple(dict.fromkeys((*graph.catalogue.values, *subsets)))),
            "annotators": part(request.annotators),
            "per_value": part(request.per_value),
            "distractors": part(request.distractors),
            "seed": part(request.seed),
        },
        [("subset", subset) for subset in subsets.values()],
    )
