"""From the matrix to cells: every model with every inducer, value, eval, judge and seed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from vibench.boundary import Breach, checked_samples, checked_subject, planning
from vibench.collector import fewer_collections
from vibench.errors import SpecError
from vibench.interfaces import Eval, Inducer, Judge, Materials
from vibench.plan.eval_requests import Asking, MeasuringEval, measuring, rehearse, take
from vibench.plan.graph import Graph
from vibench.plan.judge_checks import check_judges
from vibench.plan.parts import Part, part
from vibench.plan.plan import Cell, Plan
from vibench.plan.training_stages import TrainingStages
from vibench.preferences.values import normalised
from vibench.records import Adapter, Model, Sample, Sampling, Subject, Value, digest
from vibench.spec import MEAN, UNTOUCHED
from vibench.stages.outcomes import OutcomesSpec
from vibench.stages.samples import SamplesSpec
from vibench.stages.verdicts import VerdictsSpec

if TYPE_CHECKING:
    from vibench.data import DataFiles
    from vibench.plugins import Plugins
    from vibench.registry import Catalogue
    from vibench.spec import Spec

__all__ = ["make_plan"]

Induced = tuple[str, str, Mapping[str, Any], Subject]
"""An inducer, a value, what of the inducer's settings is swept, and the subject."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """An inducer expression with one setting of each of its parameters: the steps of a fold."""

    name: str
    steps: tuple[tuple[Inducer, Part], ...]
    swept: Mapping[str, Any]


@fewer_collections()
def make_plan(spec: Spec, catalogue: Catalogue, plugins: Plugins, data: DataFiles) -> Plan:
    """Plan what `spec` asks for.

    Raises UsageError: an unknown plugin, value or model, a judge that cannot answer an
    eval's rubrics, a data file that is missing or broken.
    """
    return _Planner(spec, catalogue, plugins, data).plan()


