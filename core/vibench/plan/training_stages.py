"""The stages of training: the reference log-probabilities, and the adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vibench.boundary import planning
from vibench.errors import SpecError
from vibench.interfaces import Inducer
from vibench.plan.parts import Part, by_content, part
from vibench.plan.preference_stages import PreferenceStages
from vibench.records import Subject, Value, digest
from vibench.stages.adapter import AdapterSpec
from vibench.stages.reference import ReferenceSpec

if TYPE_CHECKING:
    from vibench.plan.graph import Graph, Named

__all__ = ["TrainingStages"]


class TrainingStages:
    """Adds the stages of training to a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.preferences = PreferenceStages(graph)
        self.subsets: dict[str, str] = {}
        self.values: dict[str, Part] = {}
        self.references: dict[tuple[Subject, int, str], str] = {}

    def adapter(
        self, start: Subject, inducer: Inducer, setting: Part, value: Value, seed: int
    ) -> str:
        engine = self.graph.spec.engine
        if self.graph.plugins.get("engine", engine).remote:
            raise SpecError(
                f"The engine '{engine}' asks an endpoint, which cannot load the adapter that "
                f"'{setting.value.name}' trains.",
                "Use another --engine, or an inducer that does not train (prompt).",
            )
        # Thousands of trainings share the subset of their value, and the value.
        if value.name not in self.subsets:
            self.subsets[value.name] = self.preferences.subset(value)
            self.values[value.name] = part(value, [value.name])
        subset = self.subsets[value.name]
        swept = self.graph.parts.swept(setting)
        name = " ".join([start.model.name, setting.value.name, value.name, *swept])
        needs = [("subset", subset)]
        if start.adapter:
            needs.append(("start", start.adapter.key))
        if inducer.needs_reference:
            # Seeds share it. An inducer is known by its object, made once for equal settings.
            shared = start, id(inducer), value.name
            if shared not in self.references:
                self.references[shared] = self.reference(start, inducer, setting, value, needs)
            needs = [*needs, ("reference", self.references[shared])]
        return self.graph.stage(
            AdapterSpec,
            name,
            {
                "subject": self.graph.parts.subject(start),
                "inducer": setting,
                "value": self.values[value.name],
                "seed": self.graph.parts.known(seed),
            },
            needs,
            {"trainings": 1},
        )

    def reference(
        self,
        start: Subject,
        inducer: Inducer,
        setting: Part,
        value: Value,
        needs: Named,
    ) -> str:
        """Add the log-probabilities of a value's pairs before training; return their key."""
        name = setting.value.name
        with planning(self.graph.plugins.entry("inducer", name), "reference_settings()"):
            settings = by_content(inducer, inducer.reference_settings())
            alike = {"name": name, "settings": settings}
            digest(alike)
        conditions = {**alike, "version": self.graph.plugins.identity("inducer", name).key}
        return self.graph.stage(
            ReferenceSpec,
            f"{start.model.name} {value.name}: reference log-probabilities",
            {
                "subject": self.graph.parts.subject(start),
                "inducer": part(setting.value, conditions, alike),
                "scope": part(digest([self.graph.parts.subject(start).key, conditions]), None, ""),
            },
            needs,
        )
