"""The stages of preference data: pairs, the values in them, and the subset of each value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vibench.boundary import planning
from vibench.errors import SpecError
from vibench.interfaces import Source
from vibench.plan.own_pairs import own_subset
from vibench.plan.parts import Part, part
from vibench.records import Value
from vibench.spec import FILE, is_path
from vibench.stages.pairs import PairsSpec
from vibench.stages.subset import SubsetSpec
from vibench.stages.values import ValuesSpec

if TYPE_CHECKING:
    from vibench.plan.graph import Graph

__all__ = ["PreferenceStages", "Preferences"]


@dataclass(frozen=True, slots=True)
class Preferences:
    """The preference stages of each source, in the order given: keys by source name."""

    pairs: Mapping[str, str]
    values: Mapping[str, str]


class PreferenceStages:
    """Adds the stages of preference data to a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.preferences: Preferences | None = None

    def subset(self, value: Value) -> str:
        """Add the pairs that express a value; return the key of their stage."""
        if value.name in self.graph.spec.pairs:
            return own_subset(self.graph, value.name)
        preferences = self.read_preferences()
        return self.graph.stage(
            SubsetSpec,
            f"pairs that express {value.name}",
            {
                "value": part(value.name),
                # Not what is made but what is accepted: another minimum trains nothing again.
                "minimum": Part(self.graph.spec.minimum_pairs, ""),
                "extractor": Part(self.graph.spec.extractor, ""),
                "sources": part(len(preferences.pairs)),
            },
            [
                *(("pairs", key) for key in preferences.pairs.values()),
                *(("values", key) for key in preferences.values.values()),
            ],
        )

    def read_preferences(self) -> Preferences:
        """The `pairs` and `values` stages of every source."""
        if self.preferences is None:
            pairs = self.read_pairs()
            judge_name = self.graph.spec.extractor
            extractor, judging = self.graph.parts.single("judge", judge_name)
            with planning(self.graph.plugins.entry("judge", judge_name), "accepts('values')"):
                accepted = extractor.accepts("values")
            if not accepted:
                raise SpecError(
                    f"The judge '{judge_name}' cannot extract the values that a text expresses.",
                    "Choose another with --extractor.",
                )
            judged = self.graph.judged(extractor, judging)
            values = {
                name: self.graph.stage(
                    ValuesSpec, f"values in the pairs of {name}", judged, [("pairs", key)]
                )
                for name, key in pairs.items()
            }
            self.preferences = Preferences(pairs, values)
        return self.preferences

    def read_pairs(self) -> dict[str, str]:
        """The `pairs` stage of every source, by its name."""
        if not self.graph.spec.sources:
            raise SpecError(
                "Training needs preference pairs, but no source is given.",
                "Give pairs made for the value with --pairs VALUE=FILE, or name a general set with "
                "--source.",
            )
        keys = {}
        for name in self.graph.spec.sources:
            source, setting = self.source(name)
            entry = self.graph.plugins.entry("source", setting.value.name)
            with planning(entry, "identity(data)"):
                content = source.identity(self.graph.data)
            source_part = part(setting.value, [setting.key, content], [setting.likeness, content])
            keys[name] = self.graph.stage(
                PairsSpec, f"pairs of {name}", {"source": source_part, "data": self.graph.place()}
            )
        return keys

    def source(self, name: str) -> tuple[Source, Part]:
        """A registered source by its name, or a file of pairs by its path."""
        if is_path(name, self.graph.plugins):
            return self.graph.parts.single("source", FILE, path=name)
        return self.graph.parts.single("source", name)