class _Planner:
    """The matrix, and the graph that it grows."""

    def __init__(self, spec: Spec, catalogue: Catalogue, plugins: Plugins, data: DataFiles) -> None:
        self.spec = spec
        self.catalogue = catalogue
        self.data = data
        self.graph = Graph(spec, catalogue, plugins, data)
        self.trainings = TrainingStages(self.graph)
        self.models = [self.graph.model(name) for name in spec.models]
        self.parts = self.graph.parts
        self.samples: dict[str, Sequence[Sample]] = {}
        self.turns: dict[str, int] = {}
        self.known_values: dict[str, Part] = {}

    def plan(self) -> Plan:
        values = [self.spec.definitions[name] for name in self.spec.values]
        recipes = [r for name in self.spec.inducers for r in self.recipes(name)]
        evals = [v for name in self.spec.evals for v in self.parts.variants("eval", name)]
        askings = [self.asking(*variant) for variant in evals if not variant[0].measures]
        measurings = [self.measuring(*variant) for variant in evals if variant[0].measures]
        judged = [(requests, self.judges(requests)) for requests in askings]
        samplings = [
            (Sampling(**setting), swept) for setting, swept in self.parts.settings("sampling")
        ]
        check_judges(self.spec, self.graph.plugins, judged)
        cells: list[Cell] = []
        for model, seed in itertools.product(self.models, self.spec.seeds):
            subjects = list(self.induced(model, recipes, values, seed))
            for (sampling, heat), (requests, judges) in itertools.product(samplings, judged):
                for judge, judge_part, strict in judges:
                    ask = (sampling, requests, seed, judge, judge_part)
                    around = {**heat, **requests.swept, **strict}
                    # The untouched model is asked the same for every induced one; its stages have
                    # one key and appear once.
                    vanilla = self.cell(model, "none", "", Subject(model), {**around}, *ask)
                    cells.append(vanilla)
                    for name, value, swept, subject in subjects:
                        cells.append(
                            self.cell(
                                model,
                                name,
                                value,
                                subject,
                                {**around, **swept},
                                *ask,
                                vanilla=vanilla.outcomes,
                            )
                        )
            for measured in measurings:
                cells += self.measured(model, subjects, measured, seed)
        spending = self.graph.spending()
        return Plan(self.graph.stages, cells, self.samples, spending=spending, turns=self.turns)

    def induced(
        self, model: Model, recipes: Sequence[Recipe], values: Sequence[Value], seed: int
    ) -> Iterator[Induced]:
        for recipe, value in itertools.product(recipes, values):
            subject = self.fold(model, recipe, value, seed)
            if not subject.vanilla:
                yield recipe.name, value.name, recipe.swept, subject

    def fold(self, model: Model, recipe: Recipe, value: Value, seed: int) -> Subject:
        """Compose inducers from left to right (`dpo+prompt` is the paper's Both)."""
        subject = Subject(model)
        for inducer, setting in recipe.steps:
            materials = Materials()
            # The adapter does not exist yet. Its key does, and all that is planned on top of it
            # needs no more.
            if inducer.trains:
                key = self.trainings.adapter(subject, inducer, setting, value, seed)
                materials = Materials(Adapter(key, model.identity))
            subject = self.induce(inducer, setting, subject, value, materials)
        self.graph.check_template(subject, recipe.name)
        return subject

    def induce(
        self, inducer: Inducer, setting: Part, start: Subject, value: Value, materials: Materials
    ) -> Subject:
        entry = self.graph.plugins.entry("inducer", setting.value.name)
        with planning(entry, "induce(subject, value, materials)"):
            induced = inducer.induce(start, value, materials)
            subject = checked_subject(induced, start, inducer, materials.adapter)
            if subject == start and entry.name != UNTOUCHED:
                raise Breach(f"induce left the subject as it was for the value '{value.name}'")
            return subject

    def cell(
        self,
        model: Model,
        inducer: str,
        value: str,
        subject: Subject,
        settings: Mapping[str, Any],
        sampling: Sampling,
        requests: Asking,
        seed: int,
        judge: Judge,
        judging: Part,
        vanilla: str | None = None,
    ) -> Cell:
        name = " ".join(filter(None, (model.name, inducer, value)))
        transcripts = self.graph.transcripts(name, subject, requests, sampling, seed)
        evaluation = requests.part.value.name
        label = f"{name}: {evaluation} judged by {judging.value.name}"
        verdicts = self.verdicts(label, requests, judge, judging, transcripts)
        if judging.key not in self.known_values:
            labels = judge.known_values
            self.known_values[judging.key] = part(
                None if labels is None else tuple(normalised(labels))
            )
        outcomes = self.graph.stage(
            OutcomesSpec,
            f"{name}: {evaluation} scored",
            {"eval": requests.part, "known_values": self.known_values[judging.key]},
            [("transcripts", transcripts), *(("verdicts", key) for key in verdicts)],
        )
        return Cell(
            model.name, inducer, value, evaluation, judging.value.name, seed,
            settings, outcomes, transcripts, verdicts[0], vanilla,
        )  # fmt: skip

    def verdicts(
        self, label: str, requests: Asking, judge: Judge, judging: Part, transcripts: str
    ) -> list[str]:
        """The stages that judge transcripts: one, whose verdicts are the majority's where
        questions are repeated; or one for each repeat, where their mean counts."""
        times = self.spec.judge_repeats if judge.model is not None else 1
        if self.spec.judge_combine == MEAN and times > 1:
            repetitions = [({"repeat": i}, f"{label}, {i + 1} of {times}") for i in range(times)]
            each = 1
        else:
            repetitions, each = [({"repeats": times}, label)], times
        keys = []
        for repeated, name in repetitions:
            judged = self.graph.judged(judge, judging, requests.part, **repeated)
            parts = {**judged, "eval": requests.part}
            work = {"verdicts": requests.verdicts * each}
            needs = [("transcripts", transcripts)]
            keys.append(self.graph.stage(VerdictsSpec, name, parts, needs, work))
        return keys

    def measured(
        self, model: Model, subjects: Sequence[Induced], requests: MeasuringEval, seed: int
    ) -> Iterator[Cell]:
        """A cell for each subject: no judge is asked, and the run's sampling plays no part."""
        evaluation = requests.part.value.name
        vanilla: str | None = None
        for inducer, value, swept, subject in [("none", "", {}, Subject(model)), *subjects]:
            name = " ".join(filter(None, (model.name, inducer, value)))
            transcripts = self.graph.measured(name, subject, requests)
            outcomes = self.graph.stage(
                OutcomesSpec,
                f"{name}: {evaluation} scored",
                {"eval": requests.part},
                [("transcripts", transcripts)],
            )
            settings = {**requests.swept, **swept}
            yield Cell(
                model.name, inducer, value, evaluation, "", seed,
                settings, outcomes, transcripts, "", vanilla,
            )  # fmt: skip
            vanilla = vanilla or outcomes

    def recipes(self, expression: str) -> list[Recipe]:
        steps = [self.parts.variants("inducer", name) for name in expression.split("+")]
        return [
            Recipe(
                expression,
                tuple((inducer, setting) for inducer, setting, _ in combination),
                {k: v for _, _, swept in combination for k, v in swept.items()},
            )
            for combination in itertools.product(*steps)
        ]

    def measuring(self, evaluation: Eval, setting: Part, swept: dict[str, Any]) -> MeasuringEval:
        engine = self.spec.engine
        if self.graph.plugins.get("engine", engine).remote:
            raise SpecError(
                f"The eval '{setting.value.name}' asks for log-likelihoods or in tokens, which "
                f"the engine '{engine}' cannot: it asks an endpoint.",
                "Use another --engine (transformers, vllm), or leave the eval out.",
            )
        entry = self.graph.plugins.entry("eval", setting.value.name)
        return measuring(evaluation, setting, swept, self.data, self.spec.limit, entry)

    def judges(self, requests: Asking) -> list[tuple[Judge, Part, dict[str, Any]]]:
        """The judges of an eval, with their settings."""
        evaluation = requests.part.value.name
        names = self.spec.judging(evaluation)
        if not names:
            raise SpecError(
                f"The eval '{evaluation}' has no judge.",
                f"Name one with --judge {evaluation}=JUDGE, or one for all other evals with "
                "--judge JUDGE.",
            )
        return [j for name in names for j in self.parts.variants("judge", name)]

    def asking(self, evaluation: Eval, setting: Part, swept: dict[str, Any]) -> Asking:
        name = setting.value.name
        entry = self.graph.plugins.entry("eval", name)
        with planning(entry, "samples(data)"):
            samples = take(checked_samples(evaluation.samples(self.data)), self.spec.limit)
        if not samples:
            raise SpecError(f"The eval '{name}' has no samples.", "Check its settings and data.")
        content = digest(
            [[s.id, s.cluster, [asdict(m) for m in s.messages], dict(s.data)] for s in samples]
        )
        key = self.graph.stage(
            SamplesSpec,
            f"samples of {name}",
            # Another version may word them otherwise: alike if there are as many.
            {"eval": setting, "content": part(content, None, len(samples))},
        )
        self.samples[key] = samples
        asks, rubrics, turns = rehearse(evaluation, samples, entry)
        n = len(samples)
        self.turns[key] = turns
        return Asking(evaluation, setting, key, swept, n * asks, n * rubrics)
