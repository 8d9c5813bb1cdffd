"""A preview, put together from the stages of a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vibench.plan.plan import Plan
from vibench.preview.conversations import Conversation, Conversations
from vibench.preview.example_replies import SUBJECT
from vibench.preview.measurements import first_requests
from vibench.preview.model_requests import Requests
from vibench.preview.records import (
    JudgedExample,
    MeasurementPreview,
    Preview,
    Question,
    SamplePreview,
    TrainingPreview,
    Turn,
)
from vibench.preview.subset_pairs import FirstPairs, SubsetPairs
from vibench.preview.training_pairs import PairRendering
from vibench.records import canonical_json
from vibench.stages.adapter import AdapterSpec
from vibench.stages.outcomes import OutcomesSpec
from vibench.stages.samples import SamplesSpec
from vibench.stages.subset import SubsetSpec
from vibench.stages.transcripts import ConversationsSpec, MeasurementSpec, TranscriptsSpec
from vibench.stages.values import response_rubrics
from vibench.stages.verdicts import VerdictsSpec

if TYPE_CHECKING:
    from vibench.data import DataFiles
    from vibench.plugins import Plugins
    from vibench.sessions.configs import EngineConfig
    from vibench.stages.specification import StageSpec
    from vibench.stages.stage import Stage
    from vibench.store.artefacts import Store

__all__ = ["PreviewOptions", "preview"]


@dataclass(frozen=True, slots=True)
class PreviewOptions:
    """The number of samples and pairs, and an example reply of subjects."""

    samples: int = 1
    reply: str = SUBJECT


def preview(
    plan: Plan,
    goal: Plan,
    store: Store,
    plugins: Plugins,
    data: DataFiles,
    options: PreviewOptions | None = None,
) -> Preview:
    """Return what would happen to the first samples of `goal`, a plan or a part of one.

    Raises UsageError as a run does, for what planning alone does not see (a tokenizer that cannot
    be loaded, pairs that cannot be read).
    """
    return _Assembly(plan, goal, store, plugins, data, options or PreviewOptions()).preview()


class _Assembly:
    """The stages to preview, and the tokenizers that are loaded for them."""

    def __init__(
        self,
        plan: Plan,
        goal: Plan,
        store: Store,
        plugins: Plugins,
        data: DataFiles,
        options: PreviewOptions,
    ) -> None:
        self.plan, self.plugins, self.data, self.options = plan, plugins, data, options
        # Those that are done too: a preview is of the whole request.
        self.stages = goal.needed(())
        self.requests = Requests(plugins)
        self.rendering = PairRendering()
        self.subsets = SubsetPairs(plan, store, plugins, data, options.samples)
        self.conversations = Conversations(plugins, self.requests, options.reply, options.samples)
        self.subjects: dict[str, list[str]] = defaultdict(list)
        # Cells that differ in their judge alone share transcripts: name each subject once.
        for cell in plan.cells:
            name = " ".join(filter(None, (cell.model, cell.inducer, cell.value)))
            if name not in self.subjects[cell.transcripts]:
                self.subjects[cell.transcripts].append(name)

    def preview(self) -> Preview:
        trainings = tuple(self.trainings())
        problems = [
            (
                f"{training.trainings[0]}: pair '{pair.pair.id}' is not trained on as the model is "
                f"asked: {pair.difference}.",
                "Give the inducer and the engine the same rendering (such as chat_template).",
            )
            for training in trainings
            for pair in training.pairs
            if pair.difference
        ]
        return Preview(trainings, tuple(self.samples()), tuple(self.measurements()), problems)

    def trainings(self) -> Iterator[TrainingPreview]:
        """The first pairs of each subset, once for each way in which trainings render them."""
        # A sweep has hundreds of trainings (betas, seeds) that read the same pairs in the same
        # form.
        alike: dict[tuple[str, str], list[Stage]] = defaultdict(list)
        for stage in self.of_kind(AdapterSpec):
            subset = next(n.key for n in stage.needs if n.kind == SubsetSpec.kind)
            assert isinstance(stage.spec, AdapterSpec)
            alike[subset, self.rendering.identity(stage.spec)].append(stage)
        engines = self.engines()
        for (subset, _), stages in alike.items():
            spec = stages[0].spec
            assert isinstance(spec, AdapterSpec)
            pairs = self.subsets.first(subset)
            # None if no stage of the plan asks this adapter: then there is no prompt to compare
            # with.
            engine = engines.get(stages[0].key)
            forms = self.requests.of(spec.subject.model, engine) if engine is not None else None
            prompts = forms.prompts if forms is not None else None
            yield TrainingPreview(
                tuple(dict.fromkeys(stage.label for stage in stages)),
                spec.value.name,
                pairs.origin,
                pairs.candidates,
                tuple(self.rendering.pair(spec, pair, prompts) for pair in pairs.pairs),
                self.extraction(pairs),
            )

    def engines(self) -> Mapping[str, EngineConfig]:
        """The engine that asks the subject with each adapter."""
        engines: dict[str, EngineConfig] = {}
        for stage in self.plan.stages.values():
            if isinstance(stage.spec, TranscriptsSpec) and stage.spec.subject.adapter:
                engines.setdefault(stage.spec.subject.adapter, stage.spec.engine)
        return engines

    def extraction(self, first: FirstPairs) -> Question | None:
        """The question for the judge of values about the first candidate."""
        # Pairs from the store, from a person or labelled by rules need no model's answer.
        if first.labels is None or not first.pairs:
            return None
        judge = self.plugins.build("judge", first.labels.judge.name, first.labels.judge.asked)
        _, rubric = next(response_rubrics(first.pairs))
        return self.conversations.question(judge, first.labels, rubric)

    def samples(self) -> Iterator[SamplePreview]:
        """The first samples of each eval, each with the subjects that are asked about it."""
        alike: dict[str, list[Stage]] = defaultdict(list)
        for stage in self.of_kind(ConversationsSpec):
            spec = stage.spec
            assert isinstance(spec, ConversationsSpec)
            # Subjects are not part of the key: those that are asked alike are grouped turn by turn
            # below.
            settings = [spec.eval.asked, spec.engine.asked, *_sampling(spec)]
            alike[canonical_json([self.samples_key(stage), *settings])].append(stage)
        for stages in alike.values():
            yield from self.samples_of(stages)

    def samples_of(self, stages: Sequence[Stage]) -> Iterator[SamplePreview]:
        samples = self.plan.samples[self.samples_key(stages[0])][: self.options.samples]
        played: dict[str, list[tuple[tuple[Turn, ...], list[str]]]] = defaultdict(list)
        first: dict[str, Conversation] = {}
        for stage, names in _different(stages, self.subjects):
            assert isinstance(stage.spec, ConversationsSpec)
            for name, conversation in self.conversations.played(stage.spec, samples).items():
                # What judges are asked is shown once, about the first subject's conversation.
                first.setdefault(name, conversation)
                # Different settings can still render to the same text; then their subjects share
                # one entry.
                group = next((g for g in played[name] if g[0] == conversation.turns), None)
                if group is None:
                    played[name].append((conversation.turns, list(names)))
                else:
                    group[1].extend(n for n in names if n not in group[1])
        spec = stages[0].spec
        assert isinstance(spec, ConversationsSpec)
        for sample in samples:
            judged = tuple(self.judged(stages, first[sample.id]))
            turns = tuple((tuple(names), turns) for turns, names in played[sample.id])
            yield SamplePreview(spec.eval.name, sample.id, spec.sampling, turns, judged)

    def judged(self, stages: Sequence[Stage], example: Conversation) -> Iterator[JudgedExample]:
        """The questions for each judge about a conversation, whichever subject led it."""
        keys, judges = {stage.key for stage in stages}, set()
        for stage in self.of_kind(VerdictsSpec):
            spec = stage.spec
            assert isinstance(spec, VerdictsSpec)
            if keys.isdisjoint(stage.need_keys):
                continue
            # A judge has a stage for every subject; show its questions once.
            judge = canonical_json([spec.judge.name, spec.judge.asked])
            if judge in judges:
                continue
            judges.add(judge)
            conversation = next(s.spec for s in stages if s.key in stage.need_keys)
            assert isinstance(conversation, ConversationsSpec)
            labels = self.known_values(stage.key)
            yield self.conversations.judged(conversation, spec, example.transcript, labels)

    def known_values(self, verdicts: str) -> tuple[str, ...] | None:
        """The only values that a judge can find, by the stage that scores its verdicts."""
        for stage in self.plan.stages.values():
            if isinstance(stage.spec, OutcomesSpec) and verdicts in stage.need_keys:
                return stage.spec.known_values
        return None

    def measurements(self) -> Iterator[MeasurementPreview]:
        """The first requests of each eval that measures, with the subjects that are asked them."""
        alike: dict[str, list[str]] = defaultdict(list)
        specs: dict[str, MeasurementSpec] = {}
        for stage in self.of_kind(MeasurementSpec):
            spec = stage.spec
            assert isinstance(spec, MeasurementSpec)
            settings = [spec.eval.name, spec.eval.asked, spec.engine.asked]
            key = canonical_json([*settings, *_rendering(spec)])
            specs.setdefault(key, spec)
            alike[key] += (n for n in self.subjects[stage.key] if n not in alike[key])
        # Keyed by what is shown, so that equal previews merge and list their subjects together.
        measured: dict[MeasurementPreview, list[str]] = {}
        for key, spec in specs.items():
            requests, total = first_requests(
                spec, self.plugins, self.requests, self.data, self.options.samples
            )
            # Most such evals ask every subject the same; those in chat form may show its prompt.
            preview = MeasurementPreview(spec.eval.name, (), requests, total)
            measured.setdefault(preview, []).extend(alike[key])
        for preview, subjects in measured.items():
            yield replace(preview, subjects=tuple(subjects))

    def of_kind(self, kind: type[StageSpec]) -> Iterator[Stage]:
        return (stage for stage in self.stages if isinstance(stage.spec, kind))

    def samples_key(self, stage: Stage) -> str:
        return next(need.key for need in stage.needs if need.kind == SamplesSpec.kind)


def _different(
    stages: Sequence[Stage], subjects: Mapping[str, Sequence[str]]
) -> Iterator[tuple[Stage, Sequence[str]]]:
    """Yield one stage of those whose subjects are asked in the same words, whatever the adapter,
    with the names of these subjects."""
    alike: dict[str, tuple[Stage, list[str]]] = {}
    for stage in stages:
        assert isinstance(stage.spec, ConversationsSpec)
        key = canonical_json(_rendering(stage.spec))
        _, names = alike.setdefault(key, (stage, []))
        names += subjects[stage.key]
    yield from alike.values()


def _rendering(spec: TranscriptsSpec) -> list[object]:
    """Return what of a subject its prompts depend on: not which adapter it has."""
    record = spec.subject
    rendering = [record.model.thinking, record.adapter is None]
    return [record.model.identity, *rendering, record.system, record.template_system]


def _sampling(spec: ConversationsSpec) -> list[object]:
    return [spec.sampling.temperature, spec.sampling.top_p, spec.sampling.max_tokens]
