"""The stages of a person's own pairs: read, and trained on as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vibench.plan.parts import Part, part
from vibench.preferences.own import NAME
from vibench.stages.pairs import PairsSpec
from vibench.stages.subset import SubsetSpec

if TYPE_CHECKING:
    from vibench.plan.graph import Graph

__all__ = ["own_pairs", "own_subset"]


def own_pairs(graph: Graph, value: str) -> str:
    """Add the `pairs` stage of the files that `--pairs` gives for a value; return its key."""
    source, setting = graph.parts.single("source", NAME, files=list(graph.spec.pairs[value]))
    content = source.identity(graph.data)
    source_part = part(setting.value, [setting.key, content], [setting.likeness, content])
    return graph.stage(
        PairsSpec,
        f"pairs of your own for {value}",
        {"source": source_part, "data": graph.place()},
    )


def own_subset(graph: Graph, value: str) -> str:
    """Add the `subset` stage that takes all of them as they are; return its key."""
    return graph.stage(
        SubsetSpec,
        f"pairs of your own for {value}, as given",
        {
            "value": part(value),
            "own": part(True),
            "minimum": Part(graph.spec.minimum_pairs, ""),
        },
        [("pairs", own_pairs(graph, value))],
    )
